"""Projects: the file, its journal and what lies beside it."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from .base import Target, Trial

if TYPE_CHECKING:
    from remaster_gui.painting.raster import Raster
    from remaster_gui.project.schema import Project

WIDTH, HEIGHT = 300, 160
NAME = "film.remaster"


def _raster(seed: int) -> Raster:
    from remaster_gui.painting.raster import Raster

    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.integers(0, 255, (6, 8, 4), np.uint8), (WIDTH, HEIGHT))
    coverage = np.where(coarse[..., 3] > 127, 255, 0).astype(np.uint8)
    chrominance = np.where(coverage[..., None] > 0, coarse[..., 1:3], 128).astype(np.uint8)
    return Raster(np.ascontiguousarray(coarse[..., 0]), np.ascontiguousarray(chrominance), coverage)


def _project() -> Project:
    from remaster_gui.base.choices import ShotSettings
    from remaster_gui.base.named_colors import NamedRegion
    from remaster_gui.base.packed_regions import pack_region
    from remaster_gui.base.spot_marks import SpotMark
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.base.validity import Validity
    from remaster_gui.project import edits, mark_edits
    from remaster_gui.project.schema import (
        FilmIdentity,
        FrameMarker,
        Palette,
        Project,
        ProjectSettings,
        Swatch,
    )

    film = FilmIdentity(
        Path("/films/a.mp4"), 5_000_000, "ab" * 16, Fraction(24000, 1001), 5000, WIDTH, HEIGHT
    )
    project = edits.with_cuts(Project(film), range(0, 5000, 90))
    project = edits.with_segment(project, 100, 900)
    project = edits.with_palettes(project, [Palette("Faces", (Swatch("Wange", "#d0a080"),)), Palette("Leer")])
    project = edits.with_recent_color(project, "#204080")
    project = edits.with_settings(
        project, ProjectSettings(384, "source", False, True, proxy="full", weights=Path("/w.st"))
    )
    own = ShotSettings("working", False, True, 0.25, 1.5, 0.75)
    project = edits.with_shot_notes(
        edits.with_shot_settings(project, 90, own), 180, "Zu dunkel\nneu abtasten"
    )
    region = pack_region(np.eye(12, dtype=bool))
    project = mark_edits.with_mark(project, 99, SpotMark("reject", 1, 2, 30, 4, region))
    validity = Validity((FrameRange(5, 90), FrameRange(180, 900)), 0.5, region)
    for number, frame in enumerate((7, 3, None)):
        record = edits.new_reference(
            project, "painted" if frame else "imported", frame, f"Frame {frame}", WIDTH, HEIGHT, colored=True
        )
        project = edits.with_reference(
            project, dataclasses.replace(record, id=f"{number:032x}", validity=validity)
        )
    return dataclasses.replace(
        project,
        markers=(FrameMarker(9, "look", "red", "Zu dunkel\nneu abtasten"), FrameMarker(90)),
        named=(
            NamedRegion("coat", f"{0:032x}", region, (3.5, -9)),
            NamedRegion("sky", f"{1:032x}", b"", (0, 1)),
        ),
        wanted=(("coat", (20.0, 4.0)), ("gone", (0.0, 0.0))),
    )


def _store(folder: Path) -> None:
    from remaster_gui.document import kept_undo, kept_view
    from remaster_gui.document.kept_undo import UndoStep
    from remaster_gui.document.view_state import ViewState
    from remaster_gui.project.store import ProjectStore

    project = _project()
    rasters = [(record.id, _raster(seed)) for seed, record in enumerate(project.references)]
    pictures = [(record.id, bytes([seed]) * 9000) for seed, record in enumerate(project.references)]
    store = ProjectStore.create(folder / NAME, project, rasters, pictures)
    step = UndoStep("Move marker", dataclasses.replace(project, markers=project.markers[1:]), project)
    store.keep(kept_undo.NAME, kept_undo.FORM, kept_undo.pack_undo([step], project))
    store.keep(kept_view.NAME, kept_view.FORM, kept_view.pack_view(ViewState(frame_count=5000, playhead=7)))
    store.close()
    for lock in folder.glob(".*"):
        lock.unlink()


def _half_written(folder: Path) -> None:
    """A project whose program was killed while it wrote: a journal lies beside it."""
    made = folder.with_name(f"{folder.name}-before")
    made.mkdir()
    _store(made)
    connection = sqlite3.connect(made / NAME, isolation_level=None)
    connection.executescript("PRAGMA cache_size = 1; PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE;")
    connection.execute("UPDATE tile SET pixels = zeroblob(length(pixels))")
    connection.execute("UPDATE part SET content = content || ' '")
    for path in made.glob(f"{NAME}*"):
        shutil.copy(path, folder / path.name)
    connection.close()
    shutil.rmtree(made)
    assert (folder / f"{NAME}-journal").stat().st_size > 512


def _of_many(folder: Path) -> None:
    """The same with a journal that names another one, as if several files had been written at once."""
    _half_written(folder)
    name, journal = b"../victim/file.txt", folder / f"{NAME}-journal"
    data = journal.read_bytes()
    locking = 0x40000000 // int.from_bytes(data[24:28]) + 1
    more = locking.to_bytes(4) + name + len(name).to_bytes(4) + sum(name).to_bytes(4) + data[:8]
    journal.write_bytes(data + more)


def _of_version(number: int, folder: Path) -> None:
    shutil.copy(Path(__file__).resolve().parents[2] / "data" / f"version_{number}.remaster", folder / NAME)


def open_project(tree: Path, trial: Trial) -> str | None:
    """Open a project, read and change it; recover what is damaged."""
    from remaster_gui.base.errors import DamagedProjectError
    from remaster_gui.document.kept_view import unpack_view
    from remaster_gui.document.project_opening import open_store
    from remaster_gui.project import edits

    path = tree / NAME
    # What is of an older format has to be brought to the present one, which is refused where one only looks.
    looks_only = trial.random.random() < 0.2 and not trial.seed.startswith("version")
    try:
        opened = open_store(path, read_only=looks_only)
        try:
            if trial.steps == 0 and not trial.seed.startswith("version"):
                assert opened.steps, "undo is there again"
            unpack_view(opened.view, opened.project.film.frame_count, ())
            for record in opened.project.references:
                opened.store.load_raster(record.id)
                opened.store.load_picture(record.id)
            if not opened.store.read_only:
                opened.store.save(edits.with_cuts(opened.project, ()))
                opened.store.sweep()
            opened.store.copy_to(tree / "copy.remaster")
        finally:
            opened.store.close()
    except DamagedProjectError:
        return _recover(path, tree)
    return None


def _state(path: Path) -> tuple[int, bytes] | None:
    """Return size and beginning of a file, which may be enlarged to terabytes."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return path.stat().st_size, file.read(2**20)


def _recover(path: Path, tree: Path) -> str:
    from remaster_gui.document.project_opening import open_store
    from remaster_gui.project.recovery import recover

    before = _state(path)
    recover(path, tree / "recovered.remaster", _project().film)
    opened = open_store(tree / "recovered.remaster")
    try:
        for record in opened.project.references:
            opened.store.load_raster(record.id)
    finally:
        opened.store.close()
    assert _state(path) == before, "recovery changed the damaged file"
    return "recovered"


PROJECT = Target(
    "project",
    {"project": _store, "half-written": _half_written, "of many": _of_many}
    | {f"version {number}": partial(_of_version, number) for number in range(1, 8)},
    open_project,
    share=8,
    poor=frozenset({"of many"}),
    more_names=(
        f"{NAME}-journal",
        f"{NAME}-wal",
        f"{NAME}-shm",
        f".{NAME}.lock",
        f".{NAME}.part",
        f"{NAME}-mj",
    ),
)
