"""The panel of markers: all of them in a list, and name, colour and note of the one at the playhead."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.base.timebase import format_timecode
from remaster_gui.project.schema import LONGEST_NAME, MARKER_COLORS, FrameMarker, MarkerColor
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.notes_field import NotesField

_HEADS = (tr("Time"), tr("Name"))
_SPOT = 12
_COLOR_NAMES: dict[MarkerColor, str] = {
    "red": tr("Red"),
    "yellow": tr("Yellow"),
    "green": tr("Green"),
    "cyan": tr("Cyan"),
    "blue": tr("Blue"),
    "magenta": tr("Magenta"),
}
_NOTHING = tr("M marks the frame at the playhead; M again names it.")

_Index = QModelIndex | QPersistentModelIndex


class MarkersPanel(QWidget):
    """Shows what it is told and says what the user wishes."""

    frame_requested = Signal(int)
    """The playhead is to go to a marker."""
    marker_edited = Signal(str, object)
    """What of a marker was changed (name, colour or note), and the `FrameMarker` as it is to be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marker: FrameMarker | None = None
        self._is_read_only = False
        self.model = _Model()
        self.list = QTreeView()
        self.list.setModel(self.model)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setAccessibleName(tr("Markers"))
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.list.clicked.connect(self._on_row_chosen)
        self.list.activated.connect(self._on_row_chosen)
        self.nothing = QLabel(_NOTHING)
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(tr("Name of the marker"))
        self.name.setAccessibleName(tr("Name of the marker"))
        self.name.editingFinished.connect(self._on_name_edited)
        self.colors = _ColorRow()
        self.colors.chosen.connect(self._on_color_chosen)
        self.note = NotesField(tr("Note of the marker"))
        self.note.edited.connect(self._on_note_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(theme.SPACE // 2)
        for widget in (self.list, self.nothing, self.name, self.colors, self.note):
            column.addWidget(widget, int(widget is self.list))
        self._show_marker()

    def set_film(self, rate: Fraction, timecode: str | None) -> None:
        """Count at this rate from this timecode."""
        self.model.rate, self.model.timecode = rate, timecode

    def set_markers(self, markers: Sequence[FrameMarker], frame: int) -> None:
        """List these, which rise, and show that of a frame, if it has one."""
        self.model.set_markers(markers)
        self.set_current(frame)

    def set_current(self, frame: int) -> None:
        """Show the marker of a frame, if it has one."""
        row = self.model.row_of(frame)
        marker = None if row is None else self.model.markers[row]
        if marker != self._marker:
            self._marker = marker
            self._show_marker()
        if row is None:
            self.list.clearSelection()
        else:
            index = self.model.index(row, 0)
            chosen = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.list.selectionModel().setCurrentIndex(index, chosen)

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed."""
        self._is_read_only = read_only
        self._show_marker()

    def begin_naming(self) -> None:
        """Put the cursor into the name."""
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name.selectAll()

    def _show_marker(self) -> None:
        marker = self._marker
        self.nothing.setVisible(marker is None)
        for each in (self.name, self.colors, self.note):
            each.setVisible(marker is not None)
            each.setEnabled(not self._is_read_only)
        self.note.show_notes(None if marker is None else marker.frame, "" if marker is None else marker.note)
        if marker is not None:
            if not (self.name.hasFocus() and self.name.isModified()):
                self.name.setText(marker.name)
            self.colors.show_color(marker.color)

    def _on_row_chosen(self, index: QModelIndex) -> None:
        self.frame_requested.emit(self.model.markers[index.row()].frame)

    def _on_name_edited(self) -> None:
        self.name.setModified(False)
        if self._marker is not None:
            self.marker_edited.emit(tr("Name"), replace(self._marker, name=self.name.text().strip()))

    def _on_color_chosen(self, color: MarkerColor) -> None:
        if self._marker is not None:
            self.marker_edited.emit(tr("Colour"), replace(self._marker, color=color))

    def _on_note_edited(self, frame: int, text: str) -> None:
        row = self.model.row_of(frame)
        if row is not None:
            self.marker_edited.emit(tr("Note"), replace(self.model.markers[row], note=text))


class _Model(QAbstractTableModel):
    """Markers as rows, however many."""

    def __init__(self) -> None:
        super().__init__()
        self.markers: Sequence[FrameMarker] = ()
        self.rate = Fraction(24)
        self.timecode: str | None = None

    def set_markers(self, markers: Sequence[FrameMarker]) -> None:
        self.beginResetModel()
        self.markers = markers
        self.endResetModel()

    def row_of(self, frame: int) -> int | None:
        row = bisect_left(self.markers, frame, key=lambda each: each.frame)
        return row if row < len(self.markers) and self.markers[row].frame == frame else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.markers)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return len(_HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        is_head = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return _HEADS[section] if is_head else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        marker = self.markers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            time = format_timecode(marker.frame, self.rate, self.timecode)
            return time if index.column() == 0 else marker.name or marker.note.partition("\n")[0]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return _icon(theme.MARKERS[marker.color])
        if role == Qt.ItemDataRole.ToolTipRole:
            return marker.note or None
        return None


class _ColorRow(QWidget):
    """Chooses one of the colours of markers."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for color in MARKER_COLORS:
            button = QToolButton()
            button.setIcon(_icon(theme.MARKERS[color]))
            button.setCheckable(True)
            button.setToolTip(_COLOR_NAMES[color])
            button.setAccessibleName(tr("{color_names} marker", color_names=_COLOR_NAMES[color]))
            button.clicked.connect(lambda _=False, color=color: self.chosen.emit(color))
            group.addButton(button)
            row.addWidget(button)
            self._buttons[color] = button
        row.addStretch(1)

    def show_color(self, color: str) -> None:
        self._buttons[color].setChecked(True)


def _icon(color: QColor) -> QIcon:
    """Return a spot that is not tinted where its row is chosen."""
    spot, found = _spot(color), QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        found.addPixmap(spot, mode)
    return found


def _spot(color: QColor) -> QPixmap:
    pixmap = QPixmap(2 * _SPOT, 2 * _SPOT)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    with painting(pixmap) as painter:
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(1, 1, _SPOT - 2, _SPOT - 2, 3, 3)
    return pixmap
