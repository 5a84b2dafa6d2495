"""The lists of formats, sizes and sounds of the export dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from remaster_gui.base.choices import DEFAULT_EDGE, EDGES, GRAINS, LUMINANCES
from remaster_gui.base.language import tr
from remaster_gui.engine.sizes import Size, delivered_size, working_size
from remaster_gui.media import PRESETS, FilmInfo
from remaster_gui.ui.dialogs.export_choice import (
    GRAIN_NAMES,
    GROUPS,
    LUMINANCE_NAMES,
    PRESET_HINTS,
    SOUND_NAMES,
)
from remaster_gui.ui.style import theme

_HEIGHTS = (2160, 1440, 1080, 720, 576, 480, 360)


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
            suffix = tr("folder") if preset.is_sequence else preset.suffixes[0]
            item = QStandardItem(f"{preset.title}  ({suffix})")
            item.setData(key, Qt.ItemDataRole.UserRole)
            item.setToolTip(PRESET_HINTS[key])
            model.appendRow(item)
    box.setModel(model)
    box.setMaxVisibleItems(model.rowCount())


def fill_heights(box: QComboBox, film: FilmInfo) -> None:
    """List the usual sizes below that of a film, and its own first."""
    box.addItem(tr("As the film, {height} lines", height=film.height), None)
    for height in _HEIGHTS:
        if height < film.height:
            box.addItem(_size_name(film, height), height)


def fill_edges(box: QComboBox, film: FilmInfo) -> None:
    """List the sizes at which colours of a film can be computed."""
    for edge in EDGES:
        size = working_size(Size(film.width, film.height), edge)
        usual = tr(", usual") if edge == DEFAULT_EDGE else ""
        box.addItem(f"{size.width} × {size.height}{usual}", edge)


def show_edge(box: QComboBox, film: FilmInfo, edge: int) -> None:
    """Choose such a size, which is listed where it was not."""
    if box.findData(edge) < 0:
        size = working_size(Size(film.width, film.height), edge)
        box.addItem(f"{size.width} × {size.height}", edge)
    box.setCurrentIndex(box.findData(edge))


def fill_luminances(box: QComboBox) -> None:
    """List where luminance may come from."""
    for key in LUMINANCES:
        box.addItem(LUMINANCE_NAMES[key], key)


def fill_grains(box: QComboBox) -> None:
    """List what can become of grain."""
    box.setAccessibleName(tr("Grain"))
    for key in GRAINS:
        box.addItem(GRAIN_NAMES[key], key)


def in_a_row(*widgets: QWidget, stretch: int = 0) -> QWidget:
    """Return a field of a form that holds several; `stretch`: of each, 0: as narrow as they may be."""
    row = QWidget()
    beside = QHBoxLayout(row)
    beside.setContentsMargins(0, 0, 0, 0)
    beside.setSpacing(theme.SPACE * 2)
    for each in widgets:
        beside.addWidget(each, stretch)
    if not stretch:
        beside.addStretch(1)
    return row


def show_height(box: QComboBox, film: FilmInfo, height: int | None) -> None:
    """Choose a height, which is listed where it was not; the film's own where it is None or no smaller."""
    if height is not None and height < film.height and box.findData(height) < 0:
        box.addItem(_size_name(film, height), height)
    box.setCurrentIndex(max(0, box.findData(height)) if height is not None else 0)


def fill_sounds(box: QComboBox, film: FilmInfo) -> None:
    """List what can become of the sound of a film."""
    for choice, name in SOUND_NAMES.items() if film.has_audio else [("none", tr("The film has no sound"))]:
        box.addItem(name, choice)
    box.setEnabled(film.has_audio)


def _size_name(film: FilmInfo, height: int) -> str:
    size = delivered_size(Size(film.width, film.height), height)
    return f"{size.width} × {size.height}"
