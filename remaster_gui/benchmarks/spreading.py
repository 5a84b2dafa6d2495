"""How soon a stroke has spread over its frame in the editor, as you paint: for ``bench --ui``."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF

from remaster_gui.benchmarks.memory import GROUP, editor_window, wait_until, write_long_film
from remaster_gui.benchmarks.painting import SPREAD_HEIGHT, SPREAD_WIDTH, send
from remaster_gui.benchmarks.scrubbing import Timing
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.painting.raster import SPREAD
from remaster_gui.ui.main_window import MainWindow

_MOVES = 12


def measure_spreading(strokes: int = 4, others: int = 4) -> list[Timing]:
    """Measure strokes on a frame of 1024x768 that spread as they are painted, the first of which loads the prior.

    `others` more, if any, are painted while a preview follows. Needs a QApplication.
    """
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        write_long_film(film, GROUP, SPREAD_WIDTH, SPREAD_HEIGHT)
        with editor_window(UserSettings(Path(folder) / "settings.json")) as window:
            window.open_path(film)
            wait_until(lambda: window.session is not None and window.session.viewer.shown_frame == 0)
            for action in ("mark_reference", "tool_brush", "spread_along"):
                window.actions_[action].trigger()
            assert window.session is not None
            painted, preview = window.session.painted, window.session.preview
            wait_until(lambda: not painted.blocked_reason)
            places = _strokes()
            first, *alone = [_until_spread(window, next(places)) for _ in range(1 + strokes)]
            if others:
                preview.start("around")
                wait_until(lambda: preview.result(0) is not None)
            beside = [_until_spread(window, next(places)) for _ in range(others)]
    measured = (
        ("first stroke that spreads as you paint", [first], "in seconds"),
        ("stroke until it has spread", alone, "1000 ms"),
        ("... while a preview follows", beside, "1000 ms"),
    )
    return [Timing.of(name, times, limit) for name, times, limit in measured if times]


def _strokes() -> Iterator[list[QPointF]]:
    """Yield the places of strokes, each elsewhere, in pixels of the frame."""
    number = 0
    while True:
        x, y = SPREAD_WIDTH * (0.1 + 0.07 * (number % 10)), SPREAD_HEIGHT * (0.1 + 0.31 * number % 0.8)
        yield [QPointF(x + 8 * step, y) for step in range(_MOVES)]
        number += 1


def _until_spread(window: MainWindow, places: list[QPointF]) -> float:
    """Paint a stroke; returns the milliseconds from its end until all of the frame on the screen has its colours."""
    assert window.session is not None
    document, canvas = window.session.film.document, window.widgets.canvas
    before = document.project.last_revision
    send(canvas, QEvent.Type.MouseButtonPress, places[0])
    for place in places[1:]:
        send(canvas, QEvent.Type.MouseMove, place)
        wait_until(lambda: True)
    began = time.perf_counter()
    send(canvas, QEvent.Type.MouseButtonRelease, places[-1])
    # The stroke itself, and what grew out of it.
    wait_until(lambda: document.project.last_revision >= before + 2)
    canvas.repaint()
    took = 1000 * (time.perf_counter() - began)
    raster = document.raster(document.project.references[0].id)
    assert raster is not None and int(raster.coverage.min()) >= SPREAD
    return took
