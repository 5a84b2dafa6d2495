"""What the thread of the window leaves to others, and a watch over whether it does."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import CO_GENERATOR, CO_OPTIMIZED
from pathlib import Path
from types import FrameType

import remaster_gui

PACKAGE = Path(remaster_gui.__file__).parent

LONG_WORK = (
    "model/",
    "engine/attention_reader.py",
    "engine/loaded.py",
    "engine/luminance.py",
    "engine/preview.py",
    "engine/references.py",
    "engine/session.py",
    "engine/stored_shots.py",
    "engine/stream.py",
    "engine/suggestions.py",
    "media/index.py",
    "media/opening.py",
    "media/pixels.py",
    "media/shots.py",
    "painting/smooth.py",
    "project/database.py",
    "project/pages.py",
    "project/reading.py",
    "project/writing.py",
)
"""Folders and modules of which it runs nothing: they open, decode, search, compute networks, spread and save."""


@cache
def _module(filename: str) -> str:
    """Return a file of the package as `LONG_WORK` names it; '' for others."""
    path = Path(filename)
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else ""


class LongWorkWatch:
    """Notes every function of `LONG_WORK` that the calling thread runs, however long it takes."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        """Functions by what was being done meanwhile."""
        self.calls: Counter[str] = Counter()
        """Functions of the whole package that ran, by module."""

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        """Watch while something is being done."""
        noted = self.found[name] = []

        def note(frame: FrameType, event: str, _: object) -> None:
            if event != "call":
                return
            code = frame.f_code
            module = _module(code.co_filename)
            # Generators are closed wherever garbage is collected; what works in them calls other functions.
            if not module or code.co_flags & CO_GENERATOR:
                return
            self.calls[module] += 1
            # Nor does it count what an import runs, which happens once, or what garbage does as it goes.
            is_function = code.co_flags & CO_OPTIMIZED and not code.co_name.startswith("<")
            if module.startswith(LONG_WORK) and is_function and code.co_name != "__del__":
                noted.append(f"{module}: {code.co_qualname}")

        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(None)
