"""Films whose frames say where they come from."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.notices import complete
from remaster_gui.media import PRESETS, SegmentWriter
from remaster_gui.training.library import ClipLibrary

FILMS = 4
FRAMES = 24


def color_of(film: int, frame: int) -> np.ndarray:
    """Every film has a blue of its own, every frame a red; green is as bright everywhere."""
    return np.array([0.1 + 0.03 * frame, 0.5, 0.2 + 0.2 * film], np.float32)


@pytest.fixture(scope="session")
def identify() -> Callable[[np.ndarray], tuple[int, int]]:
    """Tell the film and the frame that a plain RGB picture comes from."""

    def found(rgb: np.ndarray) -> tuple[int, int]:
        red, _, blue = (float(level) for level in rgb.reshape(-1, 3).mean(axis=0))
        return round((blue - 0.2) / 0.2), round((red - 0.1) / 0.03)

    return found


def write_film(path: Path, frames: np.ndarray) -> None:
    """Write RGB ``(T, H, W, 3)`` in [0, 1] without loss."""
    height, width = frames.shape[1:3]
    with SegmentWriter(path, PRESETS["ffv1-10"], width, height, Fraction(24)) as writer:
        for index, frame in enumerate(frames):
            writer.write(frame.astype(np.float32), Fraction(index, 24))


@pytest.fixture(scope="session")
def film_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of `FILMS` films of `FRAMES` plain frames each, 60x80 pixels; the last one is for validation."""
    folder = tmp_path_factory.mktemp("films")
    for film in range(FILMS):
        colors = np.stack([color_of(film, frame) for frame in range(FRAMES)])
        write_film(folder / f"film{film}.mkv", np.broadcast_to(colors[:, None, None], (FRAMES, 60, 80, 3)))
    rows = [f"film{film}.mkv,{'validation' if film == FILMS - 1 else 'train'}" for film in range(FILMS)]
    (folder / "clips.csv").write_text("\n".join(["name,split", *rows]) + "\n")
    return folder


@pytest.fixture(scope="session")
def library(film_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ClipLibrary:
    """All films of `film_folder`."""
    return complete(ClipLibrary.open(film_folder, cache=tmp_path_factory.mktemp("cache")))[0]
