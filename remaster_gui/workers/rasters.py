"""Work on single pictures that `BackgroundTasks` runs: reading, importing, promoting, and writing for other programs.

Each function opens what it needs itself and takes the task's event last; arrays that it returns belong to the caller.
"""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.media import open_film, read_picture
from remaster_gui.media.faults import writing
from remaster_gui.media.film import Pixels
from remaster_gui.painting.raster import Raster

WRITTEN_SUFFIXES = (".png", ".tif", ".tiff")
"""Pictures that are written: lossless, 8 or 16 bits."""


def decoded_frame(film: Path, frame: int, _cancelled: Event) -> Pixels:
    """Decode the luma ``(H, W)`` of a frame that is not in memory."""
    with open_film(film) as opened:
        return opened.read(frame).pixels


def raster_of_frame(film: Path, frame: int, cancelled: Event) -> Raster:
    """Make the raster of a frame that is to be painted."""
    return Raster.of_frame(decoded_frame(film, frame, cancelled))


def raster_of_result(film: Path, frame: int, chrominance: NDArray[np.uint16], cancelled: Event) -> Raster:
    """Make the raster of a remastered frame that is promoted; `chrominance` as in `PreviewedFrame`."""
    return Raster.of_result(decoded_frame(film, frame, cancelled), chrominance)


def raster_of_picture(picture: Path, film: Path | None, frame: int | None, cancelled: Event) -> Raster:
    """Import a coloured picture of any size: aligned to a frame of the film, or free-standing where it has none."""
    pixels = read_picture(picture)
    if film is None or frame is None or cancelled.is_set():
        return Raster.of_picture(pixels)
    return Raster.of_picture(pixels, decoded_frame(film, frame, cancelled))


def write_frame(film: Path, frame: int, path: Path, cancelled: Event) -> Path:
    """Write the film's own frame as a picture in full depth, to be coloured in another program."""
    luma = decoded_frame(film, frame, cancelled)
    picture: Pixels = cv2.merge([luma, luma, luma])  # type: ignore[assignment]  # of luma's depth
    return write_picture(picture, path, cancelled)


def write_picture(pixels: Pixels, path: Path, _cancelled: Event) -> Path:
    """Write sRGB ``(H, W, 3)``, uint8 or uint16, as PNG or TIFF by the suffix; the file appears only when complete.

    Raises `MediaError` for another suffix and `StorageError` where it cannot be written.
    """
    if path.suffix.lower() not in WRITTEN_SUFFIXES:
        raise MediaError(f"{path.name} cannot be written; choose a name that ends in .png or .tif.")
    # LZW is the compression of TIFF that is read everywhere.
    options = [cv2.IMWRITE_TIFF_COMPRESSION, 5] if path.suffix.lower() != ".png" else []
    code: NDArray[Any]
    _, code = cv2.imencode(path.suffix.lower(), np.ascontiguousarray(pixels[..., ::-1]), options)
    with writing(path):
        temporary = path.with_name(f".{path.name}.part")
        try:
            temporary.write_bytes(code.tobytes())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return path
