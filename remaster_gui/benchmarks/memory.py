"""How much memory a long film with many references takes: the table that ``remaster-gui bench --memory`` prints."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from remaster_gui.base.errors import MediaError
from remaster_gui.base.system import forget_peak, peak_memory, used_memory
from remaster_gui.benchmarks.painting import film_frame
from remaster_gui.document.project_opening import create_store
from remaster_gui.document.user_settings import DEFAULT_MEMORY, UserSettings
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.preview_results import result_keys
from remaster_gui.engine.sizes import Size
from remaster_gui.media import open_film
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.film_identity import identify
from remaster_gui.project.schema import Project, ProjectSettings
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

FRAMES, REFERENCES = 172_800, 200
WIDTH, HEIGHT, GROUP = 768, 576, 48
_RATE = 24
_PATIENCE = 1800.0


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Megabytes in use after a part of the work, and at most during it; `seconds` that it took."""

    name: str
    now: float
    peak: float
    seconds: float


def measure_memory(
    frames: int = FRAMES,
    references: int = REFERENCES,
    *,
    weights: Path | None = None,
    budget: int = DEFAULT_MEMORY,
) -> Iterator[MemoryUse]:
    """Open a film of two hours in a window, fill every cache, preview and look at the attention; needs a QApplication.

    The window uses settings of its own, with `budget` bytes for caches. A number that the system does not tell is 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "long.mp4"
        write_long_film(film, frames)
        project = write_project(film, references, weights)
        yield _used("the program alone", 0.0)
        settings = UserSettings(Path(folder) / "settings.json")
        settings.memory_budget = budget
        with editor_window(settings) as window:
            if weights is not None:
                window.network.allow(weights)
            for name, work in _parts(window, project).items():
                began = time.monotonic()
                forget_peak()
                work()
                yield _used(name, time.monotonic() - began)


def write_long_film(path: Path, frames: int, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Write a film of one group of pictures again and again: hours of it take seconds to make."""
    picture = av.VideoFrame.from_ndarray(film_frame(width, height), "gray").reformat(format="yuv420p")
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "g": str(GROUP), "keyint_min": str(GROUP), "sc_threshold": "0"}
        stream = container.add_stream("libx264", rate=Fraction(_RATE), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        encoded = []
        for index in range(GROUP):
            picture.pts = index
            encoded += stream.encode(picture)
        encoded += stream.encode(None)
        content = [(bytes(p), p.pts, p.dts, p.time_base, p.is_keyframe) for p in encoded]
        for group in range(frames // GROUP):
            for data, pts, dts, time_base, is_keyframe in content:
                packet = av.Packet(data)
                packet.stream, packet.time_base, packet.is_keyframe = stream, time_base, is_keyframe
                start = round(group * GROUP / _RATE / time_base)
                packet.pts, packet.dts = (pts or 0) + start, (dts or 0) + start
                container.mux(packet)


def write_project(film: Path, references: int, weights: Path | None) -> Path:
    """Write the film's project with coloured references spread over it."""
    path = film.with_suffix(SUFFIX)
    frame = film_frame(WIDTH, HEIGHT)
    with open_film(film) as opened:
        project = Project(identify(opened.info), settings=ProjectSettings(weights=weights))
        count = opened.info.frame_count
    for number in range(references):
        at = number * count // references
        record = edits.new_reference(project, "painted", at, f"Frame {at}", WIDTH, HEIGHT, colored=True)
        project = edits.with_reference(project, record)
    # Two shots in which nothing has to be looked for.
    project = edits.with_cuts(project, (0, count // 2))
    ids = [record.id for record in project.references]
    create_store(
        path, project, ((id_, _raster(frame, number)) for number, id_ in enumerate(ids))
    ).store.close()
    return path


def _raster(frame: np.ndarray, number: int) -> Raster:
    raster = Raster.of_frame(np.roll(frame, 3 * number, axis=1))
    tint = np.random.default_rng(number).integers(96, 160, (6, 8, 2), np.uint8)
    raster.chrominance[:] = tint.repeat(HEIGHT // 6, axis=0).repeat(WIDTH // 8, axis=1)
    raster.coverage[:] = 255
    return raster


def _parts(window: MainWindow, project: Path) -> dict[str, Callable[[], None]]:
    """Return the parts of the work in their order."""

    def session() -> FilmSession:
        assert window.session is not None
        return window.session

    def film() -> OpenFilm:
        return session().film

    def open_() -> None:
        window.open_path(project)
        wait_until(lambda: window.session is not None and window.session.viewer.shown_frame == 0)

    def is_shown(frame: int) -> bool:
        return session().viewer.shown_frame == frame

    def is_loaded(id_: str) -> bool:
        return film().document.raster(id_) is not None

    def scrub() -> None:
        """At the middle and on from there until frames that came first have been dropped again."""
        place, before = film().info.frame_count // 2, -1
        while film().decoder.nbytes > before:
            before = film().decoder.nbytes
            for _ in range(100):
                place = (place + 1) % film().info.frame_count
                film().view.go(place)
                wait_until(partial(is_shown, place))

    def see_references() -> None:
        for record in film().document.project.references:
            wait_until(partial(is_loaded, record.id))

    def preview() -> None:
        film().view.go(film().info.frame_count // 4)
        session().preview.start("around")
        here = film().view.playhead
        wait_until(lambda: int(session().preview.states()[here]) == CURRENT)

    def keep_results() -> None:
        """As minutes of previewing do; every frame has pixels of its own."""
        preview, facts = session().preview, window.network.facts
        stores, guidance, found = preview.stores, preview.guidance, preview.result(film().view.playhead)
        assert facts is not None and found is not None
        key, frame = result_keys(guidance, Size(WIDTH, HEIGHT), facts.digest).film, found[0]
        size = frame.rgb.shape[:2]
        for at in range(film().view.playhead, film().info.frame_count):
            color = None if frame.chrominance is None else frame.chrominance + np.uint16(1)
            is_kept = stores.results.put(
                at, key, replace(frame, index=at, rgb=frame.rgb + np.uint8(1), chrominance=color)
            )
            if not stores.luminance.put(at, key.luminance, np.ones(size, np.uint16)) and not is_kept:
                break

    def attend() -> None:
        session().preview.stop()
        window.actions_["attention"].trigger()
        wait_until(lambda: window.widgets.overlay.has_map)

    return {
        "film open": open_,
        "decoded frames up to their budget": scrub,
        "references up to their budget": see_references,
        "preview with all references": preview,
        "remastered frames up to their budget": keep_results,
        "attention overlay": attend,
    }


@contextmanager
def editor_window(settings: UserSettings) -> Iterator[MainWindow]:
    """Show a window for a while, which keeps nothing of its previews on the disk."""
    settings.preview_disk = 0
    window = MainWindow(settings)
    window.show()
    try:
        yield window
    finally:
        window.close()
        window.deleteLater()


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window live until something is so; raises `MediaError` where that does not come."""
    until = time.monotonic() + _PATIENCE
    while not condition():
        QApplication.processEvents()
        if time.monotonic() > until:
            raise MediaError("The measurement does not come to an end; the log says why.")
        # With a limit Qt does not wait for events; asking all the time would take a core from what is measured.
        QThread.msleep(1)


def _used(name: str, seconds: float) -> MemoryUse:
    return MemoryUse(name, used_memory() / 1e6, peak_memory() / 1e6, seconds)
