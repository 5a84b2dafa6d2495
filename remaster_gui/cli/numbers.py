"""Numbers on the command line, within bounds: whatever is typed, one line says what is wrong with it."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_SHOWN = 20


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text.strip()) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number from {least} to {most}")
        return int(text)

    return read


def real(least: float, most: float) -> Callable[[str], float]:
    """Return a reader of numbers from `least` to `most`; there is no NaN among them."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{shown(text)} is not a number from {least:g} to {most:g}")
        return number

    return read


def shown(text: str) -> str:
    """Return what was typed, cut to what fits into a sentence."""
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}...")
