"""Where the batches of each stage come from: drawn by worker processes, made on the device, or stored before."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

import torch

from remaster_gui.base.notices import Progress
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.training.dataset import Batch, BatchDataset, load_batches
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.pairs import PairMaker, PairSettings
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.recipes import TrainingStage
from remaster_gui.training.sample_store import (
    SampleStore,
    StoredBatches,
    StoredSettings,
    filling,
    wait_for,
)
from remaster_gui.training.samples import SampleMaker, SampleSettings
from remaster_gui.training.tone_samples import ToneBatches, ToneSamples, ToneSettings

BatchT_co = TypeVar("BatchT_co", covariant=True)

FILLING = 0.4
"""Share of a stage's time that may go into making samples first, where the run has a budget."""


class Batches(Protocol[BatchT_co]):
    """Batches by their number, on the device that learns; each is the same whenever it is asked for."""

    def batches(self, numbers: Iterable[int]) -> Iterator[BatchT_co]:
        """Yield the batches of `numbers` in their order."""
        ...


@dataclass(frozen=True)
class DrawnBatches:
    """Samples drawn anew by worker processes, as the paper describes them."""

    dataset: BatchDataset
    workers: int
    device: torch.device

    def batches(self, numbers: Iterable[int]) -> Iterator[Batch]:
        """Yield the batches of `numbers` in their order, made ahead."""
        pinned = self.device.type == "cuda"
        for batch in load_batches(self.dataset, numbers, self.workers, pinned=pinned):
            yield batch.to(self.device)


@dataclass
class Sources:
    """The films, photographs and damage of a run; opens for each stage what it learns from."""

    library: ClipLibrary
    ranks: Ranks
    stored: Path
    """Folder of samples that are made once."""
    photos: tuple[Path, ...] = ()
    damage: Path | None = None
    workers: int = 0
    _pictures: PictureStore | None = field(default=None, init=False)
    _tones: dict[ToneSettings, ToneSamples] = field(default_factory=dict, init=False)

    def open(self, stage: TrainingStage, seed: int, *, alike: bool = False) -> Batches[Batch]:
        """Return the batches of a stage, which has to be prepared.

        `alike`: every rank gets the same ones, not each its share.
        """
        how = stage.samples
        rank, ranks = (0, 1) if alike else (self.ranks.rank, self.ranks.count)
        if isinstance(how, PairSettings):
            return PairMaker(self.pictures, how, stage.batch, seed, rank, ranks)
        if isinstance(how, StoredSettings):
            device = self.ranks.device
            return StoredBatches(self._store(how), how, stage.batch, seed, device, rank, ranks)
        if isinstance(how, ToneSettings):
            return ToneBatches(self._tones[how], stage.batch, seed, self.ranks.device, rank, ranks)
        assert isinstance(how, SampleSettings)
        maker = SampleMaker(self.library, self._damaged(how))
        return DrawnBatches(
            BatchDataset(maker, stage.batch, seed, rank, ranks), self.workers, self.ranks.device
        )

    def prepare(
        self, stage: TrainingStage, stop: Callable[[], bool], seconds: float | None
    ) -> Generator[Progress]:
        """See that there is enough to learn from: pictures, or stored samples that fit a share of `seconds`."""
        if isinstance(stage.samples, PairSettings):
            yield from self.read_pictures()
        if isinstance(stage.samples, ToneSettings) and stage.samples not in self._tones:
            how = stage.samples
            self._tones[how] = yield from ToneSamples.read(self.library.clips, self.photos, self.damage, how)
        if not isinstance(stage.samples, StoredSettings):
            return
        store, begun = self._store(stage.samples), time.monotonic()

        def over() -> bool:
            return stop() or (seconds is not None and time.monotonic() - begun > FILLING * seconds)

        if self.workers:
            yield from wait_for(store, stage.batch, over)
        else:
            least = stage.batch
            yield from store.fill(lambda: over() and (stop() or len(store.present()) >= least))

    def filling(self, stages: tuple[TrainingStage, ...]) -> AbstractContextManager[None]:
        """Let worker processes make the stored samples of `stages`, in their order, while the block runs."""
        stores: dict[Path, SampleStore] = {}
        for stage in stages:
            if isinstance(stage.samples, StoredSettings):
                store = self._store(stage.samples)
                stores.setdefault(store.folder, store)
        return filling(list(stores.values()) if self.ranks.leads else [], self.workers)

    def read_pictures(self) -> Generator[Progress]:
        """Have frames and photographs on the device, unless they are there."""
        if self._pictures is None:
            packs = [PhotoPack(path) for path in self.photos]
            self._pictures = yield from PictureStore.read(self.library.clips, packs, self.ranks.device)

    @property
    def pictures(self) -> PictureStore:
        """The frames and photographs on the device (see `read_pictures`)."""
        assert self._pictures is not None
        return self._pictures

    def _store(self, how: StoredSettings) -> SampleStore:
        return SampleStore(self.stored, self.library, self._damaged(how.samples), how.count)

    def _damaged(self, how: SampleSettings) -> SampleSettings:
        return replace(how, damage_folder=self.damage)
