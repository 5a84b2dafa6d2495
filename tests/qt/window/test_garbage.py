"""Garbage is collected on the GUI thread only."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer

from remaster_gui.ui.garbage import MILLISECONDS, GarbageCollection
from remaster_gui.workers import torch_import


class Knot:
    """Something that only the collection of cycles can delete; notes on which thread that is."""

    def __init__(self, deleted_on: list[str]) -> None:
        self.me = self
        weakref.finalize(self, lambda: deleted_on.append(threading.current_thread().name))


@pytest.fixture
def collection(qapp: Any) -> Iterator[GarbageCollection]:
    interval = sys.getswitchinterval()
    parent = QObject()
    yield GarbageCollection(parent)
    parent.deleteLater()
    gc.unfreeze()
    gc.enable()
    sys.setswitchinterval(interval)


def test_what_another_thread_leaves_is_collected_here(qtbot: Any, collection: GarbageCollection) -> None:
    deleted_on: list[str] = []
    kept: list[list[int]] = []

    def litter() -> None:
        Knot(deleted_on)
        # More than enough for the collection that comes by itself.
        kept.extend([number] for number in range(50_000))
        assert not deleted_on

    thread = threading.Thread(target=litter, name="worker")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(deleted_on), timeout=300_000)
    assert deleted_on == [threading.main_thread().name]


def test_what_lasts_is_not_looked_at_again(collection: GarbageCollection) -> None:
    before = gc.get_freeze_count()
    collection.settle()
    assert gc.get_freeze_count() > before


def test_nothing_is_looked_for_while_the_library_of_the_network_comes_in(
    qtbot: Any, collection: GarbageCollection
) -> None:
    deleted_on: list[str] = []
    found: list[int] = []
    timer = QTimer(collection, interval=MILLISECONDS)
    timer.timeout.connect(lambda: found.append(len(deleted_on)))
    with torch_import.lock:
        assert torch_import.is_importing()
        Knot(deleted_on)
        kept = [[number] for number in range(50_000)]
        timer.start()
        qtbot.waitUntil(lambda: len(found) >= 3, timeout=300_000)
        assert found == [0] * len(found)
    qtbot.waitUntil(lambda: bool(deleted_on), timeout=300_000)
    assert kept
