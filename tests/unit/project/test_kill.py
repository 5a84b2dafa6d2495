"""A process that is killed in the middle of saving loses nothing that it had saved, and never half-writes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import FilmIdentity, Project
from remaster_gui.project.store import ProjectStore

SIZE = 520

SAVE = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from remaster_gui.painting.raster import Box
from remaster_gui.project import edits
from remaster_gui.project.store import PackedTile, ProjectStore
from remaster_gui.project.raster_tiles import pack, painted_tiles

path, growth = Path(sys.argv[1]), int(sys.argv[2])
store = ProjectStore.open(path)
project = store.load()
id_ = project.references[0].id
raster, _ = store.load_raster(id_)
rng = np.random.default_rng(project.last_revision)

def save(kinds):
    # Colours of many kinds fill many pages; the corners say which save they belong to.
    global project
    revision = project.last_revision + 1
    raster.chrominance[...] = rng.integers(0, kinds, raster.chrominance.shape, np.uint8)
    for y in (0, -1):
        for x in (0, -1):
            raster.chrominance[y, x] = (revision // 256, revision % 256)
    project = edits.with_cuts(edits.repainted(project, id_, revision, True), [revision])
    tiles = painted_tiles(Box(0, 0, raster.width, raster.height))
    store.save(project, [PackedTile(id_, tile, pack(tile.of(raster))) for tile in tiles])

save(4)
print(project.last_revision, flush=True)
# The system ends the process at the write by which a file would become longer than this.
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
limit = path.stat().st_size + growth
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
save(256)
"""


@pytest.mark.skipif(
    sys.platform == "win32", reason="no limit of the system ends a process in the middle of a write"
)
def test_killed_while_saving(tmp_path: Path, make_raster: Callable[..., Raster]) -> None:
    path = tmp_path / "film.remaster"
    project = Project(FilmIdentity(Path("/a.mp4"), 1, "", Fraction(24), 60_000, SIZE, SIZE))
    record = edits.new_reference(project, "painted", 0, "Frame 0", SIZE, SIZE, colored=True)
    raster = make_raster(0, SIZE, SIZE)
    ProjectStore.create(path, edits.with_reference(project, record), [(record.id, raster)]).close()
    journal = path.with_name(f"{path.name}-journal")
    for growth in (0, 65_536):
        ended = subprocess.run(
            [sys.executable, "-c", SAVE, path, f"{growth}"], capture_output=True, text=True, check=False
        )
        assert ended.returncode == -signal.SIGXFSZ, ended.stderr
        assert journal.exists(), "the kill came in the middle of a save"
        said = int(ended.stdout)
        store = ProjectStore.open(path)
        assert not store.read_only
        found = store.load()
        pixels, revision = store.load_raster(record.id)
        store.close()
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
        # What was told is there, and nothing of what came after.
        assert found.last_revision == found.references[0].revision == revision == said
        assert found.cuts == (0, revision)
        corners = pixels.chrominance[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert corners.tolist() == [[revision // 256, revision % 256]] * 4
