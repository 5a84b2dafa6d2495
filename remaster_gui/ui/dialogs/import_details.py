"""What a picture that is being imported shows: itself over its frame, how well it fits, and where it is to lie."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.project.schema import LONGEST_NAME
from remaster_gui.ui.dialogs.import_review import (
    Candidate,
    Filming,
    fit_of,
    movement,
    verdict,
)
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.transport import TimeField
from remaster_gui.ui.widgets.picture_box import PictureBox
from remaster_gui.ui.widgets.wipe_box import WipeBox, WipeMode

_LONGEST_NAME = min(120, LONGEST_NAME)
_MODES: tuple[tuple[WipeMode, str, str], ...] = (
    ("wipe", tr("Wipe"), tr("The frame left of a line that is dragged, the picture right of it")),
    ("blend", tr("Blend"), tr("Picture and frame at once: edges that are double do not lie upon each other")),
    ("result", tr("Result"), tr("The frame with the picture’s colours")),
)


class ImportDetails(QWidget):
    """Shows a `Candidate` and says what the user wishes."""

    name_edited = Signal(str)
    freed = Signal(bool)
    """Whether it is to stand free."""
    frame_wanted = Signal(int)
    """It is to lie over this frame."""
    search_requested = Signal()

    def __init__(self, film: Filming, playhead: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.playhead = playhead
        self._film, self._frame = film, playhead
        self._look: tuple[QImage, QImage, QImage] | None = None
        self._thumbnail: QImage | None = None
        self.wipe = WipeBox()
        self.picture, self.frame_picture = PictureBox(), PictureBox()
        for box in (self.picture, self.frame_picture):
            box.setFixedSize(QSize(150, 110))
        self.fit, self.moved, self._frame_name = QLabel(), QLabel(), QLabel()
        self.fit.setProperty("role", "title")
        self.moved.setWordWrap(True)
        for label in (self.moved, self._frame_name):
            label.setProperty("role", "muted")
        self.name = QLineEdit()
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName(tr("Name"))
        self.on_frame, self.free = QRadioButton(tr("Frame")), QRadioButton(tr("Stands free"))
        self.on_frame.setToolTip(tr("Colours come from the picture, light and dark from the frame"))
        self.free.setToolTip(tr("The picture is of something else: the network looks for what is alike"))
        self.time = TimeField()
        self.time.setToolTip(
            tr("<b>The frame that the picture shows</b><br>Timecode, frame number, +20 or -20")
        )
        self.time.setAccessibleName(tr("Frame of the picture"))
        self.time.set_film(film.rate, film.timecode, film.frame_count, film.numbers)
        self.back = _step("step-back", tr("The frame before"))
        self.forward = _step("step-forward", tr("The next frame"))
        self.here = _button(tr("Playhead"), tr("Take the frame at the playhead"))
        self.search = _button(tr("Search"), tr("Look through the film for this picture"))
        self.modes = QButtonGroup(self)
        self._lay_out()
        self.name.textEdited.connect(self.name_edited)
        self.free.clicked.connect(lambda: self.freed.emit(True))
        self.on_frame.clicked.connect(lambda: self.freed.emit(False))
        self.time.frame_entered.connect(self.frame_wanted)
        self.back.clicked.connect(lambda: self._step(-1))
        self.forward.clicked.connect(lambda: self._step(1))
        self.here.clicked.connect(lambda: self.frame_wanted.emit(self.playhead))
        self.search.clicked.connect(self.search_requested)

    def _lay_out(self) -> None:
        modes = QHBoxLayout()
        modes.setSpacing(2)
        for mode, text, tip in _MODES:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setChecked(mode == "wipe")
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _on, mode=mode: self.wipe.set_mode(mode))
            self.modes.addButton(button)
            modes.addWidget(button)
        modes.addStretch(1)
        modes.addWidget(self._frame_name)
        facts = QVBoxLayout()
        facts.setSpacing(4)
        facts.addWidget(self.fit)
        facts.addWidget(self.moved)
        facts.addStretch(1)
        pair = QHBoxLayout()
        pair.setSpacing(theme.SPACE)
        pair.addWidget(self.picture)
        pair.addWidget(self.frame_picture)
        pair.addLayout(facts, 1)
        place = QHBoxLayout()
        place.setSpacing(4)
        for widget in (self.on_frame, self.back, self.time, self.forward, self.here, self.search):
            place.addWidget(widget)
        place.addStretch(1)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(6)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Belongs to"), place)
        form.addRow("", self.free)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addLayout(modes)
        column.addWidget(self.wipe, 1)
        column.addLayout(pair)
        column.addLayout(form)

    def show_candidate(self, candidate: Candidate) -> None:
        """Show what is known of a picture."""
        found = candidate.registration
        if self.name.text() != candidate.name:
            self.name.setText(candidate.name)
        if candidate.frame is not None:
            self._frame = candidate.frame
        self.time.set_frame(self._frame)
        readable = candidate.read is not None
        for widget in (self.on_frame, self.free, self.time, self.here, self.name):
            widget.setEnabled(readable)
        self.back.setEnabled(readable and self._frame > 0)
        self.forward.setEnabled(readable and self._frame + 1 < self._film.frame_count)
        self.search.setEnabled(readable and candidate.state != "searching")
        undecided = candidate.state in ("reading", "searching") and candidate.is_free is None
        self._check(None if undecided else self.free if candidate.stands_free else self.on_frame)
        if found is not None and candidate.frame is not None:
            self.fit.setText(f"{verdict(found).capitalize()}: {fit_of(found)}")
            self.moved.setText(movement(found) if found.fits else "")
            self._frame_name.setText(self._film.name(candidate.frame))
        else:
            self.fit.setText(tr("Registering …") if candidate.is_placing else "")
            self.moved.setText("")
            self._frame_name.setText("")
        if candidate.is_free:
            self._frame_name.setText("")
        self._show_pictures(candidate)

    def set_thumbnail(self, picture: QImage | None) -> None:
        """Show the picture itself, small."""
        self._thumbnail = picture

    def set_look(self, frame: QImage, picture: QImage, result: QImage) -> None:
        """Show the picture over its frame."""
        self._look = frame, picture, result
        self.wipe.set_pictures(*self._look)
        self.frame_picture.set_picture(frame)

    def clear_look(self) -> None:
        """Show no frame any more."""
        self._look = None
        self.frame_picture.set_picture(None)

    def _show_pictures(self, candidate: Candidate) -> None:
        self.picture.set_picture(self._thumbnail, tr("no picture") if candidate.state == "failed" else "…")
        if candidate.registration is None:
            self.clear_look()
        if candidate.stands_free and candidate.is_settled and self._thumbnail is not None:
            # There is nothing that it would lie upon.
            self.wipe.set_pictures(self._thumbnail, None, self._thumbnail)
        elif self._look is not None:
            self.wipe.set_pictures(*self._look)
        else:
            waiting = {
                "reading": tr("Reading …"),
                "searching": tr("Searching the film …"),
                "failed": tr("no picture"),
            }
            self.wipe.clear(waiting.get(candidate.state, "…"))

    def _check(self, button: QRadioButton | None) -> None:
        for each in (self.on_frame, self.free):
            each.setAutoExclusive(False)
            each.setChecked(each is button)
            each.setAutoExclusive(True)

    def _step(self, by: int) -> None:
        self.frame_wanted.emit(min(max(self._frame + by, 0), self._film.frame_count - 1))


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _step(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(16, 16))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
