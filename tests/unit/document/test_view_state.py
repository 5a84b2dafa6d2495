"""What is looked at: told to all who show it, whoever changes it, without any Qt."""

from __future__ import annotations

import subprocess
import sys

import pytest

from remaster_gui.document.view_state import CompareMode, ViewState


def test_what_changed_is_told_once_with_what_it_was() -> None:
    view = ViewState(frame_count=100)
    told: list[object] = []
    view.events.playhead.connect(lambda new, old: told.append((new, old)))
    view.events.selected_reference.connect(told.append)
    view.go(5)
    view.go(5)
    view.go(500)
    view.go(-1)
    view.selected_reference = "a"
    view.selected_reference = "a"
    view.selected_reference = None
    assert told == [(5, 0), (99, 5), (0, 99), "a", None]
    assert (view.playhead, view.selected_reference) == (0, None)


def test_nobody_lives_on_because_he_listens() -> None:
    class Listener:
        def hear(self) -> None:
            told.append(1)

    told: list[int] = []
    view, listener = ViewState(), Listener()
    view.events.attention.connect(listener.hear)
    view.attention = True
    del listener
    view.attention = False
    assert told == [1]


@pytest.mark.parametrize("mode", [CompareMode.WIPE, CompareMode.SIDE, CompareMode.DIFFERENCE])
def test_a_way_of_comparing_is_switched_on_and_off(mode: CompareMode) -> None:
    view = ViewState()
    view.toggle(mode)
    assert view.compare is view.shown is mode
    view.toggle(mode)
    assert view.compare is view.shown is CompareMode.RESULT


def test_flipping_shows_the_other_one() -> None:
    view = ViewState()
    view.flip()
    assert view.shown is CompareMode.RESULT
    view.compare = CompareMode.WIPE
    view.flip()
    assert view.shown is CompareMode.SOURCE
    view.flip()
    assert view.shown is CompareMode.RESULT


def test_what_is_painted_covers_the_source_until_the_source_is_asked_for() -> None:
    view = ViewState(is_covered=True)
    assert view.compare is CompareMode.SOURCE and view.shown is CompareMode.RESULT
    view.flip()
    assert view.compare is view.shown is CompareMode.SOURCE
    view.flip()
    assert view.shown is CompareMode.RESULT


def test_it_needs_no_qt() -> None:
    code = "import sys, remaster_gui.document.view_state; print([m for m in sys.modules if 'PySide' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
