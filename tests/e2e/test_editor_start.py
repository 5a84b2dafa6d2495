"""How the editor starts: without the engine in memory, and with a sentence where it cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from remaster_gui.app import closing_on_signals
from remaster_gui.base.errors import DisplayError
from remaster_gui.cli.edit import check_display
from remaster_gui.ui.dialogs.export_dialog import ExportDialog

from .hands import Hand


def test_the_window_is_imported_without_torch() -> None:
    code = "import sys; import remaster_gui.ui.main_window; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]


def test_an_editor_that_is_closed_leaves_no_words_on_the_terminal() -> None:
    code = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from remaster_gui import app\n"
        "show = app.show_window\n"
        "def show_and_close(application):\n"
        "    window = show(application)\n"
        "    QTimer.singleShot(0, window.close)\n"
        "    return window\n"
        "app.show_window = show_and_close\n"
        "sys.exit(app.run_editor(None))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [line for line in run.stderr.splitlines() if "propagateSizeHints" not in line]
    assert (run.stdout, lines) == ("", [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_is_told_to_end_leaves_in_order(qapp: object, number: signal.Signals) -> None:
    heard: list[str] = []
    with closing_on_signals(lambda: heard.append("leave")):
        assert callable(signal.getsignal(number)), "else it ends at once"
        signal.raise_signal(number)
    assert heard == ["leave"]


def test_without_a_display_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DisplayError, match="no display"):
        check_display()


def test_a_film_named_on_the_command_line_that_is_none_is_said(hand: Hand, tmp_path: Path) -> None:
    path = tmp_path / "no film.mp4"
    path.write_bytes(b"nothing")
    hand.window.open_path(path)
    hand.wait(lambda: hand.widgets.messages.current is not None)
    assert "no film.mp4" in hand.widgets.messages.current.text
    assert hand.widgets.pages.currentWidget() is hand.widgets.start_page
    assert not path.with_suffix(".remaster").exists()


def test_a_film_named_from_where_one_stands_is_opened_by_its_whole_path(
    hand: Hand,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    textured: Callable[..., np.ndarray],
    write_quick_film: Callable[..., Path],
) -> None:
    film = write_quick_film(tmp_path / "film.mkv", textured(5, 48, 64))
    monkeypatch.chdir(tmp_path)
    hand.window.open_path(Path("film.mkv"))
    assert hand.film().info.path == film
    assert hand.film().document.path == film.with_suffix(".remaster")
    hand.key("Ctrl+E")
    dialog = hand.dialog(ExportDialog)
    hand.wait(dialog.export.isEnabled)
    dialog.reject()


def test_opencv_leaves_nothing_of_its_qt_behind(qapp: QApplication) -> None:
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
