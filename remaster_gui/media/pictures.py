"""Single pictures on disk: references and the frames of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import replace_bytes
from remaster_gui.media import pixels
from remaster_gui.media.faults import check_file, reading, writing
from remaster_gui.media.film import Pixels
from remaster_gui.media.limits import check_size
from remaster_gui.media.orientation import oriented, unmirrored
from remaster_gui.media.tags import tags_of

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dpx", ".exr", ".webp", ".bmp"})

WRITTEN_SUFFIXES = (".png", ".tif", ".tiff")
"""Pictures that are written: lossless, 8 or 16 bits."""

_SIGNATURES = (
    (b"\x89PNG", "png"),
    (b"\xff\xd8", "mjpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"SDPX", "dpx"),
    (b"XPDS", "dpx"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"RIFF", "webp"),
    (b"BM", "bmp"),
)


def read_picture(path: Path | str) -> Pixels:
    """Read a picture as gamma-coded sRGB (H, W, 3): uint8, or uint16 over 0..65535 if it is deeper.

    Grey is repeated, transparency lies over black, linear light is gamma-coded and rotation as noted by
    cameras applied. Raises `MediaError` for anything that is not such a picture or damaged.
    """
    path = Path(path)
    picture = decode_picture(path).frame
    array = oriented(pixels.rgb(picture, tags_of(picture, still=True)), picture.rotation)
    return unmirrored(array, path.read_bytes()) if picture.format.name.startswith("yuvj") else array


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture file and what its header says beside."""

    frame: av.VideoFrame
    pixel_aspect: Fraction
    timecode: str | None


def decode_picture(path: Path) -> Picture:
    """Decode the picture file ``path``; the kind is told by its content. Raises `MediaError`."""
    if path.is_dir():
        raise MediaError(f"{path} is a folder, not a picture.")
    check_file(path)
    with reading(path):
        data = path.read_bytes()
        codec = next((name for start, name in _SIGNATURES if data.startswith(start)), None)
        if codec is None:
            raise MediaError(
                f"{path} is not a picture that can be read; use PNG, TIFF, JPEG, DPX, EXR, WebP or BMP."
            )
        if not _is_whole(data, codec):
            raise MediaError(f"The picture {path} is cut short; copy it anew from where it came from.")
        decoder = av.CodecContext.create(codec, "r")
        assert isinstance(decoder, av.VideoCodecContext)
        pictures = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    if not pictures:
        raise MediaError(f"The picture {path} is damaged; copy it anew from where it came from.")
    frame = pictures[0]
    check_size(path, frame.width, frame.height)
    timecode = frame.metadata.get("timecode")
    return Picture(
        frame, decoder.sample_aspect_ratio or Fraction(1), None if timecode is None else str(timecode)
    )


def write_picture(pixels: Pixels, path: Path) -> None:
    """Write sRGB ``(H, W, 3)``, uint8 or uint16, as PNG or TIFF by the suffix; the file appears only when complete.

    Raises `MediaError` for another suffix and `StorageError` where it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITTEN_SUFFIXES:
        raise MediaError(f"{path.name} cannot be written; choose a name that ends in .png or .tif.")
    # LZW is the compression of TIFF that is read everywhere.
    options = [] if suffix == ".png" else [cv2.IMWRITE_TIFF_COMPRESSION, 5]
    code: NDArray[Any]
    _, code = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., ::-1]), options)
    with writing(path):
        replace_bytes(path, code.tobytes())


def _is_whole(data: bytes, codec: str) -> bool:
    """Whether the end mark of a picture is there; without it some codecs fill up what is missing with grey."""
    if codec == "png":
        return b"IEND" in data
    if codec == "mjpeg":
        return b"\xff\xd9" in data[data.rfind(b"\xff\xda") :]
    return True
