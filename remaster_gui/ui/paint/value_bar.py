"""A slider that is its own label: name at the left, value at the right, and a bar behind both."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.painters import painting, saved
from remaster_gui.ui.style import theme

_HEIGHT = 24
_STEPS = 100
_FINE = 0.2
"""Part of the pointer's way that counts while Shift is held."""
_PAD = 8


class ValueBar(QWidget):
    """A number between bounds: drag for it, step it by wheel or arrow keys, or double-click and type.

    `unit` follows the value. `scale` is what the shown number is of the value (100 for per cent). `curve` is
    "linear", or "log" where ratios matter, as for sizes.
    """

    value_changed = Signal(float)
    """The user has changed the value."""

    def __init__(
        self,
        name: str,
        least: float,
        most: float,
        *,
        unit: str = "",
        scale: float = 1.0,
        curve: str = "linear",
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._unit, self._scale = name, unit, scale
        self._least, self._most, self._is_log = least, most, curve == "log"
        self._value = least
        self._drag: tuple[float, float] | None = None
        self.field: QLineEdit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)
        give_role(self, QAccessible.Role.Slider)
        hint = tr("Drag, or double-click to type; Shift drags finely")
        self.setToolTip(f"<b>{name}</b><br>{tip}<br>{hint}" if tip else f"<b>{name}</b><br>{hint}")

    @property
    def value(self) -> float:
        """The value shown."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value; nothing is emitted."""
        self._value = min(max(value, self._least), self._most)
        self.setAccessibleDescription(self._text())
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(150, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Room for name and value."""
        return QSize(90, _HEIGHT)

    # Between value and place

    def _share(self, value: float) -> float:
        if self._is_log:
            return math.log(value / self._least) / math.log(self._most / self._least)
        return (value - self._least) / (self._most - self._least)

    def _value_at(self, share: float) -> float:
        share = min(max(share, 0.0), 1.0)
        if self._is_log:
            value = self._least * (self._most / self._least) ** share
        else:
            value = self._least + (self._most - self._least) * share
        return float(round(value * self._scale) / self._scale)

    def _choose(self, value: float) -> None:
        value = min(max(value, self._least), self._most)
        if value != self._value:
            self.set_value(value)
            self.value_changed.emit(value)

    def _step(self, steps: float) -> None:
        value = self._value_at(self._share(self._value) + steps / _STEPS)
        if value == self._value and steps:
            value += math.copysign(1.0 / self._scale, steps)
        self._choose(value)

    def _text(self) -> str:
        return f"{self._value * self._scale:.0f}{self._unit}"

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar, name and value."""
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            path = QPainterPath()
            path.addRoundedRect(box, 3, 3)
            painter.fillPath(path, theme.FIELD)
            lit = self.isEnabled() and (self.underMouse() or self._drag is not None)
            with saved(painter):
                painter.setClipPath(path)
                filled = QRectF(box.left(), box.top(), box.width() * self._share(self._value), box.height())
                painter.fillRect(
                    filled, (theme.HOVER if lit else theme.RAISED) if self.isEnabled() else theme.PANEL
                )
            painter.setPen(QPen(theme.ACCENT if self.hasFocus() else theme.LINE, 1))
            painter.drawPath(path)
            inner = box.adjusted(_PAD, 0, -_PAD, 0)
            painter.setPen(theme.MUTED if self.isEnabled() else theme.FAINT)
            painter.drawText(
                inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._name
            )
            painter.setPen(theme.TEXT if self.isEnabled() else theme.FAINT)
            painter.drawText(
                inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self._text()
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the value under the pointer, and hold on to it."""
        if event.button() == Qt.MouseButton.LeftButton:
            share = event.position().x() / max(1, self.width())
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                share = self._share(self._value)
            self._drag = (event.position().x(), share)
            self._choose(self._value_at(share))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self._drag is None:
            return
        x, share = self._drag
        way = (event.position().x() - x) / max(1, self.width())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            way *= _FINE
        share += way
        self._drag = (event.position().x(), share)
        self._choose(self._value_at(share))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._drag = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Type the value."""
        self._drag = None
        self._edit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step, but only where the bar was chosen before: a panel that scrolls must not change values on its way."""
        if self.hasFocus():
            self._step(event.angleDelta().y() / 120.0)
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by arrow keys, type after Return."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageDown: -10,
            Qt.Key.Key_PageUp: 10,
        }.get(Qt.Key(event.key()))
        if steps is not None:
            self._step(steps)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._edit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the arrow keys from becoming shortcuts while the bar has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            arrows = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
            pages = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.key() in (*arrows, *pages) and not event.modifiers():
                event.accept()
                return True
        return super().event(event)

    def _edit(self) -> None:
        """Put a field over the bar."""
        if self.field is not None or not self.isEnabled():
            return
        field = QLineEdit(f"{self._value * self._scale:.0f}", self)
        self.field = field
        field.setGeometry(self.rect())
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.selectAll()
        field.editingFinished.connect(self._take_typed)
        field.installEventFilter(self)
        field.show()
        field.setFocus(Qt.FocusReason.MouseFocusReason)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Esc leaves the field without a change; Return takes it, and stays here: it would open the field again."""
        if (
            watched is not self.field
            or not isinstance(event, QKeyEvent)
            or event.type() != QEvent.Type.KeyPress
        ):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self._close_field()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take_typed()
        else:
            return False
        return True

    def _take_typed(self) -> None:
        if self.field is None:
            return
        text = self.field.text().strip().removesuffix("%").removesuffix("px").replace(",", ".")
        self._close_field()
        try:
            number = float(text)
        except ValueError:
            return
        if math.isfinite(number):
            self._choose(number / self._scale)

    def _close_field(self) -> None:
        field, self.field = self.field, None
        if field is not None:
            field.hide()
            field.deleteLater()
            self.update()
