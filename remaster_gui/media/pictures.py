"""Single pictures on disk: references and the frames of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import replace_bytes
from remaster_gui.base.language import tr
from remaster_gui.media.color_encoding import Encoding, to_srgb
from remaster_gui.media.faults import writing
from remaster_gui.media.orientation import Orientation
from remaster_gui.media.picture_colors import colors_of
from remaster_gui.media.picture_kinds import PICTURE_SUFFIXES
from remaster_gui.media.sample_values import Codes
from remaster_gui.media.stills import read_still

__all__ = [
    "PICTURE_SUFFIXES",
    "WRITTEN_SUFFIXES",
    "Picture",
    "decode_picture",
    "read_picture",
    "write_picture",
]

WRITTEN_SUFFIXES = (".png", ".tif", ".tiff")
"""Pictures that are written: lossless, 8 or 16 bits."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture file: code values (H, W) or (H, W, 3) as shown, what they mean, and facts of its header.

    `codes`: uint8, uint16, or floats of linear light. `pixel_aspect` is that of the shown picture, and `orientation`
    the one of EXIF that has been undone. `problem` says in a sentence what of its colours could not be converted.
    """

    codes: Codes
    encoding: Encoding
    bits: int
    orientation: int
    pixel_aspect: Fraction
    timecode: str | None
    problem: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as shown."""
        return self.codes.shape[1], self.codes.shape[0]

    def srgb(self, encoding: Encoding | None = None) -> Pixels:
        """Convert to sRGB (H, W) or (H, W, 3), uint8 or uint16; `encoding` overrides what the file says."""
        return to_srgb(self.codes, encoding or self.encoding)


def read_picture(path: Path | str) -> Pixels:
    """Read a picture as gamma-coded sRGB (H, W, 3): uint8, or uint16 over 0..65535 if it is deeper; read-only.

    Grey is repeated, transparency lies over black, colours are converted as the picture's header says, and it is turned
    or mirrored as noted by cameras. Raises `MediaError` for anything that is not such a picture or damaged.
    """
    pixels: NDArray[Any] = decode_picture(Path(path)).srgb()
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    return pixels


def decode_picture(path: Path) -> Picture:
    """Decode the picture file `path`; the kind is told by its content. Raises `MediaError`."""
    still = read_still(path)
    colors = colors_of(still)
    aspect, orientation = still.pixel_aspect, Orientation.of_exif(still.orientation)
    return Picture(
        codes=orientation.apply(colors.codes),
        encoding=colors.encoding,
        bits=still.bits,
        orientation=still.orientation,
        pixel_aspect=1 / aspect if orientation.transposed else aspect,
        timecode=still.timecode,
        problem=tr("Of {path} {problem}.", path=path.name, problem=colors.problem) if colors.problem else "",
    )


def write_picture(pixels: Pixels, path: Path) -> None:
    """Write sRGB ``(H, W, 3)``, uint8 or uint16, as PNG or TIFF by the suffix; the file appears only when complete.

    Raises `MediaError` for another suffix and `StorageError` where it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITTEN_SUFFIXES:
        raise MediaError(
            tr("{path} cannot be written; choose a name that ends in .png or .tif.", path=path.name)
        )
    # LZW is the compression of TIFF that is read everywhere.
    options = [] if suffix == ".png" else [cv2.IMWRITE_TIFF_COMPRESSION, 5]
    code: NDArray[Any]
    _, code = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., ::-1]), options)
    with writing(path):
        replace_bytes(path, code.tobytes())
