"""Every row of the table of actions: enabled only when it can be done, and done by its key or its menu."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QDialog

from remaster_gui import demo
from remaster_gui.document.view_state import CompareMode
from remaster_gui.ui.action_table import ACTIONS
from remaster_gui.ui.dialogs.about import AboutDialog
from remaster_gui.ui.dialogs.cut_list_dialog import CutListDialog
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.ui.dialogs.preferences_dialog import PreferencesDialog
from remaster_gui.ui.dialogs.shortcuts import ShortcutSheet
from remaster_gui.ui.mnemonics import plain

from .hands import Hand

ALWAYS = {
    "open_film", "open_folder", "open_project", "open_demo", "preferences", "quit", "full_screen", "shortcuts", "about",
    "scopes",
}  # fmt: skip
MARKED = {"rename_reference", "toggle_reference", "delete_reference", "previous_reference", "next_reference"}
LIKELY = {f"likely_{number}" for number in range(1, 6)}
STILLS = {"grab_still", "compare_still", "go_to_still", "export_still", "delete_still"}
MARKERS = {"delete_marker", "previous_marker", "next_marker"}
COUNTS = {"count_everywhere", "count_only_here", "count_here", "count_in_segment"}
REGION = {"region_invert", "region_all"}
DIRT = {"dirt", "tool_dirt", "forget_marks"}
REGION_TOOLS = {"tool_region_brush", "tool_region_lasso", "tool_region_key", "tool_region_similar"}
LATER = {
    "undo", "redo", "preview_stop", "promote_frame", "sound", "go_in", "go_out", "clear_in_out", "next_suggestion",
    "film_rate", "place_reference", "copy_reference", "add_cut", "move_cut", "join_shots", "reset_shot",
    *MARKED, *LIKELY, *MARKERS, "lut", "upright", "forget_marks", *(STILLS - {"grab_still"}), *COUNTS, *REGION,
}  # fmt: skip
"""What needs more than an open film."""
CUTS = {"previous_cut", "next_cut"}
ROWS = {row.id: row for row in ACTIONS}
ELSEWHERE = {
    "import_reference", "place_reference", "promote_frame", "sound", "film_rate", "second_viewer", "picture_alone",
    "join_fields", "choose_lut", "lut", *STILLS, "keep_version", *LIKELY, "copy_reference", "large_cards",
    *COUNTS, *REGION, *REGION_TOOLS, *DIRT, "name_color",
}  # fmt: skip
"""Done in the whole session on a real film, or where pictures are imported, there is sound, the film is pictures or
interlaced, the brush rests, it is tried where references count, colours get names or dirt is decided on, or the
layout of windows is tried."""


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_quick_film: Callable[..., Path]) -> Path:
    return write_quick_film(tmp_path / "film.mkv", two_shots(96, 96, 128))


@pytest.fixture
def opened(hand: Hand, film: Path, weights: Path) -> Hand:
    hand.settings.weights, hand.settings.proxy = weights, "quarter"
    hand.window.open_path(film)
    document = hand.film().document
    hand.wait(lambda: document.project.cuts is not None and hand.shown_frame == 0)
    return hand


def _enabled(hand: Hand) -> set[str]:
    return {id_ for id_ in ROWS if hand.window.actions_[id_].isEnabled()}


def _press(hand: Hand, *ids: str) -> None:
    """Do it by its key, or by its menu where it has none."""
    for id_ in ids:
        row = ROWS[id_]
        if row.keys:
            assert hand.window.actions_[id_].isEnabled(), id_
            hand.key(row.keys[0])
        else:
            hand.menu(row.menu, plain(hand.window.actions_[id_].text()))


def test_what_can_be_done_follows_what_is_open(opened: Hand) -> None:
    assert _enabled(opened) == set(ROWS) - LATER
    _press(opened, "mark_reference")
    opened.wait(lambda: _enabled(opened) >= MARKED | {"undo"})
    assert "redo" not in _enabled(opened)
    opened.film().view.go(5)
    _press(opened, "mark_in")
    assert _enabled(opened) >= {"go_in", "go_out", "clear_in_out"}
    _press(opened, "close_project")
    assert _enabled(opened) == ALWAYS


def test_keys_move_the_playhead(opened: Hand) -> None:
    view = opened.film().view
    steps = {
        "go_last": 95, "go_first": 0, "next_cut": 48, "step_forward": 49, "second_forward": 73, "second_back": 49,
        "step_back": 48, "previous_cut": 0,
    }  # fmt: skip
    for id_, frame in steps.items():
        _press(opened, id_)
        assert view.playhead == frame, id_
    for frame in (10, 60):
        view.go(frame)
        _press(opened, "mark_reference")
        opened.wait(
            lambda frame=frame: len(opened.film().document.project.references) == (1 if frame == 10 else 2)
        )
    _press(opened, "previous_reference")
    assert view.playhead == 10
    _press(opened, "next_reference")
    assert view.playhead == 60
    _press(opened, "go_to_time")
    opened.type("7")
    opened.key("Return")
    assert view.playhead == 7


def test_keys_play(opened: Hand) -> None:
    playback, view = opened.session.playback, opened.film().view
    _press(opened, "shuttle_forward", "shuttle_forward")
    assert playback.speed == 2
    _press(opened, "shuttle_stop")
    assert playback.speed == 0
    view.go(90)
    _press(opened, "shuttle_back")
    assert playback.speed == -1
    _press(opened, "shuttle_stop")
    _press(opened, "loop")
    view.go(90)
    _press(opened, "play")
    opened.wait(lambda: view.playhead < 80)
    _press(opened, "play")
    assert playback.speed == 0


def test_keys_mark_frames(opened: Hand) -> None:
    document, view = opened.film().document, opened.film().view
    for frame in (10, 30):
        view.go(frame)
        _press(opened, "marker")
    _press(opened, "previous_marker")
    assert view.playhead == 10
    _press(opened, "next_marker")
    assert view.playhead == 30
    _press(opened, "marker")
    opened.wait(opened.widgets.markers.name.hasFocus)
    opened.type("Umbrella")
    opened.key("Return")
    assert [each.name for each in document.project.markers] == ["", "Umbrella"]
    opened.wait(opened.widgets.canvas.hasFocus)
    _press(opened, "delete_marker")
    assert [each.frame for each in document.project.markers] == [10]
    opened.window.layout_.docks["markers"].close()
    _press(opened, "markers")
    assert not opened.window.layout_.docks["markers"].isHidden()


def test_keys_mark_the_segment(opened: Hand) -> None:
    document, view = opened.film().document, opened.film().view
    view.go(10)
    _press(opened, "mark_in")
    view.go(19)
    _press(opened, "mark_out")
    assert (document.project.in_point, document.project.out_point) == (10, 20)
    _press(opened, "go_in")
    assert view.playhead == 10
    _press(opened, "go_out")
    assert view.playhead == 19
    _press(opened, "clear_in_out")
    assert (document.project.in_point, document.project.out_point) == (None, None)
    _press(opened, "undo")
    assert document.project.out_point == 20
    _press(opened, "redo")
    assert document.project.out_point is None


def test_keys_work_on_references(opened: Hand) -> None:
    document = opened.film().document
    _press(opened, "mark_reference")
    opened.wait(lambda: bool(document.project.references))
    _press(opened, "toggle_reference")
    assert not document.project.references[0].enabled
    _press(opened, "rename_reference")
    opened.type("Sky")
    opened.key("Return")
    opened.wait(lambda: document.project.references[0].name == "Sky")
    _press(opened, "delete_reference")
    assert not document.project.references
    opened.wait(lambda: opened.window.actions_["next_suggestion"].isEnabled())
    opened.film().view.go(5)
    _press(opened, "next_suggestion")
    assert opened.film().view.playhead != 5


def test_keys_work_on_shots(opened: Hand) -> None:
    document, view = opened.film().document, opened.film().view
    view.go(20)
    _press(opened, "add_cut")
    assert document.project.cuts == (0, 20, 48)
    view.go(24)
    _press(opened, "move_cut")
    assert document.project.cuts == (0, 24, 48)
    _press(opened, "by_shot")
    assert view.by_shot and opened.widgets.inspector.isVisible()
    target = opened.widgets.inspector.target
    opened.wait(lambda: target.shot.isChecked() and target.shot.text() == "Shot 2")
    slider = opened.widgets.inspector.settings.saturation
    slider.slider.setFocus()
    opened.key("PgDown")
    assert document.project.settings_of(24).saturation == 0.9 and document.project.settings.saturation == 1
    opened.widgets.canvas.setFocus()
    _press(opened, "reset_shot")
    assert document.project.shot_records == ()
    _press(opened, "join_shots")
    assert document.project.cuts == (0, 48)


def test_keys_choose_tools_and_brush(opened: Hand) -> None:
    canvas, kit = opened.widgets.canvas, opened.widgets.tool_settings
    tools = []
    for id_ in ("tool_brush", "tool_eraser", "tool_fill", "tool_eyedropper"):
        _press(opened, id_)
        assert opened.window.actions_[id_].isChecked()
        tools.append(canvas.pointer.tool)
    assert len(set(map(id, tools))) == 4
    _press(opened, "tool_navigate")
    assert canvas.pointer.tool is None
    for smaller, larger in (("brush_smaller", "brush_larger"), ("brush_much_smaller", "brush_much_larger")):
        size = kit.brush.size
        _press(opened, larger)
        assert kit.brush.size > size
        _press(opened, smaller)
        assert kit.brush.size == pytest.approx(size, rel=0.2)
    colors = kit.foreground, kit.background
    _press(opened, "swap_colors")
    assert (kit.background, kit.foreground) == colors
    _press(opened, "spread")
    assert "press R" in opened.widgets.messages.current.text
    for is_on in (True, False):
        _press(opened, "spread_along")
        assert opened.session.painting.spreads_along is is_on
        assert opened.window.actions_["spread_along"].isChecked() is is_on


def test_keys_preview_and_compare(opened: Hand) -> None:
    compare, view = opened.widgets.compare, opened.film().view
    _press(opened, "preview")
    opened.wait(lambda: compare.has_result)
    _press(opened, "preview_stop") if opened.window.actions_["preview_stop"].isEnabled() else None
    view.go(80)
    _press(opened, "mark_in")
    view.go(83)
    _press(opened, "mark_out", "preview_segment")
    opened.wait(lambda: (opened.session.preview.states()[80:84] == 2).all())
    for id_, mode in {
        "compare_wipe": CompareMode.WIPE,
        "compare_side": CompareMode.SIDE,
        "compare_difference": CompareMode.DIFFERENCE,
        "compare_flip": CompareMode.SOURCE,
    }.items():
        _press(opened, id_)
        assert compare.mode is mode
    _press(opened, "attention")
    assert opened.widgets.overlay.is_visible
    _press(opened, "go_uncertain")
    assert "No reference" in opened.widgets.messages.current.text
    _press(opened, "origin")
    assert opened.session.film.view.origin
    _press(opened, "origin")
    assert not opened.session.film.view.origin


def test_keys_zoom(opened: Hand) -> None:
    view, timeline = opened.widgets.canvas.view, opened.widgets.timeline
    fitted = view.zoom
    _press(opened, "zoom_in")
    assert view.zoom > fitted
    _press(opened, "zoom_out", "zoom_out")
    assert view.zoom < fitted
    _press(opened, "actual_size")
    assert view.zoom == 1
    _press(opened, "fit")
    assert view.zoom == pytest.approx(fitted)
    state = opened.film().view
    _press(opened, "turn_left", "turn_left", "turn_right", "mirror")
    assert (state.rotation, state.is_mirrored) == (15, True)
    _press(opened, "upright")
    assert (state.rotation, state.is_mirrored) == (0, False)
    width = timeline.scale.frame_width
    _press(opened, "timeline_in", "timeline_in")
    assert timeline.scale.frame_width > width
    _press(opened, "timeline_out")
    _press(opened, "timeline_fit")
    assert timeline.scale.frame_width == pytest.approx(width)


def test_keys_show_panels_and_dialogs(opened: Hand) -> None:
    _press(opened, "scopes")
    opened.wait(opened.widgets.scopes.isVisible)
    _press(opened, "scopes")
    assert not opened.widgets.scopes.isVisible()
    _press(opened, "full_screen")
    assert opened.window.isFullScreen()
    opened.key("Escape")
    assert not opened.window.isFullScreen()
    opened.window.layout_.docks["paint"].close()
    _press(opened, "reset_layout")
    assert not opened.window.layout_.docks["paint"].isHidden()
    dialogs: dict[str, type[QDialog]] = {
        "shortcuts": ShortcutSheet,
        "about": AboutDialog,
        "preferences": PreferencesDialog,
        "export": ExportDialog,
    }
    for id_, kind in dialogs.items():
        _press(opened, id_)
        opened.dialog(kind).reject()
        opened.wait(lambda: QApplication.activeModalWidget() is None)


def test_files_are_asked_for(opened: Hand, film: Path, tmp_path: Path) -> None:
    document = opened.film().document
    opened.answer_file_dialog(tmp_path / "copy.remaster")
    _press(opened, "save_copy")
    opened.wait(lambda: document.path.name == "copy.remaster")
    opened.answer_file_dialog(tmp_path / "frame.png")
    _press(opened, "export_frame")
    opened.wait((tmp_path / "frame.png").is_file)
    shots = tmp_path / "shots.csv"
    opened.answer_file_dialog(shots)
    _press(opened, "export_cuts")
    opened.wait(shots.is_file)
    shots.write_text("0\n40\n")
    opened.answer_file_dialog(shots)
    _press(opened, "import_cuts")
    opened.dialog(CutListDialog).accept_button.click()
    opened.wait(lambda: document.project.cuts == (0, 40))
    opened.wait(lambda: document.project.film.digest != "")
    opened.answer_file_dialog(film)
    _press(opened, "relink")
    opened.wait(lambda: opened.film().document is not document)
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in range(3):
        cv2.imwrite(str(scans / f"f{number}.png"), np.full((96, 128), 60 * number, np.uint8))
    copy = tmp_path / "copy.remaster"
    for id_, path in (("open_film", film), ("open_folder", scans), ("open_project", copy)):
        before = opened.film().document
        opened.answer_file_dialog(path)
        _press(opened, id_)
        opened.wait(lambda before=before: opened.film().document is not before)
        assert opened.film().document.path == path.with_suffix(".remaster")


def test_changed_keys_work_at_once_and_never_in_text_fields(opened: Hand) -> None:
    opened.window.help.change_keys({"play": "F8", "fit": ""})
    opened.widgets.canvas.zoom_to(3.0)
    opened.key("F")
    assert opened.widgets.canvas.view.zoom == 3.0
    opened.key("F8")
    opened.wait(lambda: opened.session.playback.speed == 1)
    opened.key("F8")
    _press(opened, "go_to_time")
    opened.type("rbi")
    assert not opened.film().document.project.references
    assert opened.film().document.project.in_point is None


def test_quitting_ends_all_work(opened: Hand) -> None:
    _press(opened, "preview")
    _press(opened, "quit")
    opened.wait(lambda: not opened.window.isVisible())
    assert opened.window.session is None


def test_the_demo_opens_with_its_references(
    hand: Hand, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = demo.clean_frames
    monkeypatch.setattr(demo, "clean_frames", lambda: islice(frames(), 4))  # all of it takes ten seconds
    monkeypatch.setattr(demo, "REFERENCE_FRAMES", (0, 2))
    hand.settings.weights = weights
    _press(hand, "open_demo")
    hand.wait(lambda: hand.window.session is not None)
    project = hand.film().document.project
    assert [r.frame for r in project.references] == [0, 2]
    assert all(r.colored for r in project.references)


def test_every_row_is_pressed() -> None:
    """By the tests of this file, as they are written: none of them has to run before."""
    functions = [
        node for node in ast.parse(Path(__file__).read_text(encoding="utf-8")).body if _is_test(node)
    ]
    named = {
        node.value for function in functions for node in ast.walk(function) if isinstance(node, ast.Constant)
    }
    assert set(ROWS) - named == ELSEWHERE


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
