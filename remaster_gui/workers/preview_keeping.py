"""Previews that outlive the window: written to the disk as they come, read when the film is opened again."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from threading import Event, Lock

from PySide6.QtCore import QObject, Signal

from remaster_gui.base import plain_data
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.engine.finish import PLAIN
from remaster_gui.engine.kept_previews import KeptFrame, KeptPreviews, film_name, previews_folder
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest, shot_at
from remaster_gui.engine.preview_results import (
    LuminanceKey,
    PreviewedFrame,
    PreviewStores,
    ResultKey,
    ResultKeys,
    result_keys,
)
from remaster_gui.engine.sizes import Size
from remaster_gui.media import FilmFile
from remaster_gui.workers.network_slot import NetworkFacts
from remaster_gui.workers.worker import Job, Service, Worker

log = logging.getLogger(__name__)

_TOGETHER = 16
"""Frames that are shown together when they come from the disk."""
_NETWORK = "network"


class PreviewKeeper:
    """What of a film's previews is on the disk, and what of them the stores have. For worker threads."""

    def __init__(
        self, film: FilmFile, stores: PreviewStores, budget: int, folder: Path | None = None
    ) -> None:
        """Keep previews of `film` in `folder` (None: the user's own).

        `budget`: bytes for all films; 0 keeps nothing.
        """
        self._film, self._stores, self._folder, self._budget = film, stores, folder, budget
        self._lock, self._writing = Lock(), Lock()
        self._kept: KeptPreviews | None = None
        self._contents: dict[str, str] = {}
        self._there: set[tuple[int, str]] = set()
        self._noted: tuple[Path | None, NetworkFacts] | None = None

    def keep(self, frames: Iterable[int], guidance: Guidance, keys: ResultKeys) -> None:
        """Write what the stores have of these frames."""
        kept, names = self._place(), self._names(guidance.references)
        found = []
        with self._writing:
            for frame in frames if kept is not None else ():
                key = keys.at(frame)
                result, text = self._stores.results.get(frame, key), _text(key, names)
                if result is not None and text and (frame, text) not in self._there:
                    self._there.add((frame, text))
                    found.append(KeptFrame(text, shot_at(guidance.shots, frame), _with_names(result, names)))
            if kept is not None and found:
                kept.put(found)

    def bring(
        self,
        request: PreviewRequest,
        keys: ResultKeys,
        cancel: Event,
        *,
        whole: bool,
        came: Callable[[tuple[int, ...]], object],
    ) -> None:
        """Read what the stores lack: what is up to date within the request, or all and what is stale with `whole`."""
        kept = self._place()
        if kept is None or not kept.path.exists():
            return
        guidance, results, ready = request.guidance, self._stores.results, []
        names = self._names(guidance.references)
        digests = {name: digest for digest, name in names.items()}
        shots = [shot for shot in guidance.shots if whole or shot.intersection(request.span)]
        found = kept.load(shots, lambda frame: _text(keys.at(frame), names), request.playhead, stale=whole)
        for each in found:
            index, key = each.frame.index, keys.at(each.frame.index)
            self._there.add((index, each.key))
            if cancel.is_set():
                break
            if each.key != _text(key, names):
                key = _unknown(each.key)
            if results.get(index, key) is None and (whole or index in request.span):
                if not results.put(index, key, _with_names(each.frame, digests)):
                    break
                if key.luminance.restored:
                    self._stores.luminance.put(index, key.luminance, each.frame.restored)
                ready.append(index)
            if len(ready) == _TOGETHER:
                came(tuple(ready))
                ready = []
        if whole:
            kept.touch()
        if ready:
            came(tuple(ready))

    def rename(self, frames: Iterable[int], before: ResultKey, after: ResultKey, guidance: Guidance) -> None:
        """Take frames that are on the disk, or are just being written, for results under another key."""
        kept, names = self._place(), self._names(guidance.references)
        old, new = _text(before, names), _text(after, names)
        if kept is None or not old or not new:
            return
        # What is being written counts as there already, and can be renamed only once it is.
        with self._writing:
            there = [frame for frame in frames if (frame, old) in self._there]
            kept.rename(there, old, new)
            self._there -= {(frame, old) for frame in there}
            self._there |= {(frame, new) for frame in there}

    def known_network(self, chosen: Path | None) -> str:
        """Return what identifies the network of chosen weights, as far as its file tells; '' where it does not."""
        kept = self._place()
        try:
            said = plain_data.table(plain_data.parse(kept.fact(_NETWORK) if kept is not None else ""))
            if said["chosen"] == _named(chosen) and said["file"] == _facts(
                Path(plain_data.text(said["path"]))
            ):
                return plain_data.text(said["identity"])
        except (ValueError, KeyError, TypeError, OSError):
            pass
        return ""

    def note_network(self, chosen: Path | None, facts: NetworkFacts) -> None:
        """Remember what identifies the network of chosen weights, so that it is known before it is loaded."""
        kept = self._place()
        if kept is None or self._noted == (chosen, facts):
            return
        try:
            said = {"chosen": _named(chosen), "path": str(facts.path), "identity": facts.identity}
            kept.note(_NETWORK, json.dumps(said | {"file": _facts(facts.path)}))
            self._noted = chosen, facts
        except OSError:
            log.info("the weights are not there any more", exc_info=True)

    def _place(self) -> KeptPreviews | None:
        """Find out where the previews lie; None where there is no place."""
        with self._lock:
            if self._kept is None and self._budget > 0:
                try:
                    folder = self._folder or previews_folder()
                    self._kept = KeptPreviews(folder, film_name(self._film), self._budget)
                except RemasterError:
                    log.info("no previews are kept", exc_info=True)
            return self._kept

    def _names(self, references: Sequence[Reference]) -> dict[str, str]:
        """Return by digest what identifies references by what they show: their revisions count anew in a copy."""
        for each in references:
            if each.digest not in self._contents:
                try:
                    self._contents[each.digest] = _content(each)
                except RemasterError:
                    log.info("the reference %s cannot be read", each.name, exc_info=True)
        return dict(self._contents)


class PreviewKeeping(Service):
    """Writes and reads beside the window, one after another. Lives on the GUI thread."""

    brought = Signal(object)
    """tuple[int, ...]: frames that have come from the disk; () once all that there is has been read."""
    network_known = Signal(str)
    """What identifies the network of the chosen weights, loaded or not; '' where that is not known."""

    def __init__(self, keeper: PreviewKeeper, parent: QObject) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._keeper = keeper
        self._worker = Worker("previews on disk", self)

    def restore(self, request: PreviewRequest, film: Size, chosen: Path | None, identity: str) -> None:
        """Bring back what there is of the film, whose pictures have the size `film`, for the chosen weights.

        `identity`: of their network; '' where it is not loaded.
        """

        def work(cancel: Event) -> None:
            known = identity or self._keeper.known_network(chosen)
            self._worker.tell(self.network_known.emit, known)
            keys = result_keys(request.guidance, film, known)
            came = partial(self._worker.tell, self.brought.emit)
            self._keeper.bring(request, keys, cancel, whole=True, came=came)

        def done(_: None) -> None:
            self.brought.emit(())

        self._worker.add(Job(work, tr("reading previews from the disk"), _passed_over, done))

    def keep(
        self,
        frames: tuple[int, ...],
        guidance: Guidance,
        keys: ResultKeys,
        chosen: Path | None,
        facts: NetworkFacts,
    ) -> None:
        """Write frames that have become ready, made by the network of the chosen weights."""

        def work(_cancel: Event) -> None:
            self._keeper.keep(frames, guidance, keys)
            self._keeper.note_network(chosen, facts)

        self._worker.add(Job(work, tr("keeping previews on the disk"), _passed_over))

    def drain(self) -> None:
        """Wait until all is written."""
        self._worker.drain()

    def close(self) -> None:
        """End the thread once what is at hand is done; what waits is given up."""
        self._worker.close()


def _with_names(frame: PreviewedFrame, names: Mapping[str, str]) -> PreviewedFrame:
    """Return a frame that calls the references that it draws from by other names."""
    return frame if frame.drawn is None else replace(frame, drawn=frame.drawn.named(names))


def _passed_over(_sentence: str) -> None:
    """Show nothing: previews can be made again, and the log has it."""


def _text(key: ResultKey, names: dict[str, str]) -> str:
    """Return a key as a text; '' where a reference is not known."""
    if any(digest not in names for digest in key.references):
        return ""
    said = asdict(replace(key, finish=PLAIN)) | {
        "references": [names[digest] for digest in key.references],
        "finish": key.finish.identity,
    }
    return json.dumps(said, sort_keys=True)


def _unknown(text: str) -> ResultKey:
    """Return a key that nothing is asked for under: what it stands for is stale."""
    return ResultKey(LuminanceKey(Size(0, 0)), text, (), colored=True, finish=PLAIN, saturation=1.0)


def _content(reference: Reference) -> str:
    if reference.is_guessed:
        return reference.digest
    picture = reference.load()
    digest = hashlib.blake2b(str(picture.shape).encode(), digest_size=16)
    digest.update(memoryview(picture.tobytes()))
    digest.update(reference.validity.identity.encode())
    return digest.hexdigest()


def _named(chosen: Path | None) -> str:
    return "" if chosen is None else str(chosen)


def _facts(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
