"""The composition root of the editor: environment, application object, window, and a clean end."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# OpenCV points Qt at plugins of its own whenever it is imported, so it is imported before that is taken back.
import cv2  # noqa: F401
from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication  # noqa: TID251  # the one place beside ui/: it makes the application

from remaster_gui import __version__
from remaster_gui.base.language import ENGLISH, spoken
from remaster_gui.base.paths import PROGRAM
from remaster_gui.ui.accessible_roles import use_roles
from remaster_gui.ui.defects import Defects
from remaster_gui.ui.garbage import GarbageCollection
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.style.resources import resources_folder
from remaster_gui.ui.style.theme import apply_theme
from remaster_gui.workers.worker import wait_for_left_behind

log = logging.getLogger(__name__)

_SIGNAL_MILLISECONDS = 300
"""How often Python gets its turn while nothing happens, so that Ctrl-C is seen."""
_LEAVING_SECONDS = 5.0
"""How long the program waits, without a window, for threads that did not end in time."""


def forget_qt_of_opencv() -> None:
    """Take back what OpenCV's own Qt wrote into the environment, for us and for programs that we start."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)


def make_application() -> QApplication:
    """Make the application object with its names and its look."""
    forget_qt_of_opencv()
    application = QApplication(sys.argv[:1])
    application.setApplicationName(PROGRAM)
    application.setApplicationDisplayName("Remaster")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(PROGRAM)
    _translate_qt(application)
    apply_theme(application)
    use_roles()
    application.setWindowIcon(QIcon(str(resources_folder() / "icons" / "remaster.svg")))
    return application


def _translate_qt(application: QApplication) -> None:
    """Let Qt's own texts, numbers and dates be in the language that the editor speaks, whatever the system's is."""
    language = spoken()
    if not QLocale.system().name().startswith((language, "C" if language == ENGLISH else language)):
        QLocale.setDefault(QLocale(language))
    translator = QTranslator(application)
    if translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)


def show_window(application: QApplication) -> MainWindow:
    """Make the window and show it."""
    garbage = GarbageCollection(application)
    window = MainWindow()
    window.show()
    garbage.settle()
    return window


def run_editor(path: Path | None) -> int:
    """Show the editor, with a film or project if `path` names one; returns when the window is closed."""
    application = make_application()
    window = show_window(application)
    with closing_on_signals(window.leaving.leave), _reporting_defects(window):
        if path is not None:
            QTimer.singleShot(0, lambda: window.open_path(path))
        status = application.exec()
        window.deleteLater()
        if not wait_for_left_behind(_LEAVING_SECONDS):
            # Python cannot be ended under a thread that goes on, nor can one that waits for a disk be ended.
            logging.shutdown()
            os._exit(status)
    return status


@contextmanager
def _reporting_defects(window: MainWindow) -> Iterator[None]:
    """Log uncaught exceptions of any thread, and say so in the window; work goes on."""
    defects = Defects()
    defects.found.connect(window.report_defect, Qt.ConnectionType.QueuedConnection)
    with defects.watching():
        yield


@contextmanager
def closing_on_signals(leave: Callable[[], object]) -> Iterator[None]:
    """Let Ctrl-C on the terminal, or a system that ends, close the window; exports go on the next time."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda _number, _frame: leave()) for number in numbers]
    # Handlers run only when Python does, and an idle window runs none.
    ticking = QTimer(interval=_SIGNAL_MILLISECONDS)
    ticking.timeout.connect(lambda: None)
    ticking.start()
    try:
        yield
    finally:
        ticking.stop()
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
