"""What is alike in pictures of references, looked for beside the window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.arrays import Float, Pixels
from remaster_gui.base.byte_cache import ByteCache
from remaster_gui.base.language import tr
from remaster_gui.painting.alike import DescribedPicture, distances
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.worker import Job, Service, Worker

_BUDGET = 64 * 2**20
"""Bytes of what is known of pictures: some ten of them."""


class AlikeService(Service):
    """Answers the newest question. What is known of a picture is kept for the next one. Lives on the GUI thread."""

    def __init__(self, network: NetworkSlot, parent: QObject | None = None) -> None:
        """Use the network of the preview, which is loaded when the first question comes."""
        super().__init__(parent)
        self._network = network
        self._known: ByteCache[tuple[str, str], DescribedPicture] = ByteCache(
            _BUDGET, lambda known: known.nbytes
        )
        self._worker = Worker("what is alike", self)

    def ask(
        self,
        name: str,
        load: Callable[[], Pixels],
        place: tuple[float, float],
        done: Callable[[Float], None],
        failed: Callable[[str], None],
    ) -> None:
        """Find out how unlike a place (parts of width and height) all others of a picture are; see `distances`.

        `name` tells the picture from all others; `load` reads it, on another thread. One of `done` and `failed` is
        called, unless something else is asked before that is begun.
        """
        work = partial(self._look, name, load, place)
        self._worker.put(Job(work, tr("looking for what is alike"), done=done, failed=failed))

    def close(self) -> None:
        """End the thread. Nothing is told afterwards."""
        self._worker.close()

    def _look(
        self, name: str, load: Callable[[], Pixels], place: tuple[float, float], _cancel: Event
    ) -> Float:
        loaded = self._network.loaded()
        from remaster_gui.engine.alike_pictures import describe

        key = (loaded.identity, name)
        known = self._known.get(key)
        if known is None:
            known = describe(loaded, load())
            self._known.put(key, known)
        return distances(known, *place)
