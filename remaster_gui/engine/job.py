"""The work folder of a render: finished parts that a rerun of the same command takes up again."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import Plan
from remaster_gui.media import Preset, Segment
from remaster_gui.media.faults import writing

log = logging.getLogger(__name__)

LONGEST_PART = 600
"""Frames after which a long shot is cut into parts, so that a broken run never loses more."""


@dataclass(frozen=True, slots=True)
class Part:
    """Frames `span` of `shot` that are rendered and stored together."""

    shot: FrameRange
    span: FrameRange


def parts_of(shots: Sequence[FrameRange], span: FrameRange) -> list[Part]:
    """Cut `span` at the shots' borders, and long shots into parts of at most `LONGEST_PART` frames.

    Parts of one shot begin at fixed places in it, so that they do not depend on how the work went.
    """
    return [
        Part(shot, inside)
        for shot in shots
        for piece in _pieces(shot)
        if len(inside := piece.intersection(span))
    ]


def _pieces(shot: FrameRange) -> Iterator[FrameRange]:
    for start in range(shot.start, shot.stop, LONGEST_PART):
        yield FrameRange(start, min(shot.stop, start + LONGEST_PART))


class WorkFolder:
    """Where the parts of one render wait until all are there; it lies beside the output."""

    def __init__(self, output: Path, preset: Preset) -> None:
        """Name the folder; nothing is created yet."""
        self.path = output.with_name(f".{output.name}.remaster")
        self._preset = preset

    def open(self, identity: dict[str, Any], plan: Plan) -> Plan:
        """Create the folder, or take up the one that an earlier run of the same job left, with the plan it followed.

        `identity` says all that the result depends on; parts of another job are removed.
        """
        record = self.path / "job.json"
        with writing(self.path / "job"):
            try:
                found = json.loads(record.read_text(encoding="utf-8"))
                if found["identity"] == identity:
                    return Plan(**found["plan"])
            except (FileNotFoundError, NotADirectoryError):
                pass
            except (ValueError, KeyError, TypeError):
                log.info("the record %s is damaged; starting over", record, exc_info=True)
            self.remove()
            self.path.mkdir()
            temporary = record.with_suffix(".part")
            temporary.write_text(
                json.dumps({"identity": identity, "plan": dataclasses.asdict(plan)}), encoding="utf-8"
            )
            temporary.replace(record)
        return plan

    def segment_path(self, part: Part) -> Path:
        """Return where a part is stored once it is finished; until then nothing has this name."""
        name = f"{part.span.start:07d}-{part.span.stop:07d}"
        return self.path / (name if self._preset.is_sequence else name + self._preset.suffixes[0])

    def finished(self, part: Part) -> Segment | None:
        """Return a part's segment if it is there."""
        path = self.segment_path(part)
        return Segment(path, len(part.span)) if path.exists() else None

    def has_finished_parts(self) -> bool:
        """Whether there is anything worth keeping."""
        if not self.path.is_dir():
            return False
        return any(not p.name.startswith(".") and p.name != "job.json" for p in self.path.iterdir())

    def nbytes(self) -> int:
        """Bytes on disk that an earlier run has left here."""
        return sum(p.stat().st_size for p in self.path.rglob("*") if p.is_file())

    def remove(self) -> None:
        """Delete the folder and all in it."""
        if self.path.is_dir():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)
