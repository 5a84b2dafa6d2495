"""In how many parts a picture is coded that can be decoded beside each other, and which threads suit that."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from av.codec.context import ThreadType
from av.video.stream import VideoStream

_ALWAYS_SLICED = {"prores", "dnxhd"}
_ENOUGH = 4
_FEWEST_FRAMES = 4
"""Pictures decoded beside each other at least: they wait for one another, which fewer threads could not make up for."""
_START_CODE = re.compile(rb"\x00\x00\x01")
_SLICE_UNITS = {1, 5}


def choose_threads(stream: VideoStream, slices: int) -> None:
    """Let slices be decoded beside each other where there are enough of them, otherwise whole pictures.

    Threads for slices hold no picture back, so the one that was asked for comes sooner; threads for pictures return
    the first one when all of them have work. To be called before anything is decoded.
    """
    codec, processors = stream.codec_context, os.cpu_count() or 1
    if codec.name in _ALWAYS_SLICED or slices >= min(processors, _ENOUGH):
        stream.thread_type = ThreadType.SLICE
    else:
        stream.thread_type = ThreadType.AUTO
        codec.thread_count = max(_FEWEST_FRAMES, min(processors, 15) + 1)


def count_slices(stream: VideoStream, packet: bytes) -> int:
    """Count the slices of the first picture in a packet of H.264; 1 for other codecs."""
    if stream.codec_context.name != "h264":
        return 1
    extradata = stream.codec_context.extradata or b""
    count = 0
    for unit in _units(packet, extradata):
        if unit[0] & 31 not in _SLICE_UNITS or len(unit) < 2:
            continue
        # A slice begins with the number of its first macroblock; that of the first one, 0, is coded as a single 1.
        if unit[1] & 0x80 and count:
            break
        count += 1
    return max(1, count)


def _units(packet: bytes, extradata: bytes) -> Iterator[bytes]:
    """Yield the beginnings of the units of a packet: header and what follows it."""
    if extradata[:1] != b"\x01" or len(extradata) < 5:
        for code in _START_CODE.finditer(packet):
            if unit := packet[code.end() : code.end() + 2]:
                yield unit
        return
    digits = (extradata[4] & 3) + 1
    place = 0
    while unit := packet[place + digits : place + digits + 2]:
        yield unit
        place += digits + int.from_bytes(packet[place : place + digits], "big")
