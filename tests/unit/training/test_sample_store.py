from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_gui.base.color import lab_to_rgb
from remaster_gui.base.errors import StorageError
from remaster_gui.base.notices import complete
from remaster_gui.training.augmentation import Alteration, AlterationTarget, Augmentation
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.sample_store import (
    SampleStore,
    StoredBatches,
    StoredSettings,
    filling,
    wait_for,
)
from remaster_gui.training.samples import MatchingReferences, SampleSettings

Identify = Callable[[np.ndarray], tuple[int, int]]

SAMPLES = SampleSettings(
    5,
    32,
    32,
    MatchingReferences(within=0, distractors=1, hue=0.0, tone=0.0),
    table=(Augmentation(Alteration.SCALING, AlterationTarget.SOURCE_AND_TARGET, 1.0, 60, 60),),
)
SETTINGS = StoredSettings(SAMPLES, count=6, length=3, referenced=True)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def store(library: ClipLibrary, tmp_path_factory: pytest.TempPathFactory) -> SampleStore:
    store = SampleStore(tmp_path_factory.mktemp("stored"), library, SAMPLES, 6)
    complete(store.fill(lambda: False))
    return store


def test_samples_are_kept_as_they_were_made(store: SampleStore, identify: Identify) -> None:
    assert store.present() == list(range(6))
    for number in store.present():
        luminance, degraded, chrominance, references = store.load(number)
        assert luminance.shape == degraded.shape == (5, 32, 32)
        assert chrominance.shape == (2, 5, 32, 32) and references.shape == (2, 3, 32, 32)
        frames = [
            identify(
                lab_to_rgb(plane.numpy().astype(np.float32), ab.permute(1, 2, 0).numpy().astype(np.float32))
            )
            for plane, ab in zip(luminance, chrominance.movedim(1, 0), strict=True)
        ]
        film, first = frames[0]
        assert frames == [(film, first + n) for n in range(5)]
        assert not torch.equal(luminance, degraded)


def test_making_them_again_changes_nothing(store: SampleStore, library: ClipLibrary, tmp_path: Path) -> None:
    other = SampleStore(tmp_path, library, SAMPLES, 6)
    for number in (5, 2):
        other.make(number)
        assert all(torch.equal(a, b) for a, b in zip(other.load(number), store.load(number), strict=True))
    assert other.present() == [2, 5]
    assert SampleStore(tmp_path, library, replace(SAMPLES, length=4), 6).present() == []


def test_a_damaged_sample_is_made_anew(store: SampleStore) -> None:
    before = store.load(3)
    for damage in (b"", b"nonsense", store.path(3).read_bytes()[:500]):
        store.path(3).write_bytes(damage)
        assert all(torch.equal(a, b) for a, b in zip(store.load(3), before, strict=True))


def test_a_folder_that_cannot_be_written_is_said(library: ClipLibrary, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be stored"):
        SampleStore(tmp_path / "file", library, SAMPLES, 1).make(0)


def test_drawn_frames_are_neighbours_forwards_or_backwards_mirrored_or_not(store: SampleStore) -> None:
    drawn = StoredBatches(store, SETTINGS, 4, 1, CPU)
    seen = set()
    for number in range(25):
        batch = drawn.batch(number, [0])
        luminance, *_ = store.load(0)
        assert batch.luminance.shape == batch.degraded.shape == (4, 1, 3, 32, 32)
        assert batch.chrominance.shape == (4, 2, 3, 32, 32)
        assert batch.references.shape[1] in (1, 2)
        for row in batch.luminance[:, 0]:
            for first in range(3):
                for reverse in (False, True):
                    for mirror in (False, True):
                        part = luminance[first : first + 3].float()
                        axes = [axis for axis, on in ((0, reverse), (2, mirror)) if on]
                        if torch.equal(row, part.flip(axes)):
                            seen.add((first, reverse))
    assert seen == {(first, reverse) for first in range(3) for reverse in (False, True)}


def test_references_are_mirrored_with_the_source(store: SampleStore) -> None:
    _, _, _, references = store.load(0)
    shown = references.float() / 255
    for number in range(10):
        batch = StoredBatches(store, SETTINGS, 1, 2, CPU).batch(number, [0])
        rows = batch.references[0]
        assert any(torch.equal(rows, way[: len(rows)]) for way in (shown, shown.flip(3)))


def test_ranks_share_a_batch_and_what_comes_in_is_drawn_from(store: SampleStore) -> None:
    whole = next(StoredBatches(store, SETTINGS, 4, 3, CPU).batches([9]))
    parts = [next(StoredBatches(store, SETTINGS, 2, 3, CPU, rank, 2).batches([9])) for rank in range(2)]
    assert torch.equal(torch.cat([part.degraded for part in parts]), whole.degraded)
    plain = next(StoredBatches(store, replace(SETTINGS, referenced=False), 4, 3, CPU).batches([9]))
    assert plain.references.shape == (4, 0, 3, 32, 32)


def test_processes_fill_a_store_while_others_wait(
    store: SampleStore, library: ClipLibrary, tmp_path: Path
) -> None:
    other = SampleStore(tmp_path, library, SAMPLES, 6)
    with filling([other], 1):
        complete(wait_for(other, 2, lambda: False))
    assert all(torch.equal(a, b) for a, b in zip(other.load(4), store.load(4), strict=True))
    assert not list(other.folder.glob(".*")), "nothing is left beside the samples"
