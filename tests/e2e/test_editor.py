"""A colourist's session on a real film, from start page to reopened project, by keys and mouse, the engine at work."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from remaster_gui.document.view_state import CompareMode
from remaster_gui.media import open_film
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.ui.timeline.view import HEADER_WIDTH

from .hands import Hand

CUTS = (0, 44, 134, 299)


@pytest.fixture
def film(shared: Path, tmp_path: Path) -> Path:
    """A real film of 360 frames with three cuts, in a folder that can be written."""
    source = shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4"
    return Path(shutil.copy(source, tmp_path / "bomb.mp4"))


@pytest.fixture
def coloured(shared: Path, tmp_path: Path) -> Path:
    """A coloured picture of another size and shape than the film."""
    with open_film(shared / "data" / "colour" / "davis-camel.mp4") as other:
        picture = other.read(3, "rgb").pixels
    path = tmp_path / "camel.png"
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path


def test_a_whole_session(hand: Hand, film: Path, coloured: Path, full_weights: Path, tmp_path: Path) -> None:
    hand.settings.weights, hand.settings.proxy = full_weights, "quarter"
    _open_by_drop(hand, film)
    _find_the_way(hand)
    _mark_and_paint(hand)
    _import(hand, coloured)
    _preview(hand)
    _promote(hand)
    _see_why(hand)
    _export(hand, tmp_path / "exported.mp4")
    _undo_all(hand)
    _close_and_reopen(hand, film)


def _open_by_drop(hand: Hand, film: Path) -> None:
    """The film is dropped on the start page; its first frame is there at once, its cuts soon."""
    assert hand.widgets.pages.currentWidget() is hand.widgets.start_page
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(film))])
    middle = QPointF(hand.window.rect().center())
    nothing = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(middle.toPoint(), Qt.DropAction.CopyAction, data, *nothing)
    QApplication.sendEvent(hand.window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(hand.window, QDropEvent(middle, Qt.DropAction.CopyAction, data, *nothing))
    hand.wait(lambda: hand.widgets.compare.has_source)
    opened = hand.film()
    assert film.with_suffix(".remaster").is_file()
    hand.wait(lambda: opened.document.project.cuts is not None)
    assert opened.document.project.cuts == CUTS
    hand.wait(lambda: all(hand.widgets.timeline.thumbnails.has_picture(frame) for frame in (0,)))


def _find_the_way(hand: Hand) -> None:
    """Scrub, play, shuttle, step, jump, type; in and out; zoom the timeline."""
    view, document = hand.film().view, hand.film().document
    hand.scrub(10, 50, 100, 200)
    assert view.playhead == 200
    hand.key("Right")
    assert view.playhead == 201
    hand.key("Left", "Shift+Left")
    assert view.playhead == 200 - 29
    hand.key("Up")
    assert view.playhead == 134
    hand.key("Down")
    assert view.playhead == 299
    hand.key("Home")
    assert view.playhead == 0
    hand.key("Space")
    hand.wait(lambda: view.playhead > 10)
    hand.key("Space")
    here = view.playhead
    assert hand.session.playback.speed == 0
    hand.hold(Qt.Key.Key_K, "L")
    assert view.playhead == here + 1
    hand.hold(Qt.Key.Key_K, "J")
    assert view.playhead == here
    hand.key("L", "L")
    assert hand.session.playback.speed == 2
    hand.wait(lambda: view.playhead > here + 20)
    hand.key("K")
    hand.key("=")
    hand.type("00:00:00:10")
    hand.key("Return")
    assert view.playhead == 10
    hand.key("=")
    hand.type("+20")
    hand.key("Return")
    assert view.playhead == 30
    hand.key("=")
    hand.type("19")
    hand.key("Return", "I")
    hand.key("=")
    hand.type("21")
    hand.key("Return", "O")
    assert (document.project.in_point, document.project.out_point) == (19, 22)
    hand.key("Shift+I")
    assert view.playhead == 19
    before = hand.widgets.timeline.scale
    place = QPoint(600, 50)
    under = before.frame_at(place.x() - HEADER_WIDTH)
    hand.wheel(hand.widgets.timeline, place, 3)
    assert hand.widgets.timeline.scale.frame_width > before.frame_width
    assert abs(hand.widgets.timeline.scale.frame_at(place.x() - HEADER_WIDTH) - under) <= 1
    hand.key("\\")
    assert hand.widgets.timeline.scale.frame_width == pytest.approx(before.frame_width)


def _mark_and_paint(hand: Hand) -> None:
    """The frame becomes a reference; strokes, eraser, pick, fill, undo; then the strokes spread over the frame."""
    film = hand.film()
    hand.key("=")
    hand.type("20")
    hand.key("Return", "R")
    hand.wait(lambda: len(film.document.project.references) == 1)
    (record,) = film.document.project.references
    assert (record.frame, record.colored) == (20, False)
    hand.key("B")
    hand.wait(lambda: not hand.session.painted.blocked_reason)
    grey = hand.shown()
    assert np.ptp(grey.astype(int), axis=2).max() <= 2
    size = hand.widgets.tool_settings.brush.size
    hand.key("]", "]")
    assert hand.widgets.tool_settings.brush.size > size
    hand.drag((0.5, 0.5), (0.55, 0.5), modifiers=Qt.KeyboardModifier.ShiftModifier)
    size = hand.widgets.tool_settings.brush.size
    hand.widgets.tool_settings.set_foreground_hex("#c98f70")
    hand.drag((0.36, 0.45), (0.38, 0.5), (0.4, 0.55))
    assert film.document.project.references[0].colored
    painted = hand.shown()
    place = (int(0.5 * grey.shape[0]), int(0.38 * grey.shape[1]))
    assert np.ptp(painted[place].astype(int)) > 20
    luma = np.array([0.2126, 0.7152, 0.0722])
    assert abs(float(painted[place] @ luma) - float(grey[place] @ luma)) < 12
    hand.key("X")
    hand.widgets.tool_settings.set_foreground_hex("#7090c0")
    hand.drag((0.75, 0.12), (0.9, 0.14))
    hand.key("Ctrl+Z")
    assert np.array_equal(hand.shown(), painted)
    hand.key("Ctrl+Shift+Z")
    assert not np.array_equal(hand.shown(), painted)
    hand.drag((0.38, 0.5), modifiers=Qt.KeyboardModifier.ControlModifier)
    assert hand.widgets.tool_settings.foreground[1] > 5
    hand.key("S")
    hand.wait(lambda: film.document.stack.undoText().startswith("Spread strokes on frame "))
    everywhere = hand.shown().astype(int)
    assert (np.ptp(everywhere, axis=2) > 6).mean() > 0.8
    hand.key("V")


def _import(hand: Hand, coloured: Path) -> None:
    """A picture of something else is taken as a free-standing reference."""
    hand.import_free(coloured)
    _, imported = hand.film().document.project.references
    assert (imported.kind, imported.frame, imported.colored) == ("imported", None, True)


def _preview(hand: Hand) -> None:
    """The segment is remastered in colour, compared, and a changed reference makes it stale."""
    film, widgets, viewing = hand.film(), hand.widgets, hand.session.viewer
    hand.key("Shift+P")
    hand.wait(lambda: widgets.compare.has_result)
    hand.wait(lambda: (hand.session.preview.states()[19:22] == 2).all())
    states = hand.session.preview.states()
    assert not (states[[*range(19), *range(22, 360)]] == 2).any()
    assert widgets.compare.mode is CompareMode.RESULT
    result = hand.shown()
    assert np.ptp(result.astype(int), axis=2).mean() > 1
    hand.key("W")
    assert widgets.compare.mode is CompareMode.WIPE
    hand.drag((0.5, 0.3), (0.25, 0.3))
    assert film.view.wipe == pytest.approx(0.25, abs=0.02)
    hand.key("Shift+W")
    assert widgets.compare.mode is CompareMode.SIDE and widgets.canvas.pane_count() == 2
    hand.key("D")
    assert widgets.compare.mode is CompareMode.DIFFERENCE
    hand.key("D", "Return")
    assert widgets.compare.mode is CompareMode.SOURCE
    hand.key("Return")
    assert widgets.compare.mode is CompareMode.RESULT
    zoom = widgets.canvas.view.zoom
    hand.wheel(widgets.canvas, QPoint(200, 200), 2)
    assert widgets.canvas.view.zoom > zoom
    hand.key("Ctrl+1")
    assert widgets.canvas.view.zoom == 1.0
    hand.key("F")
    assert widgets.canvas.view.zoom == pytest.approx(zoom)
    # What depends on a reference is stale the moment that it is switched off, and back when it is switched on.
    hand.menu("Reference", "Use for colouring")
    hand.wait(lambda: (hand.session.preview.states()[19:22] == 3).any())
    hand.key("Ctrl+Z")
    hand.wait(lambda: (hand.session.preview.states()[19:22] == 2).all())
    assert viewing.shown_frame == film.view.playhead == 20


def _promote(hand: Hand) -> None:
    """The remastered frame becomes a reference of its own."""
    film = hand.film()
    hand.key("Right")
    hand.wait(lambda: hand.window.actions_["promote_frame"].isEnabled())
    hand.key("Shift+R")
    hand.wait(lambda: len(film.document.project.references) == 3)
    promoted = film.document.project.references[2]
    assert (promoted.kind, promoted.frame, promoted.colored) == ("promoted", 21, True)
    hand.key("F2")
    hand.type("Driver")
    hand.key("Return")
    hand.wait(lambda: film.document.project.references[2].name == "Driver")
    hand.key("PgUp")
    assert film.view.playhead == 20
    hand.menu("Preview", "Stop preview") if hand.window.actions_["preview_stop"].isEnabled() else None


def _see_why(hand: Hand) -> None:
    """The overlay tells which reference coloured what, a point where from; the lane fills; scopes measure."""
    widgets = hand.widgets
    hand.key("A")
    hand.wait(lambda: widgets.overlay.has_map)
    assert {entry.reference.name for entry in widgets.overlay.entries} == {"Frame 20", "camel", "Driver"}
    assert sum(entry.share for entry in widgets.overlay.entries) == pytest.approx(1, abs=0.01)
    hand.point(0.4, 0.5)
    hand.wait(lambda: len(widgets.bin.heat) == 3)
    hand.wait(lambda: bool(np.isfinite(widgets.certainty.track.certainty).any()))
    hand.key("U")
    hand.key("A")
    assert not widgets.overlay.is_visible
    hand.key("F4")
    hand.wait(lambda: widgets.scopes.views["vectorscope"].has_pictures)
    hand.key("F4")
    assert not widgets.scopes.isVisible()


def _export(hand: Hand, path: Path) -> None:
    """A few frames are exported while painting goes on."""
    film = hand.film()
    hand.key("Ctrl+E")
    dialog = hand.dialog(ExportDialog)
    assert str(dialog.span.span()) == "19:22"
    dialog.output.set_path(path)
    dialog.edge.addItem("small", 64)  # as a preset of one's own may have it
    dialog.edge.setCurrentIndex(dialog.edge.findData(64))
    dialog.luminance.setCurrentIndex(dialog.luminance.findData("source"))
    hand.wait(dialog.export.isEnabled)
    dialog.export.click()
    exports = hand.window.exports.service
    (job,) = (each for each in exports.jobs if each.output == path)
    hand.key("=")
    hand.type("20")
    hand.key("Return", "E")
    hand.wait(lambda: not hand.session.painted.blocked_reason)
    hand.drag((0.2, 0.8), (0.3, 0.8))
    assert film.document.stack.undoText().startswith("Erase on frame ")
    hand.key("V")
    hand.wait(lambda: exports.job(job.id).state not in ("waiting", "running"), 600)
    assert (exports.job(job.id).state, exports.job(job.id).note) == ("done", "")
    with open_film(path) as exported:
        assert exported.info.frame_count == 3
        assert (exported.info.width, exported.info.height) == (432, 320)
        picture = exported.read(1, "rgb").pixels
    assert np.ptp(picture.astype(int), axis=2).mean() > 1


def _undo_all(hand: Hand) -> None:
    """Everything that was done can be taken back and done again."""
    film = hand.film()
    after = film.document.project
    steps = film.document.stack.count()
    assert steps >= 8
    hand.key(*["Ctrl+Z"] * steps)
    assert not film.document.project.references
    assert film.document.project.segment.start == 0
    hand.key(*["Ctrl+Shift+Z"] * steps)
    assert film.document.project == after


def _close_and_reopen(hand: Hand, film: Path) -> None:
    """The project is as it was left, pixels and all."""
    document = hand.film().document
    before = document.project
    raster = document.raster(before.references[0].id)
    assert raster is not None
    pixels = raster.rgb()
    hand.key("Ctrl+W")
    assert hand.widgets.pages.currentWidget() is hand.widgets.start_page
    assert [entry.path for entry in hand.settings.recent] == [film.with_suffix(".remaster")]
    picture = hand.settings.recent_picture(film.with_suffix(".remaster"))
    assert picture is not None and picture.width() == 416
    hand.answer_file_dialog(film.with_suffix(".remaster"))
    hand.key("Ctrl+Shift+O")
    again = hand.film().document
    assert again.project == before
    hand.wait(lambda: again.raster(before.references[0].id) is not None)
    reread = again.raster(before.references[0].id)
    assert reread is not None and np.array_equal(reread.rgb(), pixels)
