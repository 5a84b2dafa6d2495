from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from remaster_gui.ui.dialogs.import_picture import ImportPictureDialog
from remaster_gui.workers.background_tasks import BackgroundTasks

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 300_000


@pytest.fixture
def luma(textured: Any) -> np.ndarray:
    return np.rint(textured(1, 96, 128)[0] * 255).astype(np.uint8)


@pytest.fixture
def picture(tmp_path: Path, luma: np.ndarray) -> Path:
    """The frame in a red tone, at half its size."""
    red = np.stack([luma * 0.4, luma * 0.5, luma], axis=-1).astype(np.uint8)
    path = tmp_path / "Red house.png"
    cv2.imwrite(str(path), cv2.resize(red, (64, 48), interpolation=cv2.INTER_AREA))
    return path


def make_dialog(
    qtbot: Any, tasks: BackgroundTasks, path: Path, luma: np.ndarray | None
) -> ImportPictureDialog:
    dialog = ImportPictureDialog(path, luma, "frame 312", tasks)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_picture_is_aligned_to_the_frame_shown(
    qtbot: Any, tasks: BackgroundTasks, picture: Path, luma: np.ndarray
) -> None:
    dialog = make_dialog(qtbot, tasks, picture, luma)
    assert not dialog.accept_button.isEnabled()
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=PATIENCE)
    shown = dialog.result_box.picture
    assert shown is not None and (shown.width(), shown.height()) == (128, 96)
    with qtbot.waitSignal(dialog.import_requested) as asked:
        QTest.mouseClick(dialog.accept_button, LEFT)
    choice = asked.args[0]
    assert choice.name == "Red house" and choice.aligned and choice.path == picture
    assert (choice.raster.width, choice.raster.height) == (128, 96) and choice.raster.is_colored
    colors = choice.raster.rgb().reshape(-1, 3).mean(axis=0)
    assert colors[0] > colors[2] + 20


def test_a_picture_can_stand_free_under_another_name(
    qtbot: Any, tasks: BackgroundTasks, picture: Path, luma: np.ndarray
) -> None:
    dialog = make_dialog(qtbot, tasks, picture, luma)
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=PATIENCE)
    QTest.mouseClick(dialog.free, LEFT, pos=dialog.free.rect().center() - dialog.free.rect().center() / 2)
    assert "64 × 48" in dialog.validation.text.text()
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "Barn")
    with qtbot.waitSignal(dialog.import_requested) as asked:
        QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    choice = asked.args[0]
    assert choice.name == "Barn" and not choice.aligned and choice.raster.width == 64


def test_without_a_frame_it_stands_free(qtbot: Any, tasks: BackgroundTasks, picture: Path) -> None:
    dialog = make_dialog(qtbot, tasks, picture, None)
    assert dialog.free.isChecked() and not dialog.aligned.isEnabled()
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=PATIENCE)


def test_what_is_no_picture_is_explained(
    qtbot: Any, tasks: BackgroundTasks, tmp_path: Path, luma: np.ndarray
) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture")
    dialog = make_dialog(qtbot, tasks, path, luma)
    qtbot.waitUntil(lambda: "is not a picture" in dialog.validation.text.text(), timeout=PATIENCE)
    assert not dialog.accept_button.isEnabled()


def test_a_reference_needs_a_name(
    qtbot: Any, tasks: BackgroundTasks, picture: Path, luma: np.ndarray
) -> None:
    dialog = make_dialog(qtbot, tasks, picture, luma)
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=PATIENCE)
    dialog.name.selectAll()
    QTest.keyClick(dialog.name, Qt.Key.Key_Delete)
    assert not dialog.accept_button.isEnabled()


def test_closing_while_reading_is_safe(
    qtbot: Any, tasks: BackgroundTasks, picture: Path, luma: np.ndarray
) -> None:
    dialog = make_dialog(qtbot, tasks, picture, luma)
    with qtbot.assertNotEmitted(dialog.import_requested):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
