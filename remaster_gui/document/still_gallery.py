"""Stills of a project: pictures that were grabbed to compare with later, in a folder beside its file. Free of Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import replace_bytes
from remaster_gui.base.language import tr
from remaster_gui.media import read_picture, write_picture
from remaster_gui.media.faults import writing
from remaster_gui.media.limits import check_picture_file

MOST_STILLS = 500
_NAME = re.compile(r"still (\d{1,6}) frame (\d{1,9})\.png")


@dataclass(frozen=True, slots=True)
class GrabbedStill:
    """A picture of a frame. `number` counts those of a project from 1; `name` is that of its file."""

    number: int
    frame: int

    @property
    def name(self) -> str:
        """Return the name of the file."""
        return f"still {self.number:03d} frame {self.frame:06d}.png"

    @property
    def title(self) -> str:
        """What the user calls it."""
        return tr("still {number} · frame {frame}", number=self.number, frame=self.frame)


class StillGallery:
    """The stills of a project. Reads and writes files: not for the GUI thread."""

    def __init__(self, project: Path) -> None:
        """Name the folder; it is made with the first still."""
        self.path = project.with_name(f"{project.stem}.stills")

    def list(self) -> tuple[GrabbedStill, ...]:
        """Return all that are there, oldest first; other files are passed over."""
        try:
            names = [each.name for each in self.path.iterdir()]
        except OSError:
            return ()
        matches = (_NAME.fullmatch(name) for name in names)
        found = {GrabbedStill(int(match[1]), int(match[2])) for match in matches if match is not None}
        there = (still for still in found if (self.path / still.name).is_file())
        return tuple(sorted(there, key=lambda still: (still.number, still.frame)))[:MOST_STILLS]

    def add(self, frame: int, pixels: Pixels) -> GrabbedStill:
        """Keep an sRGB picture ``(H, W, 3)`` of a frame; raises `StorageError`."""
        there = self.list()
        if len(there) >= MOST_STILLS:
            raise StorageError(
                tr(
                    "There are {most_stills} stills, and no more are kept; delete some first.",
                    most_stills=MOST_STILLS,
                )
            )
        still = GrabbedStill(1 + max((each.number for each in there), default=0), frame)
        with writing(self.path / still.name):
            self.path.mkdir(exist_ok=True)
        write_picture(pixels, self.path / still.name)
        return still

    def read(self, still: GrabbedStill) -> Pixels:
        """Return the picture; raises `MediaError`."""
        return read_picture(self.path / still.name)

    def remove(self, still: GrabbedStill) -> bytes:
        """Take a still away; returns its file for `bring_back`. Raises `StorageError`, `MediaError`."""
        path = self.path / still.name
        with writing(path):
            check_picture_file(path, path.stat().st_size)
            content = path.read_bytes()
            path.unlink()
        return content

    def bring_back(self, still: GrabbedStill, content: bytes) -> None:
        """Put a still back that was taken away; raises `StorageError`."""
        with writing(self.path / still.name):
            self.path.mkdir(exist_ok=True)
            replace_bytes(self.path / still.name, content)
