"""Words that the whole editor uses: times, sizes, rates and states of frames; free of Qt."""

from __future__ import annotations

from remaster_gui.base.counting import counted
from remaster_gui.base.language import number, tr
from remaster_gui.engine.frame_store import CURRENT, DECODED, DRAFT, NONE, STALE

STATE_NAMES = {
    NONE: tr("not decoded yet"),
    DECODED: tr("decoded, not remastered yet"),
    CURRENT: tr("remastered, up to date"),
    STALE: tr("remastered, stale"),
    DRAFT: tr("draft, being remastered"),
}
"""What a frame's state is called."""
PROXY_NAMES: dict[str, str] = {"quarter": tr("quarter"), "half": tr("half"), "full": tr("full")}
"""How large previews are, in a word."""
_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def duration(seconds: float) -> str:
    """Write a length of time as ``M:SS`` or ``H:MM:SS``, rounded to seconds."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def rough_duration(seconds: float) -> str:
    """Write an estimate of time with no more digits than it deserves: ``about 3 hours``."""
    if seconds < 90:
        return tr("about {seconds}", seconds=counted(max(5, round(seconds / 5) * 5), "second"))
    if seconds < 5400:
        return tr("about {minutes}", minutes=counted(round(seconds / 60), "minute"))
    hours = seconds / 3600
    if hours < 36:
        return tr("about {hours}", hours=counted(round(hours * 2) / 2, "hour"))
    return tr("about {days}", days=counted(round(hours / 24), "day"))


def byte_size(count: float) -> str:
    """Write a number of bytes in decimal units with two or three digits: ``1.4 GB``, ``310 MB``."""
    for unit, size in _UNITS:
        if count >= size * 0.9995:
            value = count / size
            return f"{number(value, '.1f' if value < 9.95 else '.0f')} {unit}"
    return tr("{count} bytes", count=round(count))


def memory_size(count: float) -> str:
    """Write bytes of memory as machines' memory is counted, by 1024, so that 2 GB of 16 GB are an eighth."""
    gigabytes = count / 2**30
    if gigabytes < 0.95:
        return tr("{count:.0f} MB", count=count / 2**20)
    return tr(
        "{number} GB",
        number=number(round(gigabytes, 1), ".0f" if round(gigabytes, 1).is_integer() else ".1f"),
    )


def frame_rate(rate: float) -> str:
    """Write how many frames a second are done; slow rates get the digits that tell them apart."""
    if rate <= 0:
        return ""
    digits = 0 if rate >= 99.5 else 1 if rate >= 9.95 else 2
    return tr("{number} frames/s", number=number(rate, f".{digits}f"))
