"""Remastering around the playhead on a thread of its own: the newest request wins, what is finished stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_store import STALE, frames_of_other_shots
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest
from remaster_gui.engine.preview_results import PreviewedFrame, PreviewStores, ResultKeys, result_keys
from remaster_gui.engine.sizes import Size
from remaster_gui.media import FilmFile
from remaster_gui.painting.painted_hints import CarriedColors
from remaster_gui.workers.network_slot import NetworkFacts, NetworkSlot
from remaster_gui.workers.preview_keeping import PreviewKeeper
from remaster_gui.workers.torch_import import bring_in_torch
from remaster_gui.workers.worker import Job, Service, Worker

if TYPE_CHECKING:
    from remaster_gui.engine.preview import Previewer, PreviewStep

SETTLE_MILLISECONDS = 300
"""How long the playhead must rest before the work goes to where it is."""


class Previewing:
    """Film and previewer as their worker's thread has them: made there, kept until they fail, closed there."""

    def __init__(
        self, film: FilmFile, stores: PreviewStores, network: NetworkSlot, keeper: PreviewKeeper | None
    ) -> None:
        self._file, self._stores, self._network, self._keeper = film, stores, network, keeper
        self._films = ExitStack()
        # Not the event of a request: each edit makes another one, and a long film would never be open.
        self.closing = Event()
        self._previewer: Previewer | None = None
        self._shots: tuple[FrameRange, ...] = ()

    def preview(
        self,
        request: PreviewRequest,
        opened: Callable[[Size], None],
        stepped: Callable[[PreviewStep | Progress | Notice], None],
        cancel: Event,
    ) -> None:
        """Do what is missing of a request; says the film's size when it is opened, and every step."""
        if not bring_in_torch(cancel):  # the session would bring it in plainly and hold up the window
            return
        from remaster_gui.engine.session import CancelledError

        try:
            previewer = self._current(opened, cancel)
            self._forget_other_shots(request.guidance.shots)
            if self._keeper is not None:
                # What is on the disk need not be made again.
                keys, came = previewer.keys(request.guidance), partial(_came, stepped)
                self._keeper.bring(request, keys, cancel, whole=False, came=came)
            self._tell_reused(previewer, request.guidance, stepped, cancel)
            steps = previewer.preview(request, cancel)
            for step in self._network.turns.in_turns("preview", steps, cancel):
                stepped(step)
        except CancelledError:
            pass
        except BaseException:
            # Whatever is wrong with film or network, the next request begins with new ones.
            self.close()
            raise

    def reuse(self, guidance: Guidance, stepped: Callable[[PreviewStep], None], cancel: Event) -> None:
        """Find out what a change of references leaves as it is, as far as that needs no network to be loaded."""
        if self._previewer is not None and guidance.shots == self._shots:
            self._tell_reused(self._previewer, guidance, stepped, cancel)

    def _tell_reused(
        self,
        previewer: Previewer,
        guidance: Guidance,
        stepped: Callable[[PreviewStep], None],
        cancel: Event,
    ) -> None:
        for each in previewer.reuse(guidance, cancel):
            if self._keeper is not None:
                self._keeper.rename(each.frames, each.before, each.after, guidance)
            _came(stepped, each.frames)

    def close(self) -> None:
        """Let go of both."""
        self._previewer = None
        self._films.close()

    def _current(self, opened: Callable[[Size], None], cancel: Event) -> Previewer:
        """Return the previewer of the network that is wanted now, opening the film at first use or after a failure.

        Library and network take a while to come in, so it is asked before each step whether it is wanted any more.
        """
        from remaster_gui.engine.preview import Previewer
        from remaster_gui.engine.session import checking

        check = checking(cancel)
        check()
        loaded = self._network.loaded()
        check()
        if self._previewer is None or self._previewer.loaded is not loaded:
            self.close()
            film = self._films.enter_context(self._file.open(self.closing))
            opened(Size(film.info.width, film.info.height))
            self._previewer = Previewer(film, loaded, self._stores)
        return self._previewer

    def _forget_other_shots(self, shots: tuple[FrameRange, ...]) -> None:
        """Forget what the last window of the former shots has left behind."""
        if shots != self._shots:
            self._stores.forget(frames_of_other_shots(self._shots, shots))
            self._shots = shots


class PreviewService(Service):
    """The preview of one film. Lives on the GUI thread.

    Finished frames are in `stores`, which any thread may read; signals say what has become ready. Preview and export
    run side by side, each on its own thread.
    """

    frames_ready = Signal(object)
    """tuple[int, ...]: frames that have another picture than before: up to date now, or the draft of one frame (see
    `Previewer.preview`)."""
    running_changed = Signal(bool)
    progress_changed = Signal(object)
    """Progress of this request."""
    noticed = Signal(object)
    """Notice."""
    key_changed = Signal()
    """Other frames than before count as up to date: ask for `states` and `result` again."""
    failed = Signal(str)
    """One sentence for the user; the next request is served all the same."""

    def __init__(
        self,
        film: FilmFile,
        stores: PreviewStores,
        network: NetworkSlot,
        parent: QObject | None = None,
        *,
        keeper: PreviewKeeper | None = None,
    ) -> None:
        """Serve `film`; it is opened and the network loaded when the first request comes.

        `keeper`: what is on the disk is taken from there.
        """
        super().__init__(parent)
        self._stores, self._network = stores, network
        self._film_size: Size | None = None
        self._expected = ""
        self._request: PreviewRequest | None = None
        self._keyed: tuple[Guidance, tuple[str, Size], ResultKeys] | None = None
        self._generation = 0
        self._running = False
        self._resting = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._resting.timeout.connect(self._on_resting_timeout)
        network.facts_changed.connect(self._on_network_facts_changed)
        self._previewing = Previewing(film, stores, network, keeper)
        self._worker = Worker("preview", self, last=self._previewing.close)

    @property
    def is_running(self) -> bool:
        """Whether frames are being remastered."""
        return self._running

    def prepare(self) -> None:
        """Bring in the library of the network, half of what the first preview takes: one can be expected."""
        self._worker.add(Job(bring_in_torch, tr("getting ready for a preview"), self.failed.emit))

    def request(self, request: PreviewRequest) -> None:
        """Preview this instead of what was asked for before.

        A changed playhead alone interrupts nothing until it rests; then the work goes on from there, unless that frame
        is up to date already. So scrubbing and playing do not cost what is under way.
        """
        before, self._request = self._request, request
        if before is not None and before.guidance.shots != request.guidance.shots:
            self._stores.forget(frames_of_other_shots(before.guidance.shots, request.guidance.shots))
        if before is None or replace(before, playhead=request.playhead) != request:
            self._begin()
            self.key_changed.emit()
        elif before.playhead != request.playhead:
            self._resting.start()
        elif not self._running:
            self._begin()

    def reuse(self, guidance: Guidance) -> None:
        """Let those frames soon count as up to date that a change of references leaves as they are.

        For when no preview is under way, which does that itself.
        """
        if not self._running:
            work = partial(
                self._previewing.reuse,
                guidance,
                partial(self._worker.tell, self._on_stepped, self._generation),
            )
            self._worker.put(Job(work, tr("looking what stays of the preview"), _passed_over))

    def expect(self, film: Size, identity: str) -> None:
        """Take it that the film's pictures have this size and the network this identity, until both are open."""
        self._film_size, self._expected = film, identity
        self.key_changed.emit()

    def stop(self) -> None:
        """Stop what is under way, within the time of one temporal window. What is finished stays."""
        self._resting.stop()
        self._generation += 1
        self._interrupt()
        self._set_running(False)

    def close(self) -> None:
        """End the thread; returns within the time of one temporal window. Nothing is emitted afterwards."""
        self._resting.stop()
        self._previewing.closing.set()
        self._worker.close()

    def keys(self, guidance: Guidance) -> ResultKeys | None:
        """Return what results made by `guidance` are kept under; None until film and network are known."""
        facts = self._network.facts
        identity = self._expected if facts is None else facts.identity
        if not identity or self._film_size is None:
            return None
        # It is asked for with every frame that is shown, and a film may have thousands of shots.
        about, size = (identity, self._film_size), self._film_size
        if self._keyed is None or self._keyed[0] is not guidance or self._keyed[1] != about:
            self._keyed = guidance, about, result_keys(guidance, size, identity)
        return self._keyed[2]

    def states(self, guidance: Guidance, decoded: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
        """Return the state of every frame as the strip shows it (see `frame_store`); `decoded` ``(frames,)``."""
        return self._stores.states(self.keys(guidance), decoded)

    def result(self, frame: int, guidance: Guidance) -> tuple[PreviewedFrame, int] | None:
        """Return a frame as last remastered and its state as seen from `guidance`; None where there is nothing."""
        return self._stores.result(frame, self.keys(guidance))

    def carried(self, frame: int, guidance: Guidance) -> CarriedColors | None:
        """Return what the references of `guidance` carry to a frame; None where that is not there or out of date."""
        keys = self.keys(guidance)
        found = None if keys is None else self._stores.result(frame, keys)
        return None if found is None or found[1] == STALE else found[0].carried

    def _begin(self) -> None:
        request = self._request
        assert request is not None
        self._resting.stop()
        self._generation += 1
        keys, span = self.keys(request.guidance), request.span
        is_complete = keys is not None and self._stores.held(keys)[span.start : span.stop].all()
        self._interrupt()
        if not is_complete:
            self._worker.put(self._job(request, self._generation))
        self._set_running(not is_complete)

    def _interrupt(self) -> None:
        """Drop what waits and stop what is under way."""
        self._worker.put()
        self._worker.cancel()

    def _job(self, request: PreviewRequest, generation: int) -> Job:
        return Job(
            partial(
                self._previewing.preview,
                request,
                partial(self._worker.tell, self._on_film_opened),
                partial(self._worker.tell, self._on_stepped, generation),
            ),
            tr("making the preview"),
            done=lambda _: self._on_ended(generation, ""),
            failed=partial(self._on_ended, generation),
        )

    def _set_running(self, running: bool) -> None:
        if running != self._running:
            self._running = running
            self.running_changed.emit(running)

    def _on_resting_timeout(self) -> None:
        request = self._request
        if request is None:
            return
        keys, here = self.keys(request.guidance), request.playhead
        if not self._running or keys is None or self._stores.results.get(here, keys.at(here)) is None:
            self._begin()

    def _on_network_facts_changed(self, facts: NetworkFacts | None) -> None:
        if self._worker.is_closed:
            return
        self._expected = ""
        self.key_changed.emit()
        if facts is None and self._running:
            self._begin()

    def _on_film_opened(self, size: Size) -> None:
        if size != self._film_size:
            self._film_size = size
            self.key_changed.emit()

    def _on_stepped(self, generation: int, step: PreviewStep | Progress | Notice) -> None:
        if isinstance(step, Notice):
            self.noticed.emit(step)
        elif not isinstance(step, Progress):
            # Right whoever asked: they are kept under the key that they were made for.
            self.frames_ready.emit(step.frames if step.draft is None else (step.draft,))
        elif generation == self._generation:
            self.progress_changed.emit(step)

    def _on_ended(self, generation: int, sentence: str) -> None:
        if generation != self._generation:
            return
        self._set_running(False)
        if sentence:
            self.failed.emit(sentence)


def _passed_over(_sentence: str) -> None:
    """Show nothing: what is not known to stay is made anew when it is wanted, and the log has it."""


def _came(stepped: Callable[[PreviewStep], None], frames: tuple[int, ...]) -> None:
    """Say that frames have come from the disk."""
    from remaster_gui.engine.preview import PreviewStep

    if frames:
        stepped(PreviewStep(frames))
