import dataclasses
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import farm_address, signing_files
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.media import FilmInfo
from remaster_gui.media.own_presets import OwnPreset, OwnPresets
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


def test_return_exports(qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    ready(qtbot, dialog)
    assert dialog.export.isDefault()
    with qtbot.waitSignal(dialog.export_requested):
        QTest.keyClick(dialog.format, Qt.Key.Key_Return)


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
    dialog.span.last.editingFinished.emit()
    assert dialog.span.last.text() == "00:00:02:23", "as all other places are written"
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
    last = ExportChoice(
        FrameRange(10, 20), tmp_path / "x.mp4", "hevc-10", 400, "source", "convert", "measured"
    )
    dialog = make_dialog(qtbot, tasks, export_film, last)
    assert dialog.choice() == last
    assert not dialog.grain.isEnabled(), "nothing takes grain out of the source's own luminance"
    dialog.luminance.setCurrentIndex(0)
    assert dialog.grain.isEnabled()
    ready(qtbot, dialog)


def test_parts_can_be_made_on_the_farm_of_the_preferences_and_be_kept(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = make_dialog(qtbot, tasks, export_film)
    assert not alone.maker.isEnabled() and alone.choice().farm is None
    farm = FarmPlace("local:2")
    dialog = make_dialog(qtbot, tasks, export_film, farm=farm)
    assert dialog.maker.isEnabled() and dialog.choice().farm is None, "this machine, unless another is chosen"
    dialog.maker.setCurrentIndex(1)
    dialog.parts.setChecked(True)
    ready(qtbot, dialog)
    with qtbot.waitSignal(dialog.export_requested) as asked:
        QTest.mouseClick(dialog.export, LEFT)
    (choice,) = asked.args
    assert (choice.farm, choice.keeps_parts) == (farm, True)
    assert make_dialog(qtbot, tasks, export_film, choice, farm=farm).choice() == choice
    assert make_dialog(qtbot, tasks, export_film, choice).choice().farm is None, "that farm is no more"
    monkeypatch.setattr(farm_address, "find_spec", lambda _: None)
    missing = make_dialog(qtbot, tasks, export_film, choice, farm=farm)
    qtbot.waitUntil(
        lambda: "pip install 'remaster-gui[farm]'" in missing.validation.text.text(), timeout=PATIENCE
    )
    assert not missing.export.isEnabled()


def test_a_file_for_each_shot_goes_into_a_folder(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    assert not dialog.shots.handles.isEnabled() and not dialog.shots.pattern.isEnabled()
    dialog.shots.ticked.click()
    assert dialog.output.path() == export_film.path.with_name("film-remastered")
    dialog.shots.handles.setValue(8)
    type_into(dialog.shots.pattern, "all the same")
    assert "gives all shots the same name" in dialog.validation.text.text() and not dialog.export.isEnabled()
    type_into(dialog.shots.pattern, "a/{shot}")
    qtbot.waitUntil(lambda: "cannot hold '/'" in dialog.validation.text.text(), timeout=PATIENCE)
    assert not dialog.shots.reel.isVisible()
    type_into(dialog.shots.pattern, "{reel}-{shot:05}")
    assert "asks for a reel without a name" in dialog.validation.text.text()
    type_into(dialog.shots.reel, "A003")
    dialog.archives.click()
    ready(qtbot, dialog)
    with qtbot.waitSignal(dialog.export_requested) as asked:
        QTest.mouseClick(dialog.export, LEFT)
    (choice,) = asked.args
    assert (choice.delivery, choice.archives) == (Delivery(8, "{reel}-{shot:05}", "A003"), True)
    again = make_dialog(qtbot, tasks, export_film, choice)
    assert again.choice() == choice and again.shots.reel.isVisible()
    again.shots.ticked.click()
    assert again.choice().delivery is None
    assert again.output.path() == export_film.path.with_name("film-remastered.mov")


def test_films_are_signed_with_what_the_preferences_name(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = make_dialog(qtbot, tasks, export_film)
    assert not without.signed.isEnabled() and without.choice().signing is None
    monkeypatch.setattr(signing_files, "find_spec", lambda _: object())
    files = SigningFiles(tmp_path / "chain.pem", tmp_path / "own.key")
    dialog = make_dialog(qtbot, tasks, export_film, signing=files)
    dialog.signed.click()
    qtbot.waitUntil(lambda: "chain.pem cannot be read" in dialog.validation.text.text(), timeout=PATIENCE)
    for path in (files.certificates, files.key):
        path.write_text("-----BEGIN SOMETHING-----\n")
    dialog.archives.click()
    ready(qtbot, dialog)
    assert dialog.choice().signing == files
    dialog.format.setCurrentIndex(dialog.format.findData("ffv1-16"))
    qtbot.waitUntil(
        lambda: "Only .mp4 and .mov films are signed" in dialog.validation.text.text(), timeout=PATIENCE
    )
    again = make_dialog(qtbot, tasks, export_film, dialog.choice())
    assert again.choice().signing is None, "those files are no more"


def test_all_of_the_dialog_is_seen_in_a_small_window(
    qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo
) -> None:
    long = "a" * 200
    dialog = make_dialog(
        qtbot, tasks, export_film, lut=Path(f"/{long}.cube"), farm=FarmPlace(f"tls://{long}:8786")
    )
    dialog.shots.set_delivery(Delivery())
    dialog.validation.say(fault="a" * 60)
    dialog.resize(1, 1)
    qtbot.waitUntil(lambda: dialog.width() >= dialog.minimumSizeHint().width())
    assert dialog.height() <= 768 and dialog.width() <= 800
    for field, text in ((dialog.quality, "CRF 16"), (dialog.shots.handles, "Handles 1000")):
        field.setMaximum(1000)
        edit = field.lineEdit()
        assert edit is not None and edit.width() >= edit.fontMetrics().horizontalAdvance(text)


def test_escape_exports_nothing(qtbot: Any, tasks: BackgroundTasks, export_film: FilmInfo) -> None:
    dialog = make_dialog(qtbot, tasks, export_film)
    ready(qtbot, dialog)
    with qtbot.assertNotEmitted(dialog.export_requested):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


# --- own presets, qualities and sizes ---


@pytest.fixture
def book(tmp_path: Path) -> OwnPresets:
    return OwnPresets(tmp_path / "presets.json")


@pytest.fixture
def offered(
    film_info: FilmInfo, tasks: BackgroundTasks, book: OwnPresets, qtbot: Any, tmp_path: Path
) -> ExportDialog:
    """On a film of 1080 lines that lies in a folder where exports can be written, with two presets."""
    info = replace(film_info, path=tmp_path / "reel.mov", width=1440, height=1080)
    book.put(OwnPreset("Web", "h264-8:23", 480, "{folder}/{film} {preset}"))
    book.put(OwnPreset("Archive", "ffv1-16"))
    dialog = ExportDialog(info, tasks=tasks, own=book)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_preset_of_ones_own_sets_format_quality_size_and_place(
    offered: ExportDialog, tmp_path: Path
) -> None:
    names = offered.presets.names
    assert [names.itemText(at) for at in range(names.count())] == ["None of your own", "Web", "Archive"]
    names.setCurrentIndex(1)
    names.activated.emit(1)
    choice = offered.choice()
    assert (choice.preset, choice.height, choice.output) == ("h264-8:23", 480, tmp_path / "reel Web.mp4")
    assert offered.height_.currentText() == "640 × 480"
    offered.format.setCurrentIndex(offered.format.findData("ffv1-10"))
    assert offered.presets.names.currentIndex() == 0, "it is not that preset any more"
    assert not offered.quality.isEnabled() and offered.choice().preset == "ffv1-10"


def test_what_is_shown_is_kept_under_a_name_and_forgotten(
    offered: ExportDialog, book: OwnPresets, tmp_path: Path
) -> None:
    offered.format.setCurrentIndex(offered.format.findData("hevc-8"))
    offered.quality.setValue(28)
    offered.height_.setCurrentIndex(offered.height_.findData(720))
    offered.output.set_path(tmp_path / "reel_small.mp4")
    offered.presets.keep_requested.emit("small")
    assert book.find("small") == OwnPreset("small", "hevc-8:28", 720, "{folder}/{film}_{preset}")
    assert offered.presets.names.currentText() == "small" and offered.presets.remove.isEnabled()
    offered.quality.setValue(30)
    offered.presets.keep_requested.emit("small")
    assert book.find("small") == OwnPreset("small", "hevc-8:30", 720, "{folder}/{film}_{preset}")
    offered.presets.remove.click()
    assert book.find("small") is None and offered.presets.names.currentText() == "None of your own"
    offered.presets.keep_requested.emit("a/b")
    assert "Give the preset a name" in offered.validation.text.text()


def test_several_formats_are_exported_in_one_go(offered: ExportDialog, qtbot: Any, tmp_path: Path) -> None:
    asked: list[ExportChoice] = []
    offered.export_requested.connect(asked.append)
    offered.output.set_path(tmp_path / "master.mov")
    for action in offered.presets.also.menu().actions():
        action.setChecked(True)
    assert offered.presets.also.text() == "Also as (2)" and "2 exports more" in offered.estimate.text()
    qtbot.waitUntil(offered.export.isEnabled, timeout=60_000)
    offered.export.click()
    assert [(choice.preset, choice.height, choice.output.name) for choice in asked] == [
        ("prores-hq", None, "master.mov"),
        ("h264-8:23", 480, "reel Web.mp4"),
        ("ffv1-16", None, "reel-Archive.mkv"),
    ]
    assert len({choice.span for choice in asked}) == 1


def test_two_exports_never_write_one_file(offered: ExportDialog, qtbot: Any, tmp_path: Path) -> None:
    offered.format.setCurrentIndex(offered.format.findData("h264-8"))
    offered.output.set_path(tmp_path / "reel Web.mp4")
    offered.presets.also.menu().actions()[0].setChecked(True)
    qtbot.waitUntil(
        lambda: "Another export writes to this name" in offered.validation.text.text(), timeout=60_000
    )
    assert not offered.export.isEnabled()


def test_a_preset_that_is_chosen_is_not_used_twice(offered: ExportDialog) -> None:
    first, second = offered.presets.also.menu().actions()
    first.setChecked(True)
    offered.presets.names.setCurrentIndex(1)
    offered.presets.names.activated.emit(1)
    assert not first.isEnabled() and second.isEnabled() and len(offered.choices()) == 1
