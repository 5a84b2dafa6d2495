"""The render report: what was made from what, and how, as JSON beside the output."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from remaster_gui import __version__
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.files import printable, replace_text, with_ending
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import Recoloring
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.baked_lut import KeptLut
from remaster_gui.engine.delivery import ShotFile
from remaster_gui.engine.device import describe_device
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.name_drift import names_in_shots
from remaster_gui.engine.origin import OriginTotals
from remaster_gui.engine.provenance import (
    declaration_of,
    file_facts,
    of_all,
    validity_facts,
    weights_facts,
)
from remaster_gui.engine.stages import RenderStage, Work
from remaster_gui.media.declaration import Declaration
from remaster_gui.media.faults import writing
from remaster_gui.model import ModelConfig

FORMAT = "remaster-report-2"
"""`docs/report.schema.json` describes it."""
LIBRARIES = ("torch", "av", "cv2", "numpy")
"""Modules whose versions a result may depend on."""

log = logging.getLogger(__name__)


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
    own: Mapping[FrameRange, Settings]
    """Of the shots that were remastered by other settings."""
    reused_frames: int
    seconds: float
    stage_seconds: Mapping[str, float]
    stages: Mapping[RenderStage, Work]
    """What each stage that frames pass through has done."""
    notices: Sequence[Notice]
    origins: Mapping[FrameRange, OriginTotals] = field(default_factory=dict)
    """Where the colours of each shot come from; shots of which nothing is known are missing."""
    overlay: Path | None = None
    """The overlay film that lies beside the output."""
    lut: KeptLut | None = None
    """What is baked into the pictures."""
    recolorings: Sequence[Recoloring] = ()
    """Of named colours, which have others than on the references."""
    clips: Sequence[ShotFile] = ()
    """The files of a film that was delivered shot by shot."""
    path: Path | None = None
    """Where it lies; None where it could not be written."""

    @property
    def declaration(self) -> Declaration:
        """What the film says of itself."""
        return declaration_of((self.settings, *self.own.values()))


def report_path(output: Path) -> Path:
    """Return where the report of an output lies."""
    return with_ending(output, "report.json")


def describe(settings: Settings) -> dict[str, Any]:
    """Return settings as plain data."""
    return dataclasses.asdict(settings)


def decorated(what: str, work: Callable[[], None]) -> Generator[Notice, None, bool]:
    """Do what only decorates a result; returns whether it went well, and otherwise logs why and yields a notice."""
    try:
        work()
    except Exception as error:  # the result is there, and nothing that is said of it may take it away
        log.warning("%s failed", what, exc_info=True)
        reason = str(error).rstrip(".") if isinstance(error, RemasterError) else type(error).__name__
        yield Notice(
            "warning", tr("{what} is missing, the result is complete ({reason}).", what=what, reason=reason)
        )
        return False
    return True


def write_report(report: RenderReport, path: Path) -> None:
    """Write the report as JSON; it appears only when complete. Raises `StorageError`.

    What the computer says of itself may be missing; names that are no text are written as `printable` does.
    """
    data = {
        "format": FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "application": __version__,
        "libraries": {name: _fact(partial(library_version, name)) for name in LIBRARIES},
        "device": _fact(partial(describe_device, report.device)),
        **_made(report),
        **_from_what(report),
        "timing": _timing(report),
        "notes": [notice.text for notice in report.notices],
    }
    with writing(path):
        replace_text(path, json.dumps(_printable(data), indent=2, ensure_ascii=False) + "\n")


def _made(report: RenderReport) -> dict[str, Any]:
    """Return what was written, and how."""
    made: dict[str, Any] = {
        "output": {
            "name": report.output,
            "frames": report.frames,
            "range": str(report.span),
            "size": report.size,
            "preset": report.preset,
        },
        "files": [
            {"name": clip.name, "shot": str(clip.shot), "range": str(clip.span)} for clip in report.clips
        ],
        "working_size": report.working_size,
        "declaration": dataclasses.asdict(report.declaration),
        "settings": describe(report.settings),
        "settings_of_shots": {str(shot): describe(settings) for shot, settings in report.own.items()},
    }
    if report.overlay is not None:
        made["overlay"] = report.overlay.name
    if report.lut is not None:
        made["lut"] = {"name": report.lut.name, "hash": report.lut.digest}
    return made


def _from_what(report: RenderReport) -> dict[str, Any]:
    """Return what it was made from, and where its colours come from."""
    references = report.references
    return {
        "film": {"name": report.film, "hash": report.film_hash, "rate": str(report.rate)},
        "shots": [str(shot) for shot in report.shots],
        "weights": {
            "hash": report.weights_hash,
            **weights_facts(report.weights_hash),
            "network": report.network.as_dict(),
        },
        "references": [_reference(each) for each in references],
        "origin_of_all_colors": of_all(report.origins.values(), references),
        "origin_of_colors": [
            {"shot": str(shot), **totals.shares(references)}
            for shot, totals in report.origins.items()
            if totals.frames
        ],
        **_named_colors(report),
    }


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "name": reference.name,
        "hash": reference.digest,
        "frame": reference.frame,
        "guessed": reference.is_guessed,
        **file_facts(reference),
        **validity_facts(reference.validity),
    }


def _timing(report: RenderReport) -> dict[str, Any]:
    """Return how long it took, in seconds, and how fast each stage is by itself."""
    frames = report.stage_seconds.get("frames", 0.0)
    return {
        "seconds": round(report.seconds, 3),
        "frames_taken_from_an_earlier_run": report.reused_frames,
        "stages": {stage: round(seconds, 3) for stage, seconds in report.stage_seconds.items()},
        "rates": {
            stage: {
                "frames": work.frames,
                "frames_a_second": round(work.rate, 3),
                "share": round(work.share(frames), 3),
            }
            for stage, work in report.stages.items()
        },
    }


def _named_colors(report: RenderReport) -> dict[str, Any]:
    """Say where named colours are, as they are seen, and how far they drift; nothing without names."""
    shots = {shot: (totals.frames, totals.names) for shot, totals in report.origins.items()}
    found = [
        {
            "name": each.name,
            "shot": str(each.shot),
            "share": round(each.share, 4),
            "color": [round(each.color[0], 2), round(each.color[1], 2)],
            "drift": round(each.drift, 2),
        }
        for each in names_in_shots(shots, report.recolorings)
    ]
    return {"named_colors": found} if found else {}


def _printable(value: Any) -> Any:
    """Return plain data whose texts can be written anywhere."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {_printable(key): _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list) else value


def _fact(ask: Callable[[], str]) -> str | None:
    """Return what the computer says of itself; None where it does not."""
    try:
        return ask()
    except Exception:  # drivers and packages fail in ways of their own
        log.info("a fact for the report cannot be had", exc_info=True)
        return None


def library_version(library: str) -> str:
    """Return the version of an imported library, however its distribution is called."""
    return str(import_module(library).__version__)
