"""Coloured pictures on their way to references: read, looked at beside their frame, laid over it, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.painting.features import shrink
from remaster_gui.painting.imported_pictures import is_grey, lab_bytes
from remaster_gui.painting.raster import Raster, luminance_of
from remaster_gui.painting.registration import Registration

SEARCHED = 800
"""Longer edge of the luminance by which a picture is searched for: of hundreds all have to fit into memory."""
LOOK = 960
"""Longer edge of what is shown of a picture and its frame."""
THUMBNAIL = 320
KEPT = 4096
"""Longer edge of the picture that is kept with a reference."""


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """A picture that is to become a reference; `load` reads it and may be called on any thread.

    `hints`: frames that it may be of, such as one that it is named after.
    """

    name: str
    load: Callable[[], Pixels]
    hints: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """What was found when a picture was read: its size, whether it has no colours, and small pictures of it.

    `luminance`: ``(h, w)``, longer edge at most `SEARCHED`. `thumbnail`: ``(h, w, 3)``.
    """

    width: int
    height: int
    is_grey: bool
    luminance: Bytes
    thumbnail: Bytes


@dataclass(frozen=True, slots=True)
class Look:
    """A picture beside its frame, all ``(h, w, ...)`` of one size.

    `frame`: luma as shown. `picture`: RGBA, what the picture shows at the places of the frame, clear where it does not
    reach. `result`: RGB, the frame with the picture's colours.
    """

    frame: Bytes
    picture: Bytes
    result: Bytes


def read(source: SourcePicture) -> ReadPicture:
    """Read a picture; raises `MediaError` for what is none."""
    rgb = source.load()
    small = _small(rgb, SEARCHED)
    return ReadPicture(
        rgb.shape[1], rgb.shape[0], is_grey(rgb), lab_bytes(small)[0], _small(small, THUMBNAIL)
    )


def look(rgb: Pixels, luma: Pixels, registration: Registration) -> Look:
    """Lay a picture over a frame's luma as it will be, small; `registration`: for the picture's `ReadPicture`."""
    small = _small(rgb, LOOK)
    luminance, _ = shrink(luminance_of(luma), LOOK)
    height, width = luminance.shape
    fitted = registration.scaled(small.shape[1], small.shape[0]).on_frame(width, height)
    columns, rows = fitted.places(width, height)
    shown = cv2.remap(small, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    clear = fitted.inside(columns, rows).astype(np.uint8) * np.uint8(255)
    raster = Raster.laid(small, luminance, fitted)
    return Look(raster.grey(), np.dstack([shown, clear]), raster.rgb())


def make(
    source: SourcePicture, luma: Pixels | None, registration: Registration | None
) -> tuple[Raster, bytes]:
    """Make the raster of a reference, over a frame's luma or free-standing, and the picture as it is kept (PNG)."""
    rgb = source.load()
    kept = _small(rgb, KEPT)
    known, code = cv2.imencode(
        ".png", np.ascontiguousarray(kept[..., ::-1]), (cv2.IMWRITE_PNG_COMPRESSION, 1)
    )
    if not known:
        raise MediaError(
            tr("{source} cannot be kept in the project; save it as PNG and import that.", source=source.name)
        )
    if luma is None or registration is None:
        return Raster.of_picture(rgb), code.tobytes()
    fitted = registration.scaled(rgb.shape[1], rgb.shape[0])
    return Raster.laid(rgb, luminance_of(luma), fitted), code.tobytes()


def decode(content: bytes) -> Pixels:
    """Return the picture (PNG) that is kept with a reference, RGB; raises `MediaError` where it is damaged."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if found is None:
        raise MediaError(tr("The picture that this reference was imported from is damaged; import it anew."))
    return np.ascontiguousarray(np.asarray(found, np.uint8)[..., ::-1])


def _small(rgb: Pixels, edge: int) -> Bytes:
    """Return a picture in 8 bits with a longer edge of at most `edge`."""
    scale = min(1.0, edge / max(rgb.shape[:2]))
    if scale < 1.0:
        size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]  # of its depth
    if rgb.dtype == np.uint16:
        return np.asarray((rgb.astype(np.uint32) * 255 + 32767) // 65535, np.uint8)
    return np.asarray(rgb, np.uint8)
