"""Plain data from files that anybody may have written: JSON, and checks of every value.

Whatever does not fit raises `ValueError`, never another error: too long, too deep, not UTF-8, numbers without end or
beyond all bounds, values of another kind.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from remaster_gui.base.system import from_any_system

LONGEST = 2**24
"""Bytes or characters of the longest text that is parsed."""
DEEPEST = 64
"""Levels of lists and tables within each other."""
LARGEST_WHOLE = 2**63 - 1

_BRACKETS = re.compile(r"[\[\]{}]")
_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)

_Kind = TypeVar("_Kind", bound=str)


def parse(text: str | bytes, longest: int = LONGEST) -> Any:
    """Return what JSON says; NaN and the infinities are no JSON."""
    if len(text) > longest:
        raise ValueError(f"longer than {longest} bytes")
    text = text.decode() if isinstance(text, bytes) else text
    _check_depth(text)
    return json.loads(text, parse_float=_finite, parse_constant=_refuse)


def table(value: Any) -> Mapping[str, Any]:
    """Return a table of named values; one that misses a name raises `ValueError` where it is asked for."""
    if not isinstance(value, dict):
        raise ValueError(_not("a table", value))
    return _Table(value)


def listed(value: Any) -> Sequence[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise ValueError(_not("a list", value))
    return value


def whole(value: Any, least: int = 0, most: int = LARGEST_WHOLE) -> int:
    """Return a whole number within bounds, ends included; true and false are none."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(_not("a whole number that fits", value))
    return value


def number(value: Any, least: float, most: float) -> float:
    """Return a number within bounds, ends included."""
    if type(value) not in (int, float) or not least <= value <= most:
        raise ValueError(_not("a number that fits", value))
    return float(value)


def switch(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError(_not("true or false", value))
    return value


def text(value: Any, longest: int = 2**16) -> str:
    """Return a text."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(_not("a text", value))
    return value


def choice(value: Any, known: Sequence[_Kind]) -> _Kind:
    """Return the one of some known words that a value is."""
    for each in known:
        if value == each:
            return each
    raise ValueError(_not(f"one of {', '.join(known)}", value))


def path(value: Any) -> Path:
    """Return a path that the system can be asked about."""
    named = text(value)
    if not named or "\0" in named:
        raise ValueError(_not("a path", value))
    os.fsencode(named)  # surrogates that stand for no byte: UnicodeEncodeError is a ValueError
    return from_any_system(named)


class _Table(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        raise ValueError(f"{name!r} is missing")


def _check_depth(text: str) -> None:
    """Look at the brackets outside texts, since Python's own parser runs out of its stack only much deeper."""
    depth = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise ValueError(f"deeper than {DEEPEST} levels")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number beyond all bounds")
    return value


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _not(what: str, value: Any) -> str:
    shown = repr(value[:40]) if isinstance(value, str | bytes) else type(value).__name__
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**64):
        shown = repr(value)
    return f"not {what}: {shown}"
