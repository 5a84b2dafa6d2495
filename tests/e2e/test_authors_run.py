"""A run in the authors' scheme gives the frames that their script gives.

Their script takes a film in blocks without overlap, seven frames as five and two. The two are computed here, through
the whole program; what a block holds is tried in `tests/unit/engine/test_authors_session.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine.authors_session import grey_input
from remaster_gui.engine.sizes import Size
from remaster_gui.media import open_film

FRAMES = FrameRange(0, 7)
LAST_BLOCK = FrameRange(5, 7)


@pytest.fixture(scope="module")
def golden(shared: Path) -> dict[str, np.ndarray]:
    with np.load(shared / "official" / "golden_run.npz") as arrays:
        return dict(arrays)


def _assert_within_the_bar(ours: np.ndarray, theirs: np.ndarray) -> None:
    difference = np.abs(ours.astype(np.float64) - theirs)
    assert difference.mean() <= 0.5
    assert (difference <= 2).mean() >= 0.999


def test_the_networks_see_the_same_grey(shared: Path, golden: dict[str, np.ndarray]) -> None:
    theirs = golden["grey_input"]
    size = Size(theirs.shape[2], theirs.shape[1])
    with open_film(shared / "official" / "seven.mkv") as film:
        ours = np.stack([grey_input(frame.pixels, size) for frame in film.frames(FRAMES, "opencv")])
    assert np.array_equal(ours, theirs)


def test_the_result_is_the_authors(
    shared: Path, golden: dict[str, np.ndarray], authors_checkpoint: Path, tmp_path: Path
) -> None:
    film, references = shared / "official" / "seven.mkv", shared / "data" / "vintage" / "refs_a-bomb"
    output = tmp_path / "result"
    command = [
        "render",
        film,
        "--references",
        references,
        "--weights",
        authors_checkpoint,
        "--output",
        output,
        "--range",
        LAST_BLOCK,
    ]
    assert main([*map(str, command), "--compat", "authors", "--preset", "png16", "--device", "cpu"]) == 0
    with open_film(output) as result:
        ours = (
            np.stack([frame.pixels for frame in result.frames(FrameRange(0, len(LAST_BLOCK)), "rgb")]) / 257
        )
    _assert_within_the_bar(ours, golden["output"][LAST_BLOCK.start :])
