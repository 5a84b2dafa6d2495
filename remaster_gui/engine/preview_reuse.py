"""Previewed frames that a changed reference leaves as they are, since they draw nothing from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event

import numpy as np

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.preview_plan import Guidance
from remaster_gui.engine.preview_results import PreviewStores, ResultKey, ResultKeys
from remaster_gui.engine.repainted import ShiftBook, is_unaffected, retied
from remaster_gui.engine.sizes import Size
from remaster_gui.model.colorization import ReferenceFeatures

_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Reused:
    """Frames that are kept under the key `after` now as well as under `before`."""

    frames: tuple[int, ...]
    before: ResultKey
    after: ResultKey


class PreviewReuse:
    """Finds results of former references that hold for the present ones. For the thread of the previewer.

    It goes by the features of references that are still in memory.
    """

    def __init__(self, loaded: LoadedNetwork, stores: PreviewStores) -> None:
        """Look at what is in `stores`."""
        self._loaded, self._stores = loaded, stores
        self._books: dict[Size, ShiftBook] = {}

    def look(self, guidance: Guidance, keys: ResultKeys, cancel: Event) -> Iterator[Reused]:
        """Keep such results under the keys of `guidance` as well, of all frames of the film."""
        results, known = self._stores.results, dict[ResultKey, list[ResultKey]]()
        for each in results.known_keys():
            known.setdefault(_but_for_references(each), []).append(each)
        for after in keys.distinct:
            for before in known.get(_but_for_references(after), []):
                if before == after:
                    continue
                wanted = keys.where(after, results.frame_count)
                missing = results.held(before) & wanted & ~results.held(after)
                for shot in _followed_otherwise(guidance, before, after):
                    missing[shot.start : shot.stop] = False
                yield from self._moved(np.flatnonzero(missing).tolist(), before, after, guidance, cancel)

    def _moved(
        self, frames: list[int], before: ResultKey, after: ResultKey, guidance: Guidance, cancel: Event
    ) -> Iterator[Reused]:
        given = {each.digest: each for each in guidance.all_guides}
        working, ready = after.luminance.working, list[int]()
        book = self._books.setdefault(working, ShiftBook(self._loaded.network))
        for frame in frames:
            if cancel.is_set():
                break
            found = self._stores.results.get(frame, before)
            if found is None or found.drawn is None:
                continue
            shifts = book.of(found.drawn, after.references, lambda name: self._features(name, given, working))
            if is_unaffected(found.drawn, after.references, shifts) and self._stores.results.put(
                frame, after, found
            ):
                ready.append(frame)
            if len(ready) == _TOGETHER:
                yield Reused(tuple(ready), before, after)
                ready.clear()
        if ready:
            yield Reused(tuple(ready), before, after)

    def _features(self, digest: str, given: dict[str, Reference], working: Size) -> ReferenceFeatures | None:
        """Return the features of a reference: of one that is painted over meanwhile if they are in memory yet."""
        if digest in given:
            return self._loaded.references.features(given[digest], working)
        return self._loaded.references.known(digest, working)


def _but_for_references(key: ResultKey) -> ResultKey:
    return replace(key, references=(), tied=None if key.tied is None else ())


def _followed_otherwise(guidance: Guidance, before: ResultKey, after: ResultKey) -> list[FrameRange]:
    """Return the shots in which references show other frames than before, where that matters."""
    if before.tied == after.tied or before.tied is None or after.tied is None:
        return []
    pairs = (zip(key.references, key.tied, strict=True) for key in (before, after) if key.tied is not None)
    frames = retied(*pairs)
    return [shot for shot in guidance.shots if any(frame in shot for frame in frames)]
