"""The rasters of an open project in memory: what is painted on, what was committed, and what must still be written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.errors import ProjectError, RemasterError
from remaster_gui.base.language import tr
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project import edits
from remaster_gui.project.raster_tiles import RasterTile, all_tiles, painted_tiles, thumbnail
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.project.store import ProjectStore

DEFAULT_BUDGET = 768 * 2**20
KEPT_IN_USE = 2
"""Rasters asked for last that are never dropped: one is being painted on, another one picked from."""

Value = TypeVar("Value")

TRAIL_BUDGET = 32 * 2**20
"""Bytes of changes kept for each raster so that content of a moment ago can still be had."""


@dataclass(frozen=True, slots=True)
class RevisionStep:
    """A change of committed pixels from one revision to another: deltas applied one after the other, or reverted."""

    deltas: tuple[PixelDelta, ...]
    old: int
    new: int
    forward: bool = True

    def on(self, raster: Raster) -> None:
        """Change a raster of revision `old` into that of `new`."""
        for delta in self.deltas if self.forward else self.deltas[::-1]:
            (delta.apply if self.forward else delta.revert)(raster)

    @property
    def back(self) -> RevisionStep:
        """The opposite change."""
        return RevisionStep(self.deltas, self.new, self.old, not self.forward)

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return sum(delta.nbytes for delta in self.deltas)

    @property
    def box(self) -> Box:
        """Around all changes."""
        box = self.deltas[0].box
        for delta in self.deltas[1:]:
            box = box.united(delta.box)
        return box

    def then(self, later: RevisionStep) -> RevisionStep:
        """Return both changes as one; `later` begins where this ends."""
        return RevisionStep((*self.deltas, *later.deltas), self.old, later.new)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What is to be written: the project and copies of the tiles that changed, of one and the same moment."""

    project: Project
    generation: int
    tiles: tuple[tuple[str, RasterTile, Bytes], ...]
    pictures: tuple[tuple[str, bytes], ...] = ()
    """PNG that references were imported from."""


@dataclass(slots=True)
class _Slot:
    """One reference's raster; both pictures are None while it is only on disk, and then there is nothing to write."""

    width: int
    height: int
    revision: int
    live: Raster | None = None
    """What gestures paint on, GUI thread only."""
    committed: Raster | None = None
    """What was committed, without the gesture in hand; shares its luminance with `live`."""
    is_unreadable: bool = False
    waiting: list[RevisionStep] = field(default_factory=list)
    """Changes made while it was only on disk, to be caught up with once it is loaded."""
    trail: deque[RevisionStep] = field(default_factory=deque)
    trail_bytes: int = 0
    picture: bytes = b""
    """What it was imported from, as long as that is not on disk."""
    dirty: set[RasterTile] = field(default_factory=set)
    writing: set[RasterTile] = field(default_factory=set)

    @property
    def nbytes(self) -> int:
        return 0 if self.live is None else 7 * self.width * self.height

    def remember(self, step: RevisionStep) -> None:
        self.trail.append(step)
        self.trail_bytes += step.nbytes
        while self.trail_bytes > TRAIL_BUDGET and len(self.trail) > 1:
            self.trail_bytes -= self.trail.popleft().nbytes
        self.revision = step.new


class RasterCache:
    """Keeps rasters within a budget of bytes; those that are on disk unchanged are dropped, the least used first.

    Gestures paint in place on `live` rasters, on the GUI thread. What other threads see changes only with a commit:
    `commit` exchanges the project and the pixels together, so that the writer never takes one without the other.
    """

    def __init__(self, store: ProjectStore, project: Project, budget: int = DEFAULT_BUDGET) -> None:
        """Serve a project whose rasters all are in the file `store`, within `budget` bytes."""
        self.store = store
        """The file that rasters are read from; replaced when the project moves to another one."""
        self._lock = Lock()
        self._budget = budget
        self._project = project
        self._generation = 0
        # The raster asked for last stands last.
        self._slots = {record.id: _slot(record) for record in project.references}

    @property
    def generation(self) -> int:
        """Counts commits."""
        return self._generation

    @property
    def nbytes(self) -> int:
        """Bytes of all rasters in memory."""
        return sum(slot.nbytes for slot in self._slots.values())

    def __contains__(self, id_: object) -> bool:
        return id_ in self._slots

    def live(self, id_: str) -> Raster | None:
        """Return the raster to paint on; None while it is only on disk. GUI thread."""
        with self._lock:
            slot = self._slots.get(id_)
            if slot is None or slot.live is None:
                return None
            self._slots[id_] = self._slots.pop(id_)
            return slot.live

    def loaded_size(self, id_: str) -> tuple[int, int] | None:
        """Return width and height of a raster that is in memory, without counting that as use; else None."""
        with self._lock:
            slot = self._slots[id_]
            return None if slot.live is None else (slot.width, slot.height)

    def commit(
        self, project: Project, id_: str = "", step: RevisionStep | None = None, *, painted: bool = False
    ) -> bool:
        """Take over the next project and, with it, a change of the raster of `id_`.

        `painted`: the gesture has already made it on the live raster. False when the raster must be loaded first; the
        change is then caught up with. GUI thread.
        """
        with self._lock:
            self._project = project
            self._generation += 1
            if step is None:
                return True
            slot = self._slots[id_]
            slot.remember(step)
            if slot.live is None or slot.committed is None:
                slot.waiting.append(step)
                return False
            if not painted:
                step.on(slot.live)
            step.on(slot.committed)
            slot.dirty |= _tiles_of(step)
            return True

    def add(self, record: ReferenceRecord, raster: Raster, picture: bytes = b"") -> None:
        """Take a new raster, which the cache owns from now on; it is written once a project with it is committed.

        `picture`: PNG that it was imported from.
        """
        slot = _slot(record)
        slot.picture = picture
        slot.live, slot.committed = raster, committed_copy(raster)
        slot.dirty = set(all_tiles(record.width, record.height))
        with self._lock:
            self._slots[record.id] = slot
        self._drop_least_used()

    def put_loaded(self, id_: str, live: Raster, committed: Raster) -> None:
        """Take a raster that was read from the file, and catch up. Any thread."""
        with self._lock:
            slot = self._slots[id_]
            slot.is_unreadable = False
            if slot.live is None:
                for step in slot.waiting:
                    step.on(live)
                    step.on(committed)
                    slot.dirty |= _tiles_of(step)
                slot.waiting.clear()
                slot.live, slot.committed = live, committed
                # What was caught up with has to be written although nothing new was committed.
                self._generation += bool(slot.dirty)
                # Only now: one that was asked for twice and comes once more was not used again.
                self._slots[id_] = self._slots.pop(id_)
        self._drop_least_used()

    def mark_unreadable(self, id_: str) -> None:
        """Note that a raster cannot be read, so that nobody waits for its changes to be written."""
        with self._lock:
            self._slots[id_].is_unreadable = True

    @property
    def is_behind(self) -> bool:
        """Whether changes wait for their raster to be loaded."""
        with self._lock:
            return any(slot.waiting and not slot.is_unreadable for slot in self._slots.values())

    def pixels(self, id_: str, revision: int) -> Raster:
        """Return a copy of the pixels of a revision, from memory or else from the file. Any thread.

        Raises `ProjectError` for a revision of long ago, which only an outdated request can ask for.
        """
        copy = self._committed(id_, revision)
        if copy is not None:
            return copy
        raster, at = self.read(id_)
        with self._lock:
            trail = tuple(self._slots[id_].trail)
        return _walk(raster, at, revision, trail)

    def read(self, id_: str) -> tuple[Raster, int]:
        """Read a raster and its revision from the file. Any thread."""
        return self._from_store(lambda store: store.load_raster(id_))

    def _from_store(self, read: Callable[[ProjectStore], Value]) -> Value:
        while True:
            store = self.store
            try:
                return read(store)
            except RemasterError:
                # The project may have moved to another file just now; this one is closed then.
                if store is self.store:
                    raise

    def picture(self, id_: str) -> bytes:
        """Return the picture (PNG) that a reference was imported from; b'' where there is none. Any thread."""
        with self._lock:
            slot = self._slots.get(id_)
            waiting = b"" if slot is None else slot.picture
        return waiting or self._from_store(lambda store: store.load_picture(id_))

    def rgb(self, id_: str, revision: int) -> Pixels:
        """Make what the network is given of one revision, sRGB ``(h, w, 3)``. Any thread."""
        return self.pixels(id_, revision).rgb()

    def strokes(self, id_: str, revision: int) -> Bytes:
        """Make what strokes have painted of one revision. Any thread."""
        return self.pixels(id_, revision).strokes()

    def thumbnail(self, id_: str, revision: int) -> Bytes | None:
        """Return a small picture of a revision if its pixels are in memory. Any thread."""
        raster = self._committed(id_, revision)
        return None if raster is None else thumbnail(raster)

    def take_unsaved(self) -> Unsaved:
        """Return what is to be written; `mark_saved` or `mark_failed` must follow. Writer thread."""
        with self._lock:
            tiles, project = [], self._project
            pictures = []
            # A reference that was taken out keeps what is unsaved until undo brings it back.
            for record in self._project.references:
                slot = self._slots[record.id]
                if slot.picture:
                    pictures.append((record.id, slot.picture))
                if slot.committed is not None:
                    slot.writing, slot.dirty = slot.dirty, set()
                    tiles += [(record.id, tile, tile.of(slot.committed).copy()) for tile in slot.writing]
                elif slot.waiting:
                    # In the file revision and pixels go together, so both stay behind for the moment.
                    on_disk = slot.waiting[0].old
                    project = edits.repainted(project, record.id, on_disk, record.colored)
            return Unsaved(project, self._generation, tuple(tiles), tuple(pictures))

    def mark_saved(self, unsaved: Unsaved) -> None:
        """Note that what was taken is on disk."""
        with self._lock:
            for id_, _ in unsaved.pictures:
                self._slots[id_].picture = b""
            for slot in self._slots.values():
                slot.writing = set()
        self._drop_least_used()

    def mark_failed(self) -> None:
        """Note that what was taken could not be written and is unsaved again."""
        with self._lock:
            for slot in self._slots.values():
                slot.dirty |= slot.writing
                slot.writing = set()

    def _committed(self, id_: str, revision: int) -> Raster | None:
        with self._lock:
            slot = self._slots[id_]
            if slot.committed is None:
                return None
            copy, at, trail = committed_copy(slot.committed), slot.revision, tuple(slot.trail)
        return _walk(copy, at, revision, trail)

    def _drop_least_used(self) -> None:
        with self._lock:
            candidates = list(self._slots.values())[:-KEPT_IN_USE]
            excess = self.nbytes - self._budget
            for slot in candidates:
                if excess <= 0:
                    return
                if slot.live is not None and not slot.dirty and not slot.writing:
                    excess -= slot.nbytes
                    slot.live = slot.committed = None


def committed_copy(raster: Raster) -> Raster:
    """Copy what painting changes; luminance, which it does not, is shared."""
    return Raster(raster.luminance, raster.chrominance.copy(), raster.coverage.copy())


def _slot(record: ReferenceRecord) -> _Slot:
    return _Slot(record.width, record.height, record.revision)


def _tiles_of(step: RevisionStep) -> set[RasterTile]:
    return {tile for delta in step.deltas for box in delta.tiles for tile in painted_tiles(box)}


def _walk(raster: Raster, at: int, wanted: int, trail: Sequence[RevisionStep]) -> Raster:
    """Go along the changes from one revision to another, in place."""
    if at == wanted:
        return raster
    stations = [trail[0].old, *(step.new for step in trail)] if trail else []
    if at not in stations or wanted not in stations:
        raise ProjectError(tr("A reference has been painted on since this was begun; begin it again."))
    last = len(stations) - 1
    start, end = (last - stations[::-1].index(revision) for revision in (at, wanted))
    for step in trail[start:end] if start < end else [t.back for t in trail[end:start]][::-1]:
        step.on(raster)
    return raster
