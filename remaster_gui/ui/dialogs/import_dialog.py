"""Importing coloured pictures: each is found in the film and registered, then accepted, corrected or let free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress
from remaster_gui.engine.picture_import import Look, ReadPicture, SourcePicture
from remaster_gui.painting.registration import Registration
from remaster_gui.ui.dialogs.import_details import ImportDetails
from remaster_gui.ui.dialogs.import_review import Candidate, Filming, remarks, status
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.validation_line import ValidationLine
from remaster_gui.workers.import_service import ImportService

_THUMBNAIL = QSize(84, 63)


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """A picture that is to become a reference: `source` laid over `frame` as registered, or free-standing (None)."""

    source: SourcePicture
    name: str
    frame: int | None
    registration: Registration | None


class ImportDialog(QDialog):
    """Reviews pictures while they are searched for. Several are listed; of one its details are all there is.

    `taken`: names of references by the frames that they are on. `laid`: the frame over which the one picture lies now
    (None: it stands free); then nothing is searched for until it is asked for.
    """

    import_requested = Signal(object)
    """list[ImportChoice]; the dialog closes."""

    def __init__(
        self,
        sources: Sequence[SourcePicture],
        service: ImportService,
        film: Filming,
        playhead: int,
        taken: Mapping[int, str],
        *,
        anew: bool = False,
        laid: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Frame and placement") if anew else tr("Import colour pictures"))
        self.service = service
        self._sources, self._taken, self._anew = list(sources), dict(taken), anew
        self.candidates = [Candidate(source.name) for source in sources]
        self._laid = laid
        self._is_searching = not anew
        self.details = ImportDetails(film, playhead)
        self.list = QListWidget()
        self.list.setIconSize(_THUMBNAIL)
        self.list.setFixedWidth(250)
        self.list.setAccessibleName(tr("Pictures"))
        self.list.setVisible(len(sources) > 1)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("Progress of the search"))
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setMaximumWidth(220)
        self._progress_text = QLabel()
        self._progress_text.setProperty("role", "muted")
        self.stop_button = QPushButton(tr("Stop searching"))
        self.stop_button.setAutoDefault(False)
        self.validation = ValidationLine()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._fill_list()
        self._lay_out()
        # Before, it is no button of this dialog.
        self.accept_button.setDefault(True)
        self._connect()
        service.take(sources, search=not anew)
        self._show()

    @property
    def current(self) -> int:
        """Number of the picture whose details are shown."""
        return max(0, self.list.currentRow())

    def _fill_list(self) -> None:
        for candidate in self.candidates:
            item = QListWidgetItem(self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            item.setSizeHint(QSize(200, _THUMBNAIL.height() + 10))
            item.setToolTip(candidate.name)
        self.list.setCurrentRow(0)

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(theme.SPACE * 2)
        middle.addWidget(self.list)
        middle.addWidget(self.details, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.SPACE)
        for widget in (self.progress, self._progress_text, self.stop_button):
            bottom.addWidget(widget)
        bottom.addStretch(1)
        bottom.addWidget(self.buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column.setSpacing(theme.SPACE)
        column.addLayout(middle, 1)
        column.addWidget(self.validation)
        column.addLayout(bottom)
        self.resize(QSize(1000 if len(self.candidates) > 1 else 760, 640))

    def _connect(self) -> None:
        service, details = self.service, self.details
        service.was_read.connect(self._on_read)
        service.unreadable.connect(self._on_unreadable)
        service.placed.connect(self._on_placed)
        service.looked.connect(self._on_looked)
        service.progress_changed.connect(self._on_progress_changed)
        service.searched.connect(self._on_searched)
        service.failed.connect(self._on_failed)
        self.list.currentRowChanged.connect(self._on_row_changed)
        self.list.itemChanged.connect(self._on_item_changed)
        details.name_edited.connect(self._on_name_edited)
        details.freed.connect(self._on_freed)
        details.frame_wanted.connect(self._on_frame_wanted)
        details.search_requested.connect(self._on_search_requested)
        self.stop_button.clicked.connect(self._on_stop)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(service.stop)

    # What is found

    def _on_read(self, number: int, read: ReadPicture) -> None:
        candidate = self.candidates[number]
        candidate.read = read
        candidate.state = "searching" if self._is_searching else "unplaced"
        picture = QPixmap.fromImage(to_qimage(read.thumbnail))
        icon = QIcon(picture)
        # A colourist's picture is not to be tinted because it is chosen.
        icon.addPixmap(picture, QIcon.Mode.Selected)
        self.list.blockSignals(True)
        self.list.item(number).setIcon(icon)
        self.list.blockSignals(False)
        if number == self.current:
            self.details.set_thumbnail(to_qimage(read.thumbnail))
        if self._anew:
            candidate.is_free = self._laid is None
            if self._laid is not None:
                self._place(number, self._laid)
        self._show()

    def _on_unreadable(self, number: int, sentence: str) -> None:
        candidate = self.candidates[number]
        candidate.state, candidate.fault, candidate.is_wanted = "failed", sentence, False
        self._show()

    def _on_placed(self, number: int, frame: int, registration: Registration) -> None:
        candidate = self.candidates[number]
        if candidate.is_placing and frame != candidate.frame:
            return  # what the user wants meanwhile is another frame
        candidate.state, candidate.is_placing = "placed", False
        candidate.frame, candidate.registration = frame, registration
        if number == self.current:
            self._ask_for_look()
        self._show()

    def _on_looked(self, number: int, frame: int, look: Look) -> None:
        candidate = self.candidates[number]
        if number == self.current and frame == candidate.frame:
            self.details.set_look(to_qimage(look.frame), to_qimage(look.picture), to_qimage(look.result))

    def _on_progress_changed(self, progress: Progress) -> None:
        doing = progress.doing or tr("Looking through the film")
        self.progress.setRange(0, max(1, progress.total))
        self.progress.setValue(progress.done)
        self._progress_text.setText(
            tr("{doing}: {done} of {total}", doing=doing, done=progress.done, total=progress.total)
        )

    def _on_searched(self) -> None:
        self._is_searching = False
        for candidate in self.candidates:
            if candidate.state == "searching":
                candidate.state = "unplaced"
        self._show()

    def _on_failed(self, sentence: str) -> None:
        for candidate in self.candidates:
            candidate.is_placing = False
        self._show()
        self.validation.say(fault=sentence)

    # What the user wants

    def _on_row_changed(self, row: int) -> None:
        read = self.candidates[row].read
        self.details.set_thumbnail(None if read is None else to_qimage(read.thumbnail))
        self.details.clear_look()
        self._ask_for_look()
        self._show()

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        candidate = self.candidates[self.list.row(item)]
        wanted = item.checkState() == Qt.CheckState.Checked
        if candidate.state != "failed" and wanted != candidate.is_wanted:
            candidate.is_wanted = wanted
            self._show()

    def _on_name_edited(self, name: str) -> None:
        self.candidates[self.current].name = name
        self._show()

    def _on_freed(self, free: bool) -> None:
        candidate = self.candidates[self.current]
        candidate.is_free = free
        if not free and candidate.registration is None and not candidate.is_placing:
            self._place(self.current, self.details.playhead)
        self._ask_for_look()
        self._show()

    def _on_frame_wanted(self, frame: int) -> None:
        self.candidates[self.current].is_free = False
        self._place(self.current, frame)
        self._show()

    def _on_search_requested(self) -> None:
        candidate = self.candidates[self.current]
        candidate.state, candidate.is_free, candidate.is_placing = "searching", None, False
        self._is_searching = True
        self.service.search(self.current)
        self._show()

    def _on_stop(self) -> None:
        self.service.stop()

    def _place(self, number: int, frame: int) -> None:
        candidate = self.candidates[number]
        if candidate.read is not None:
            candidate.frame, candidate.registration, candidate.is_placing = frame, None, True
            self.service.place(number, frame)

    def _ask_for_look(self) -> None:
        candidate = self.candidates[self.current]
        if candidate.registration is not None and candidate.frame is not None:
            self.service.look_at(self.current, candidate.frame, candidate.registration)

    def _on_accepted(self) -> None:
        if not self.accept_button.isEnabled():
            return
        self.import_requested.emit(
            [
                ImportChoice(
                    source,
                    each.name.strip(),
                    None if each.stands_free else each.frame,
                    None if each.stands_free else each.registration,
                )
                for each, source in zip(self.candidates, self._sources, strict=True)
                if each.counts
            ]
        )
        self.accept()

    # How it looks

    def _show(self) -> None:
        self.list.blockSignals(True)
        for number, candidate in enumerate(self.candidates):
            item = self.list.item(number)
            item.setText(f"{candidate.name}\n{status(candidate)}")
            item.setCheckState(Qt.CheckState.Checked if candidate.is_wanted else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        current = self.candidates[self.current]
        self.details.show_candidate(current)
        for widget in (self.progress, self._progress_text, self.stop_button):
            widget.setVisible(self._is_searching)
        counting = [each for each in self.candidates if each.counts]
        waiting = [each for each in counting if not each.is_settled]
        nameless = [each for each in counting if not each.name.strip()]
        self.accept_button.setEnabled(bool(counting) and not waiting and not nameless)
        several = (
            tr("Import {pictures}", pictures=counted(len(counting), "picture"))
            if len(self.candidates) > 1
            else tr("Import")
        )
        self.accept_button.setText(tr("Apply") if self._anew else several)
        if nameless:
            self.validation.say(fault=tr("A reference needs a name; type one."))
        else:
            said, is_doubtful = remarks(current, self._others())
            self.validation.say(fault=said if is_doubtful else "", note=said)

    def _others(self) -> dict[int, str]:
        """Return what lies on frames, the other pictures that are being imported among it."""
        others = dict(self._taken)
        for number, each in enumerate(self.candidates):
            if number != self.current and each.counts and not each.stands_free and each.frame is not None:
                others.setdefault(each.frame, each.name)
        return others
