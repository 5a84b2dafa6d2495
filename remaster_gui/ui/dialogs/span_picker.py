"""Which frames an export takes: the whole film, the segment, or ends that are typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QRadioButton, QWidget

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.media import FilmInfo
from remaster_gui.ui.dialogs.export_choice import describe_span
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.position import parse_position


class SpanPicker(QWidget):
    """Three choices, the last with two fields. On screen the last frame belongs to the range, in code it does not."""

    changed = Signal()

    def __init__(self, film: FilmInfo, segment: FrameRange | None, parent: QWidget | None = None) -> None:
        """Offer `segment` beside the whole film, if the user has set one."""
        super().__init__(parent)
        self._film, self._segment = film, segment
        self.fault = ""
        """Why the fields hold no range, in a sentence; '' while they do."""
        self.whole = QRadioButton(tr("Whole film"))
        self.segment = QRadioButton(tr("In to out"))
        self.custom = QRadioButton(tr("From"))
        self.first, self.last = self._field(tr("First frame")), self._field(tr("Last frame"))
        self._span = FrameRange(0, film.frame_count)
        self._length = _muted(describe_span(self._span, film.rate))
        # The dialog does not grow when it is seen.
        self._length.setMinimumWidth(self._length.sizeHint().width())
        group = QButtonGroup(self)
        for button in (self.whole, self.segment, self.custom):
            group.addButton(button)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(theme.SPACE)
        grid.addWidget(self.whole, 0, 0)
        grid.addWidget(_muted(describe_span(self._span, film.rate)), 0, 1)
        grid.addWidget(self.segment, 1, 0)
        self.segment.setEnabled(segment is not None)
        text = describe_span(segment, film.rate) if segment else tr("no in or out point is set")
        grid.addWidget(_muted(text), 1, 1)
        grid.addWidget(self.custom, 2, 0)
        ends = QHBoxLayout()
        ends.setSpacing(theme.SPACE)
        for widget in (self.first, QLabel(tr("to")), self.last, self._length):
            ends.addWidget(widget)
        ends.addStretch(1)
        grid.addLayout(ends, 2, 1)
        grid.setColumnStretch(1, 1)
        self.set_span(segment if segment else self._span)
        group.buttonClicked.connect(self._on_button_clicked)
        self.first.textEdited.connect(self._on_typed)
        self.last.textEdited.connect(self._on_typed)
        for field in (self.first, self.last):
            field.editingFinished.connect(self._on_left)

    def span(self) -> FrameRange:
        """Return the frames chosen: the last valid ones while `fault` says that the fields are not."""
        return self._span

    def set_span(self, span: FrameRange) -> None:
        """Choose the way that says `span`, held within the film."""
        whole = FrameRange(0, self._film.frame_count)
        span = span.intersection(whole)
        self._span = span if len(span) else whole
        self.fault = ""
        if self._span == whole:
            self.whole.setChecked(True)
        elif self._span == self._segment:
            self.segment.setChecked(True)
        else:
            self.custom.setChecked(True)
        self._write_ends()

    def _on_button_clicked(self) -> None:
        if self.custom.isChecked():
            self._on_typed()
            self.first.setFocus()
            self.first.selectAll()
            return
        self.fault = ""
        whole = FrameRange(0, self._film.frame_count)
        self._span = self._segment if self.segment.isChecked() and self._segment else whole
        self._write_ends()
        self.changed.emit()

    def _on_typed(self) -> None:
        self.custom.setChecked(True)
        try:
            first, last = self._parse(self.first), self._parse(self.last)
            if last < first:
                raise SettingsError(tr("The last frame lies before the first one; change one of them."))
            self._span, self.fault = FrameRange(first, last + 1), ""
            self._length.setText(describe_span(self._span, self._film.rate))
        except SettingsError as error:
            self.fault = str(error)
            self._length.setText("")
        self.changed.emit()

    def _on_left(self) -> None:
        """Write what was typed as timecode, whatever it was typed as."""
        if self.custom.isChecked() and not self.fault:
            self._write_ends()

    def _parse(self, field: QLineEdit) -> int:
        film = self._film
        return parse_position(field.text(), 0, film.frame_count, film.rate, film.timecode, film.numbers)

    def _write_ends(self) -> None:
        film = self._film
        for field, frame in ((self.first, self._span.start), (self.last, self._span.stop - 1)):
            field.setText(format_timecode(frame, film.rate, film.timecode))
        self._length.setText(describe_span(self._span, film.rate) if self.custom.isChecked() else "")

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setFont(theme.digits_font(self.font()))
        field.setFixedWidth(field.fontMetrics().horizontalAdvance("00:00:00:000") + 14)
        field.setAccessibleName(name)
        field.setToolTip(tr("<b>{name}</b><br>Timecode or frame number", name=name))
        return field


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
