"""Attention for the screen on a thread of its own: maps, heat under the pointer, and the timeline's lane of shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from remaster_gui.base.choices import Layer, ShotSettings
from remaster_gui.base.language import tr
from remaster_gui.engine.attention_results import AttentionMap, FrameShares, PointHeat
from remaster_gui.engine.frame_store import FrameStore
from remaster_gui.engine.messages import read_only
from remaster_gui.engine.preview_plan import Guidance
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.media import FilmFile
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.worker import Job, Service, Worker

if TYPE_CHECKING:
    from remaster_gui.engine.attention_reader import AttentionReader

SHARES_BUDGET = 32 * 2**20
"""Bytes of the lane's numbers: 200 references in 30,000 frames."""

_Kind = Literal["point", "map", "shares"]
_SLOTS: tuple[_Kind, ...] = get_args(_Kind)
"""What is answered first: the point under the pointer, then the map, then the lane; the newest question of each."""
_SharesKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    kind: _Kind
    guidance: Guidance
    frame: int
    layer: Layer = "fine"
    at: tuple[float, float] = (0.0, 0.0)
    generation: int = 0
    epoch: int = 0
    """Counts changes of references, settings and weights: answers of an earlier one are stale."""


class Reading:
    """Film and reader as their worker's thread has them: made there, kept until they fail, closed there."""

    def __init__(self, film: FilmFile, stores: PreviewStores, network: NetworkSlot) -> None:
        self._file, self._stores, self._network = film, stores, network
        self._films = ExitStack()
        self._reader: AttentionReader | None = None

    def answer(self, question: _Question, cancel: Event) -> AttentionMap | PointHeat | FrameShares:
        """Answer one question."""
        try:
            reader = self._current(cancel)
            if question.kind == "point":
                return reader.heat(question.guidance, question.frame, *question.at, question.layer)
            if question.kind == "map":
                return reader.map(question.guidance, question.frame, question.layer)
            return reader.shares(question.guidance, question.frame)
        except BaseException:
            # Whatever is wrong with film or network, the next question begins with new ones.
            self.close()
            raise

    def close(self) -> None:
        """Let go of both."""
        self._reader = None
        self._films.close()

    def _current(self, cancel: Event) -> AttentionReader:
        loaded = self._network.loaded()
        from remaster_gui.engine.attention_reader import AttentionReader

        if self._reader is None or self._reader.loaded is not loaded:
            self.close()
            film = self._films.enter_context(self._file.open(cancel))
            self._reader = AttentionReader(film, loaded, self._stores)
        return self._reader


class AttentionService(Service):
    """The attention of one film's frames. Lives on the GUI thread.

    `set_guidance` says which references and settings count: those of the preview. The preview goes on meanwhile; both
    use one network.
    """

    map_ready = Signal(int, object, int)
    """Frame, AttentionMap, generation of the request."""
    point_ready = Signal(int, object, int)
    """Frame, PointHeat, generation of the request."""
    shares_ready = Signal(int, object)
    """Frame, FrameShares; `lane` has them as well."""
    lane_changed = Signal()
    """Other shares than before count as up to date."""
    running_changed = Signal(bool)
    """Whether the lane is being worked on."""
    failed = Signal(str)
    """One sentence for the user; the next request is served all the same."""

    def __init__(
        self,
        film: FilmFile,
        frame_count: int,
        stores: PreviewStores,
        network: NetworkSlot,
        parent: QObject | None = None,
    ) -> None:
        """Serve a film of `frame_count` frames; it is opened when the first question comes."""
        super().__init__(parent)
        self._count = frame_count
        self._guidance: Guidance | None = None
        self._shares: FrameStore[_SharesKey, FrameShares] = FrameStore(frame_count, SHARES_BUDGET)
        self._waiting: set[int] = set()
        self._epoch = 0
        network.facts_changed.connect(self._on_network_facts_changed)
        self._reading = Reading(film, stores, network)
        self._worker = Worker("attention", self, slots=_SLOTS, last=self._reading.close)

    @property
    def is_running(self) -> bool:
        """Whether the lane is being worked on."""
        return bool(self._waiting)

    def set_guidance(self, guidance: Guidance) -> None:
        """Answer for these references and settings from now on; what waits for others is dropped."""
        plain = _as_asked(guidance)
        if plain == self._guidance:
            return
        if self._guidance is not None:
            self._shares.forget(_asked_otherwise(self._guidance, plain))
        self._guidance = plain
        self._epoch += 1
        self._forget()
        self._set_waiting(set())
        self.lane_changed.emit()

    def request_map(self, frame: int, layer: Layer = "fine", generation: int = 1) -> None:
        """Ask for a frame's map, instead of one that has not been begun."""
        if self._guidance is not None:
            self._ask(_Question("map", self._guidance, frame, layer, (0.0, 0.0), generation, self._epoch))

    def request_point(
        self, frame: int, x: float, y: float, layer: Layer = "fine", generation: int = 1
    ) -> None:
        """Ask where pixel (x, y) of the film draws from, instead of a point that has not been begun."""
        if self._guidance is not None:
            self._ask(_Question("point", self._guidance, frame, layer, (x, y), generation, self._epoch))

    def request_shares(self, frames: Sequence[int]) -> None:
        """Ask for shares at these frames in their order, instead of those that wait; known ones are skipped."""
        if self._guidance is None:
            return
        held = self._shares.held(self._key)
        wanted = [frame for frame in dict.fromkeys(frames) if not held[frame]]
        questions = (_Question("shares", self._guidance, frame, epoch=self._epoch) for frame in wanted)
        self._worker.put(*map(self._job, questions), slot="shares")
        self._set_waiting(set(wanted))

    def stop(self) -> None:
        """Drop all that waits."""
        self._forget()
        self._set_waiting(set())

    def shares(self, frame: int) -> FrameShares | None:
        """Return a frame's shares if they are known and up to date."""
        return self._shares.get(frame, self._key)

    def certainty(self) -> NDArray[np.float32]:
        """Return the certainty of every frame ``(frames,)``; NaN where it is not known or stale."""
        certainty = np.full(self._count, np.nan, np.float32)
        for frame in np.flatnonzero(self._shares.held(self._key)).tolist():
            if (shares := self._shares.get(frame, self._key)) is not None:
                certainty[frame] = shares.certainty
        return certainty

    def close(self) -> None:
        """End the thread; returns within the time of one question. Nothing is emitted afterwards."""
        self._worker.close()

    def _ask(self, question: _Question) -> None:
        """Ask for a map or a point instead of the one that waits."""
        self._worker.put(self._job(question), slot=question.kind)

    def _job(self, question: _Question) -> Job:
        return Job(
            partial(self._reading.answer, question),
            tr("looking at the attention"),
            done=partial(self._on_answered, question),
            failed=partial(self._on_failed, question),
        )

    def _forget(self) -> None:
        """Drop all that waits."""
        for slot in _SLOTS:
            self._worker.put(slot=slot)

    @property
    def _key(self) -> _SharesKey:
        guidance = self._guidance
        if guidance is None:
            return ()
        ranges = (" ".join(map(str, r.validity.ranges)) for r in guidance.references)
        return (guidance.proxy, *(r.digest for r in guidance.references), *ranges)

    def _set_waiting(self, frames: set[int]) -> None:
        before, self._waiting = bool(self._waiting), frames
        if bool(frames) != before:
            self.running_changed.emit(bool(frames))

    def _on_answered(self, question: _Question, answer: AttentionMap | PointHeat | FrameShares) -> None:
        if question.epoch != self._epoch:
            return
        if isinstance(answer, FrameShares):
            self._shares.put(answer.frame, self._key, answer)
            self.shares_ready.emit(answer.frame, answer)
            self._set_waiting(self._waiting - {answer.frame})
        elif isinstance(answer, PointHeat):
            self.point_ready.emit(question.frame, answer, question.generation)
        else:
            self.map_ready.emit(question.frame, answer, question.generation)
            if answer.layer == "fine":
                shares = read_only(answer.shares.mean(axis=(0, 1)))
                known = FrameShares(answer.frame, answer.references, shares, float(answer.certainty.mean()))
                self._shares.put(answer.frame, self._key, known)
                self.shares_ready.emit(answer.frame, known)

    def _on_failed(self, question: _Question, sentence: str) -> None:
        if question.epoch != self._epoch:
            return  # Nobody waits for it; what is asked now fails by itself, if it does.
        if question.kind == "shares" and question.frame not in self._waiting:
            return  # It was begun before the failure of the one before was told.
        # The rest of the lane would fail for the same reason.
        self._worker.put(slot="shares")
        self._set_waiting(set())
        self.failed.emit(sentence)

    def _on_network_facts_changed(self, facts: object) -> None:
        if self._worker.is_closed or facts is not None:
            return
        self._epoch += 1
        self._shares.forget(range(self._count))
        self.lane_changed.emit()


def _asked_otherwise(before: Guidance, after: Guidance) -> Iterable[int]:
    """Return the frames that other luminance or guesses ask than before."""
    has_own = bool(before.own or after.own)
    if before.settings != after.settings or (has_own and before.shots != after.shots):
        return range(after.shots[-1].stop)
    firsts = {first for first, _ in set(before.own) ^ set(after.own)}
    return [frame for shot in after.shots if shot.start in firsts for frame in shot]


def _as_asked(guidance: Guidance) -> Guidance:
    """Return `guidance` without what attention does not depend on: what only changes how a frame looks.

    Guesses beside references that somebody has chosen are left out: where none of these is valid, nothing is asked.
    """
    chosen = tuple(each for each in guidance.references if not each.is_guessed)
    own = (
        (first, ShotSettings(restoration=s.restoration, vividness=s.vividness)) for first, s in guidance.own
    )
    settings = replace(
        guidance.settings,
        luminance="restored",
        restoration_strength=1.0,
        saturation=1.0,
        grain="out",
        dirt_sensitivity=1.0,
    )
    return replace(
        guidance,
        references=chosen or guidance.references,
        settings=settings,
        marks=(),
        own=tuple((first, settings) for first, settings in own if settings.own),
    )
