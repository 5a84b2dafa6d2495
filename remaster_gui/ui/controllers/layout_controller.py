"""How the window is laid out: docks around the viewer, tool bar, full screen, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QToolBar, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.actions import Actions

TOOLS = (
    ("tool_navigate", "tool_brush", "tool_eraser", "tool_fill", "tool_eyedropper", "spread"),
    ("mark_reference", "promote_frame", "import_reference", "next_suggestion"),
    ("preview", "preview_stop", "attention", "dirt", "tool_dirt", "go_uncertain"),
    ("compare_wipe", "compare_side", "compare_difference", "compare_flip"),
    ("fit", "actual_size", "scopes"),
    ("export",),
)
"""Groups of actions on the tool bar."""
_WIDTHS = {"references": 320, "paint": 278}
_LEAST_WIDTH = 272
"""Of panels at the sides: below, words of the longer language are cut off at their right."""
_HEIGHTS = {"references": 265, "history": 165}
_BREATH_MILLISECONDS = 5
_VERSION = 5
"""Raise it whenever docks are added or moved, so that nobody gets an old layout."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A dock: `shown` says whether it is there at first; those of one `area` with `tabbed` share a place.

    One that is `fixed` has no title and stays where it is. `height` is what it needs at least to be of use; it is given
    that when it is opened or comes to the front of its place.
    """

    id: str
    title: str
    widget: QWidget
    area: Qt.DockWidgetArea
    tabbed: bool = False
    shown: bool = True
    fixed: bool = False
    height: int = 0


class LayoutController(QObject):
    """Arranges the panels of a window and puts them back."""

    alone_changed = Signal(bool)
    """The picture fills the screen, or no longer does."""

    def __init__(self, window: QMainWindow, actions: Actions, panels: tuple[Panel, ...]) -> None:
        super().__init__(window)
        self._window, self._actions = window, actions
        self._panels = panels
        self._seen = {panel.id for panel in panels if panel.shown}
        self._first = self._last = QByteArray()
        self._before: tuple[Qt.WindowState, QByteArray] | None = None
        self.is_in = False
        """Whether there is something for the panels to show."""
        self._asleep: list[QWidget] = []
        self._waking = QTimer(self, interval=_BREATH_MILLISECONDS)
        self._waking.timeout.connect(self._wake)
        self.docks = {panel.id: _make_dock(panel, window) for panel in panels}
        self.tool_bar = self._make_tool_bar()
        self.tool_bar.hide()
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        window.setDockNestingEnabled(True)
        self._usual, self._given = 0, -1
        """Height of a place before a panel was given more, and how much that was."""
        for id_, dock in self.docks.items():
            dock.visibilityChanged.connect(partial(self._on_seen, id_))

    def enter(self) -> None:
        """Show the panels as they were left: a film is open."""
        if self.is_in:
            return
        self.is_in = True
        # Laying out takes some time and so does painting every panel, so the event loop comes round between.
        self._asleep = [self._window, self.tool_bar, *self.docks.values()]
        for part in self._asleep:
            part.setUpdatesEnabled(False)
        self._waking.start()
        self.tool_bar.show()
        if self._first.isEmpty():
            # Only now: a window that is not seen yet leaves tabs behind where it arranges docks.
            self._arrange()
        else:
            for id_, dock in self.docks.items():
                dock.setVisible(id_ in self._seen)

    def _wake(self) -> None:
        """Let the next part of the window be painted that is seen, and with it those that are not."""
        while self._asleep:
            part = self._asleep.pop(0)
            part.setUpdatesEnabled(True)
            if part.isVisible():
                # Now: what is only marked would be painted in one go with the next part.
                part.repaint()
                return
        self._waking.stop()

    def leave(self) -> None:
        """Hide the panels: there is nothing for them to show."""
        if self.is_in:
            if self.is_alone:
                self.toggle_alone()
            self._last = self._window.saveState(_VERSION)
            self._seen = {id_ for id_, dock in self.docks.items() if not dock.isHidden()}
            self.is_in = False
            self.tool_bar.hide()
            for dock in self.docks.values():
                dock.hide()

    def show(self, id_: str) -> None:
        """Bring a panel to the front."""
        if not self.is_in:
            return
        self.docks[id_].show()
        self.docks[id_].raise_()
        if self._asleep:
            # Of all that comes into sight while the window wakes up, this alone was asked for.
            QTimer.singleShot(0, self, lambda: self._give_room(id_))

    def is_shown(self, id_: str) -> bool:
        """Whether a panel is open, be it behind another one."""
        return not self.docks[id_].isHidden()

    def toggle(self, id_: str) -> None:
        """Bring a panel to the front, or close it."""
        if self.is_shown(id_):
            self.docks[id_].hide()
        else:
            self.show(id_)

    @property
    def is_full_screen(self) -> bool:
        """Whether the window takes the whole screen."""
        return bool(self._window.windowState() & Qt.WindowState.WindowFullScreen)

    def toggle_full_screen(self) -> None:
        """Let the window take the whole screen, or no longer; all panels come back in either case."""
        if self.is_alone:
            self.toggle_alone()
        else:
            self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    @property
    def is_alone(self) -> bool:
        """Whether the picture fills the screen."""
        return self._before is not None

    def toggle_alone(self) -> None:
        """Let the picture fill the screen, without panels, bars and labels; or let all be as it was before."""
        if self._before is None:
            self._before = self._window.windowState(), self._window.saveState(_VERSION)
            for part in self._around():
                part.hide()
            self._window.setWindowState(Qt.WindowState.WindowFullScreen)
        else:
            (state, places), self._before = self._before, None
            self._window.menuBar().show()
            self._window.statusBar().show()
            self._window.setWindowState(state)
            self._window.restoreState(places, _VERSION)
        self.alone_changed.emit(self.is_alone)

    def _around(self) -> tuple[QWidget, ...]:
        return (self._window.menuBar(), self._window.statusBar(), self.tool_bar, *self.docks.values())

    def _on_seen(self, id_: str, seen: bool) -> None:
        if seen and self.is_in and not self._asleep:
            # Once it has been laid out.
            QTimer.singleShot(0, self, lambda: self._give_room(id_))

    def _give_room(self, id_: str) -> None:
        """Give a panel what it needs, and take back what the one before it in its place was given more than usual."""
        dock = self.docks[id_]
        if not dock.isVisible() or dock.isFloating():
            return
        usual = self._usual if dock.height() == self._given else dock.height()
        needed = max(usual, next(panel.height for panel in self._panels if panel.id == id_))
        missing = needed - dock.height()
        together = (dock, *self._window.tabifiedDockWidgets(dock))
        area = self._window.dockWidgetArea(dock)
        others = [
            other
            for other in self.docks.values()
            if other.isVisible() and other not in together and self._window.dockWidgetArea(other) == area
        ]
        if missing and others:
            # All have to be named: what is given to one is taken from the others, of which none can do without any.
            highest = max(others, key=lambda other: other.height())
            missing = min(missing, max(0, highest.height() - highest.minimumSizeHint().height()))
            heights = [
                dock.height() + missing,
                *(each.height() - missing * (each is highest) for each in others),
            ]
            self._window.resizeDocks(
                [dock, *others], [max(1, each) for each in heights], Qt.Orientation.Vertical
            )
            self._usual = usual
            QTimer.singleShot(0, self, lambda: self._note_given(dock))

    def _note_given(self, dock: QDockWidget) -> None:
        self._given = dock.height()

    @property
    def state(self) -> QByteArray:
        """Places and sizes of the panels, to be kept for the next time."""
        if self._before is not None:
            return self._before[1]
        return self._window.saveState(_VERSION) if self.is_in else self._last

    @state.setter
    def state(self, state: QByteArray) -> None:
        """Take what was kept; to be set before the first film is opened."""
        self._last = state

    def reset(self) -> None:
        """Put all panels where they belong."""
        self._window.restoreState(self._first, _VERSION)
        self._set_sizes()

    def _arrange(self) -> None:
        """Put the panels where they belong, then where the user has put them."""
        before: dict[Qt.DockWidgetArea, QDockWidget] = {}
        for panel in self._panels:
            dock = self.docks[panel.id]
            self._window.addDockWidget(panel.area, dock)
            if panel.tabbed and panel.area in before:
                self._window.tabifyDockWidget(before[panel.area], dock)
            before[panel.area] = dock
            dock.setVisible(panel.shown)
        for panel in self._panels:
            if not panel.tabbed:
                self.docks[panel.id].raise_()
        self._set_sizes()
        self._first = self._window.saveState(_VERSION)
        if not self._last.isEmpty():
            self._window.restoreState(self._last, _VERSION)

    def _set_sizes(self) -> None:
        for direction, sizes in ((Qt.Orientation.Horizontal, _WIDTHS), (Qt.Orientation.Vertical, _HEIGHTS)):
            self._window.resizeDocks([self.docks[id_] for id_ in sizes], list(sizes.values()), direction)

    def add_to_menu(self, menu: QMenu) -> None:
        """List the panels in a menu, to be switched on and off."""
        panels = menu.addMenu(tr("Panels"))
        for id_, dock in self.docks.items():
            if dock.features() & QDockWidget.DockWidgetFeature.DockWidgetClosable:
                line = dock.toggleViewAction()
                panels.addAction(line)
                line.triggered.connect(partial(self._on_line_triggered, id_))

    def _on_line_triggered(self, id_: str) -> None:
        if self.is_shown(id_):
            # Qt leaves it behind those that share its place.
            self.show(id_)

    def _make_tool_bar(self) -> QToolBar:
        bar = QToolBar(tr("Tool bar"))
        bar.setObjectName("tool_bar")
        bar.setIconSize(QSize(20, 20))
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for number, group in enumerate(TOOLS):
            if number:
                bar.addSeparator()
            for id_ in group:
                bar.addAction(self._actions[id_])
        self._window.addToolBar(bar)
        return bar


def _make_dock(panel: Panel, window: QMainWindow) -> QDockWidget:
    # Made without a parent it begins as large as a window, which panels behind tabs are until they come to the front.
    dock = QDockWidget(panel.title)
    # Within the window before it holds anything, since all that it holds is given its style anew where it is moved to.
    dock.setParent(window)
    dock.hide()
    dock.setObjectName(panel.id)
    dock.setWidget(panel.widget)
    if panel.area in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
        panel.widget.setMinimumWidth(_LEAST_WIDTH)
    if panel.fixed:
        dock.setTitleBarWidget(QWidget())
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
    return dock
