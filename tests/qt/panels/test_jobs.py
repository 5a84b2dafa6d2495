import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from remaster_gui.ui.panels.jobs import JobRow, JobsPanel, JobState, describe

LEFT = Qt.MouseButton.LeftButton
ROW = JobRow("a", Path("/tmp/film-remastered.mov"), "ProRes 422 HQ, 10 bit", "running", 120, 240, 0.81, 148)


@pytest.fixture
def panel(qtbot: Any) -> JobsPanel:
    panel = JobsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 500)
    panel.show()
    return panel


def offered(panel: JobsPanel, id_: str) -> list[str]:
    card = panel.card(id_)
    return [button.accessibleName() for button in card.findChildren(QToolButton) if not button.isHidden()]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (ROW, "120 of 240 frames · 0.81 frames/s · 2:28 left"),
        (dataclasses.replace(ROW, done=0, rate=0.0, note="Looking for cuts…"), "Looking for cuts…"),
        (dataclasses.replace(ROW, state="waiting", done=0), "waiting"),
        (dataclasses.replace(ROW, state="paused"), "paused · 120 of 240 frames"),
        (dataclasses.replace(ROW, state="failed", note="The disk is full."), "The disk is full."),
        (dataclasses.replace(ROW, state="done", done=240), "done · 240 frames"),
    ],
)
def test_a_line_says_where_a_job_stands(row: JobRow, text: str) -> None:
    assert describe(row) == text


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("waiting", ["Pause", "Cancel"]),
        ("running", ["Pause", "Cancel"]),
        ("paused", ["Go on", "Cancel"]),
        ("interrupted", ["Go on", "Cancel"]),
        ("done", ["Show in folder", "Take off the list"]),
        ("failed", ["Go on", "Take off the list"]),
        ("cancelled", ["Go on", "Take off the list"]),
    ],
)
def test_only_what_can_be_done_has_a_button(panel: JobsPanel, state: JobState, buttons: list[str]) -> None:
    panel.set_rows((dataclasses.replace(ROW, state=state),))
    assert sorted(offered(panel, "a")) == sorted(buttons)


def test_wishes_carry_the_jobs_id(panel: JobsPanel, qtbot: Any) -> None:
    panel.set_rows(
        (
            ROW,
            dataclasses.replace(ROW, id="b", state="paused"),
            dataclasses.replace(ROW, id="c", state="done"),
        )
    )
    for button, signal, argument in (
        (panel.card("a").pause, panel.pause_requested, "a"),
        (panel.card("a").cancel, panel.cancel_requested, "a"),
        (panel.card("b").resume, panel.resume_requested, "b"),
        (panel.card("c").reveal, panel.reveal_requested, ROW.output),
        (panel.card("c").remove, panel.remove_requested, "c"),
    ):
        with qtbot.waitSignal(signal) as asked:
            QTest.mouseClick(button, LEFT)
        assert asked.args == [argument]


def test_progress_moves_on_the_same_card(panel: JobsPanel) -> None:
    panel.set_rows((ROW,))
    card = panel.card("a")
    assert card.bar.value() == card.bar.maximum() // 2
    panel.set_rows((dataclasses.replace(ROW, done=180),))
    assert panel.card("a") is card and card.bar.value() == card.bar.maximum() * 3 // 4
    panel.set_rows((dataclasses.replace(ROW, done=0, rate=0.0),))
    assert card.bar.maximum() == 0


def test_cards_follow_the_order_of_rows_and_go_with_them(panel: JobsPanel, qtbot: Any) -> None:
    second = dataclasses.replace(ROW, id="b")
    panel.set_rows((ROW, second))
    panel.set_rows((second, ROW))
    qtbot.waitUntil(lambda: panel.card("b").y() < panel.card("a").y(), timeout=300_000)
    panel.set_rows((ROW,))
    with pytest.raises(KeyError):
        panel.card("b")
    panel.set_rows(())
    assert panel._empty.isVisible()


def test_clearing_asks_for_what_is_over_only(panel: JobsPanel) -> None:
    asked: list[str] = []
    panel.remove_requested.connect(asked.append)
    panel.set_rows((ROW,))
    assert not panel._clear.isEnabled()
    states: tuple[JobState, ...] = ("running", "done", "failed", "interrupted")
    panel.set_rows(tuple(dataclasses.replace(ROW, id=state, state=state) for state in states))
    QTest.mouseClick(panel._clear, LEFT)
    assert asked == ["done", "failed"]


def test_a_long_reason_is_read_whole(panel: JobsPanel, qtbot: Any) -> None:
    panel.set_rows(
        (dataclasses.replace(ROW, state="failed", note="The disk is full; make room and let it go on. " * 4),)
    )
    line = panel.card("a").line
    qtbot.waitUntil(lambda: line.height() >= line.heightForWidth(line.width()) > 40, timeout=300_000)
