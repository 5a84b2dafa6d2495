"""Where the chosen reference counts, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.ui.paint.tool_settings import ALIKE
from remaster_gui.ui.panels.fact_list import muted, narrow_form
from remaster_gui.ui.panels.range_text import MOST_TYPED, read_ranges, write_ranges
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.percent_slider import PercentSlider


class WhereBox(QWidget):
    """Shows a reference's strength and its frames, and says what the user wishes of them."""

    strength_changed = Signal(float)
    """0 to 1."""
    ranges_typed = Signal(object)
    """tuple[FrameRange, ...]; () for everywhere."""

    tolerance_changed = Signal(float)
    """How unlike things may be that are selected as alike, 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self._ranges: tuple[FrameRange, ...] = ()
        self._film: tuple[int, Fraction, str | None] = (1, Fraction(24), None)
        self.strength = PercentSlider(tr("Strength of the reference"))
        self.strength.slider.setToolTip(
            tr("<b>Strength</b><br>How much its colours count: the rest is other references’, or a guess")
        )
        self.strength.changed.connect(self._on_strength_changed)
        self.frames = QLineEdit()
        self.frames.setPlaceholderText(tr("everywhere"))
        self.frames.setMaxLength(MOST_TYPED)
        self.frames.setAccessibleName(tr("Frames at which the reference counts"))
        self.frames.setToolTip(
            tr(
                "<b>Frames</b><br>Where it counts: frame numbers or timecodes, both ends included, as in "
                "120-250, 300-400; "
                "empty: everywhere"
            )
        )
        self.frames.editingFinished.connect(self._on_edited)
        self.choose = QToolButton()
        self.choose.setIcon(icon("more"))
        self.choose.setToolTip(tr("Count in shots, between the in and the out point, or everywhere"))
        self.choose.setAccessibleName(tr("Choose where the reference counts"))
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.fault.setProperty("role", "warning")
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.frames, 1)
        line.addWidget(self.choose)
        rows = QWidget()
        form = narrow_form(rows)
        form.addRow(muted(tr("Strength"), self.strength), self.strength)
        form.addRow(muted(tr("Counts at"), self.frames), line)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(1)
        form.addRow(muted(tr("Part")), self._tools)
        self._form = form
        self.tolerance = PercentSlider(tr("Tolerance for what is alike"), usual=round(100 * ALIKE))
        self.tolerance.slider.setToolTip(
            tr(
                "<b>Tolerance</b><br>How unlike the place that was clicked things may be; what was selected "
                "last follows"
            )
        )
        self.tolerance.changed.connect(self._on_tolerance_changed)
        form.addRow(muted(tr("Tolerance"), self.tolerance), self.tolerance)
        self.show_tolerance(None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(rows)
        column.addWidget(self.fault)
        self.fault.hide()

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """Offer these in the menu beside the frames."""
        menu = QMenu(self.choose)
        for action in actions:
            menu.addAction(action)
        self.choose.setMenu(menu)

    def set_tools(self, actions: Sequence[QAction]) -> None:
        """Offer these to say which part of the picture counts."""
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(17, 17))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._tools.addWidget(button)
        self._tools.addStretch(1)

    def show_tolerance(self, tolerance: float | None) -> None:
        """Show how unlike things may be that are selected as alike; None: nobody asks for that."""
        self._form.setRowVisible(self.tolerance, tolerance is not None)
        if tolerance is not None:
            self.tolerance.show_share(tolerance)

    def set_film(self, frame_count: int, rate: Fraction, timecode: str | None) -> None:
        """Read frames of this film."""
        self._film = frame_count, rate, timecode

    def show_validity(self, validity: Validity) -> None:
        """Show where a reference counts; frames that are being typed are left alone."""
        self.strength.show_share(validity.strength)
        if validity.ranges != self._ranges or not (self.frames.hasFocus() and self.frames.isModified()):
            self._ranges = validity.ranges
            self._show_ranges()

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed."""
        self.strength.setEnabled(not read_only)
        self.frames.setReadOnly(read_only)
        self.choose.setEnabled(not read_only)

    def _show_ranges(self) -> None:
        self.frames.setText(write_ranges(self._ranges))
        self.frames.setCursorPosition(0)
        self.fault.hide()

    def _on_strength_changed(self, _percent: int) -> None:
        self.strength_changed.emit(self.strength.share())

    def _on_tolerance_changed(self, _percent: int) -> None:
        self.tolerance_changed.emit(self.tolerance.share())

    def _on_edited(self) -> None:
        if not self.frames.isModified():
            return
        try:
            ranges = read_ranges(self.frames.text(), *self._film)
        except RemasterError as error:
            self.fault.setText(str(error))
            self.fault.show()
            return
        self._ranges = ranges
        self._show_ranges()
        self.ranges_typed.emit(ranges)
