"""Luminance of a film at working size, as it is and restored; what is restored outlives a change of colours."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from threading import Event

import numpy as np
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import Plan
from remaster_gui.engine.frame_store import FrameStore
from remaster_gui.engine.preview_results import LuminanceKey, Stored, to_float, to_stored
from remaster_gui.engine.session import CancelledError, checking
from remaster_gui.engine.shot_look import look, looked_at, needs_look
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.engine.stream import Pass, walk
from remaster_gui.media import Film
from remaster_gui.model import RemasterNetwork

READ_AHEAD = 24
"""Frames decoded in one go, so that work at two places of a film does not seek for every window."""
SOURCE_BUDGET = 64 * 2**20
"""Bytes of the film's own luminance that are kept: enough for a few places; decoding again costs little."""
REMEMBERED_LOOKS = 64
"""Shots whose look is remembered: a fifth of a megabyte each."""


class LuminanceSource:
    """Delivers luminance window by window from the store, or by decoding and restoring what is missing there.

    Not thread-safe: the thread that owns film and network uses it.
    """

    def __init__(self, film: Film, network: RemasterNetwork, store: FrameStore[LuminanceKey, Stored]) -> None:
        """Read `film` and restore with `network`; what is restored goes into `store`, which any thread may read."""
        self._film, self._network, self._store = film, network, store
        self._decoded: OrderedDict[tuple[int, Size], Stored] = OrderedDict()
        self._looks: OrderedDict[tuple[FrameRange, Size], Tensor] = OrderedDict()

    def source(self, frame: int, working: Size, stop: int | None = None) -> Stored:
        """Return the film's own luminance, decoding on up to `stop` where it is missing."""
        found = self._decoded.get((frame, working))
        if found is not None:
            self._decoded.move_to_end((frame, working))
            return found
        ahead = min(READ_AHEAD, max(1, SOURCE_BUDGET // (4 * 2 * working.pixels)))
        for index in range(frame, max(frame + 1, min(stop or 0, frame + ahead))):
            if (index, working) in self._decoded:
                break
            own = to_stored(resize(luma_to_lightness(self._film.read(index).pixels), working))
            self._decoded[index, working] = own
            found = own if found is None else found
        assert found is not None
        while len(self._decoded) * found.nbytes > SOURCE_BUDGET and len(self._decoded) > ahead:
            self._decoded.popitem(last=False)
        return found

    def look(
        self, shot: FrameRange, working: Size, check: Callable[[], None] = lambda: None
    ) -> Tensor | None:
        """Return a look at a shot, if the network asks for one; the latest ones are remembered.

        `check` is called before each frame and may raise.
        """
        if not needs_look(self._network):
            return None
        known = self._looks.pop((shot, working), None)
        if known is None:
            known = look(self._frames(looked_at(shot), working, check))
        self._looks[shot, working] = known
        if len(self._looks) > REMEMBERED_LOOKS:
            self._looks.popitem(last=False)
        return known

    def windows(
        self, shot: FrameRange, span: FrameRange, key: LuminanceKey, plan: Plan, cancel: Event
    ) -> Iterator[list[Stored]]:
        """Yield the frames of `span`, which lies inside `shot`, in order, at most `plan.window` at a time.

        Raises `CancelledError` within one window of `cancel` being set.
        """
        at = span.start
        while at < span.stop:
            stop = min(span.stop, at + plan.window)
            if not key.restored:
                yield [self.source(index, key.working, span.stop) for index in range(at, stop)]
                at = stop
            elif kept := self._kept(at, stop, key):
                at += len(kept)
                yield kept
            else:
                missing = FrameRange(at, self._next_kept(at, span.stop, key))
                for restored in self._restore(shot, missing, key, plan, cancel):
                    # The end of a range sets many frames free at once.
                    for start in range(0, len(restored), plan.window):
                        yield restored[start : start + plan.window]
                        if cancel.is_set():
                            raise CancelledError
                at = missing.stop
            if cancel.is_set():
                raise CancelledError

    def _frames(self, indices: Sequence[int], working: Size, check: Callable[[], None]) -> Iterator[Float]:
        for index in indices:
            check()
            yield to_float(self.source(index, working))[None]

    def _kept(self, start: int, stop: int, key: LuminanceKey) -> list[Stored]:
        frames = []
        for index in range(start, stop):
            stored = self._store.get(index, key)
            if stored is None:
                break
            frames.append(stored)
        return frames

    def _next_kept(self, start: int, stop: int, key: LuminanceKey) -> int:
        return next((i for i in range(start, stop) if self._store.get(i, key) is not None), stop)

    def _restore(
        self, shot: FrameRange, span: FrameRange, key: LuminanceKey, plan: Plan, cancel: Event
    ) -> Iterator[list[Stored]]:
        """Restore `span` with all of its shot that has influence on it."""
        work = Pass(
            self._network,
            (),
            key.working,
            key.working,
            colorization=False,
            tile_edge=plan.tile_edge,
            limits=plan.limits,
        )

        check = checking(cancel)

        def windows(needed: FrameRange) -> Generator[Float]:
            for start in range(needed.start, needed.stop, plan.window):
                stop = min(needed.stop, start + plan.window)
                clip = (self.source(index, key.working, needed.stop) for index in range(start, stop))
                yield np.stack([to_float(picture) for picture in clip])

        for frames in walk(work, shot, span, windows, check, self.look(shot, key.working, check)):
            done = [to_stored(frame.luminance) for frame in frames]
            for frame, stored in zip(frames, done, strict=True):
                self._store.put(frame.index, key, stored)
            yield done
