"""Tables of colours that are looked through or baked in."""

from __future__ import annotations

from pathlib import Path

from .base import Seed, Target, Trial

_NAME = "look.cube"
_ROWS = "\n".join(f"{r} {g / 2} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
_CUBE = f'# by hand\nTITLE "Warm"\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1.0 1.0 1.0\nLUT_3D_SIZE 2\n{_ROWS}\n'
_CURVE = "LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE 0.0 1.0\n0 0 0\n0.4 0.5 0.6\n1 1 1\n"


def _text(text: str) -> Seed:
    def write(folder: Path) -> None:
        (folder / _NAME).write_text(text)

    return write


def read_table(tree: Path, trial: Trial) -> None:
    """Read a table and use it."""
    import numpy as np

    from remaster_gui.engine.baked_lut import apply_lut
    from remaster_gui.media.cube_lut import read_lut

    picture = np.linspace(0, 1, 48, dtype=np.float32).reshape(4, 4, 3)
    found = apply_lut(read_lut(tree / _NAME), picture)
    assert found.shape == picture.shape and 0 <= found.min() <= found.max() <= 1


LUTS = Target("lut", {"cube": _text(_CUBE), "curve": _text(_CURVE)}, read_table, share=2)
