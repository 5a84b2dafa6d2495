from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar

from remaster_gui.ui.status_bar import StatusBar

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot: Any) -> StatusBar:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(1366, 26)
    bar.show()
    return bar


def text(bar: StatusBar) -> str:
    return " ".join(label.text() for label in bar.findChildren(QLabel) if label.isVisible())


def test_a_running_preview_shows_where_it_stands_and_can_be_stopped(bar: StatusBar, qtbot: Any) -> None:
    progress = bar.findChildren(QProgressBar)[0]
    assert not progress.isVisible()
    bar.set_preview(running=True, done=24, total=96, seconds_left=72)
    assert progress.isVisible() and progress.value() == progress.maximum() // 4
    assert "24 of 96 frames" in text(bar) and "1:12 left" in text(bar)
    with qtbot.waitSignal(bar.preview_stop_requested):
        QTest.mouseClick(bar.stop_button, LEFT)
    bar.set_preview(running=False)
    assert not progress.isVisible() and "frames" not in text(bar)


def test_what_the_preview_waits_for_is_said_without_numbers(bar: StatusBar) -> None:
    bar.set_preview(running=True, done=0, total=96, note="Loading the network…")
    assert "Loading the network…" in text(bar)
    assert bar.findChildren(QProgressBar)[0].maximum() == 0


def test_hints_do_not_hide_progress(bar: StatusBar) -> None:
    bar.set_note("Click a point to see where its colour came from")
    assert "Click a point" in text(bar)
    bar.set_preview(running=True, done=1, total=2)
    bar.set_note("another hint")
    assert "1 of 2 frames" in text(bar)


def test_facts_are_seen_once_they_are_known(bar: StatusBar, qtbot: Any) -> None:
    assert not bar.memory.isVisible()
    bar.set_memory(300 * 2**20, 2 * 2**30)
    bar.set_working_size(432, 320, "half")
    bar.set_device("CPU, 2 cores")
    bar.set_weights("compact-1", "compact-1, sha256 0123")
    assert bar.memory.text() == "300 MB of 2 GB"
    assert bar.working_size.text() == "432×320, half"
    assert "sha256 0123" in bar.weights.toolTip()
    with qtbot.waitSignal(bar.preferences_requested):
        QTest.mouseClick(bar.memory, LEFT)
    bar.set_working_size(432, 320, "full")
    assert bar.working_size.text() == "432×320"
    bar.forget_film()
    assert not bar.working_size.isVisible() and bar.device.isVisible()


def test_exports_are_counted(bar: StatusBar, qtbot: Any) -> None:
    bar.set_jobs(2, 0.34, 1500)
    assert bar.jobs.text() == "2 exports · 34\N{NO-BREAK SPACE}% · 25:00 left"
    with qtbot.waitSignal(bar.jobs_requested):
        QTest.mouseClick(bar.jobs, LEFT)
    bar.set_jobs(0)
    assert not bar.jobs.isVisible()
