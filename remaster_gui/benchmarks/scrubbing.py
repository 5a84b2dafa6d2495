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
from PySide6.QtCore import QEventLoop, QTimer, Signal
from PySide6.QtGui import QPaintEvent

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import MediaError
from remaster_gui.media import FilmFile
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.workers.decode_service import DecodeService

WIDTH, HEIGHT, GROUP, FRAMES = 1920, 1080, 48, 288
_WINDOW = (1366, 600)
_PATIENCE = 30
"""Seconds."""


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
    """Measure on generated 1920x1080 films of H.264 with a key frame in 48; needs a QApplication.

    Most films have one slice a picture, those of discs and broadcasts four.
    """
    timings: list[Timing] = []
    for slices, name in ((1, "uncached frame"), (4, "... coded in four slices")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scrub.mp4"
            write_scrub_film(path, slices=slices)
            with _screen(path) as screen:
                order = random.Random(5).sample(range(0, FRAMES, 2), uncached)
                fresh = [screen.show(frame) for frame in order]
                again = [screen.show(frame) for frame in order[: max(1, cached // 4)] * 4]
        if not timings:
            timings.append(Timing.of("cached frame", again, "16 ms"))
        timings.append(Timing.of(name, fresh, "150 ms median, 500 ms worst"))
    return timings


def write_scrub_film(path: Path, frames: int = FRAMES, slices: int = 1) -> None:
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
            "x264-params": f"sliced-threads=0:slices={slices}",
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

    painted = Signal()
    painted_at = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted_at = time.perf_counter()
        self.painted.emit()


class _Screen:
    """A canvas fed by a decoder, asked for one frame after the other.

    Between the wish and the picture the event loop sleeps, as the editor's does: the processors are the decoder's.
    """

    def __init__(self, canvas: _TimedCanvas, decoder: DecodeService) -> None:
        self._canvas, self._decoder = canvas, decoder
        self._generation = 0
        self._is_set = False
        self._waiting = QEventLoop()
        self._patience = QTimer(singleShot=True, interval=_PATIENCE * 1000)
        self._patience.timeout.connect(lambda: self._waiting.exit(1))
        decoder.frame_ready.connect(self._on_frame_ready)
        decoder.opened.connect(self._waiting.quit)
        canvas.painted.connect(self._on_painted)

    def wait(self) -> bool:
        """Sleep until the film is open or the frame painted; False where that takes too long."""
        self._patience.start()
        status = self._waiting.exec()
        self._patience.stop()
        return status == 0

    def show(self, frame: int) -> float:
        """Return the milliseconds until `frame` has been painted."""
        self._generation += 1
        self._is_set = False
        began = time.perf_counter()
        self._decoder.request(frame, self._generation)
        if not self.wait():
            raise MediaError(f"Frame {frame} of the benchmark's film was not shown within {_PATIENCE} s.")
        return (self._canvas.painted_at - began) * 1000

    def _on_frame_ready(self, _frame: int, pixels: Pixels, generation: int) -> None:
        if generation == self._generation:
            self._canvas.set_picture(to_qimage(pixels))
            self._is_set = True

    def _on_painted(self) -> None:
        if self._is_set:
            self._waiting.quit()


@contextmanager
def _screen(path: Path) -> Iterator[_Screen]:
    canvas = _TimedCanvas()
    canvas.resize(*_WINDOW)
    canvas.show()
    decoder = DecodeService(FilmFile(path))
    screen = _Screen(canvas, decoder)
    try:
        if not screen.wait():
            raise MediaError(f"The benchmark's film was not opened within {_PATIENCE} s.")
        yield screen
    finally:
        decoder.close()
        canvas.close()
        canvas.deleteLater()
