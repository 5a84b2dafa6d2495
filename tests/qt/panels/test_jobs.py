import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.export_list import ExportJob, JobState
from remaster_gui.media import PRESETS
from remaster_gui.ui.panels.jobs import JobsPanel, describe

LEFT = Qt.MouseButton.LeftButton
JOB = ExportJob(
    Path("/tmp/film.mov"), Path("/tmp/film-remastered.mov"), "prores-hq", FrameRange(0, 240), id="a",
    state="running", done=120, total=240, rate=0.81,
)  # fmt: skip


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
    ("job", "text"),
    [
        (JOB, "120 of 240 frames · 0.81 frames/s · 2:28 left"),
        (dataclasses.replace(JOB, done=0, rate=0.0, note="Looking for cuts…"), "Looking for cuts…"),
        (dataclasses.replace(JOB, state="waiting", done=0), "waiting"),
        (dataclasses.replace(JOB, state="paused"), "paused · 120 of 240 frames"),
        (
            dataclasses.replace(JOB, note="in turns with the preview"),
            "120 of 240 frames · 0.81 frames/s · 2:28 left · in turns with the preview",
        ),
        (dataclasses.replace(JOB, state="interrupted"), "interrupted · 120 of 240 frames are kept"),
        (dataclasses.replace(JOB, state="failed", note="The disk is full."), "The disk is full."),
        (dataclasses.replace(JOB, state="done", done=240), "done · 240 frames"),
    ],
)
def test_a_line_says_where_a_job_stands(job: ExportJob, text: str) -> None:
    assert describe(job) == text


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
    panel.set_jobs((dataclasses.replace(JOB, state=state),))
    assert sorted(offered(panel, "a")) == sorted(buttons)


def test_wishes_carry_the_jobs_id(panel: JobsPanel, qtbot: Any) -> None:
    panel.set_jobs(
        (
            JOB,
            dataclasses.replace(JOB, id="b", state="paused"),
            dataclasses.replace(JOB, id="c", state="done"),
        )
    )
    for button, signal, argument in (
        (panel.card("a").pause, panel.pause_requested, "a"),
        (panel.card("a").cancel, panel.cancel_requested, "a"),
        (panel.card("b").resume, panel.resume_requested, "b"),
        (panel.card("c").reveal, panel.reveal_requested, JOB.output),
        (panel.card("c").remove, panel.remove_requested, "c"),
    ):
        with qtbot.waitSignal(signal) as asked:
            QTest.mouseClick(button, LEFT)
        assert asked.args == [argument]


def test_progress_moves_on_the_same_card(panel: JobsPanel) -> None:
    panel.set_jobs((JOB,))
    card = panel.card("a")
    assert card.format.text() == PRESETS["prores-hq"].title
    assert card.bar.value() == card.bar.maximum() // 2
    panel.set_jobs((dataclasses.replace(JOB, done=180),))
    assert panel.card("a") is card and card.bar.value() == card.bar.maximum() * 3 // 4
    panel.set_jobs((dataclasses.replace(JOB, done=0, rate=0.0),))
    assert card.bar.maximum() == 0


def test_cards_follow_the_order_of_jobs_and_go_with_them(panel: JobsPanel, qtbot: Any) -> None:
    second = dataclasses.replace(JOB, id="b")
    panel.set_jobs((JOB, second))
    panel.set_jobs((second, JOB))
    qtbot.waitUntil(lambda: panel.card("b").y() < panel.card("a").y(), timeout=300_000)
    panel.set_jobs((JOB,))
    with pytest.raises(KeyError):
        panel.card("b")
    panel.set_jobs(())
    assert panel.nothing.isVisible()


def test_what_has_begun_is_in_sight_below_many_that_are_over(panel: JobsPanel, qtbot: Any) -> None:
    over = [dataclasses.replace(JOB, id=f"over {number}", state="done") for number in range(12)]
    panel.resize(300, 200)
    panel.set_jobs((*over, JOB))
    qtbot.waitUntil(lambda: panel.card("a").visibleRegion().boundingRect().height() > 60)
    assert panel.card("over 0").visibleRegion().isEmpty()


def test_clearing_asks_for_what_is_over_only(panel: JobsPanel) -> None:
    asked: list[str] = []
    panel.remove_requested.connect(asked.append)
    panel.set_jobs((JOB,))
    assert not panel.clear_button.isEnabled()
    states: tuple[JobState, ...] = ("running", "done", "failed", "interrupted")
    panel.set_jobs(tuple(dataclasses.replace(JOB, id=state, state=state) for state in states))
    QTest.mouseClick(panel.clear_button, LEFT)
    assert asked == ["done", "failed"]


def test_a_long_reason_is_read_whole(panel: JobsPanel, qtbot: Any) -> None:
    panel.set_jobs(
        (dataclasses.replace(JOB, state="failed", note="The disk is full; make room and let it go on. " * 4),)
    )
    line = panel.card("a").line
    qtbot.waitUntil(lambda: line.height() >= line.heightForWidth(line.width()) > 40, timeout=300_000)


def test_a_job_that_waits_says_for_what(qtbot: Any) -> None:
    panel = JobsPanel()
    qtbot.addWidget(panel)
    waiting = dataclasses.replace(JOB, id="two", state="waiting", done=0, output=Path("/films/second.mov"))
    panel.set_jobs([JOB, waiting])
    assert panel.card("two").line.text() == f"waits for {JOB.output.name} to end"
