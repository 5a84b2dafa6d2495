"""Kinds of picture files, told by their first bytes: those that are read, and others, so as to name them."""

from __future__ import annotations

import re
from pathlib import Path

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr

HEAD = 16
"""Bytes by which a kind is told."""

READ_KINDS = tr("PNG, TIFF, JPEG, DPX, EXR, WebP or BMP")
SUFFIXES = {
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg"),
    "tiff": (".tif", ".tiff"),
    "dpx": (".dpx",),
    "openexr": (".exr",),
    "webp": (".webp",),
    "bmp": (".bmp",),
}
PICTURE_SUFFIXES = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
OTHER_SUFFIXES = frozenset((
    *(".tga", ".jxl", ".avif", ".heic", ".heif", ".jp2", ".j2k", ".j2c", ".gif", ".psd", ".ppm", ".pgm", ".hdr"),
    *(".cin", ".sgi", ".rgb", ".pct", ".pict", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"),
))  # fmt: skip
"""Of pictures that are not read."""

_SIGNATURES = (
    (rb"\x89PNG", "png"),
    (rb"\xff\xd8\xff", "jpeg"),
    (rb"II[*+]\0|MM\0[*+]", "tiff"),
    (rb"SDPX|XPDS", "dpx"),
    (rb"\x76\x2f\x31\x01", "openexr"),
    (rb"RIFF....WEBP", "webp"),
    (rb"BM", "bmp"),
)
_OTHER_KINDS = (
    (rb"....ftypavi[fs]", tr("an AVIF picture")),
    (rb"....ftyp(hei[cx]|mif1|msf1)", tr("a HEIF picture")),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", tr("a JPEG XL picture")),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", tr("a JPEG 2000 picture")),
    (rb"GIF8", tr("a GIF picture")),
    (rb"8BPS", tr("a Photoshop document")),
    (rb"\x80\x2a\x5f\xd7|\xd7\x5f\x2a\x80", tr("a Cineon picture")),
    (rb"gimp xcf", tr("a GIMP picture")),
    (rb"#\?RADIANCE", tr("a Radiance picture")),
    (rb"P[1-7]\s", tr("a portable pixmap")),
    (rb"%PDF", tr("a PDF document")),
)


def other_kind_of(head: bytes) -> str | None:
    """Name the kind of a file that is some picture but none that is read; None for anything else."""
    return next((name for start, name in _OTHER_KINDS if re.match(start, head, re.DOTALL)), None)


def kind_of(path: Path, head: bytes) -> str:
    """Tell a picture by its first bytes, as the library names its kind; raises `MediaError` for anything else."""
    for start, kind in _SIGNATURES:
        if re.match(start, head, re.DOTALL):
            return kind
    if not head:
        raise MediaError(tr("{path} is empty; copy it anew from where it came from.", path=path))
    name = other_kind_of(head)
    if name is not None:
        raise MediaError(
            tr(
                "{path} is {name}, which is not read; save it as {read_kinds}.",
                path=path,
                name=name,
                read_kinds=READ_KINDS,
            )
        )
    raise MediaError(
        tr("{path} is not a picture that can be read; use {read_kinds}.", path=path, read_kinds=READ_KINDS)
    )
