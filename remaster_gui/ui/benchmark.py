"""How soon a frame is on the screen after it was asked for: the timings that ``remaster-gui bench --ui`` prints."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from remaster_gui.base.errors import MediaError
from remaster_gui.media.film import FilmInfo, Pixels
from remaster_gui.ui.common.qimage import to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.workers.decode import DecodeController

WIDTH, HEIGHT, GROUP, FRAMES = 1920, 1080, 48, 288
_WINDOW = (1366, 600)
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds that something took, and what is wanted of it."""

    name: str
    times: int
    median: float
    worst: float
    limit: str

    @classmethod
    def of(cls, name: str, values: Sequence[float], limit: str) -> Timing:
        """Sum up single measurements."""
        return cls(name, len(values), statistics.median(values), max(values), limit)


def measure_scrubbing(uncached: int = 24, cached: int = 60) -> list[Timing]:
    """Measure on a generated 1920x1080 film of H.264 with a key frame in 48; needs a QApplication."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scrub.mp4"
        write_scrub_film(path)
        with _screen(path) as screen:
            order = random.Random(5).sample(range(0, FRAMES, 2), uncached)
            fresh = [screen.show(frame) for frame in order]
            again = [screen.show(frame) for frame in order[: max(1, cached // 4)] * 4]
    return [
        Timing.of("cached frame", again, "16 ms"),
        Timing.of("uncached frame", fresh, "150 ms median, 500 ms worst"),
    ]


def write_scrub_film(path: Path, frames: int = FRAMES) -> None:
    """Write a film of grain over a moving texture, as hard to decode as scanned film."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(30, 220, (HEIGHT // 8, WIDTH // 4), np.uint8)
    scene = cv2.resize(coarse, (WIDTH * 2, HEIGHT), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 4, (HEIGHT + 64, WIDTH + 64)).astype(np.float32)
    with av.open(str(path), "w") as container:
        options = {
            "crf": "20",
            "preset": "veryfast",
            "g": str(GROUP),
            "keyint_min": str(GROUP),
            "sc_threshold": "0",
        }
        stream = container.add_stream("libx264", rate=Fraction(24), options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(frames):
            x, (dx, dy) = index * 3, rng.integers(0, 64, 2)
            noisy = scene[:, x : x + WIDTH] + grain[dy : dy + HEIGHT, dx : dx + WIDTH]
            frame = av.VideoFrame.from_ndarray(noisy.clip(0, 255).astype(np.uint8), "gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))


class _TimedCanvas(Canvas):
    """Notes when it has been painted."""

    painted_at = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted_at = time.perf_counter()


class _Screen:
    """A canvas fed by a decoder, asked for one frame after the other."""

    def __init__(self, canvas: _TimedCanvas, decoder: DecodeController) -> None:
        self._canvas, self._decoder = canvas, decoder
        self._shown_at: float | None = None
        self._generation = 0
        decoder.frame_ready.connect(self._on_frame_ready)

    def show(self, frame: int) -> float:
        """Return the milliseconds until `frame` has been painted."""
        self._generation += 1
        self._shown_at = None
        began = time.perf_counter()
        self._decoder.request(frame, self._generation)
        while not self._is_painted():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
            if time.perf_counter() - began > _PATIENCE:
                raise MediaError(
                    f"Frame {frame} of the benchmark's film was not shown within {_PATIENCE:.0f} s."
                )
        return (self._canvas.painted_at - began) * 1000

    def _is_painted(self) -> bool:
        return self._shown_at is not None and self._canvas.painted_at >= self._shown_at

    def _on_frame_ready(self, _frame: int, pixels: Pixels, generation: int) -> None:
        if generation == self._generation:
            self._canvas.set_picture(to_qimage(pixels))
            self._shown_at = time.perf_counter()


@contextmanager
def _screen(path: Path) -> Iterator[_Screen]:
    canvas = _TimedCanvas()
    canvas.resize(*_WINDOW)
    canvas.show()
    decoder = DecodeController(path)
    opened: list[FilmInfo] = []
    decoder.opened.connect(opened.append)
    try:
        while not opened:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        yield _Screen(canvas, decoder)
    finally:
        decoder.close()
        canvas.close()
        canvas.deleteLater()
