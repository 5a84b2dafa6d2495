"""Single pictures on disk: references and the frames of sequences."""

from __future__ import annotations

import logging
from pathlib import Path

import av

from remaster_gui.base.errors import MediaError
from remaster_gui.media import pixels
from remaster_gui.media.faults import reading
from remaster_gui.media.film import Pixels
from remaster_gui.media.limits import check_size
from remaster_gui.media.orientation import oriented, unmirrored
from remaster_gui.media.tags import tags_of

log = logging.getLogger(__name__)

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dpx", ".exr", ".webp", ".bmp"})

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
_INTACT_END = {"png": b"IEND\xaeB`\x82", "mjpeg": b"\xff\xd9"}
"""What a complete file of some kinds holds near its end; their codecs would fill up a cut one with grey."""
_END_LENGTH = 4096


def read_picture(path: Path | str) -> Pixels:
    """Read a picture as gamma-coded sRGB (H, W, 3): uint8, or uint16 over 0..65535 if it is deeper.

    Grey is repeated, transparency lies over black, linear light is gamma-coded and rotation as noted by
    cameras applied. Raises `MediaError` for anything that is not such a picture or damaged.
    """
    path = Path(path)
    picture = decode_picture(path)
    array = oriented(pixels.rgb(picture, tags_of(picture, still=True)), picture.rotation)
    return unmirrored(array, path.read_bytes()) if picture.format.name.startswith("yuvj") else array


def decode_picture(path: Path) -> av.VideoFrame:
    """Decode the picture file ``path``; the kind is told by its content. Raises `MediaError`."""
    with reading(path):
        if path.is_dir():
            raise MediaError(f"{path} is a folder, not a picture.")
        data = path.read_bytes()
        codec = next((name for start, name in _SIGNATURES if data.startswith(start)), None)
        if codec is None:
            raise MediaError(
                f"{path} is not a picture that can be read; use PNG, TIFF, JPEG, DPX, EXR, WebP or BMP."
            )
        end = _INTACT_END.get(codec)
        if end is not None and end not in data[-_END_LENGTH:]:
            raise MediaError(f"The picture {path} is cut short; copy it anew from where it came from.")
        decoder = av.CodecContext.create(codec, "r")
        assert isinstance(decoder, av.VideoCodecContext)
        pictures = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    if not pictures:
        raise MediaError(f"The picture {path} is damaged; copy it anew from where it came from.")
    check_size(path, pictures[0].width, pictures[0].height)
    return pictures[0]
