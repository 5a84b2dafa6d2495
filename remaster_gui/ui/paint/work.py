"""Fills and spreading, which take longer than a gesture may: made on a thread, put on the reference when done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from remaster_gui.base.language import tr
from remaster_gui.painting.fill import fill
from remaster_gui.painting.painted_hints import blocked_reason
from remaster_gui.painting.raster import PixelDelta, Raster
from remaster_gui.painting.spread import spread
from remaster_gui.ui.paint.target import PaintTarget
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.workers.background_tasks import BackgroundTask, BackgroundTasks

Change = Callable[[Raster, Event], PixelDelta | None]


@dataclass(frozen=True, slots=True)
class _Result:
    """A change, the raster with it, and what the changed box looks like."""

    delta: PixelDelta
    after: Raster
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Order:
    change: Change
    text: str
    doing: str
    uses_color: bool = False
    follows: bool = False
    """It grows out of what was painted just now, is one step with that, and gives way to what is painted next."""


class PaintWork(QObject):
    """Makes changes on copies of the target's raster, one after the other. Lives on the GUI thread.

    While it runs nothing else should paint, but for what only follows a stroke; what it has made for a raster that was
    changed or left meanwhile is dropped, and the user told.
    """

    running_changed = Signal(bool)
    """Whether something is being made that the user has asked for."""

    def __init__(
        self,
        target: PaintTarget,
        settings: ToolSettings,
        tasks: BackgroundTasks,
        parent: QObject | None = None,
        *,
        spreading: Callable[[], Change] = lambda: spread,
    ) -> None:
        """`spreading` tells how strokes are spread: asked for each time on the GUI thread."""
        super().__init__(parent)
        self._spreading = spreading
        self.spreads_along = False
        """Whether what is painted spreads at once."""
        self._target, self._settings, self._tasks = target, settings, tasks
        self._waiting: deque[_Order] = deque()
        self._task: BackgroundTask | None = None
        self._order: _Order | None = None
        """What is being made."""

    @property
    def is_running(self) -> bool:
        """Whether a change is being made that the user has asked for."""
        return self._order is not None and not self._order.follows

    @property
    def blocked_reason(self) -> str:
        """Why nothing else can be painted now, in one sentence; '' if it can."""
        if self._order is None or self._order.follows:
            return ""
        return tr("Wait until the {doing} is done, or stop it with Esc.", doing=self._order.doing)

    def fill(self, x: float, y: float) -> bool:
        """Fill around a place with the foreground colour; False if that cannot be."""
        color, tolerance = self._settings.foreground[1:], self._settings.tolerance
        change = partial(_filled, x=x, y=y, color=color, tolerance=tolerance)
        return self._take(_Order(change, tr("Fill"), tr("fill"), uses_color=True))

    def spread(self) -> bool:
        """Let what is painted grow into the whole frame; False if that cannot be."""
        raster = self._target.raster
        reason = self._target.blocked_reason or ("" if raster is None else blocked_reason(raster))
        if reason:
            self._target.refuse(reason)
            return False
        return self._take(_Order(self._spreading(), tr("Spread strokes"), tr("spreading")))

    def follow(self) -> None:
        """Let what was painted just now grow at once, where that is wanted: the two are one step to undo."""
        if self.spreads_along and not self._target.blocked_reason and self._target.raster is not None:
            self._take(_Order(self._spreading(), tr("Spread strokes"), tr("spreading"), follows=True))

    def give_way(self) -> None:
        """Give up what only follows a stroke: the next one begins."""
        self._waiting = deque(order for order in self._waiting if not order.follows)
        if self._order is not None and self._order.follows:
            self._stop()

    def cancel(self) -> bool:
        """Give up what is being made and what waits; False if there is nothing."""
        self._waiting.clear()
        return self._stop()

    def _stop(self) -> bool:
        was_running = self.is_running
        task, self._task, self._order = self._task, None, None
        if task is None:
            return False
        task.cancel()
        if was_running:
            self.running_changed.emit(False)
        return True

    def _take(self, order: _Order) -> bool:
        if self._target.blocked_reason or self._target.raster is None:
            if self._target.blocked_reason:
                self._target.refuse(self._target.blocked_reason)
            return False
        self.give_way()
        self._waiting.append(order)
        if self._task is None:
            self._begin()
        return True

    def _begin(self) -> None:
        order, raster = self._waiting.popleft(), self._target.raster
        if raster is None:
            self._waiting.clear()
            return
        made = partial(_make, order.change, raster.copy())
        task = self._tasks.start(made, doing=tr("the {doing} was being made", doing=order.doing))
        self._task, self._order = task, order
        task.finished.connect(partial(self._on_finished, order, raster, raster.changes))
        task.failed.connect(self._target.refuse)
        task.ended.connect(partial(self._on_ended, task))
        if self.is_running:
            self.running_changed.emit(True)

    def _on_finished(self, order: _Order, raster: Raster, changes: int, result: _Result | None) -> None:
        if result is None or self._target.raster is not raster:
            return
        if raster.changes != changes or self._target.blocked_reason:
            if order.follows:
                return  # what it grew out of was taken back
            self._target.refuse(
                tr(
                    "The frame was changed meanwhile, so the {doing} was dropped; do it again.",
                    doing=order.doing,
                )
            )
            return
        box = result.delta.box
        raster.chrominance[box.slices] = result.after.chrominance[box.slices]
        raster.coverage[box.slices] = result.after.coverage[box.slices]
        raster.changes += 1
        self._target.pixels_changed(box, result.pixels)
        self._target.commit(result.delta, order.text, joins=order.follows)
        if order.uses_color:
            self._settings.note_use()
            self.follow()

    def _on_ended(self, task: BackgroundTask) -> None:
        if task is not self._task:
            return
        was_running = self.is_running
        self._task = self._order = None
        if self._waiting:
            self._begin()
        if was_running and not self.is_running:
            self.running_changed.emit(False)


def _make(change: Change, raster: Raster, cancel: Event) -> _Result | None:
    """Make a change on a copy, on another thread, and all that the GUI thread would have to make of it."""
    delta = change(raster, cancel)
    if delta is None or cancel.is_set():
        return None
    delta.apply(raster)
    return _Result(delta, raster, raster.rgb(delta.box))


def _filled(
    raster: Raster, _cancel: Event, *, x: float, y: float, color: tuple[float, float], tolerance: float
) -> PixelDelta | None:
    return fill(raster, x, y, color, tolerance)
