"""A project with references that have something in every tile."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits, mark_edits
from remaster_gui.project.schema import FilmIdentity, FrameMarker, Palette, Project, ProjectSettings, Swatch

WIDTH, HEIGHT = 600, 300


def _raster(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Raster:
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.integers(0, 255, (6, 8, 4), np.uint8), (width, height))
    grain = rng.integers(0, 24, (height, width), np.uint8)
    coverage = np.where(coarse[..., 3] > 127, 255, 0).astype(np.uint8)
    chrominance = np.where(coverage[..., None] > 0, coarse[..., 1:3], 128).astype(np.uint8)
    return Raster(coarse[..., 0] // 2 + grain, np.ascontiguousarray(chrominance), coverage)


@pytest.fixture(scope="session")
def make_raster() -> Callable[..., Raster]:
    return _raster


@pytest.fixture(scope="session")
def same_pixels() -> Callable[[Raster, Raster], bool]:
    def same(one: Raster, other: Raster) -> bool:
        planes = ("luminance", "chrominance", "coverage")
        return all(np.array_equal(getattr(one, p), getattr(other, p)) for p in planes)

    return same


@pytest.fixture(scope="session")
def film() -> FilmIdentity:
    return FilmIdentity(Path("/films/Ä strange \udce9 name.mp4"), 5_000_000_000, "", Fraction(24000, 1001), 172_800,
                        WIDTH, HEIGHT, deinterlace=True)  # fmt: skip


@pytest.fixture(scope="session")
def project(film: FilmIdentity) -> Project:
    """A project with three references and something in every part."""
    project = edits.with_cuts(Project(film), range(0, 172_800, 90))
    project = edits.with_segment(project, 100, 900)
    project = edits.with_palettes(project, [Palette("Faces", (Swatch("Wange", "#d0a080"),)), Palette("Leer")])
    project = edits.with_recent_color(project, "#204080")
    project = edits.with_settings(
        project,
        ProjectSettings(
            384, "source", False, True, 0.5, 1.25, 0.75, "measured", 0.5, True, "full", Path("/w.st")
        ),
    )
    project = edits.with_shot_settings(project, 90, ShotSettings("restored", True, False, 0.25, 0.5, 1.0))
    project = edits.with_shot_notes(project, 180, "Käthe's coat is green.\nAsk the archive.")
    project = edits.with_markers(
        project, [FrameMarker(99, "Käthe", "red", "Ask\nagain"), FrameMarker(12), FrameMarker(172_799)]
    )
    project = mark_edits.with_mark(project, 99, SpotMark("reject", 1, 2, 30, 4))
    project = mark_edits.with_mark(project, 12, SpotMark("repair", 0, 0, 9, 9, pack_region(np.eye(9) > 0)))
    for frame in (7, 3, None):
        record = edits.new_reference(
            project, "painted" if frame else "imported", frame, f"Frame {frame}", WIDTH, HEIGHT, colored=True
        )
        project = edits.with_reference(project, record)
    x, y = np.meshgrid(np.arange(60), np.arange(30))
    somewhere = Validity((FrameRange(5, 90), FrameRange(180, 270)), 0.75, pack_region(x > 2 * y))
    return edits.with_validity(project, project.references[1].id, somewhere)


@pytest.fixture
def rasters(project: Project) -> dict[str, Raster]:
    return {record.id: _raster(seed) for seed, record in enumerate(project.references)}
