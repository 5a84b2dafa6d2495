"""Shared fixtures: where the test material lies, small films, and a tiny network's weights."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import hashlib
import itertools
import json
import os
import random
import runpy
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

# Tests share the cores among processes; threads within tiny networks would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Whatever the machine speaks.
os.environ["REMASTER_LANGUAGE"] = "en"

import av
import cv2
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from remaster_gui.base.frozen_objects import freeze_until_thaw, is_thawed, thaw_count
from remaster_gui.base.system import usable_cores
from remaster_gui.engine import shipped_weights as places
from remaster_gui.engine.prior_loading import FILLING_NAME
from remaster_gui.engine.shipped_weights import MANIFEST, PRIOR_NAME
from remaster_gui.media import PRESETS, ColorTags, FilmInfo, SegmentWriter
from remaster_gui.model import (
    COMPACT,
    ColorizationConfig,
    ModelConfig,
    RemasterNetwork,
    RestorationConfig,
    save_network,
    weights_hash,
)
from remaster_gui.model.filling import Confidence
from remaster_gui.model.filling_weights import save_confidence
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.prior_weights import PRIOR_FORMAT
from remaster_gui.model.similarity import Cosine

ROOT = Path(__file__).resolve().parents[1]
RATE = Fraction(24)

# The same examples in every run, however long one takes: what a run finds does not depend on luck or load.
settings.register_profile(
    "suite", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

PATIENCE = 300_000
"""Milliseconds that are waited for what has to come, where a test says no other number: machines may be busy."""
for _wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitExposed, QtBot.waitActive):
    _wait.__kwdefaults__["timeout"] = PATIENCE

ENDLESS = 300
"""Seconds of computing, on whatever machine, after which something that takes one is taken to have no end."""


@pytest.fixture(scope="session")
def ending() -> Callable[[], AbstractContextManager[None]]:
    """Fails what would go on for hours; how long it takes, and who else computes meanwhile, does not matter."""

    @contextmanager
    def watch() -> Iterator[None]:
        began = time.process_time()
        yield
        assert time.process_time() - began < ENDLESS

    return watch


@pytest.fixture(scope="session")
def qapp_cls(qapp_cls: type) -> type:
    """Take back what OpenCV says of Qt before the application is made, as the program does."""
    from remaster_gui.app import forget_qt_of_opencv

    forget_qt_of_opencv()
    return qapp_cls


@pytest.fixture(scope="session")
def qapp(qapp: Any) -> Any:
    """The application with the editor's own look."""
    from remaster_gui.ui.style.theme import apply_theme

    apply_theme(qapp)
    return qapp


@pytest.fixture(autouse=True)
def _garbage_of_the_main_thread() -> Iterator[None]:
    """Collect garbage as the program does, on the main thread: elsewhere objects of Qt end on a thread not theirs.

    Such an end may wait for a lock that the main thread holds, while the main thread waits for Python.
    """
    gc.disable()
    yield
    for generation, (count, threshold) in reversed(
        list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
    ):
        if count > threshold:
            gc.collect(generation)
            if generation == 2 and is_thawed():
                freeze_until_thaw(thaw_count())
            return


@pytest.fixture(autouse=True)
def _same_chances() -> None:
    """Give each test the same random numbers, whichever ran before it."""
    random.seed(0)
    torch.default_generator.manual_seed(0)  # torch.manual_seed asks for accelerators each time


def pytest_xdist_auto_num_workers() -> int:
    """Have one process more than there are cores: tests of windows wait now and then."""
    return usable_cores() + 1


LONGEST = ("test_trainer.py", "test_preview.py", "test_farm.py")
"""Files that take longest and are not of whole sessions, whose names come first anyway."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: at the end of a run all other processes would wait for the one that has them."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection() -> None:
    """Look for no garbage among what is imported and collected: it stays, and looking takes a tenth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look no more for garbage among what was imported and collected, which stays."""
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Let what was imported end as it does without tests, after pytest has looked for garbage that tests have left."""
    config.add_cleanup(gc.unfreeze)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let what was captured of names that are no text be sent from one process to another."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


def _set_user_folders(patch: pytest.MonkeyPatch, own: Path) -> None:
    for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
        patch.setenv(f"XDG_{kind}_HOME", str(own / kind.lower()))


@pytest.fixture(scope="session", autouse=True)
def _shared_user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what fixtures of many tests write out of the user's folders."""
    with pytest.MonkeyPatch.context() as patch:
        _set_user_folders(patch, tmp_path_factory.mktemp("user"))
        yield


_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _own_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test, and its child processes, caches, logs, settings and exports that no other test wrote."""
    _set_user_folders(monkeypatch, tmp_path_factory.getbasetemp() / f"user of {next(_numbers)}")


@functools.lru_cache(16)
def _texture(count: int, height: int, width: int, seed: int) -> NDArray[np.float32]:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    rng = np.random.default_rng(seed)
    phases = rng.random(3) * 6
    frames = [
        0.5 + 0.2 * np.sin((x + 2 * t) / 9 + phases[0]) + 0.15 * np.sin((y - t) / 5 + phases[1])
        + 0.1 * np.sin((x + y + 3 * t) / 3 + phases[2])
        for t in range(count)
    ]  # fmt: skip
    return np.stack(frames).astype(np.float32).clip(0, 1)


def textured_frames(count: int, height: int, width: int, seed: int = 0) -> NDArray[np.float32]:
    """A moving picture with detail at all sizes ``(T, H, W)`` in [0, 1]."""
    return _texture(count, height, width, seed).copy()


def two_shots_of(count: int, height: int, width: int) -> NDArray[np.float32]:
    """A film with a cut in its middle ``(T, H, W)``."""
    first = textured_frames(count // 2, height, width)
    second = textured_frames(count - count // 2, height, width, seed=9)
    return np.concatenate([first * 0.6, 1 - second * 0.6])


_films: list[Path] = []
"""The folder of films that were written already, if there is one."""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share, for what takes long to make; give names to whole files only."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _shared_films(made: Path) -> Iterator[None]:
    """Keep films by what they show: many tests want the same one, each as its own file, and encoding takes long."""
    _films.append(made)
    yield
    _films.clear()


def write_grey_film(path: Path, luma: NDArray[np.float32], preset: str = "ffv1-16") -> Path:
    """Write grey frames ``(T, H, W)`` in [0, 1]; or copy the film that has shown the same before."""
    if not _films or PRESETS[preset].is_sequence:
        return _encode_grey_film(path, luma, preset)
    content = hashlib.blake2b(np.ascontiguousarray(luma).tobytes(), digest_size=16)
    content.update(f"{luma.shape} {luma.dtype} {preset} {path.suffix}".encode())
    written = _films[0] / f"{content.hexdigest()}{path.suffix}"
    if not written.exists():
        _encode_grey_film(written, luma, preset)
    return Path(shutil.copyfile(written, path))


def _encode_grey_film(path: Path, luma: NDArray[np.float32], preset: str) -> Path:
    chosen = PRESETS[preset]
    if path.suffix == ".mkv":
        chosen = dataclasses.replace(chosen, codec_tag=None)
    if chosen.codec == "ffv1":
        # The same pictures; of frames so small, setting up what the codec learns with takes most of the time.
        chosen = dataclasses.replace(chosen, options={**chosen.options, "slices": "4", "context": "0"})
    with SegmentWriter(path, chosen, luma.shape[2], luma.shape[1], RATE) as writer:
        for index, frame in enumerate(luma):
            writer.write(np.repeat(frame[..., None], 3, axis=2), index / RATE)
    return path


def write_sounding_film(
    path: Path,
    samples: NDArray[np.int16],
    codec: str = "pcm_s16le",
    late: float = 0.0,
    ticks: Sequence[int] | None = None,
) -> Path:
    """Write a small film with stereo sound ``(n, 2)`` at 48 kHz that begins `late` seconds after the pictures.

    Frames are shown at `ticks` of the film's rate, or steadily.
    """
    rate = 48_000
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = 80, 64, "yuv420p"
        audio = container.add_stream(codec, rate=rate, layout="stereo")
        for number, tick in enumerate(ticks or range(round(RATE * len(samples) / rate))):
            frame = av.VideoFrame.from_ndarray(np.full((64, 80), 3 * number % 256, np.uint8), "gray")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = tick, Fraction(1, RATE)
            container.mux(video.encode(frame))
        size = audio.codec_context.frame_size or 1024
        for start in range(0, len(samples), size):
            part = samples[start : start + size]
            if audio.codec_context.format.is_planar:
                planes = np.ascontiguousarray((part / 32768.0).astype(np.float32).T)
                block = av.AudioFrame.from_ndarray(planes, "fltp", "stereo")
            else:
                block = av.AudioFrame.from_ndarray(part.reshape(1, -1), "s16", "stereo")
            block.sample_rate, block.pts = rate, start + round(late * rate)
            block.time_base = Fraction(1, rate)
            container.mux(audio.encode(block))
        for stream in (video, audio):
            container.mux(stream.encode(None))
    return path


def make_network(config: ModelConfig) -> RemasterNetwork:
    """A network in which every part has its say."""
    torch.manual_seed(4)
    network = RemasterNetwork(config)
    for name, tensor in network.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(tensor, 0.5)
        elif tensor.ndim == 4:
            torch.nn.init.kaiming_normal_(tensor, nonlinearity="linear")
        elif name == "restoration.shot_tones.deciding.4.weight":
            torch.nn.init.normal_(tensor, std=0.05)
    return network


TINY_COMPACT = dataclasses.replace(
    COMPACT,
    restoration=dataclasses.replace(COMPACT.restoration, width=1 / 16),
    colorization=dataclasses.replace(COMPACT.colorization, width=1 / 16, key_channels=8),
)
"""Every part of the compact network."""

TINY_PLAIN = TINY_COMPACT.changed(
    [
        "restoration.shot_tones=off",
        "restoration.tones=off",
        "restoration.neighbours=off",
        *(f"colorization.{part}=off" for part in ("steady_color", "carried_color", "patch_keys")),
    ]
)
"""Without the parts that take three quarters of the time, however small the network: finding motion and places."""


@pytest.fixture(scope="session")
def film_info() -> FilmInfo:
    """What is known of a plain film of 2,400 frames that is not there."""
    tags = ColorTags("bt601", "limited", "bt601-525", "bt709")
    return FilmInfo(
        Path("/films/blast.mp4"), 640, 480, 2400, Fraction(24), Fraction(1), 0, "progressive", 8, tags,
        has_audio=True, timecode=None, variable_rate=False, complete=True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny network that restores and colours, for tests of what goes on around a network."""
    path = tmp_path_factory.mktemp("weights") / "plain.safetensors"
    save_network(make_network(TINY_PLAIN), path, licence="test", metrics={})
    return path


@pytest.fixture(scope="session")
def full_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny network with every part of the compact one, for tests of what networks give."""
    path = tmp_path_factory.mktemp("weights") / "full.safetensors"
    save_network(make_network(TINY_COMPACT), path, licence="test", metrics={})
    return path


@pytest.fixture(scope="session")
def voting_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny network that tells scenes apart by what they look like, and lets frames vote for references."""
    torch.manual_seed(3)
    color = ColorizationConfig(
        width=1 / 16, key_channels=8, carried_color=True, attention="cosine", patch_keys=True, position_keys=True,
        reference_votes=True,
    )  # fmt: skip
    network = RemasterNetwork(
        ModelConfig("tiny", RestorationConfig(width=1 / 16), color, reference_edge=None)
    )
    for attention in (network.colorization.attend_fine, network.colorization.attend_coarse):
        patches, features = attention.similarity.patches, attention.similarity.features
        assert patches is not None and isinstance(features, Cosine)
        with torch.no_grad():  # encoders that have learned nothing tell nothing apart
            patches.log_scales.fill_(4.0)
            features.log_scale.fill_(0.0)
    path = tmp_path_factory.mktemp("weights") / "voting.safetensors"
    save_network(network, path, licence="test", metrics={})
    return path


@pytest.fixture(scope="session")
def scenes() -> NDArray[np.float32]:
    """Three scenes of 80x64 pixels ``(3, H, W)`` that have nothing in common."""
    rough = np.random.default_rng(5).random((3, 32, 40), np.float32)
    return np.stack([0.2 + 0.6 * cv2.resize(each, (80, 64)) for each in rough])


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """Three colour references of different sizes; one is tied to frame 7."""
    folder = tmp_path / "references"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for name, size in (("ref_000007.png", (64, 80)), ("b.jpg", (96, 72)), ("0000874_out.png", (80, 80))):
        picture = cv2.resize(
            rng.integers(0, 256, (8, 8, 3), np.uint8), size[::-1], interpolation=cv2.INTER_CUBIC
        )
        cv2.imwrite(str(folder / name), picture)
    return folder


@pytest.fixture(scope="session")
def textured() -> Callable[..., NDArray[np.float32]]:
    return textured_frames


@pytest.fixture(scope="session")
def two_shots() -> Callable[..., NDArray[np.float32]]:
    return two_shots_of


@pytest.fixture(scope="session")
def write_film() -> Callable[..., Path]:
    return write_grey_film


@pytest.fixture(scope="session")
def write_quick_film() -> Callable[..., Path]:
    """Writes grey films that are decoded in a tenth of the time, for windows, which search each for its cuts."""
    return functools.partial(write_grey_film, preset="prores-hq")


@pytest.fixture(scope="session")
def write_sound_film() -> Callable[..., Path]:
    return write_sounding_film


class ProjectFiles:
    """The project files that are open, as SQLite sees them."""

    def __init__(self) -> None:
        self._writers: list[sqlite3.Connection] = []

    def connect(self, *arguments: Any, **more: Any) -> sqlite3.Connection:
        """Open a database as `sqlite3.connect` does, and remember who may write."""
        connection = sqlite3.Connection(*arguments, **more)
        self._writers.append(connection)
        return connection

    def execute(self, statement: str, *values: object) -> None:
        """Run a statement where the newest project is written."""
        self._writer.execute(statement, values).fetchall()

    def limit(self, room: int) -> None:
        """Let the disk have room for so many more pages, by SQLite's own limit: the error is that of a full disk."""
        pages = self._writer.execute("PRAGMA page_count").fetchone()[0] + room
        self.execute(f"PRAGMA max_page_count = {pages}")

    @property
    def _writer(self) -> sqlite3.Connection:
        for connection in reversed(self._writers):
            with contextlib.suppress(sqlite3.ProgrammingError):  # it was closed
                if not connection.execute("PRAGMA query_only").fetchone()[0]:
                    return connection
        raise AssertionError("no project is open for writing")


@pytest.fixture
def project_files(monkeypatch: pytest.MonkeyPatch) -> ProjectFiles:
    """Has at hand the project files that are opened from here on."""
    files = ProjectFiles()
    monkeypatch.setattr(sqlite3, "connect", files.connect)
    return files


@pytest.fixture(scope="session")
def make_speaker() -> Callable[..., Any]:
    """Makes sound cards, as machines that run tests have none: they keep what they are given."""
    from PySide6.QtCore import QBuffer, QIODevice, QObject

    class Speaker(QObject):
        """Stands for a QAudioSink of 16-bit stereo at 48 kHz; takes sound at `pace` times the true rate."""

        def __init__(self, pace: float = 1.0) -> None:
            super().__init__()
            self.pace = pace
            self.heard = QBuffer(self)
            self.starts = 0
            self._began = 0.0

        def start(self) -> QIODevice:
            self.heard.setData(b"")
            self.heard.open(QIODevice.OpenModeFlag.ReadWrite)
            self.starts += 1
            self._began = time.perf_counter()
            return self.heard

        def stop(self) -> None:
            self.heard.close()

        def deleteLater(self) -> None:  # noqa: N802  # a name of Qt, as the next two
            """Serves again."""

        def processedUSecs(self) -> int:  # noqa: N802
            return int(1e6 * self.pace * (time.perf_counter() - self._began))

        def bytesFree(self) -> int:  # noqa: N802
            """Room for a tenth of a second beyond what has been played."""
            played = int((self.processedUSecs() / 1e6 + 0.1) * 48_000) * 4
            return max(0, played - self.heard.size())

    return Speaker


@pytest.fixture(scope="session")
def cuda() -> torch.device:
    """A GPU; skips where there is none."""
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA GPU, and this machine has none that PyTorch can use")
    return torch.device("cuda")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder beside the repository with real film and reference numbers; skips where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder ../shared with real film, which is not part of the repository")
    return folder


@pytest.fixture(scope="session")
def authors_checkpoint(shared: Path, made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with the keys and shapes of the authors' release and seeded numbers."""
    path = made / "remasternet.pth.tar"
    if not path.exists():
        script, draft = (
            shared / "official" / "make_checkpoint.py",
            tmp_path_factory.mktemp("authors") / path.name,
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [str(script), str(draft)])
            runpy.run_path(str(script), run_name="__main__")
        draft.replace(path)
    return path


@pytest.fixture(scope="session")
def write_pack() -> Callable[[Path, list[np.ndarray]], Path]:
    """Write pictures ``(H, W, 3)`` as a pack of photographs, without loss."""

    def write(path: Path, pictures: list[np.ndarray]) -> Path:
        codes = [cv2.imencode(".png", picture[..., ::-1])[1].tobytes() for picture in pictures]
        path.with_suffix(".bin").write_bytes(b"".join(codes))
        with path.with_suffix(".idx").open("wb") as file:
            np.save(file, np.cumsum([0, *map(len, codes)], dtype=np.int64))
        return path.with_suffix(".bin")

    return write


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Weights of a tiny network that carries colour."""
    torch.manual_seed(0)
    config = COMPACT.changed(["restoration.width=0.03", "colorization.width=0.03"])
    path = tmp_path / "own.safetensors"
    save_network(RemasterNetwork(config), path, licence="", metrics={})
    return path


@pytest.fixture
def shipped(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that ship: a tiny prior, and what goes with it beside `own`."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    torch.manual_seed(1)
    prior = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (0, 0, 0, 0, 0), (0, 0, 0, 0), 0, bins=2))
    torch.nn.init.normal_(prior.color.weight, std=0.1)
    torch.nn.init.normal_(prior.likely.weight, std=3.0)
    prior.centres.copy_(torch.tensor([[45.0, 20.0], [-30.0, -40.0]]))
    PRIOR_FORMAT.save(prior, folder / PRIOR_NAME, licence="", metrics={})
    save_confidence(Confidence(), folder / FILLING_NAME, weights_hash(own), "")
    monkeypatch.setattr(places, "weights_folder", lambda: folder)
    _write_manifest(folder)
    return folder


def _write_manifest(folder: Path) -> None:
    entries = {
        path.name: {"sha256": weights_hash(path), "bytes": path.stat().st_size}
        for path in folder.glob("*.safetensors")
    }
    (folder / MANIFEST).write_text(json.dumps(entries))


@pytest.fixture(scope="session")
def write_manifest() -> Callable[[Path], None]:
    """Writes down what weights a folder ships with, as they are now."""
    return _write_manifest
