"""Put frames of films beside each other, for the pictures in the README: a row for each argument after the first.

    remaster-gui render film.mp4 --range 90:92 --preset png16 --output guessed
    python scripts/beside_each_other.py resources/automatic.jpg film.mp4@90+guessed@0

A row is FILM@FRAME+FILM@FRAME..., every frame scaled to the same height; the picture is an sRGB JPEG.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui import api

HEIGHT, QUALITY = 200, 88


def main(output: str, *rows: str) -> None:
    """Write the picture."""
    drawn = [np.hstack([_frame(each) for each in row.split("+")]) for row in rows]
    wide = max(row.shape[1] for row in drawn)
    whole = np.vstack([np.pad(row, ((0, 0), (0, wide - row.shape[1]), (0, 0))) for row in drawn])
    cv2.imwrite(output, whole[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def _frame(said: str) -> NDArray[np.uint8]:
    path, _, number = said.rpartition("@")
    with api.open_film(Path(path)) as film:
        pixels = film.read(int(number), "rgb").pixels
    small = pixels if pixels.dtype == np.uint8 else np.right_shift(pixels, 8).astype(np.uint8)
    width = round(small.shape[1] * HEIGHT / small.shape[0])
    scaled: NDArray[np.uint8] = np.asarray(
        cv2.resize(small, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
    )
    return scaled


if __name__ == "__main__":
    main(*sys.argv[1:])
