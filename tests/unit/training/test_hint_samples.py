from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.training.hint_samples import HintMaker, HintSettings, HintStep, likely_colors
from remaster_gui.training.picture_store import PictureStore

SETTINGS = HintSettings(32, (32, 48))
SMALL = PriorConfig((16, 16, 16, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1), 1, bins=12)
WritePack = Callable[[Path, list[np.ndarray]], Path]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, write_pack: WritePack) -> PictureStore:
    rng = np.random.default_rng(0)
    pictures = [
        np.kron(rng.integers(0, 256, (5, 6, 3)), np.ones((10, 10, 1))).astype(np.uint8) for _ in range(6)
    ]
    pack = PhotoPack(write_pack(tmp_path_factory.mktemp("photos") / "pack", pictures))
    return complete(PictureStore.read((), [pack]))[0]


@pytest.fixture(scope="module")
def prior(store: PictureStore) -> ColorPrior:
    torch.manual_seed(0)
    network = ColorPrior(SMALL)
    network.centres.copy_(likely_colors(store)[:12])
    return network


def test_samples_have_hints_of_three_kinds_and_sometimes_a_palette(
    store: PictureStore, prior: ColorPrior
) -> None:
    maker = HintMaker(store, prior, SETTINGS, 8, 1)
    hinted, given = [], []
    for batch in maker.batches(range(20)):
        assert batch.luminance.shape == (8, 1, 32, 32) and batch.chrominance.shape == (8, 2, 32, 32)
        assert batch.hints.chrominance.shape == (8, 2, 32, 32)
        assert batch.luminance.min() >= 0 and batch.luminance.max() <= 1
        assert batch.hints.confidence.min() >= 0 and batch.hints.confidence.max() <= 1
        sums = batch.palette.sum(1)
        torch.testing.assert_close(sums, batch.given[:, 0])
        given += batch.given[:, 0].tolist()
        hinted += (batch.hints.confidence > 0).float().mean((1, 2, 3)).tolist()
    shares = np.array(hinted)
    assert 0.2 < (shares == 0).mean() < 0.55, "untouched, or nothing of it was carried"
    assert ((shares > 0) & (shares < 0.2)).mean() > 0.1, "strokes"
    assert (shares > 0.5).mean() > 0.1, "carried"
    assert 0.1 < np.mean(given) < 0.3


def test_batches_are_functions_of_seed_number_and_rank(store: PictureStore, prior: ColorPrior) -> None:
    first, again = (HintMaker(store, prior, SETTINGS, 2, 1).batch(3) for _ in range(2))
    assert torch.equal(first.luminance, again.luminance)
    assert torch.equal(first.hints.confidence, again.hints.confidence)
    for other in (
        HintMaker(store, prior, SETTINGS, 2, 2).batch(3),
        HintMaker(store, prior, SETTINGS, 2, 1, 1, 2).batch(3),
    ):
        assert not torch.equal(first.luminance, other.luminance)


def test_likely_colours_are_those_of_the_pictures(
    store: PictureStore, tmp_path: Path, write_pack: WritePack
) -> None:
    colors = likely_colors(store)
    assert (colors % 10 == 0).all() and len(colors) > 12
    grey = [np.full((40, 50, 3), 30 * n, np.uint8) for n in range(4)]
    with pytest.raises(SettingsError, match="next to no colours"):
        likely_colors(complete(PictureStore.read((), [PhotoPack(write_pack(tmp_path / "grey", grey))]))[0])


def test_learning_lowers_the_loss(store: PictureStore, prior: ColorPrior) -> None:
    step = HintStep(prior.train(), store, SETTINGS, mixed=False)
    batch = HintMaker(store, prior, SETTINGS, 4, 1).batch(0)
    optimizer = torch.optim.AdamW(prior.parameters(), 1e-2)
    totals = []
    for _ in range(12):
        optimizer.zero_grad()
        losses = step(batch)
        assert set(losses) == {"total", "chrominance", "likely"}
        losses["total"].backward()
        optimizer.step()
        totals.append(losses["total"].item())
    assert totals[-1] < 0.8 * totals[0]


def test_saying_the_truth_costs_no_chrominance(store: PictureStore, prior: ColorPrior) -> None:
    batch = HintMaker(store, prior, SETTINGS, 2, 1).batch(0)

    class Knowing(torch.nn.Module):
        config, centres, shares = prior.config, prior.centres, prior.shares

        def forward(self, *_: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return (batch.chrominance - NEUTRAL) * (255 / 110), torch.zeros(2, 12, 8, 8)

    assert HintStep(Knowing(), store, SETTINGS, mixed=False)(batch)["chrominance"].item() == 0  # type: ignore[arg-type]
