"""Pictures that are imported are found in the film and reviewed; the user corrects, frees, or leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.picture_import import SourcePicture
from remaster_gui.media import FilmFile, read_picture
from remaster_gui.ui.dialogs.import_dialog import ImportChoice, ImportDialog
from remaster_gui.ui.dialogs.import_review import Filming
from remaster_gui.workers.import_service import ImportService

LEFT = Qt.MouseButton.LeftButton
SHOTS = (FrameRange(0, 10), FrameRange(10, 20))
Make = Callable[..., ImportDialog]


def _frame(index: int) -> np.ndarray:
    """Grey ``(120, 160)``: things lie elsewhere in the two shots, and some move."""
    rng = np.random.default_rng(index // 10)
    picture = cv2.resize(
        rng.uniform(60, 190, (9, 12)).astype(np.float32), (160, 120), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(70):
        x, y, wide, high = rng.integers((0, 0, 5, 5), (160, 120, 24, 24))
        cv2.rectangle(picture, (x, y), (x + wide, y + high), float(rng.uniform(0, 255)), -1)
    cv2.rectangle(picture, (12 + 9 * (index % 10), 50), (30 + 9 * (index % 10), 66), 255, -1)
    return cv2.GaussianBlur(picture, (0, 0), 0.7).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 20 pictures."""
    folder = tmp_path_factory.mktemp("film")
    for index in range(20):
        cv2.imwrite(str(folder / f"{index:04d}.png"), _frame(index))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., SourcePicture]:
    """Makes a picture of a frame, reddish unless it is to be grey, shifted by some pixels."""

    def make(name: str, frame: int, *, grey: bool = False, shift: int = 0) -> SourcePicture:
        luma = np.roll(_frame(frame), shift, axis=1) if frame >= 0 else _frame(777)
        picture = np.stack([luma * 0.5, luma * 0.6, luma], axis=-1).astype(np.uint8)
        picture[:60] = picture[:60, :, ::-1]
        path = tmp_path / f"{name}.png"
        cv2.imwrite(str(path), luma if grey else picture)
        return SourcePicture(name, partial(read_picture, path))

    return make


@pytest.fixture
def make(qtbot: Any, pictures: Path) -> Iterator[Make]:
    services = []

    def make(*sources: SourcePicture, **options: Any) -> ImportDialog:
        service = ImportService(FilmFile(pictures), SHOTS)
        services.append(service)
        film = Filming(Fraction(24), None, 20)
        taken = options.pop("taken", {})
        dialog = ImportDialog(sources, service, film, 3, taken, **options)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    yield make
    for service in services:
        service.close()


def _choices(qtbot: Any, dialog: ImportDialog) -> list[ImportChoice]:
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    with qtbot.waitSignal(dialog.import_requested) as asked:
        QTest.mouseClick(dialog.accept_button, LEFT)
    return asked.args[0]


def test_each_picture_is_found_and_one_that_fits_nowhere_stands_free(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture]
) -> None:
    dialog = make(source("one", 7), source("elsewhere", -1), source("two", 14, shift=4))
    assert not dialog.accept_button.isEnabled()
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    rows = [dialog.list.item(row).text() for row in range(3)]
    assert rows[0].startswith("one\nframe 7 · ") and rows[2].startswith("two\nframe 14 · ")
    assert dialog.accept_button.isDefault(), "Return imports"
    assert rows[1] == "elsewhere\nfits nowhere, stands free"
    assert dialog.details.fit.text().startswith("Fits well: ")
    qtbot.waitUntil(lambda: dialog.details.wipe.has_pictures)
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.accept_button.text() == "Import 2 pictures"
    free, laid = _choices(qtbot, dialog)
    assert (free.name, free.frame, free.registration) == ("elsewhere", None, None)
    assert (laid.name, laid.frame) == ("two", 14) and laid.registration is not None
    assert laid.registration.matrix[0, 2] == pytest.approx(4, abs=0.3)


def test_the_frame_can_be_corrected_by_typing_stepping_and_the_playhead(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture]
) -> None:
    dialog = make(source("one", 7))
    details = dialog.details
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    QTest.mouseClick(details.forward, LEFT)
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    assert dialog.candidates[0].frame == 8
    QTest.mouseClick(details.here, LEFT)
    qtbot.waitUntil(lambda: dialog.candidates[0].frame == 3 and dialog.accept_button.isEnabled())
    details.time.selectAll()
    QTest.keyClicks(details.time, "15")
    QTest.keyClick(details.time, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Return in the field is the field's"
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    assert "does not fit this frame" in dialog.validation.text.text()
    # Whoever says so is believed.
    assert not dialog.candidates[0].stands_free
    QTest.mouseClick(details.search, LEFT)
    qtbot.waitUntil(lambda: dialog.candidates[0].frame == 7 and dialog.accept_button.isEnabled())
    assert [choice.frame for choice in _choices(qtbot, dialog)] == [7]


def test_grey_pictures_and_a_second_reference_on_a_frame_are_said(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture]
) -> None:
    dialog = make(source("grey", 7, grey=True), taken={7: "Tunic"})
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    said = dialog.validation.text.text()
    assert "grey" in said and "“Tunic”" in said


def test_without_waiting_for_the_search_a_picture_can_stand_free_under_another_name(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture]
) -> None:
    dialog = make(source("one", 7))
    qtbot.waitUntil(dialog.details.free.isEnabled)
    dialog.details.free.click()
    dialog.details.name.selectAll()
    QTest.keyClick(dialog.details.name, Qt.Key.Key_Delete)
    assert not dialog.accept_button.isEnabled() and "needs a name" in dialog.validation.text.text()
    QTest.keyClicks(dialog.details.name, "Barn")
    assert "160 × 120" in dialog.validation.text.text()
    (choice,) = _choices(qtbot, dialog)
    assert (choice.name, choice.frame, choice.registration) == ("Barn", None, None)


def test_what_is_no_picture_is_explained_and_the_others_go_on(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture], tmp_path: Path
) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture")
    dialog = make(SourcePicture("notes", partial(read_picture, path)), source("one", 7))
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    assert "is not a picture" in dialog.validation.text.text()
    assert dialog.list.item(0).text() == "notes\ncannot be read"
    assert [choice.name for choice in _choices(qtbot, dialog)] == ["one"]


def test_one_that_is_there_is_shown_where_it_lies(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture]
) -> None:
    dialog = make(source("one", 7), anew=True, laid=6)
    qtbot.waitUntil(dialog.accept_button.isEnabled)
    assert dialog.accept_button.text() == "Apply" and dialog.candidates[0].frame == 6
    assert not dialog.progress.isVisible()


def test_closing_while_searching_is_safe(
    qtbot: Any, make: Make, source: Callable[..., SourcePicture]
) -> None:
    dialog = make(source("one", 7))
    with qtbot.assertNotEmitted(dialog.import_requested):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
