"""The user's own presets in the export dialog: chosen, kept, deleted, and several used at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QPushButton,
    QToolButton,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.media.own_presets import OwnPreset
from remaster_gui.ui.mnemonics import escaped
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.choice_box import ChoiceBox
from remaster_gui.ui.widgets.tick_menu import TickMenu

_NONE = tr("None of your own")


class PresetBar(QWidget):
    """Shows what it is told and says what the user wishes."""

    chosen = Signal(object)
    """The `OwnPreset` that the fields are to show."""
    keep_requested = Signal(str)
    """Name under which what the fields show is to be kept."""
    removal_requested = Signal(str)
    """Name of a preset that is to be forgotten."""
    also_changed = Signal()
    """Others are to be used as well, or no longer."""

    def __init__(self) -> None:
        super().__init__()
        self._presets: Sequence[OwnPreset] = ()
        self.names = ChoiceBox()
        self.names.setAccessibleName(tr("Your presets"))
        self.names.activated.connect(self._on_activated)
        self.keep = _button(
            "plus", tr("Keep as a preset"), tr("Format, quality, size and place, under a name")
        )
        self.keep.clicked.connect(self._ask_name)
        self.remove = _button("trash", tr("Delete preset"), tr("Forget the one that is chosen"))
        self.remove.clicked.connect(self._on_remove_clicked)
        self.also = QPushButton()
        self.also.setToolTip(tr("<b>Several in one go</b><br>One export more for each preset that is ticked"))
        self.also.setMenu(TickMenu(self.also))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self.names, self.keep, self.remove, self.also):
            row.addWidget(widget)
        self.set_presets((), "")

    def set_presets(self, presets: Sequence[OwnPreset], current: str) -> None:
        """Offer these; `current` is the name of the one that the fields show, '' for none."""
        ticked = {preset.name for preset in self.more()}
        self._presets = presets
        self.names.clear()
        self.names.addItem(_NONE)
        self.names.addItems([preset.name for preset in presets])
        self.names.setEnabled(bool(presets))
        menu = self.also.menu()
        menu.clear()
        for preset in presets:
            action = menu.addAction(escaped(f"{preset.name}  ({preset.preset.title})"))
            action.setCheckable(True)
            action.setChecked(preset.name in ticked)
            action.toggled.connect(self._on_ticked)
        self.show_current(current)

    def show_current(self, name: str) -> None:
        """Say which preset the fields show; '' for none. It is not used twice."""
        self.names.setCurrentIndex(max(0, self.names.findText(name)) if name else 0)
        self.remove.setEnabled(self.names.currentIndex() > 0)
        for preset, action in zip(self._presets, self.also.menu().actions(), strict=True):
            action.setEnabled(preset.name != name)
        self._on_ticked()

    def more(self) -> tuple[OwnPreset, ...]:
        """Return those that are to be used as well."""
        actions = self.also.menu().actions()
        pairs = zip(self._presets, actions, strict=True)
        return tuple(preset for preset, action in pairs if action.isChecked() and action.isEnabled())

    def _on_ticked(self) -> None:
        count = len(self.more())
        self.also.setText(tr("Also as ({count})", count=count) if count else tr("Also as"))
        self.also.setEnabled(any(action.isEnabled() for action in self.also.menu().actions()))
        self.also_changed.emit()

    def _on_activated(self, index: int) -> None:
        self.show_current(self._presets[index - 1].name if index > 0 else "")
        if index > 0:
            self.chosen.emit(self._presets[index - 1])

    def _on_remove_clicked(self) -> None:
        self.removal_requested.emit(self.names.currentText())

    def _ask_name(self) -> None:
        """Ask for a name, that of the chosen preset to begin with: it is then replaced."""
        dialog = QInputDialog(self)
        dialog.setWindowTitle(tr("Keep as a preset"))
        dialog.setLabelText(tr("Name of the preset; one of the same name is replaced"))
        dialog.setTextValue(self.names.currentText() if self.names.currentIndex() > 0 else "")
        dialog.textValueSelected.connect(self.keep_requested)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _button(image: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(image))
    button.setIconSize(QSize(15, 15))
    button.setToolTip(f"<b>{name}</b><br>{tip}")
    button.setAccessibleName(name)
    return button
