"""A table of colours that is baked into what a render writes: kept with its parts, and applied to each picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import replace_bytes
from remaster_gui.base.language import tr
from remaster_gui.media.cube_lut import CubeLut, LutEntries, checked_content, read_lut
from remaster_gui.media.faults import writing


@dataclass(frozen=True, slots=True)
class KeptLut:
    """A table whose file lies in the work folder; `name` is what the user calls it."""

    name: str
    digest: str

    @staticmethod
    def of(lut: CubeLut) -> KeptLut:
        """Name a table."""
        return KeptLut(lut.name, lut.digest)

    def path(self, folder: Path) -> Path:
        """Return where it lies among what a job has kept."""
        return folder / "look.cube"

    def keep(self, file: Path, folder: Path) -> None:
        """Lay a copy of the user's file into a folder.

        Raises `MediaError` where it is no LUT any more, and `SettingsError` where it has become another one.
        """
        content = checked_content(file)
        with writing(folder):
            replace_bytes(self.path(folder), content, private=True)
        self.read(folder)

    def read(self, folder: Path) -> CubeLut:
        """Read the copy; raises `MediaError`, and `SettingsError` where it is another one than was planned."""
        lut = read_lut(self.path(folder))
        if lut.digest != self.digest:
            raise SettingsError(
                tr("The LUT {name} has become another one meanwhile; start the render again.", name=self.name)
            )
        return lut


def apply_lut(lut: CubeLut, picture: Float) -> Float:
    """Return an sRGB picture ``(H, W, 3)`` float32 in [0, 1] as the table has it, held in [0, 1].

    Cubes are interpolated between the eight entries around a colour.
    """
    colors = picture
    if lut.curve is not None:
        colors = _through_curve(lut.curve, colors)
    if lut.cube is not None:
        colors = _through_cube(lut.cube, colors)
    held: Float = np.clip(colors, 0, 1, dtype=np.float32)
    return held


def _through_curve(curve: LutEntries, colors: Float) -> Float:
    at, places = np.arange(len(curve.values), dtype=np.float32), curve.places(colors)
    found = np.empty_like(places)
    for channel in range(3):
        found[..., channel] = np.interp(places[..., channel], at, curve.values[:, channel])
    return found


def _through_cube(cube: LutEntries, colors: Float) -> Float:
    # Red counts fastest in the file and across here, and places go from -1 to 1.
    grid = cube.places(colors) * np.float32(2 / (len(cube.values) - 1)) - np.float32(1)
    volume = torch.from_numpy(cube.values).permute(3, 0, 1, 2)[None]
    places = torch.from_numpy(np.ascontiguousarray(grid))[None, None]
    found = functional.grid_sample(volume, places, mode="bilinear", padding_mode="border", align_corners=True)
    array: Float = found[0, :, 0].permute(1, 2, 0).numpy()
    return np.ascontiguousarray(array)
