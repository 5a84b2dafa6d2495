from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.model.lab import lab_to_rgb, rgb_to_lab
from remaster_gui.training.dataset import Batch
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.pairs import PairMaker, PairSettings
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.samples import MatchingReferences

Identify = Callable[[np.ndarray], tuple[int, int]]
WritePack = Callable[[Path, list[np.ndarray]], Path]

REFERENCES = MatchingReferences(within=4, distractors=2, hue=0.0, tone=0.0)
SETTINGS = PairSettings(32, REFERENCES, (60, 100), covered=0.0)


@pytest.fixture(scope="module")
def store(library: ClipLibrary) -> PictureStore:
    return complete(PictureStore.read(library.clips))[0]


def same(first: Batch, second: Batch) -> bool:
    return all(torch.equal(getattr(first, f.name), getattr(second, f.name)) for f in fields(Batch))


def source_rgb(batch: Batch) -> torch.Tensor:
    """Return the sources ``(B, 3, H, W)``."""
    return lab_to_rgb(torch.cat([batch.luminance[:, :, 0], batch.chrominance[:, :, 0]], dim=1))


def test_shapes_types_and_ranges(store: PictureStore) -> None:
    maker = PairMaker(store, SETTINGS, 2, 1)
    counts = set()
    for batch in maker.batches(range(12)):
        count = batch.references.shape[1]
        counts.add(count)
        assert batch.luminance.shape == batch.degraded.shape == (2, 1, 1, 32, 32)
        assert batch.chrominance.shape == (2, 2, 1, 32, 32)
        assert batch.references.shape == (2, count, 3, 32, 32)
        for field in fields(Batch):
            plane = getattr(batch, field.name)
            assert plane.dtype == torch.float32 and plane.min() >= 0 and plane.max() <= 1
    assert counts == {1, 2, 3}


def test_a_reference_shows_a_near_frame_of_the_same_film(store: PictureStore, identify: Identify) -> None:
    distances = set()
    for batch in PairMaker(store, SETTINGS, 4, 2).batches(range(20)):
        for source, reference in zip(source_rgb(batch), batch.references[:, 0], strict=True):
            film, frame = identify(source.permute(1, 2, 0).numpy())
            other_film, other_frame = identify(reference.permute(1, 2, 0).numpy())
            assert film == other_film
            distances.add(abs(frame - other_frame))
    assert distances == {0, 1, 2, 3, 4}


def test_batches_are_functions_of_seed_and_number_and_ranks_share_them(store: PictureStore) -> None:
    full = replace(SETTINGS, covered=0.5, references=replace(REFERENCES, hue=0.5, tone=0.5))
    whole = PairMaker(store, full, 4, 3).batch(5)
    assert same(whole, PairMaker(store, full, 4, 3).batch(5))
    assert not same(whole, PairMaker(store, full, 4, 4).batch(5))
    parts = [PairMaker(store, full, 2, 3, rank, 2).batch(5) for rank in range(2)]
    for field in fields(Batch):
        joined = torch.cat([getattr(part, field.name) for part in parts])
        torch.testing.assert_close(joined, getattr(whole, field.name))
    with pytest.raises(ValueError, match="rank 2 of 2"):
        PairMaker(store, full, 2, 3, 2, 2)


def test_hues_of_source_and_references_turn_together(store: PictureStore) -> None:
    settings = [replace(SETTINGS, references=replace(REFERENCES, within=0, hue=hue)) for hue in (0.0, 1.0)]
    plain, batch = (PairMaker(store, how, 6, 7).batch(1) for how in settings)
    assert torch.equal(plain.luminance, batch.luminance)
    assert not torch.allclose(plain.chrominance, batch.chrominance, atol=0.02)
    there = rgb_to_lab(batch.references[:, 0])[:, 1:].mean((-1, -2))
    torch.testing.assert_close(batch.chrominance[:, :, 0].mean((-1, -2)), there, atol=0.02, rtol=0)


def test_tones_change_the_source_alone(store: PictureStore) -> None:
    toned = replace(SETTINGS, references=replace(REFERENCES, tone=1.0))
    plain, batch = (PairMaker(store, how, 6, 7).batch(1) for how in (SETTINGS, toned))
    assert not torch.allclose(plain.luminance, batch.luminance, atol=0.01)
    assert torch.equal(plain.chrominance, batch.chrominance)
    assert torch.equal(plain.references, batch.references)


def test_something_may_cover_what_the_references_show(store: PictureStore) -> None:
    plain, covered = (
        PairMaker(store, replace(SETTINGS, covered=share), 12, 7).batch(1) for share in (0.0, 1.0)
    )
    changed = (plain.chrominance != covered.chrominance).any(1).float().mean((-1, -2))
    assert 0.02 < changed.mean().item() < 0.5
    assert torch.equal(plain.references, covered.references)


def test_a_photograph_is_seen_again_through_a_warp(
    library: ClipLibrary, tmp_path: Path, write_pack: WritePack
) -> None:
    waves = np.sin(np.arange(90) / 3)[None, :, None] * np.ones((70, 1, 3))
    photo = np.rint(127 + 100 * waves).astype(np.uint8)
    pictures = complete(
        PictureStore.read(library.clips, [PhotoPack(write_pack(tmp_path / "pack", [photo]))])
    )[0]
    still = replace(REFERENCES, shift=0.0, angle=0.0, zoom=(1.0, 1.0), distractors=0)
    only_photos = PairSettings(32, still, (60, 100), photos=1.0, covered=0.0)
    batch = PairMaker(pictures, only_photos, 8, 1).batch(0)
    error = (source_rgb(batch) - batch.references[:, 0]).abs().mean((1, 2, 3))
    assert error.max() > 0.02, "no view is warped"
    assert error.min() < 0.5 * error.max(), "most warps are gentle"


def test_a_crop_has_to_fit() -> None:
    with pytest.raises(SettingsError, match="at least as long"):
        PairSettings(64, REFERENCES, (32, 100))
