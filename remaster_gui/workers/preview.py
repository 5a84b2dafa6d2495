"""Remastering around the playhead on a thread of its own: the newest request wins, what is finished stays."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, QTimer, Signal

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_store import frames_of_other_shots
from remaster_gui.engine.preview_plan import PreviewRequest
from remaster_gui.engine.preview_results import PreviewedFrame, PreviewStores, ResultKey, result_key
from remaster_gui.engine.sizes import Size
from remaster_gui.workers.background import sentence_for, stand_back
from remaster_gui.workers.network import NetworkFacts, NetworkSlot

if TYPE_CHECKING:
    from remaster_gui.engine.preview import Previewer

log = logging.getLogger(__name__)

SETTLE_MILLISECONDS = 300
"""How long the playhead must rest before the work goes to where it is."""
UNKNOWN = -1.0
"""Seconds left, while nobody can tell."""


@dataclass(frozen=True, slots=True)
class _Job:
    request: PreviewRequest
    generation: int
    cancel: Event = field(default_factory=Event, compare=False)


class _PreviewThread(QThread):
    """Owns film and previewer; shares the stores and the fields under `_changed`."""

    film_opened = Signal(object)
    stepped = Signal(int, object, str, int, int, float)
    ended = Signal(int, str)

    def __init__(self, path: Path, stores: PreviewStores, network: NetworkSlot, parent: QObject) -> None:
        super().__init__(parent)
        self._path, self._stores, self._network = path, stores, network
        self._changed = Condition()
        self._wanted: _Job | None = None
        self._current: _Job | None = None
        self._stopping = False
        self._shots: tuple[FrameRange, ...] = ()

    def want(self, job: _Job | None) -> None:
        """Replace whatever was wanted or is being done; with None stop it."""
        with self._changed:
            if self._current is not None:
                self._current.cancel.set()
            self._wanted = job
            self._changed.notify()

    def stop(self) -> None:
        """End within the time of one window."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.want(None)

    def run(self) -> None:
        stand_back()
        with ExitStack() as films:
            previewer: Previewer | None = None
            while (job := self._next()) is not None:
                sentence = ""
                try:
                    previewer = self._previewer(previewer, films)
                    self._preview(previewer, job)
                except Exception as error:
                    if not _is_cancelled(error):
                        sentence = sentence_for(error, "making the preview")
                        previewer = None
                        films.close()
                with self._changed:
                    self._current = None
                self.ended.emit(job.generation, sentence)

    def _next(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._wanted is not None)
            if self._stopping:
                return None
            self._current, self._wanted = self._wanted, None
            return self._current

    def _previewer(self, before: Previewer | None, films: ExitStack) -> Previewer:
        """Return the previewer of the network that is wanted now, opening the film at first use or after a failure."""
        loaded = self._network.loaded()
        from remaster_gui.engine.preview import Previewer
        from remaster_gui.media import open_film

        if before is not None and before.loaded is loaded:
            return before
        films.close()
        film = films.enter_context(open_film(self._path))
        self.film_opened.emit(Size(film.info.width, film.info.height))
        return Previewer(film, loaded, self._stores)

    def _preview(self, previewer: Previewer, job: _Job) -> None:
        request = job.request
        if request.shots != self._shots:
            # What the last window of the former shots has left behind.
            self._stores.forget(frames_of_other_shots(self._shots, request.shots))
            self._shots = request.shots
        done, total = 0, previewer.missing(request)
        if total:
            self.stepped.emit(job.generation, (), "", 0, total, UNKNOWN)
        began = time.monotonic()
        for step in previewer.preview(request, job.cancel):
            done += len(step.frames)
            left = (time.monotonic() - began) / done * (total - done) if done else UNKNOWN
            frames = step.frames if step.draft is None else (step.draft,)
            self.stepped.emit(job.generation, frames, step.note, done, total, left)


def _is_cancelled(error: Exception) -> bool:
    from remaster_gui.engine.session import CancelledError

    return isinstance(error, CancelledError)


class PreviewController(QObject):
    """The preview of one film. Lives on the GUI thread.

    Finished frames are in `stores`, which any thread may read; signals say what has become ready. Preview and export
    run side by side, each on its own thread.
    """

    frames_ready = Signal(object)
    """tuple[int, ...]: frames that have another picture than before: up to date now, or the draft of one frame (see
    `Previewer.preview`)."""
    note_changed = Signal(str)
    """What is being done ("Encoding references"), or ''; a whole sentence says what the user should know and stays."""
    running_changed = Signal(bool)
    progress_changed = Signal(int, int, float)
    """Frames done and to do in this request, and seconds left (negative: unknown)."""
    key_changed = Signal()
    """Other frames than before count as up to date: ask for `states` and `result` again."""
    failed = Signal(str)
    """One sentence for the user; the next request is served all the same."""

    def __init__(
        self, film_path: Path, stores: PreviewStores, network: NetworkSlot, parent: QObject | None = None
    ) -> None:
        """Serve the film at `film_path`; it is opened and the network loaded when the first request comes."""
        super().__init__(parent)
        self._stores, self._network = stores, network
        self._film_size: Size | None = None
        self._request: PreviewRequest | None = None
        self._generation = 0
        self._running = self._closed = False
        self._note = ""
        self._resting = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._resting.timeout.connect(self._on_resting_timeout)
        network.facts_changed.connect(self._on_network_facts_changed)
        self._thread = _PreviewThread(film_path, stores, network, self)
        self._thread.film_opened.connect(self._on_film_opened)
        self._thread.stepped.connect(self._on_stepped)
        self._thread.ended.connect(self._on_ended)
        self._thread.start(QThread.Priority.LowPriority)

    @property
    def is_running(self) -> bool:
        """Whether frames are being remastered."""
        return self._running

    def request(self, request: PreviewRequest) -> None:
        """Preview this instead of what was asked for before.

        A changed playhead alone interrupts nothing until it rests; then the work goes on from there, unless that frame
        is up to date already. So scrubbing and playing do not cost what is under way.
        """
        before, self._request = self._request, request
        if before is not None and before.shots != request.shots:
            self._stores.forget(frames_of_other_shots(before.shots, request.shots))
        if before is None or replace(before, playhead=request.playhead) != request:
            self._begin()
            self.key_changed.emit()
        elif before.playhead != request.playhead:
            self._resting.start()
        elif not self._running:
            self._begin()

    def stop(self) -> None:
        """Stop what is under way, within the time of one temporal window. What is finished stays."""
        self._resting.stop()
        self._generation += 1
        self._thread.want(None)
        self._set_running(False)
        self._set_note("")

    def close(self) -> None:
        """End the thread; returns within the time of one temporal window. Nothing is emitted afterwards."""
        self._closed = True
        self._resting.stop()
        self._thread.stop()
        self._thread.wait()

    def key(self, request: PreviewRequest) -> ResultKey | None:
        """Return what results of the request are kept under; None until film and network are known."""
        facts = self._network.facts
        if facts is None or self._film_size is None:
            return None
        return result_key(request, self._film_size, facts.digest)

    def states(self, request: PreviewRequest, decoded: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
        """Return the state of every frame as the strip shows it (see `frame_store`); `decoded` ``(frames,)``."""
        return self._stores.states(self.key(request), decoded)

    def result(self, frame: int, request: PreviewRequest) -> tuple[PreviewedFrame, int] | None:
        """Return a frame as last remastered and its state as seen from the request; None where there is nothing."""
        return self._stores.result(frame, self.key(request))

    def _begin(self) -> None:
        request = self._request
        assert request is not None
        self._resting.stop()
        self._generation += 1
        key, span = self.key(request), request.span
        is_complete = key is not None and self._stores.results.held(key)[span.start : span.stop].all()
        self._set_note("")
        self._thread.want(None if is_complete else _Job(request, self._generation))
        self._set_running(not is_complete)

    def _set_running(self, running: bool) -> None:
        if running != self._running:
            self._running = running
            self.running_changed.emit(running)

    def _set_note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self.note_changed.emit(note)

    def _on_resting_timeout(self) -> None:
        request = self._request
        if request is None or self._closed:
            return
        key = self.key(request)
        if not self._running or key is None or self._stores.results.get(request.playhead, key) is None:
            self._begin()

    def _on_network_facts_changed(self, facts: NetworkFacts | None) -> None:
        if self._closed:
            return
        self.key_changed.emit()
        if facts is None and self._running:
            self._begin()

    def _on_film_opened(self, size: Size) -> None:
        if not self._closed and size != self._film_size:
            self._film_size = size
            self.key_changed.emit()

    def _on_stepped(
        self, generation: int, frames: tuple[int, ...], note: str, done: int, total: int, left: float
    ) -> None:
        if self._closed:
            return
        if frames:
            # Right whoever asked: they are kept under the key that they were made for.
            self.frames_ready.emit(frames)
        if generation == self._generation:
            if note or not self._note.endswith("."):
                self._set_note(note)
            self.progress_changed.emit(done, total, left)

    def _on_ended(self, generation: int, sentence: str) -> None:
        if self._closed or generation != self._generation:
            return
        if not self._note.endswith("."):
            self._set_note("")
        self._set_running(False)
        if sentence:
            self.failed.emit(sentence)
