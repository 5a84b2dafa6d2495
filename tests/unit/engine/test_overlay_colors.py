"""What is guessed is told from every reference, and references from each other, whatever colours one sees."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from remaster_gui.engine.overlay_colors import GUESSED_COLOR
from remaster_gui.project.edits import OWN_COLORS

SIGHT = {
    "all colours": np.eye(3),
    "no red cones": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "no green cones": [[0.3673, 0.8607, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
}
"""How linear sRGB is seen (Machado, Oliveira and Fernandes 2009, all of it missing)."""


def _seen(colors: tuple[str, ...], sight: str) -> np.ndarray:
    """Lab ``(N, 3)`` of colours as they are seen."""
    coded = np.array([[int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)] for color in colors])
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    seen = (linear @ np.array(SIGHT[sight]).T).clip(0, 1)
    return rgb2lab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)[None])[0]


@pytest.mark.parametrize(
    ("sight", "apart", "from_guessed"),
    [("all colours", 17, 25), ("no red cones", 11, 11), ("no green cones", 11, 12)],
)
def test_colours_are_told_apart(sight: str, apart: float, from_guessed: float) -> None:
    own, guessed = _seen(OWN_COLORS, sight), _seen((GUESSED_COLOR,), sight)
    assert deltaE_ciede2000(own, guessed).min() > from_guessed
    distances = deltaE_ciede2000(own[:, None], own[None])
    assert distances[~np.eye(len(own), dtype=bool)].min() > apart


def test_the_first_references_differ_most() -> None:
    own = _seen(OWN_COLORS, "all colours")
    distances = deltaE_ciede2000(own[:, None], own[None])
    assert distances[np.triu_indices(4, 1)].min() > 30
