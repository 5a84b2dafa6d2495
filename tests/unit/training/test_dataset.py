from __future__ import annotations

from dataclasses import fields

import pytest
import torch

from remaster_gui.training.augmentation import Alteration, AlterationTarget, Augmentation
from remaster_gui.training.dataset import Batch, BatchDataset, load_batches
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.samples import SampleMaker, SampleSettings

TABLE = (
    Augmentation(Alteration.SCALING, AlterationTarget.SOURCE_AND_TARGET, 1.0, 60, 100),
    Augmentation(Alteration.SCALING, AlterationTarget.REFERENCE, 1.0, 60, 80),
)


def dataset(
    library: ClipLibrary, size: int = 2, rank: int = 0, ranks: int = 1, seed: int = 1
) -> BatchDataset:
    settings = SampleSettings(length=3, crop=32, reference_crop=24, table=TABLE)
    return BatchDataset(SampleMaker(library, settings), size, seed, rank, ranks)


def same(first: Batch, second: Batch) -> bool:
    return all(torch.equal(getattr(first, f.name), getattr(second, f.name)) for f in fields(Batch))


def test_batches_are_channels_first(library: ClipLibrary) -> None:
    data = dataset(library, size=3)
    alone = dataset(library, size=1)  # as many references, in a third of the time
    number = next(n for n in range(50) if alone[n].references.shape[1] == 2)
    batch, samples = data[number], data.samples(number)
    assert batch.luminance.shape == (3, 1, 3, 32, 32)
    assert batch.chrominance.shape == (3, 2, 3, 32, 32)
    assert batch.degraded.shape == (3, 1, 3, 32, 32)
    assert batch.references.shape == (3, 2, 3, 24, 24)
    assert batch.chrominance[1, 1, 2, 5, 7] == samples[1].chrominance[2, 5, 7, 1]
    assert batch.references[2, 1, 0, 5, 7] == samples[2].references[1, 5, 7, 0]
    assert batch.degraded[0, 0, 1, 3, 4] == samples[0].degraded[1, 3, 4]
    assert {getattr(batch, f.name).dtype for f in fields(Batch)} == {torch.float32}


def test_without_references(library: ClipLibrary) -> None:
    data = dataset(library)
    batch = next(data[n] for n in range(100) if data[n].references.shape[1] == 0)
    assert batch.references.shape == (2, 0, 3, 24, 24)


def test_batches_are_functions_of_seed_and_number(library: ClipLibrary) -> None:
    assert same(dataset(library)[7], dataset(library)[7])
    assert not same(dataset(library)[7], dataset(library, seed=2)[7])


def test_ranks_share_one_batch(library: ClipLibrary) -> None:
    whole = dataset(library, size=4)[5]
    parts = [dataset(library, size=2, rank=rank, ranks=2)[5] for rank in range(2)]
    for field in fields(Batch):
        joined = torch.cat([getattr(part, field.name) for part in parts])
        assert torch.equal(getattr(whole, field.name), joined)
    with pytest.raises(ValueError, match="rank 2 of 2"):
        dataset(library, rank=2, ranks=2)


def test_loading_goes_on_where_it_stopped(library: ClipLibrary) -> None:
    data = dataset(library)
    all_of_them = list(load_batches(data, range(6), workers=0))
    ahead = load_batches(data, range(3, 6), workers=2)
    for expected, batch in zip(all_of_them[3:], ahead, strict=True):
        assert same(expected, batch)


def test_to_moves_every_tensor(library: ClipLibrary) -> None:
    batch = dataset(library)[0].to("meta")
    assert all(getattr(batch, f.name).is_meta for f in fields(Batch))
