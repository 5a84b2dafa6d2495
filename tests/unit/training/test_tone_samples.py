from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.model.shot_tones import CELLS
from remaster_gui.training.library import Clip
from remaster_gui.training.tone_samples import ToneBatches, ToneSamples, ToneSettings

SETTINGS = ToneSettings(frames=3, photos=2, damaged=3)


def made(clip: Clip, packs: list[Path], settings: ToneSettings = SETTINGS) -> ToneSamples:
    return complete(ToneSamples.read([clip], packs, None, settings))[0]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Four frames of a film."""
    path = tmp_path_factory.mktemp("film") / "film.npy"
    coarse = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3), np.uint8)
    np.save(path, np.stack([cv2.resize(frame, (64, 48)) for frame in coarse]))
    return Clip("film", path, path, FrameRange(0, 4))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two grey photographs, one dark and one bright."""
    path = tmp_path_factory.mktemp("photos") / "pack.bin"
    codes = [cv2.imencode(".png", np.full((20, 30, 3), level, np.uint8))[1].tobytes() for level in (60, 180)]
    path.write_bytes(b"".join(codes))
    np.save(path.with_suffix(".idx.npy"), np.cumsum([0, *map(len, codes)]).astype(np.int64))
    path.with_suffix(".idx.npy").rename(path.with_suffix(".idx"))
    return path


@pytest.fixture(scope="module")
def samples(clip: Clip, pack: Path) -> ToneSamples:
    return made(clip, [pack])


def test_a_batch_is_a_function_of_its_seed_and_number(samples: ToneSamples) -> None:
    def batch(seed: int, number: int) -> torch.Tensor:
        batches = ToneBatches(samples, 2, seed, torch.device("cpu"))
        return next(batches.batches([number])).degraded

    first = batch(1, 7)
    assert first.shape == (2, 1, 3, CELLS, CELLS)
    assert torch.equal(first, batch(1, 7))
    assert not torch.equal(first, batch(1, 8)) and not torch.equal(first, batch(2, 7))


def test_ranks_share_a_batch(samples: ToneSamples) -> None:
    cpu = torch.device("cpu")
    whole = next(ToneBatches(samples, 4, 0, cpu).batches([3])).degraded
    halves = [next(ToneBatches(samples, 2, 0, cpu, rank, 2).batches([3])).degraded for rank in (0, 1)]
    assert torch.equal(torch.cat(halves), whole)


def test_samples_are_shots_whose_tones_have_changed(samples: ToneSamples) -> None:
    pairs = [samples.sample(np.random.default_rng(seed)) for seed in range(60)]
    for clean, damaged in pairs:
        assert clean.shape == damaged.shape == (3, CELLS, CELLS)
        assert clean.dtype == damaged.dtype == np.float32
        assert damaged.min() >= 0 and damaged.max() <= 1 and np.isfinite(clean).all()
    contrast = [damaged.std() / max(clean.std(), 0.02) for clean, damaged in pairs if clean.std() > 0.05]
    assert min(contrast) < 0.85 < max(contrast)


def test_photographs_and_films_are_shown_by_their_share(clip: Clip, pack: Path) -> None:
    def is_flat(films: float) -> set[bool]:
        samples = made(clip, [pack], ToneSettings(3, 2, 3, films))
        return {samples.sample(np.random.default_rng(seed))[0].std() < 1e-3 for seed in range(8)}

    assert is_flat(0.0) == {True} and is_flat(1.0) == {False} and is_flat(0.5) == {True, False}


def test_films_alone_suffice(clip: Clip) -> None:
    clean, _ = made(clip, []).sample(np.random.default_rng(0))
    assert clean.std() > 0.05
