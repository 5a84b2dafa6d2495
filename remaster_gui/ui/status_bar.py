"""The status bar: what is being computed and how to stop it, and on what: working size, weights, device, memory."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStatusBar, QToolButton, QWidget

from remaster_gui.base.counting import counted
from remaster_gui.base.language import percent, tr
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.elided_label import ElidedLabel
from remaster_gui.ui.wording import PROXY_NAMES, duration, memory_size

_STEPS = 1000


class StatusBar(QStatusBar):
    """Shows what it is told. Everything at the right can be clicked to change it."""

    preview_stop_requested = Signal()
    jobs_requested = Signal()
    """The exports in progress are to be shown."""
    preferences_requested = Signal()
    """Memory, weights or working size were clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._said = self._hint = ""
        self._note = ElidedLabel()
        self._bar = QProgressBar()
        self._bar.setAccessibleName(tr("Progress of the preview"))
        self._bar.setFixedSize(150, 8)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _STEPS)
        self.stop_button = _button(
            "stop", tr("<b>Stop the preview</b> (Ctrl+.)<br>Frames that are done stay")
        )
        self.stop_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.stop_button.setAccessibleName(tr("Stop the preview"))
        self.stop_button.clicked.connect(self.preview_stop_requested)
        self.jobs = _button("export", tr("<b>Exports in progress</b><br>Click to see, pause or cancel them"))
        self.jobs.clicked.connect(self.jobs_requested)
        self.working_size, self.weights = _button("fit"), _button("weights")
        self.device, self.memory = _button("chip"), _button("memory")
        for button in (self.working_size, self.weights, self.device, self.memory):
            button.clicked.connect(self.preferences_requested)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(theme.SPACE, 0, 0, 0)
        row.setSpacing(theme.SPACE // 2)
        for widget in (self._bar, self.stop_button):
            row.addWidget(widget)
        # However much is said, the window does not grow for it.
        row.addWidget(self._note, 1)
        self.addWidget(left, 1)
        for button in (self.jobs, self.working_size, self.weights, self.device, self.memory):
            button.hide()
            self.addPermanentWidget(button)
        self.set_preview(running=False)

    def set_preview(
        self,
        *,
        running: bool,
        done: int = 0,
        total: int = 0,
        seconds_left: float | None = None,
        note: str = "",
    ) -> None:
        """Show where the preview stands, or with `note` what it waits for; while idle only `note` is seen."""
        self._bar.setVisible(running)
        self.stop_button.setVisible(running)
        counting = running and total > 0 and not note
        self._bar.setRange(0, _STEPS if counting else 0)
        if counting:
            self._bar.setValue(round(_STEPS * done / total))
            left = tr(" · {time} left", time=duration(seconds_left)) if seconds_left is not None else ""
            note = tr(
                "Previewing: {done} of {frames}{left}", done=done, frames=counted(total, "frame"), left=left
            )
        self._say(note or (tr("Previewing…") if running else ""))

    @property
    def note(self) -> str:
        """What is said at the left."""
        return self._said

    @property
    def hint(self) -> str:
        """The hint that is seen; "" while there is none, or something else is said."""
        return "" if self._said else self._hint

    def set_note(self, text: str) -> None:
        """Say something at the left while nothing is being computed."""
        if self._bar.isHidden():
            self._say(text)

    def set_hint(self, text: str) -> None:
        """Say what could be done next, as long as nothing else is said."""
        self._hint = text
        self._say(self._said)

    def _say(self, text: str) -> None:
        self._said = text
        self._note.setText(text or self._hint)
        self._note.setToolTip(self._note.text())

    def set_jobs(self, active: int, share: float | None = None, seconds_left: float | None = None) -> None:
        """Tell how many exports are in progress, how far the first one is (0 to 1) and when it will be done."""
        self.jobs.setVisible(active > 0)
        text = counted(active, "export")
        if share is not None:
            text += f" · {percent(share)}"
        if seconds_left is not None:
            text += tr(" · {time} left", time=duration(seconds_left))
        self.jobs.setText(text)

    def set_working_size(self, width: int, height: int, proxy: str = "") -> None:
        """Show the size at which colours are computed; `proxy` names a smaller one for the preview ('half')."""
        reduced = proxy not in ("", "full")
        proxy = PROXY_NAMES.get(proxy, proxy)
        self._set(
            self.working_size,
            f"{width}×{height}" + (f", {proxy}" if reduced else ""),
            tr(
                "<b>Working size</b><br>Colours are computed at this size; the export has the film’s own size."
            )
            + (tr("<br>The preview runs at {proxy} of it.", proxy=proxy) if reduced else ""),
        )

    def set_weights(self, name: str, detail: str = "") -> None:
        """Show the network's weights; `detail` (hash, licence) goes into the tooltip."""
        self._set(self.weights, name, tr("<b>Weights</b><br>{detail}", detail=detail or name))

    def set_device(self, name: str, detail: str = "") -> None:
        """Show what computes: 'CPU, 2 cores' or the name of a GPU."""
        self._set(self.device, name, tr("<b>Computing device</b><br>{detail}", detail=detail or name))

    def set_memory(self, used: int, budget: int) -> None:
        """Show the bytes that kept frames and results take, of those that they may take."""
        text = tr("{size} of {size2}", size=memory_size(used), size2=memory_size(budget))
        self._set(self.memory, text, tr("<b>Memory</b><br>Kept frames and results take {text}.", text=text))

    def forget_film(self) -> None:
        """Show nothing of a film: none is open."""
        self.set_preview(running=False)
        for button in (self.working_size, self.memory):
            button.hide()

    def _set(self, button: QToolButton, text: str, tip: str) -> None:
        button.setText(text)
        button.setToolTip(tip)
        button.setVisible(bool(text))


def _button(name: str, tip: str = "") -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(15, 15))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setToolTip(tip)
    button.setStyleSheet(f"color: {theme.MUTED.name()}; padding: 1px 4px;")
    return button
