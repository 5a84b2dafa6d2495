"""Faults that nobody has caught, on whatever thread: they go to the log, and one sentence goes to the window."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from psygnal import EmitLoopError
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Defects(QObject):
    """Logs exceptions that slots, event handlers, threads and finalizers let through, and messages of Qt itself.

    Lives on the GUI thread, its hooks on any: they touch no widget, and `found` is to be connected by a queue.
    """

    found = Signal(str)
    """What was raised, in short."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: set[tuple[type[BaseException], str, int]] = set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take the place of the hooks of Python and Qt."""
        before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        handler = qInstallMessageHandler(_on_qt_message)
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook, sys.unraisablehook = before
            qInstallMessageHandler(handler)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        cause = error.__cause__
        if isinstance(error, EmitLoopError) and cause is not None:
            # What somebody who looks at the view raised; that he was told of something says little.
            kind, error, trace = type(cause), cause, cause.__traceback__
        self._note(kind, error, trace, "")

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        where = "" if args.thread is None else f" on the thread {args.thread.name}"
        self._note(args.exc_type, args.exc_value, args.exc_traceback, where)

    def _on_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        what = args.err_msg or "exception ignored"
        self._note(
            args.exc_type, args.exc_value, args.exc_traceback, f" ({what} in {type(args.object).__name__})"
        )

    def _note(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, where: str
    ) -> None:
        last = trace
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = (
            kind,
            "" if last is None else last.tb_frame.f_code.co_filename,
            0 if last is None else last.tb_lineno,
        )
        if place in self._known:
            # What is raised at every repaint must not push the first time out of the log.
            log.error("%s once more%s", kind.__name__, where)
        else:
            self._known.add(place)
            info = None if error is None else (kind, error, trace)
            log.critical("unexpected %s%s", kind.__name__, where, exc_info=info)
        self.found.emit(kind.__name__)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    logging.getLogger("qt").log(_LEVELS[kind], "%s: %s", context.category or "default", text)
