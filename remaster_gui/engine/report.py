"""The render report: what was made from what, and how, as JSON beside the output."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from remaster_gui import __version__
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import describe_device
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.media.faults import writing
from remaster_gui.model import ModelConfig

FORMAT = "remaster-report-1"
_LIBRARIES = ("torch", "av", "opencv-python", "numpy", "scenedetect")


@dataclass(frozen=True, slots=True)
class RenderReport:
    """Facts of a finished render; hashes are hexadecimal, times in seconds."""

    film: str
    film_hash: str
    output: str
    frames: int
    span: FrameRange
    rate: Fraction
    size: str
    working_size: str
    preset: str
    shots: Sequence[FrameRange]
    references: Sequence[Reference]
    weights_hash: str
    network: ModelConfig
    device: torch.device
    settings: Settings
    reused_frames: int
    seconds: float
    stage_seconds: Mapping[str, float]
    notes: Sequence[str]


def report_path(output: Path) -> Path:
    """Return where the report of an output lies."""
    return output.with_name(f"{output.name}.report.json")


def describe(settings: Settings) -> dict[str, Any]:
    """Return settings as plain data."""
    return dataclasses.asdict(settings)


def write_report(report: RenderReport, path: Path) -> None:
    """Write the report as JSON; it appears only when complete."""
    data = {
        "format": FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "application": __version__,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "film": {"name": report.film, "hash": report.film_hash, "rate": str(report.rate)},
        "output": {
            "name": report.output,
            "frames": report.frames,
            "range": str(report.span),
            "size": report.size,
            "preset": report.preset,
        },
        "working_size": report.working_size,
        "shots": [str(shot) for shot in report.shots],
        "references": [{"name": r.name, "hash": r.digest, "frame": r.frame} for r in report.references],
        "weights": {"hash": report.weights_hash, "network": report.network.as_dict()},
        "device": describe_device(report.device),
        "settings": describe(report.settings),
        "timing": {
            "seconds": round(report.seconds, 3),
            "frames_taken_from_an_earlier_run": report.reused_frames,
            "stages": {stage: round(seconds, 3) for stage, seconds in report.stage_seconds.items()},
        },
        "notes": list(report.notes),
    }
    with writing(path):
        temporary = path.with_name(f".{path.name}.part")
        temporary.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)
