import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import FilmInfo
from remaster_gui.ui.dialogs.export_choice import ExportChoice
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.workers.background_tasks import BackgroundTasks

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 300_000


@pytest.fixture
def export_film(tmp_path: Path, film_info: FilmInfo) -> FilmInfo:
    path = tmp_path / "film.mkv"
    path.write_bytes(b"film")
    return dataclasses.replace(film_info, path=path)


def make_dialog(qtbot: Any, tasks: BackgroundTasks, film: FilmInfo, *args: Any, **more: Any) -> ExportDialog:
    more.setdefault("segment", FrameRange(240, 480))
    dialog = ExportDialog(film, *args, tasks=tasks, **more)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def type_into(field: QLineEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)


def ready(qtbot: Any, dialog: ExportDialog) -> None:
    qtbot.waitUntil(dialog.export.isEnabled, timeout=PATIENCE)


def test_the_usual_export_of_the_segment(qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo) -> None:
    dialog = make_dialog(qtbot, tasks, export_film, rates={320: 0.5})
    ready(qtbot, dialog)
    assert dialog.estimate.text() == "about 42 MB · about 8 minutes"
    with qtbot.waitSignal(dialog.export_requested) as asked:
        QTest.mouseClick(dialog.export, LEFT)
    assert asked.args == [
        ExportChoice(FrameRange(240, 480), export_film.path.with_name("film-remastered.mov"))
    ]
    assert not dialog.isVisible() and sorted(p.name for p in export_film.path.parent.iterdir()) == [
        "film.mkv"
    ]


def test_another_format_takes_the_name_along(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    for _ in range(4):
        QTest.keyClick(dialog.format, Qt.Key.Key_Down)
    assert dialog.format.currentData() == "ffv1-16"
    assert dialog.output.path().name == "film-remastered.mkv"
    dialog.format.setCurrentIndex(dialog.format.findData("tiff16"))
    assert dialog.output.path().name == "film-remastered"
    ready(qtbot, dialog)


def test_layers_are_for_pictures_that_hold_them(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    assert not dialog.layers.isEnabled()
    dialog.format.setCurrentIndex(dialog.format.findData("exr"))
    without = dialog.estimate.text()
    dialog.layers.click()
    assert dialog.choice().layers and dialog.estimate.text() != without
    ready(qtbot, dialog)
    with qtbot.waitSignal(dialog.export_requested) as asked:
        QTest.mouseClick(dialog.export, LEFT)
    (choice,) = asked.args
    assert choice.layers
    again = make_dialog(qtbot, tasks, export_film, choice)
    assert again.layers.isChecked()
    again.format.setCurrentIndex(again.format.findData("png16"))
    assert not again.layers.isEnabled() and not again.choice().layers


def test_headings_cannot_be_chosen(qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    QTest.keyClick(dialog.format, Qt.Key.Key_Home)
    assert dialog.format.currentData() == "prores-hq"


def test_an_export_over_the_film_is_refused_in_the_dialog(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    dialog.format.setCurrentIndex(dialog.format.findData("ffv1-10"))
    ready(qtbot, dialog)
    type_into(dialog.output.edit, str(export_film.path))
    assert not dialog.export.isEnabled()
    qtbot.waitUntil(lambda: "film itself" in dialog.validation.text.text(), timeout=PATIENCE)
    QTest.keyClick(dialog.output.edit, Qt.Key.Key_Return)
    assert dialog.isVisible() and not dialog.export.isEnabled()


def test_ends_are_typed_as_timecode_with_the_last_frame_included(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    type_into(dialog.span.first, "0:02:00")
    type_into(dialog.span.last, "71")
    assert dialog.span.custom.isChecked()
    assert dialog.choice().span == FrameRange(48, 72)
    ready(qtbot, dialog)


def test_a_range_that_is_none_is_explained_at_once(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    type_into(dialog.span.last, "5")
    assert "before the first" in dialog.validation.text.text() and not dialog.export.isEnabled()
    type_into(dialog.span.last, "abc")
    assert "no place in the film" in dialog.validation.text.text()
    QTest.mouseClick(dialog.span.whole, LEFT)
    assert dialog.choice().span == FrameRange(0, 2400)
    ready(qtbot, dialog)


def test_without_segment_or_sound_these_cannot_be_chosen(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    bare = dataclasses.replace(export_film, has_audio=False)
    dialog = make_dialog(qtbot, tasks, bare, segment=None)
    assert not dialog.span.segment.isEnabled() and not dialog.sound.isEnabled()
    assert dialog.choice().span == FrameRange(0, 2400) and dialog.choice().sound == "none"


def test_what_was_chosen_the_last_time_comes_back(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo, tmp_path: Path
) -> None:
    last = ExportChoice(FrameRange(10, 20), tmp_path / "x.mp4", "hevc-10", 400, "source", "convert")
    dialog = make_dialog(qtbot, tasks, export_film, last)
    assert dialog.choice() == last
    ready(qtbot, dialog)


def test_escape_exports_nothing(qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    ready(qtbot, dialog)
    with qtbot.assertNotEmitted(dialog.export_requested):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
