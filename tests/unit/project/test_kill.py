"""A process that is killed in the middle of saving loses nothing that it had saved, and never half-writes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import FilmIdentity, Project
from remaster_gui.project.store import ProjectStore

SIZE = 520

SAVE = """
import sys
from pathlib import Path
import numpy as np
from remaster_gui.painting.raster import Box
from remaster_gui.project import edits
from remaster_gui.project.store import PackedTile, ProjectStore
from remaster_gui.project.tiles import pack, painted_tiles

store = ProjectStore.open(Path(sys.argv[1]))
project = store.load()
id_ = project.references[0].id
raster, _ = store.load_raster(id_)
rng = np.random.default_rng(project.last_revision)
while True:
    revision = project.last_revision + 1
    # Noise fills many pages; the corners say which save they belong to.
    raster.chrominance[...] = rng.integers(0, 256, raster.chrominance.shape, np.uint8)
    for y in (0, -1):
        for x in (0, -1):
            raster.chrominance[y, x] = (revision // 256, revision % 256)
    project = edits.with_cuts(edits.repainted(project, id_, revision, True), [revision])
    tiles = painted_tiles(Box(0, 0, raster.width, raster.height))
    store.save(project, [PackedTile(id_, tile, pack(tile.of(raster))) for tile in tiles])
    print(revision, flush=True)
"""


def test_killed_while_saving(tmp_path: Path, make_raster: Callable[..., Raster]) -> None:
    path = tmp_path / "film.remaster"
    project = Project(FilmIdentity(Path("/a.mp4"), 1, "", Fraction(24), 60_000, SIZE, SIZE))
    record = edits.new_reference(project, "painted", 0, "Frame 0", SIZE, SIZE, colored=True)
    raster = make_raster(0, SIZE, SIZE)
    ProjectStore.create(path, edits.with_reference(project, record), [(record.id, raster)]).close()
    rng = np.random.default_rng(3)
    journal = path.with_name(f"{path.name}-journal")
    halves = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        with process:
            told = [process.stdout.readline()]
            # The journal is there only while something is being written.
            while not journal.exists():
                pass
            time.sleep(float(rng.uniform(0.0, 0.01)))
            process.send_signal(signal.SIGKILL)
            told += process.stdout.readlines()
        halves += journal.exists()
        said = int([line for line in told if line.endswith("\n")][-1])
        store = ProjectStore.open(path)
        assert not store.read_only
        found = store.load()
        pixels, revision = store.load_raster(record.id)
        assert store._writer.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store.close()
        # The save in hand may have come to its end without being told.
        assert revision in (said, said + 1)
        assert found.last_revision == found.references[0].revision == revision
        assert found.cuts == (0, revision)
        corners = pixels.chrominance[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert corners.tolist() == [[revision // 256, revision % 256]] * 4
    assert halves > 0, "no kill came in the middle of a save"
