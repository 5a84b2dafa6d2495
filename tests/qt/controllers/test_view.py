"""Menus, canvas and controllers share one view: whoever changes it, all others follow."""

from __future__ import annotations

from typing import Any

from remaster_gui.document.view_state import CompareMode
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.paint.tools import FillTool, StrokeTool


def test_menus_show_what_is_switched_on_elsewhere(window: MainWindow, session: FilmSession) -> None:
    view, actions = session.film.view, window.actions_
    assert actions["tool_navigate"].isChecked()
    view.compare, view.attention, view.tool, view.is_looping = CompareMode.SIDE, True, "fill", True
    checked = {id_ for id_ in ("compare_side", "attention", "tool_fill", "loop") if actions[id_].isChecked()}
    assert checked == {"compare_side", "attention", "tool_fill", "loop"}
    assert not actions["compare_wipe"].isChecked() and not actions["tool_navigate"].isChecked()
    assert window.widgets.canvas.pane_count() == 2
    assert isinstance(window.widgets.canvas.pointer.tool, FillTool)


def test_menus_switch_the_view(window: MainWindow, session: FilmSession) -> None:
    view, actions = session.film.view, window.actions_
    for id_, mode in (("compare_wipe", CompareMode.WIPE), ("compare_difference", CompareMode.DIFFERENCE)):
        actions[id_].trigger()
        assert view.compare is mode and actions[id_].isChecked()
    actions["compare_difference"].trigger()
    assert view.compare is CompareMode.RESULT and not actions["compare_difference"].isChecked()
    actions["attention"].trigger()
    assert view.attention
    actions["attention"].trigger()
    assert not view.attention


def test_a_tool_in_hand_stays_marked_when_it_is_chosen_again(
    window: MainWindow, session: FilmSession
) -> None:
    action = window.actions_["tool_brush"]
    action.trigger()
    action.trigger()
    assert action.isChecked() and session.film.view.tool == "brush"
    assert isinstance(window.widgets.canvas.pointer.tool, StrokeTool)


def test_the_probe_has_the_pointer_while_attention_is_shown(window: MainWindow, session: FilmSession) -> None:
    canvas, view = window.widgets.canvas, session.film.view
    assert canvas.pointer.tool is None
    view.attention = True
    assert canvas.pointer.tool is window.widgets.probe
    view.tool = "eraser"
    assert isinstance(canvas.pointer.tool, StrokeTool)
    view.tool = "navigate"
    view.attention = False
    assert canvas.pointer.tool is None


def test_the_tool_before_the_eyedropper_comes_back(session: FilmSession) -> None:
    view = session.film.view
    view.tool = "eraser"
    view.tool = "eyedropper"
    session.painting.picked()
    assert view.tool == "eraser"


def test_canvas_and_view_have_one_zoom(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    window.resize(1200, 700)
    with qtbot.waitExposed(window):
        window.show()
    canvas, view = window.widgets.canvas, session.film.view
    canvas.zoom_to(3.0)
    assert view.zoom == 3.0 and not view.is_fitted
    view.zoom = 2.0
    assert canvas.view.zoom == 2.0
    view.is_fitted = True
    fitted = view.zoom
    assert fitted != 2.0 and view.center == (40.0, 32.0)
    window.actions_["zoom_in"].trigger()
    assert view.zoom > fitted and not view.is_fitted
    window.actions_["fit"].trigger()
    assert view.zoom == fitted and view.is_fitted
