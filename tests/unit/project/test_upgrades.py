"""Files of every version that was ever written can be opened; those of newer versions are refused untouched."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from remaster_gui.base.choices import Grain, ShotSettings
from remaster_gui.base.errors import ProjectError
from remaster_gui.base.named_colors import Recoloring
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.project.database import connect
from remaster_gui.project.schema import FrameMarker, Palette, Project, ProjectSettings, ShotRecord, Swatch
from remaster_gui.project.store import ProjectStore
from remaster_gui.project.upgrades import COLUMNS, VERSION, upgrade

SHOTS = (
    ShotRecord(40, ShotSettings(luminance="restored", restoration=False, saturation=0.8)),
    ShotRecord(
        120,
        ShotSettings(colorization=False, restoration_strength=0.5, vividness=0.25),
        "Zu dunkel:\nneu abtasten",
    ),
)
MARKERS = (FrameMarker(30, "Licht", "yellow", "flackert\nvon hier an"), FrameMarker(150))
_X, _Y = np.meshgrid(np.arange(96), np.arange(64))
PARTIAL = Validity(
    (FrameRange(40, 80), FrameRange(120, 200)), 0.25, pack_region((_X - 40) ** 2 + (_Y - 30) ** 2 < 20**2)
)
MARKS = (
    (
        12,
        (
            SpotMark("reject", 3, 5, 20, 10),
            SpotMark("repair", 40, 30, 8, 8, pack_region(np.eye(8, dtype=bool))),
        ),
    ),
    (150, (SpotMark("repair", 0, 0, 1, 1),)),
)
SPOT = pack_region((_X - 30) ** 2 + (_Y - 20) ** 2 < 15**2)
DATA = Path(__file__).resolve().parents[2] / "data"


def _baseline(tmp_path: Path, version: int) -> Path:
    return Path(shutil.copy(DATA / f"version_{version}.remaster", tmp_path))


def _pragma(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def test_there_is_a_baseline_of_every_version() -> None:
    assert {path.name for path in DATA.glob("version_*.remaster")} == {
        f"version_{version}.remaster" for version in range(1, VERSION + 1)
    }


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_every_version_is_read_as_it_was_meant(tmp_path: Path, version: int) -> None:
    path = _baseline(tmp_path, version)
    assert _pragma(path, "user_version") == version
    store = ProjectStore.open(path)
    project = store.load()
    assert project.film.path == Path("/films/a-bomb.mp4")
    assert (project.film.rate, project.film.frame_count) == (Fraction(30000, 1001), 200)
    assert project.film.digest == "0123456789abcdef" * 2
    assert project.shots == (FrameRange(0, 40), FrameRange(40, 120), FrameRange(120, 200))
    assert project.segment == FrameRange(10, 150)
    faces = Palette("Faces", (Swatch("Cheek", "#d0a080"), Swatch("Lip", "#b05050")))
    assert (project.palettes, project.recent_colors) == ((faces,), ("#204080",))
    grain: Grain = "measured" if version >= 6 else "out"
    assert project.settings == ProjectSettings(
        edge=384, luminance="source", proxy="full", grain=grain, following=False
    )
    assert project.marks == (MARKS if version >= 6 else ())
    assert [(r.name, r.kind, r.frame, r.enabled, r.revision) for r in project.references] == [
        ("Frame 12", "painted", 12, True, 1),
        ("Postcard", "imported", None, False, 2),
    ]
    x, y = np.meshgrid(np.arange(96), np.arange(64))
    for number, record in enumerate(project.references):
        raster, _ = store.load_raster(record.id)
        assert np.array_equal(raster.luminance, x * 2 + y)
        assert np.array_equal(raster.coverage > 0, x < 48)
        assert np.array_equal(raster.chrominance[:, :48, 0], (100 + x // 2 + number)[:, :48])
    if version >= 2:
        picture = cv2.imdecode(np.frombuffer(store.load_picture(project.references[1].id), np.uint8), -1)
        assert picture.shape == (8, 12, 3) and picture[3, 5].tolist() == [100, 90, 8]
        assert store.kept("view", 1) == b'{"playhead":30}' and store.kept("view", 2) == b""
    assert store.load_picture(project.references[0].id) == b""
    assert project.shot_records == (SHOTS if version >= 3 else ())
    assert project.markers == (MARKERS if version >= 4 else ())
    assert [each.validity for each in project.references] == [
        EVERYWHERE,
        PARTIAL if version >= 5 else EVERYWHERE,
    ]
    assert [(each.name, each.color) for each in project.named] == (
        [(name, (12.5, -30.25)) for name in ("Wimpel", "Wimpel", "Himmel")] if version >= 7 else []
    )
    if version >= 7:
        first, *_ = project.named
        assert (first.reference, first.region) == (project.references[0].id, SPOT)
        assert project.recolorings == (Recoloring("Wimpel", (12.5, -30.25), (-5.0, 41.5)),)
    store.close()
    assert _pragma(path, "user_version") == VERSION


def test_a_newer_project_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = _baseline(tmp_path, VERSION)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(
            ProjectError, match=r"was made by a newer version of this program .* update"
        ) as info:
            ProjectStore.open(path, read_only)
        assert str(info.value).count(". ") == 0
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def _add_notes(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE reference ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def _add_links(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE reference SET note = 'from ' || name")
    connection.execute("CREATE TABLE link (reference TEXT NOT NULL) STRICT")


def _fail(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM tile")
    raise sqlite3.OperationalError("no room")


def test_steps_follow_one_another(tmp_path: Path) -> None:
    path = _baseline(tmp_path, 1)
    with closing(connect(path, writing=True)) as connection:
        upgrade(connection, path, {1: _add_notes, 2: _add_links}, 3)
        assert connection.execute("SELECT note FROM reference").fetchall() == [
            ("from Frame 12",),
            ("from Postcard",),
        ]
    assert _pragma(path, "user_version") == 3


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = _baseline(tmp_path, 1)
    with closing(connect(path, writing=True)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="no room"):
            upgrade(connection, path, {1: _add_notes, 2: _fail}, 3)
        columns = [row[1] for row in connection.execute("PRAGMA table_info(reference)")]
        assert tuple(columns) == COLUMNS["reference"][:-1]
    assert _pragma(path, "user_version") == 1
    store = ProjectStore.open(path)
    assert isinstance(store.load(), Project)
    store.load_raster("00000000000000a1")
    store.close()
