"""Samples that were made once and are drawn many times.

Damaging a few frames takes a second of a core, learning from them a fraction of that: samples that lie on the disk let
the network learn as fast as it can, and cost nothing when another run wants them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import replace_bytes
from remaster_gui.base.notices import Progress
from remaster_gui.training.dataset import Batch
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.processes import process_context
from remaster_gui.training.samples import (
    MatchingReferences,
    Sample,
    SampleMaker,
    SampleSettings,
    use_one_thread,
)

_LAYOUT = "1"
"""Part of the key; raise it whenever samples written for the same settings would differ."""

_SPARE_BYTES = 1 << 30
"""Bytes that always stay free on the disk for other programs."""

_LOOK_AGAIN = 20
"""Batches after which samples that have come in meanwhile are drawn from, too."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """What is stored, and what a stage draws from it.

    `count` samples are made as `samples` says (with as many references as they may have); drawn are `length`
    neighbouring frames of a sample, mirrored or reversed in time at random, with references if `referenced`; with
    `crop`, only squares of so many pixels anywhere in them.
    """

    samples: SampleSettings
    count: int
    length: int
    referenced: bool = False
    crop: int | None = None


class SampleStore:
    """A folder of samples; sample i is a pure function of its settings, the films and i.

    Luminance and damaged luminance are stored as float16, chrominance too, references as bytes.
    """

    def __init__(self, folder: Path, library: ClipLibrary, settings: SampleSettings, count: int) -> None:
        """Let samples lie in a folder of their own in `folder`, which appears when the first one is made."""
        self._maker = SampleMaker(library, settings)
        self.folder = folder / _key(library, settings)
        self.count = count

    def path(self, number: int) -> Path:
        """Return where sample `number` lies or will lie."""
        return self.folder / f"{number:06d}.safetensors"

    def present(self) -> list[int]:
        """Return the numbers of the samples that are there, in order."""
        if not self.folder.is_dir():
            return []
        found = (path.stem for path in self.folder.glob("[0-9]*.safetensors"))
        return sorted(number for number in map(int, filter(str.isdecimal, found)) if number < self.count)

    def make(self, number: int) -> None:
        """Make sample `number`, unless it is there; raises `StorageError` when it cannot be written."""
        target = self.path(number)
        if target.exists():
            return
        sample = self._maker.sample(np.random.default_rng((number, 0)), _most(self._maker.settings))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self.folder).free < _SPARE_BYTES:
                raise OSError("the disk is full")
            replace_bytes(target, save(_planes(sample)))
        except OSError as error:
            raise StorageError(
                f"Samples cannot be stored in {self.folder} ({error.strerror or error}); choose another --cache or "
                "make room."
            ) from error

    def load(self, number: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return clean and damaged luminance ``(T, H, W)``, chrominance ``(2, T, H, W)``, references ``(N, 3, h, w)``.

        A sample that is damaged is made anew.
        """
        try:
            return self._read(number)
        except (OSError, KeyError, SafetensorError) as error:
            _log.warning("%s cannot be read (%s); it is made anew", self.path(number), error)
            self.path(number).unlink(missing_ok=True)
            self.make(number)
            return self._read(number)

    def _read(self, number: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        planes = load(self.path(number).read_bytes())
        return planes["luminance"], planes["degraded"], planes["chrominance"], planes["references"]

    def fill(self, until: Callable[[], bool]) -> Generator[Progress]:
        """Make what is missing, here and now, as long as `until` is not true."""
        there = set(self.present())
        for number in range(self.count):
            if until():
                return
            yield self.progress(number)
            if number not in there:
                self.make(number)

    def progress(self, there: int) -> Progress:
        """Say how many samples are `there`."""
        return Progress(there, self.count, doing="Making samples", unit="samples")


@contextmanager
def filling(stores: list[SampleStore], workers: int) -> Iterator[None]:
    """Let `workers` processes make the samples of `stores`, one store after another, for as long as the block runs."""
    context = process_context()
    stop = context.Event()
    processes = [
        context.Process(target=_fill_share, args=(stores, number, workers, stop), daemon=True)
        for number in range(workers if stores else 0)
    ]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.join()


def _fill_share(stores: list[SampleStore], number: int, workers: int, stop: object) -> None:
    """Make every `workers`-th sample; the parent notices if we fail, and makes what is missing itself."""
    use_one_thread()
    torch.set_num_threads(1)
    parent = os.getppid()
    for store in stores:
        for sample in range(number, store.count, workers):
            if stop.is_set() or os.getppid() != parent:  # type: ignore[attr-defined]
                return
            store.make(sample)


def wait_for(store: SampleStore, least: int, until: Callable[[], bool]) -> Generator[Progress]:
    """Wait while processes fill `store`, until it holds all or `until` is true; at least `least` are made.

    Where nothing new has come for a minute, those processes are gone and the rest is made here.
    """
    last, changed = -1, time.monotonic()
    while (there := len(store.present())) < store.count:
        if there >= least and until():
            return
        if there != last:
            last, changed = there, time.monotonic()
        elif time.monotonic() - changed > 60:
            yield from store.fill(lambda: len(store.present()) >= least and until())
            return
        yield store.progress(there)
        time.sleep(0.2)


class StoredBatches:
    """Draws batches from a store; batch b is a function of seed, b and the samples that are there."""

    def __init__(
        self,
        store: SampleStore,
        settings: StoredSettings,
        size: int,
        seed: int,
        device: torch.device,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        """Each of several ranks draws its `size` rows; on a graphics card samples stay once they are there."""
        self._store, self._settings, self._seed, self._device = store, settings, seed, device
        self._rows = range(rank * size, (rank + 1) * size)
        self._all = ranks * size
        self._held: dict[int, tuple[Tensor, ...]] = {}
        self._room = torch.cuda.mem_get_info(device)[0] // 4 if device.type == "cuda" else 0

    def batches(self, numbers: Iterable[int]) -> Iterator[Batch]:
        """Yield the batches of `numbers`, each when it is asked for."""
        there: list[int] = []
        for step, number in enumerate(numbers):
            if step % _LOOK_AGAIN == 0 and len(there) < self._store.count:
                there = self._store.present()
            yield self.batch(number, there)

    def batch(self, number: int, there: list[int]) -> Batch:
        """Draw batch `number` from the samples `there`."""
        rng = np.random.default_rng((self._seed, number))
        count = self._settings.samples.references.count(rng) if self._settings.referenced else 0
        chosen = rng.integers(len(there), size=self._all)
        rows = [
            self._row(there[chosen[row]], np.random.default_rng((self._seed, number, 1 + row)), count)
            for row in self._rows
        ]
        luminance, degraded, chrominance, references = (
            torch.stack(planes) for planes in zip(*rows, strict=True)
        )
        return Batch(luminance, chrominance, degraded, references)

    def _row(self, number: int, rng: np.random.Generator, references: int) -> tuple[Tensor, ...]:
        luminance, degraded, chrominance, shown = self._sample(number)
        first = int(rng.integers(len(luminance) - self._settings.length, endpoint=True))
        frames = slice(first, first + self._settings.length)
        planes = [luminance[None, frames], degraded[None, frames], chrominance[:, frames]]
        mirrored, reversed_ = rng.random(2) < 0.5
        axes = [axis for axis, wanted in ((1, reversed_), (3, mirrored)) if wanted]
        planes = self._cropped(planes, rng)
        return (
            *(plane.flip(axes).float() for plane in planes),
            self._shown(shown[:references], bool(mirrored)),
        )

    def _cropped(self, planes: list[Tensor], rng: np.random.Generator) -> list[Tensor]:
        crop = self._settings.crop
        if crop is None:
            return planes
        top, left = (int(rng.integers(edge - crop, endpoint=True)) for edge in planes[0].shape[-2:])
        return [plane[..., top : top + crop, left : left + crop] for plane in planes]

    def _shown(self, references: Tensor, mirrored: bool) -> Tensor:
        pictures = references.float() / 255
        return pictures.flip(3) if mirrored else pictures

    def _sample(self, number: int) -> tuple[Tensor, ...]:
        """Return a sample's planes on the device."""
        if number in self._held:
            return self._held[number]
        planes = tuple(plane.to(self._device) for plane in self._store.load(number))
        size = sum(plane.numel() * plane.element_size() for plane in planes)
        if size <= self._room:
            self._room -= size
            self._held[number] = planes
        return planes


def _planes(sample: Sample) -> dict[str, Tensor]:
    planes = {
        "luminance": sample.luminance.astype(np.float16),
        "degraded": sample.degraded.astype(np.float16),
        "chrominance": np.moveaxis(sample.chrominance, -1, 0).astype(np.float16),
        "references": np.rint(np.moveaxis(sample.references, -1, 1) * 255).astype(np.uint8),
    }
    return {name: torch.from_numpy(np.ascontiguousarray(plane)) for name, plane in planes.items()}


def _most(settings: SampleSettings) -> int:
    how = settings.references
    return 1 + how.distractors if isinstance(how, MatchingReferences) else how.most


def _key(library: ClipLibrary, settings: SampleSettings) -> str:
    films = [(clip.name, clip.cached.name) for clip in library.clips]
    return hashlib.blake2b(repr((_LAYOUT, settings, films)).encode(), digest_size=16).hexdigest()
