"""Batches of samples as tensors, made ahead by worker processes, in an order that never varies.

Row r of batch b under seed s is a pure function of (s, b, r): training resumed at batch b sees what it would
have seen, whatever the number of workers, and several ranks share one global batch between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from remaster_gui.training.processes import process_context
from remaster_gui.training.samples import Sample, SampleMaker, use_one_thread


@dataclass(frozen=True)
class Batch:
    """Samples as float32 tensors on the network's scale, channels first.

    `luminance` (B, 1, T, H, W) and `chrominance` (B, 2, T, H, W): clean target; `degraded` (B, 1, T, H, W):
    input; `references` (B, N, 3, h, w): sRGB. N may be zero.
    """

    luminance: torch.Tensor
    chrominance: torch.Tensor
    degraded: torch.Tensor
    references: torch.Tensor

    def to(self, device: torch.device | str) -> Self:
        """Return the same batch on another device; copies from pinned memory do not wait."""
        return type(self)(*(getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)))

    def pin_memory(self) -> Self:
        """Return the same batch in page-locked memory (the loader calls this)."""
        return type(self)(*(getattr(self, f.name).pin_memory() for f in fields(self)))


def collate(samples: Sequence[Sample]) -> Batch:
    """Stack samples that have the same number of references and the same sizes."""
    return Batch(
        luminance=_tensor([s.luminance[None] for s in samples]),
        chrominance=_tensor([np.moveaxis(s.chrominance, -1, 0) for s in samples]),
        degraded=_tensor([s.degraded[None] for s in samples]),
        references=_tensor([np.moveaxis(s.references, -1, 1) for s in samples]),
    )


def _tensor(arrays: list[NDArray[np.float32]]) -> torch.Tensor:
    return torch.from_numpy(np.stack(arrays))


class BatchDataset(Dataset[Batch]):
    """Batch number -> batch. Each of several ranks gets its rows of one global batch of ``size * ranks``."""

    def __init__(self, maker: SampleMaker, size: int, seed: int, rank: int = 0, ranks: int = 1) -> None:
        self._maker = maker
        self._rows = range(rank * size, (rank + 1) * size)
        self._seed = seed
        if not 0 <= rank < ranks:
            raise ValueError(f"rank {rank} of {ranks}")

    def samples(self, number: int) -> list[Sample]:
        """Return the samples of batch `number`, before collation."""
        count = self._maker.settings.references.count(np.random.default_rng((self._seed, number)))
        return [
            self._maker.sample(np.random.default_rng((self._seed, number, 1 + row)), count)
            for row in self._rows
        ]

    def __getitem__(self, number: int) -> Batch:
        return collate(self.samples(number))


def load_batches(
    dataset: BatchDataset, numbers: Iterable[int], workers: int = 1, pinned: bool = False
) -> Iterator[Batch]:
    """Yield the batches of `numbers` in their order, made ahead by `workers` processes (0: here and now)."""
    loader: DataLoader[Batch] = DataLoader(
        dataset,
        batch_size=None,
        sampler=numbers,
        num_workers=workers,
        worker_init_fn=_start_worker if workers else None,
        multiprocessing_context=process_context() if workers else None,
        prefetch_factor=3 if workers else None,
        pin_memory=pinned,
    )
    yield from loader


def _start_worker(number: int) -> None:
    use_one_thread()
