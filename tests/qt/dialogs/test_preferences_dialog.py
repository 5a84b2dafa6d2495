from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLabel, QLineEdit

from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.ui.dialogs.preferences_dialog import Preferences, PreferencesDialog, WeightsOption

LEFT = Qt.MouseButton.LeftButton
GIBIBYTE = 2**30
SHIPPED = WeightsOption("Those that come with Remaster")


def make(qtbot: Any, preferences: Preferences, *weights: WeightsOption) -> PreferencesDialog:
    dialog = PreferencesDialog(preferences, total_memory=16 * GIBIBYTE, weights=weights or (SHIPPED,))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def ok(dialog: PreferencesDialog) -> None:
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)


def test_what_is_shown_comes_back_unchanged(qtbot: Any, tmp_path: Path) -> None:
    farm = FarmPlace("tls://studio:8786", tmp_path / "tls")
    signing = SigningFiles(tmp_path / "chain.pem", tmp_path / "own.key")
    chosen = Preferences(
        3 * GIBIBYTE, "quarter", False, tmp_path / "mine.safetensors", 7 * GIBIBYTE, farm, signing
    )
    dialog = make(qtbot, chosen)
    with qtbot.waitSignal(dialog.preferences_requested) as asked:
        ok(dialog)
    assert asked.args == [chosen] and not dialog.isVisible()


def test_changes_by_mouse_and_keys(qtbot: Any) -> None:
    dialog = make(qtbot, Preferences())
    QTest.keyClick(dialog.memory, Qt.Key.Key_PageUp)
    QTest.keyClick(dialog.proxy, Qt.Key.Key_Down)
    QTest.mouseClick(dialog.sound, LEFT, pos=dialog.sound.rect().topLeft() + dialog.sound.rect().center() / 4)
    assert dialog.memory_text.text() == "2.5 of 16 GB"
    with qtbot.waitSignal(dialog.preferences_requested) as asked:
        ok(dialog)
    assert asked.args == [Preferences(5 * GIBIBYTE // 2, "full", False)]


def test_memory_leaves_room_for_the_rest(qtbot: Any) -> None:
    dialog = make(qtbot, Preferences())
    QTest.keyClick(dialog.memory, Qt.Key.Key_End)
    assert dialog.preferences().memory_budget == 12 * GIBIBYTE
    QTest.keyClick(dialog.memory, Qt.Key.Key_Home)
    assert dialog.preferences().memory_budget == GIBIBYTE // 2


def test_escape_changes_nothing(qtbot: Any) -> None:
    dialog = make(qtbot, Preferences())
    QTest.keyClick(dialog.memory, Qt.Key.Key_End)
    with qtbot.assertNotEmitted(dialog.preferences_requested):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_defaults_can_be_restored(qtbot: Any, tmp_path: Path) -> None:
    dialog = make(qtbot, Preferences(GIBIBYTE, "full", False, tmp_path / "mine.safetensors"))
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults), LEFT)
    assert dialog.preferences() == Preferences()


def test_keys_are_changed_in_their_own_sheet(qtbot: Any) -> None:
    dialog = make(qtbot, Preferences())
    with qtbot.waitSignal(dialog.keys_requested):
        QTest.mouseClick(dialog.keys, LEFT)
    assert dialog.isVisible()


def test_weights_are_chosen_from_a_list(qtbot: Any, tmp_path: Path) -> None:
    other = WeightsOption("sharp-2", tmp_path / "sharp.safetensors")
    dialog = make(qtbot, Preferences(), SHIPPED, other)
    QTest.keyClick(dialog.weights, Qt.Key.Key_Down)
    assert dialog.preferences().weights == other.path


@pytest.mark.parametrize("accept", [True, False])
def test_a_file_of_weights_is_looked_for(qtbot: Any, tmp_path: Path, accept: bool) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"weights")
    dialog = make(qtbot, Preferences())

    def answer() -> None:
        chooser = QApplication.activeModalWidget()
        if not isinstance(chooser, QFileDialog):
            QTimer.singleShot(50, answer)
        elif accept:
            chooser.findChildren(QLineEdit)[0].setText(str(path))
            QTest.keyClick(chooser.findChildren(QLineEdit)[0], Qt.Key.Key_Return)
        else:
            QTest.keyClick(chooser, Qt.Key.Key_Escape)

    QTimer.singleShot(50, answer)
    dialog.weights.setFocus()
    QTest.keyClick(dialog.weights, Qt.Key.Key_End)
    assert dialog.preferences().weights == (path if accept else None)


def test_previews_on_disk_are_counted_cleared_and_switched_off(qtbot: Any) -> None:
    dialog = make(qtbot, Preferences())
    dialog.set_kept(310_000_000)
    assert dialog.disk_text.text() == "310 MB now"
    with qtbot.waitSignal(dialog.clear_requested):
        QTest.mouseClick(dialog.clear_disk, LEFT)
    dialog.set_kept(0)
    assert not dialog.clear_disk.isEnabled()
    QTest.keyClick(dialog.disk, Qt.Key.Key_Home)
    assert dialog.disk.currentText() == "Nothing"
    assert dialog.preferences().preview_disk == 0


def test_no_hint_is_clipped_in_the_smallest_window(qtbot: Any) -> None:
    dialog = make(qtbot, Preferences(weights=Path(f"/{'a' * 200}.safetensors")))
    dialog.resize(1, 1)
    assert dialog.width() <= 1024
    labels = [each for each in dialog.findChildren(QLabel) if each.property("role") == "muted"]
    assert len(labels) == 7
    for label in labels:
        assert label.width() >= label.sizeHint().width() and label.height() >= label.sizeHint().height()
