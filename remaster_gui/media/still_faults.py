"""What is said of picture files that OpenImageIO cannot decode, by what it says of them."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.limits import impossible_size

log = logging.getLogger(__name__)

_NOT_READ = re.compile(
    r"not (been )?(configured|implemented|supported)|unsupported|unknown|don't know|invalid sampleformat",
    re.I,
)
_CUT_SHORT = re.compile(r"end of file|truncat|missing or corrupt|premature|EOF|not enough|too short", re.I)
_BOMB = re.compile(r"header claims a (\d{1,9}) MB image")


def message_of(source: Any) -> str:
    """Return what the library says of its last fault, as one printable line."""
    try:
        text = str(source.geterror())
    except UnicodeDecodeError:
        return tr("its header makes no sense")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ascii(lines[0])[1:-1][:200] if lines else ""


def failed(path: Path, size: int, message: str) -> MediaError:
    """Return the fault that the library means by `message`; `size`: bytes of the file."""
    log.debug("cannot decode %s: %s", path, message)
    bomb = _BOMB.search(message)
    if bomb:
        return impossible_size(path, int(bomb[1]) * 10**6, size)
    if _CUT_SHORT.search(message):
        return cut_short(path)
    if _NOT_READ.search(message):
        return MediaError(
            tr(
                "{path} is stored in a way that is not read ({message}); save it anew as plain RGB.",
                path=path,
                message=message,
            )
        )
    return damaged(path, message)


def cut_short(path: Path) -> MediaError:
    """Say that a picture ends early."""
    return MediaError(tr("The picture {path} is cut short; copy it anew from where it came from.", path=path))


def damaged(path: Path, reason: str) -> MediaError:
    """Say that a picture is damaged, and how."""
    said = f" ({reason})" if reason else ""
    return MediaError(
        tr("The picture {path} is damaged{said}; copy it anew from where it came from.", path=path, said=said)
    )
