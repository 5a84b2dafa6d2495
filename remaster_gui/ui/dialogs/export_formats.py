"""The list of formats of the export dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox

from remaster_gui.media import PRESETS
from remaster_gui.ui.dialogs.export_choice import GROUPS, PRESET_HINTS
from remaster_gui.ui.style import theme


def fill_formats(box: QComboBox) -> None:
    """List the presets below headings that cannot be chosen."""
    model = QStandardItemModel(box)
    for title, keys in GROUPS:
        heading = QStandardItem(title)
        heading.setFlags(Qt.ItemFlag.NoItemFlags)
        heading.setForeground(theme.MUTED)
        font = box.font()
        font.setBold(True)
        heading.setFont(font)
        model.appendRow(heading)
        for key in keys:
            preset = PRESETS[key]
            suffix = "folder" if preset.is_sequence else preset.suffixes[0]
            item = QStandardItem(f"{preset.title}  ({suffix})")
            item.setData(key, Qt.ItemDataRole.UserRole)
            item.setToolTip(PRESET_HINTS[key])
            model.appendRow(item)
    box.setModel(model)
    box.setMaxVisibleItems(model.rowCount())
