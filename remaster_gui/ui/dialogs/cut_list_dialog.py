"""A cut list laid on the film: each cut that would be other than now, before it is taken over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.counting import counted
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.cutlists import CutList, FilmClock, PlacedCuts, differences, place
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.validation_line import ValidationLine

_BY = {"record": tr("where they are seen in the edit"), "source": tr("where their source was filmed")}
_ALL_REELS = tr("All reels")


class CutListDialog(QDialog):
    """Lists differences anew with every choice; nothing is changed here.

    `cuts`: first frames of the film's shots as they are now.
    """

    import_requested = Signal(object)
    """The `PlacedCuts`; the dialog closes."""
    frame_chosen = Signal(int)
    """A frame of which the list speaks, to be looked at."""

    def __init__(
        self,
        name: str,
        cut_list: CutList,
        clock: FilmClock,
        cuts: Sequence[int],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import cut list {name}", name=name))
        self.resize(620, 520)
        self._list, self._clock, self._cuts = cut_list, clock, tuple(cuts)
        self.placed: PlacedCuts | None = None
        self.by = QComboBox()
        for key, text in _BY.items():
            self.by.addItem(text, key)
        self.reel = QComboBox()
        self.reel.addItem(_ALL_REELS, None)
        for reel in dict.fromkeys(event.reel for event in cut_list.events if event.reel):
            self.reel.addItem(reel, reel)
        self.start = QLineEdit()
        self.start.setPlaceholderText(clock.timecode or tr("as the list begins"))
        self.start.setAccessibleName(tr("Timecode of the film's first frame"))
        self.table = QTreeWidget()
        self.table.setAccessibleName(tr("Differences"))
        self.table.setHeaderLabels((tr("Frame"), tr("Timecode"), tr("What")))
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.summary = QLabel()
        self.notes = QLabel()
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setProperty("role", "muted")
        self.validation = ValidationLine()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(tr("Take over"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        # Before, it is no button of this dialog.
        self.accept_button.setDefault(True)
        self.by.currentIndexChanged.connect(self._show)
        self.reel.currentIndexChanged.connect(self._show)
        self.start.textChanged.connect(self._show)
        self.table.currentItemChanged.connect(self._on_item_changed)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._show()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Events lie"), self.by)
        form.addRow(tr("Reel"), self.reel)
        form.addRow(tr("First frame's timecode"), self.start)
        # Frames have no timecode, and no source either.
        is_timed = self._list.counts != "numbers"
        form.setRowVisible(0, is_timed)
        form.setRowVisible(1, is_timed and self.reel.count() > 1)
        form.setRowVisible(2, is_timed)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)
        column.addWidget(self.notes)
        column.addWidget(self.validation)
        column.addWidget(self.buttons)

    def _show(self) -> None:
        """Lay the list on the film as is chosen, and list what comes of it."""
        self.table.clear()
        self.placed, fault = None, ""
        try:
            self.placed = place(
                self._list, self._clock, by=self.by.currentData(), reel=self.reel.currentData(),
                start=self.start.text().strip() or None,
            )  # fmt: skip
        except RemasterError as error:
            fault = str(error)
        self.validation.say(fault=fault)
        self.accept_button.setEnabled(self.placed is not None)
        self.summary.setText("" if self.placed is None else self._fill(self.placed))
        self.notes.setText(
            "" if self.placed is None else "\n".join(notice.text for notice in self.placed.notices)
        )
        self.notes.setVisible(bool(self.notes.text()))
        for column in range(2):
            self.table.resizeColumnToContents(column)

    def _fill(self, placed: PlacedCuts) -> str:
        found = differences(self._cuts, placed.cuts)
        rows = [(each.frame, tr("Cut {each}", each=each)) for each in found]
        rows += [(mark.span.start, mark.text) for mark in placed.marks]
        rows += [(first, text) for first, text in placed.texts]
        for frame, text in sorted(rows, key=lambda row: row[0]):
            item = QTreeWidgetItem((str(frame), self._clock.label(frame), text))
            item.setData(0, Qt.ItemDataRole.UserRole, frame)
            self.table.addTopLevelItem(item)
        same = len(placed.cuts) - sum(each.kind != "removed" for each in found)
        what = counted(len(placed.cuts), "shot")
        return tr(
            "{what}, of which {same} begin as now; {cuts} would be other than now.",
            what=what,
            same=same,
            cuts=counted(len(found), "cut"),
        )

    def _on_item_changed(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.frame_chosen.emit(item.data(0, Qt.ItemDataRole.UserRole))

    def _on_accepted(self) -> None:
        if self.placed is not None:
            self.import_requested.emit(self.placed)
            self.accept()
