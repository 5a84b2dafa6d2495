"""Words that the whole editor uses: times, sizes, rates and states of frames; free of Qt."""

from __future__ import annotations

from remaster_gui.base.counting import counted
from remaster_gui.base.language import number
from remaster_gui.engine.frame_store import CURRENT, DECODED, DRAFT, NONE, STALE

STATE_NAMES = {
    NONE: "not decoded yet",
    DECODED: "decoded, not remastered yet",
    CURRENT: "remastered, up to date",
    STALE: "remastered, stale",
    DRAFT: "draft, being remastered",
}
"""What a frame's state is called."""
_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def duration(seconds: float) -> str:
    """Write a length of time as ``M:SS`` or ``H:MM:SS``, rounded to seconds."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def rough_duration(seconds: float) -> str:
    """Write an estimate of time with no more digits than it deserves: ``about 3 hours``."""
    if seconds < 90:
        return f"about {counted(max(5, round(seconds / 5) * 5), 'second')}"
    if seconds < 5400:
        return f"about {counted(round(seconds / 60), 'minute')}"
    hours = seconds / 3600
    if hours < 36:
        return f"about {counted(round(hours * 2) / 2, 'hour')}"
    return f"about {counted(round(hours / 24), 'day')}"


def byte_size(count: float) -> str:
    """Write a number of bytes in decimal units with two or three digits: ``1.4 GB``, ``310 MB``."""
    for unit, size in _UNITS:
        if count >= size * 0.9995:
            value = count / size
            return f"{number(value, '.1f' if value < 9.95 else '.0f')} {unit}"
    return f"{round(count)} bytes"


def memory_size(count: float) -> str:
    """Write bytes of memory as machines' memory is counted, by 1024, so that 2 GB of 16 GB are an eighth."""
    gigabytes = count / 2**30
    if gigabytes < 0.95:
        return f"{count / 2**20:.0f} MB"
    return f"{number(round(gigabytes, 1), '.0f' if round(gigabytes, 1).is_integer() else '.1f')} GB"


def frame_rate(rate: float) -> str:
    """Write how many frames a second are done; slow rates get the digits that tell them apart."""
    if rate <= 0:
        return ""
    digits = 0 if rate >= 99.5 else 1 if rate >= 9.95 else 2
    return f"{number(rate, f'.{digits}f')} frames/s"
