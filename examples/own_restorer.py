"""Restore a film in a way of your own, inside the engine: ``python examples/own_restorer.py FILM OUTPUT``.

The engine does the rest: cuts, windows, memory, going on where a run was stopped, encoding and sound.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remaster_gui import api


class MedianOfThree:
    """Removes what is in one frame alone, such as dust; a simple way that blurs what moves."""

    name = "median of three frames, 1"
    reach = 1

    def restore(self, around: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the median of a frame and its neighbours."""
        return np.median(around, axis=0).astype(np.float32)


def main(film: Path, output: Path, weights: Path | None = None, **settings: object) -> None:
    """Render `film`; `settings` may ask for colours as well."""
    chosen = api.Settings(**{"colorization": False, **settings})
    report = api.remaster(
        api.RenderRequest(film, output, weights=weights, settings=chosen, restorer=MedianOfThree())
    )
    print(f"{output}: {report.frames} frames; {report.notices[0].text}")


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:3]))
    except api.RemasterError as error:
        sys.exit(str(error))
