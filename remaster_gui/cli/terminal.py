"""The terminal, or what stands in its place: closed, full or gone, it never takes a result away."""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any, TextIO

from remaster_gui.base.errors import RemasterError, StorageError

log = logging.getLogger(__name__)

EXIT_INTERRUPTED = 130
_OUTPUT, _ERRORS = 1, 2
_SHOW_CURSOR = b"\x1b[?25h"


class _Errors(io.FileIO):
    """The stream of messages: where it cannot be written, they are lost, and the work goes on."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


class _Output(io.FileIO):
    """The stream of results: where it cannot be written, that is a sentence."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StorageError(
                f"What is to be shown cannot be written ({(error.strerror or 'no reason given').lower()}); "
                "send it somewhere else."
            ) from error


def prepare_streams() -> None:
    """Give the process streams that bear everything: closed, full or broken ones, and names that are no text.

    A closed stream is opened on nothing, or the next file would get its number and be written into by libraries.
    Streams that somebody has put in place (tests do) stay.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    codecs.register_error("remaster", _as_they_are)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _stream(_Output(_OUTPUT, "wb", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _stream(_Errors(_ERRORS, "wb", closefd=False), sys.stderr)


def _stream(raw: io.FileIO, before: TextIO | None) -> TextIO:
    encoding = before.encoding if before is not None else "utf-8"
    at_once = raw.isatty() or isinstance(raw, _Errors)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, "remaster", line_buffering=at_once)


def _as_they_are(error: UnicodeError) -> tuple[bytes, int]:
    """Write bytes of names that are no text as those bytes, and what the terminal cannot show as an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    piece = error.object[error.start : error.end]
    return (
        b"".join(
            bytes([ord(c) - 0xDC00]) if 0xDC80 <= ord(c) <= 0xDCFF else c.encode("ascii", "backslashreplace")
            for c in piece
        ),
        error.end,
    )


def tell(sentence: str) -> None:
    """Say on the output what was done; where nobody hears it, that is only logged."""
    try:
        print(sentence, flush=True)
    except (OSError, RemasterError, ValueError):
        log.info("nobody heard: %s", sentence, exc_info=True)
        silence_output()


def silence_output() -> None:
    """Send all further output nowhere, so that Python does not try to write it at its own end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def stopped_by_ctrl_c(first: str, second: str) -> Iterator[Event]:
    """Yield an event that Ctrl-C sets, saying the sentence `first`; a second Ctrl-C ends the process at once.

    What is written at that moment is left as a kill leaves it: never under a name of its own, and never in the way of
    the next run. `second` says so.
    """
    cancel = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            _call_out(second)
            os._exit(EXIT_INTERRUPTED)
        cancel.set()
        _call_out(first)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _call_out(sentence: str) -> None:
    """Write past the stream, which may be in the middle of writing when a signal comes."""
    with contextlib.suppress(OSError):
        cursor = _SHOW_CURSOR if os.isatty(_ERRORS) else b""
        os.write(_ERRORS, cursor + b"\n" + sentence.encode() + b"\n")
