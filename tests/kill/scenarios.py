"""What is killed, how it goes on, and how one sees that nothing was lost."""

from __future__ import annotations

import hashlib
import json
import shutil
from abc import ABC, abstractmethod
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event

import numpy as np

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.media import open_film
from remaster_gui.model import read_network, save_network
from remaster_gui.painting.raster import Box, Raster
from remaster_gui.project import edits
from remaster_gui.project.raster_tiles import pack, painted_tiles
from remaster_gui.project.schema import FilmIdentity, Project
from remaster_gui.project.store import PackedTile, ProjectStore
from remaster_gui.training.checkpoint import checkpoints
from tests.conftest import TINY_COMPACT, make_network, two_shots_of, write_grey_film, write_sounding_film
from tests.unit.training import test_trainer

SAVES = 12
FIRST_REVISION = 1
"""Of a project with one reference, before it is painted on."""
SIZE = 200


class Scenario(ABC):
    """Work in a folder that may be killed and run again."""

    @abstractmethod
    def prepare(self, materials: Path) -> None:
        """Make what the work needs, once; runs in a process that is not killed."""

    @abstractmethod
    def run(self, materials: Path, folder: Path) -> int:
        """Do the work, or go on with it; returns an exit status."""

    @abstractmethod
    def result(self, folder: Path) -> object:
        """Return what the work leaves, for comparison with an undisturbed run."""

    def check_killed(self, folder: Path, good: object) -> None:
        """Raise `AssertionError` where a killed run has left something that is not as it must be."""
        del folder, good


class Render(Scenario):
    """A film to a file or to pictures, with shots of its own and sound."""

    def __init__(self, preset: str, output: str, *, sound: bool) -> None:
        self._preset, self._output, self._sound = preset, output, sound

    def prepare(self, materials: Path) -> None:
        weights = materials / "tiny.safetensors"
        if not weights.exists():
            save_network(make_network(TINY_COMPACT), weights, licence="test", metrics={})
        film = self._film(materials)
        if self._sound and not film.exists():
            write_sounding_film(film, np.zeros((24_000, 2), np.int16))
        elif not film.exists():
            write_grey_film(film, two_shots_of(12, 64, 80))

    def _film(self, materials: Path) -> Path:
        return materials / ("sound.mkv" if self._sound else "silent.mkv")

    def run(self, materials: Path, folder: Path) -> int:
        film = self._film(materials)
        with open_film(film) as opened:
            count = opened.info.frame_count
        shots = (FrameRange(0, 5), FrameRange(5, 8), FrameRange(8, count))
        request = RenderRequest(
            film, folder / self._output, weights=materials / "tiny.safetensors", preset=self._preset, device="cpu",
            settings=Settings(edge=64, colorization=False), shots=shots,
        )  # fmt: skip
        for _ in render(request, Event()):
            pass
        return 0

    def result(self, folder: Path) -> object:
        found: dict[str, str] = {}
        for path in sorted(folder.rglob("*")):
            if path.name.endswith(".report.json"):
                report = json.loads(path.read_text())
                found[path.name] = str([report[key] for key in ("film", "output", "shots", "notes")])
            else:
                found[str(path.relative_to(folder))] = _digest(path) if path.is_file() else "folder"
        return found

    def check_killed(self, folder: Path, good: object) -> None:
        assert isinstance(good, dict)
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            if name.endswith(".report.json") and not name.startswith("."):
                json.loads(path.read_text())
            elif not name.startswith("."):
                assert path.is_dir() or good[name] == _digest(path), f"{name} is not whole"
        output = folder / self._output
        if output.is_dir():
            there = {str(path.relative_to(folder)) for path in output.iterdir()}
            assert there == {name for name in good if name.startswith(f"{self._output}/")}


class Saving(Scenario):
    """A project that is saved again and again; what a save has said to be kept is kept."""

    def prepare(self, materials: Path) -> None:
        pass

    def run(self, materials: Path, folder: Path) -> int:
        path = folder / "film.remaster"
        if not path.exists():
            film = FilmIdentity(Path("/a.mp4"), 1, "", Fraction(24), 60_000, SIZE, SIZE)
            record = edits.new_reference(Project(film), "painted", 0, "Frame 0", SIZE, SIZE, colored=True)
            raster = Raster.of_frame(np.full((SIZE, SIZE), 90, np.uint8))
            ProjectStore.create(
                path, edits.with_reference(Project(film), record), [(record.id, raster)]
            ).close()
        store = ProjectStore.open(path)
        project = store.load()
        id_ = project.references[0].id
        raster, _ = store.load_raster(id_)
        tiles = list(painted_tiles(Box(0, 0, SIZE, SIZE)))
        while project.last_revision < SAVES:
            revision = project.last_revision + 1
            noise = np.random.default_rng(revision)
            raster.chrominance[...] = noise.integers(0, 256, raster.chrominance.shape, np.uint8)
            project = edits.with_cuts(edits.repainted(project, id_, revision, True), [revision])
            store.save(project, [PackedTile(id_, tile, pack(tile.of(raster))) for tile in tiles])
            with (folder / "said").open("ab", buffering=0) as said:
                said.write(b".")
        store.close()
        return 0

    def result(self, folder: Path) -> object:
        store = ProjectStore.open(folder / "film.remaster", read_only=True)
        project = store.load()
        raster, revision = store.load_raster(project.references[0].id)
        store.close()
        (folder / "said").unlink(missing_ok=True)
        left = sorted(path.name for path in folder.iterdir())
        return left, project.cuts, revision, hashlib.sha256(raster.chrominance.tobytes()).hexdigest()

    def check_killed(self, folder: Path, good: object) -> None:
        if not (folder / "film.remaster").exists():
            return
        store = ProjectStore.open(folder / "film.remaster")
        project = store.load()
        raster, revision = store.load_raster(project.references[0].id)
        store.close()
        said = (folder / "said").stat().st_size if (folder / "said").exists() else 0
        saved = project.last_revision - FIRST_REVISION
        assert said <= saved <= said + 1, "a save that was said to be kept is gone"
        assert revision == project.last_revision
        if saved:
            noise = np.random.default_rng(revision).integers(0, 256, raster.chrominance.shape, np.uint8)
            assert np.array_equal(raster.chrominance, noise), "half of a save is there"


class Training(Scenario):
    """A tiny recipe on two tiny films."""

    def prepare(self, materials: Path) -> None:
        if not (materials / "films").exists():
            films = test_trainer.films.__wrapped__(_Folders(materials))
            test_trainer.train(test_trainer.request(films, materials / "unused"))

    def run(self, materials: Path, folder: Path) -> int:
        out = folder / "run"
        asked = replace(test_trainer.request(materials / "films", out), resume=bool(checkpoints(out)))
        return 0 if test_trainer.train(asked) else 1

    def result(self, folder: Path) -> object:
        out = folder / "run"
        weights = read_network(out / test_trainer.BEST).state_dict()
        digest = hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in weights.values())).hexdigest()
        # The last column of a row is how fast it went.
        left = sorted(p.name for p in out.iterdir() if not p.name.startswith("events."))
        return left, digest, [row[:2] + row[3:] for row in test_trainer.rows(out)]


class _Folders:
    """Stands for pytest's factory of temporary folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mktemp(self, name: str) -> Path:
        (self._folder / name).mkdir()
        return self._folder / name


SCENARIOS: dict[str, Scenario] = {
    "file": Render("ffv1-16", "out.mkv", sound=True),
    "lossy": Render("h264-8", "out.mp4", sound=False),
    "pictures": Render("png16", "out", sound=True),
    "project": Saving(),
    "training": Training(),
}


def emptied(folder: Path) -> Path:
    """Make an empty folder, in place of one that is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
