"""Broadcast streams whose pictures are coded in another way from some place on, told by how their packets begin."""

from __future__ import annotations

import re
from typing import Any

import av

from remaster_gui.media.streams import PictureInput

_HEAD = 16
_SIGNS = {
    "mpeg": re.compile(rb"\x00?\x00\x00\x01[\xb0-\xb8]"),
    "h264": re.compile(
        rb"\x00?\x00\x00\x01(\x09[\x10\x30\x50\x70\x90\xb0\xd0\xf0]\x00\x00"
        rb"|[\x27\x47\x67][\x42\x4d\x58\x64\x6e\x7a\xf4])"
    ),
    "hevc": re.compile(rb"\x00?\x00\x00\x01(\x46\x01[\x10\x30\x50]\x00\x00|\x40\x01\x0c)"),
}
"""Sequence headers, access unit delimiters and parameter sets: no codec of another family begins a packet so."""
_FAMILIES = {
    "mpeg1video": "mpeg",
    "mpeg2video": "mpeg",
    "mpeg4": "mpeg",
    "h264": "h264",
    "hevc": "hevc",
}


class Coding:
    """Tells packets of a transport stream that are not of the codec with which the film was opened."""

    def __init__(self, film: PictureInput) -> None:
        is_broadcast = film.container.format.name == "mpegts"
        self._own = _FAMILIES.get(film.stream.codec_context.name) if is_broadcast else None
        self._now = self._own

    def is_other(self, packet: av.Packet[Any]) -> bool:
        """Look at the next packet; one without a sign of its own is coded as the one before it."""
        if self._own is None:
            return False
        head = bytes(memoryview(packet)[:_HEAD])
        self._now = next((name for name, sign in _SIGNS.items() if sign.match(head)), self._now)
        return self._now != self._own
