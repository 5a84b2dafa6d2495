"""How many there are of a thing, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from remaster_gui.base.language import trn

Noun = Literal[
    "cut", "day", "event", "export", "frame", "hour", "minute", "picture", "reference", "second", "shot", "thread",
    "spot", "time", "transition", "upper picture track",
]  # fmt: skip
"""What is counted; another thing needs its two forms below."""

_FORMS: Mapping[Noun, Callable[[float], str]] = {
    "cut": lambda n: trn("{count} cut", "{count} cuts", n),
    "day": lambda n: trn("{count} day", "{count} days", n),
    "event": lambda n: trn("{count} event", "{count} events", n),
    "export": lambda n: trn("{count} export", "{count} exports", n),
    "frame": lambda n: trn("{count} frame", "{count} frames", n),
    "hour": lambda n: trn("{count} hour", "{count} hours", n),
    "minute": lambda n: trn("{count} minute", "{count} minutes", n),
    "picture": lambda n: trn("{count} picture", "{count} pictures", n),
    "reference": lambda n: trn("{count} reference", "{count} references", n),
    "second": lambda n: trn("{count} second", "{count} seconds", n),
    "shot": lambda n: trn("{count} shot", "{count} shots", n),
    "spot": lambda n: trn("{count} spot", "{count} spots", n),
    "thread": lambda n: trn("{count} thread", "{count} threads", n),
    "time": lambda n: trn("{count} time", "{count} times", n),
    "transition": lambda n: trn("{count} transition", "{count} transitions", n),
    "upper picture track": lambda n: trn("{count} upper picture track", "{count} upper picture tracks", n),
}


def counted(number: float, noun: Noun) -> str:
    r"""Write a number of things: ``1 frame``, ``2 frames``.

    >>> counted(1, "frame"), counted(0.5, "hour"), counted(1200, "frame")
    ('1 frame', '0.5 hours', '1\xa0200 frames')
    """
    return _FORMS[noun](number)
