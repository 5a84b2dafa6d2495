"""The status bar: memory, the network that was loaded, and once that there is no GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers.network_slot import NetworkFacts


def test_the_network_is_told_and_that_there_is_no_gpu_once(window: MainWindow) -> None:
    status, messages = window.widgets.status, window.widgets.messages
    facts = NetworkFacts(
        weights="compact-1", digest="0123" * 16, identity="identity", guesses=False,
        device="CPU, 2 cores", is_gpu=False, free_bytes=2**30, path=Path("compact-1"),
    )  # fmt: skip
    window.network.facts_changed.emit(facts)
    assert (status.weights.text(), status.device.text()) == ("compact-1", "CPU, 2 cores")
    assert messages.current is not None and "No GPU was found" in messages.current.text
    messages.clear()
    window.network.facts_changed.emit(facts)
    assert messages.current is None
    window.network.facts_changed.emit(None)
    assert status.weights.text() == ""


def test_memory_is_told_by_and_by(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    window.settings.memory_budget = 2**30
    qtbot.waitUntil(lambda: window.widgets.status.memory.text().endswith("of 1 GB"), timeout=300_000)
