"""The prior against arrays that another implementation computed from the weights that ship, and its bad input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError, StorageError, WeightsError
from remaster_gui.engine.shipped_weights import PRIOR_NAME, resolve_weights
from remaster_gui.model.prior import (
    SIZE_MULTIPLE,
    UNITS,
    ColorPrior,
    Hints,
    PriorConfig,
    annealed_mean,
)
from remaster_gui.model.prior_weights import PRIOR_FORMAT, load_prior

DATA = Path(__file__).resolve().parents[2] / "data" / "prior.npz"
SMALL = PriorConfig((16, 16, 16, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1), 1, bins=12)


@pytest.fixture(scope="module")
def prior() -> ColorPrior:
    return load_prior(resolve_weights(None, PRIOR_NAME))


@pytest.fixture
def small() -> ColorPrior:
    torch.manual_seed(0)
    network = ColorPrior(SMALL)
    network.centres.copy_(torch.randint(-100, 100, (12, 2)).float())
    torch.nn.init.normal_(network.color.weight, std=0.1)
    return network.eval()


def hints_of(golden: dict[str, np.ndarray]) -> Hints:
    """Two rectangles; elsewhere nothing is known, whatever the chrominance says."""
    height, width = golden["luminance"].shape[-2:]
    chrominance = torch.full((1, 2, height, width), float("nan"))
    confidence = torch.zeros(1, 1, height, width)
    for rows, columns, a, b, sure in (
        (slice(10, 20), slice(10, 30), 40, 25, 1.0),
        (slice(40, 50), slice(60, 80), -20, -30, 0.6),
    ):
        chrominance[:, 0, rows, columns] = NEUTRAL + a / UNITS
        chrominance[:, 1, rows, columns] = NEUTRAL + b / UNITS
        confidence[:, :, rows, columns] = sure
    return Hints(chrominance, confidence)


@pytest.mark.parametrize("case", ["none", "strokes", "palette"])
def test_the_weights_that_ship_give_the_numbers_of_another_implementation(
    prior: ColorPrior, case: str
) -> None:
    golden = dict(np.load(DATA))
    luminance = torch.from_numpy(golden["luminance"].astype(np.float32))
    palette = torch.zeros(1, prior.config.bins)
    palette[0, 5], palette[0, 50] = 0.7, 0.3
    guess = prior.guess(
        luminance,
        hints_of(golden) if case == "strokes" else None,
        palette if case == "palette" else None,
    )
    expected = torch.from_numpy(golden[case].astype(np.float32))
    torch.testing.assert_close((guess.chrominance - NEUTRAL) * UNITS, expected, atol=0.05, rtol=0)
    logits = torch.from_numpy(golden[f"{case}_logits"].astype(np.float32))
    torch.testing.assert_close(guess.logits[..., ::4, ::4], logits, atol=0.02, rtol=2e-3)


def test_any_size_is_guessed_as_its_own_size(small: ColorPrior) -> None:
    for height, width in ((32, 64), (33, 70), (7, 5), (1, 1)):
        guess = small.guess(torch.rand(2, 1, height, width))
        assert guess.chrominance.shape == (2, 2, height, width)
        assert guess.logits.shape == (2, 12, -(-height // 4), -(-width // 4))
        assert guess.chrominance.isfinite().all()
    tall = torch.rand(1, 1, SIZE_MULTIPLE, SIZE_MULTIPLE)
    padded = torch.cat([tall, tall[..., -1:].expand(-1, -1, -1, 7)], dim=-1)
    wide = torch.cat([tall, tall[..., -1:].expand(-1, -1, -1, SIZE_MULTIPLE)], dim=-1)
    torch.testing.assert_close(
        small.guess(padded).chrominance, small.guess(wide).chrominance[..., : SIZE_MULTIPLE + 7]
    )


def test_what_no_hint_covers_does_not_matter(small: ColorPrior) -> None:
    luminance, confidence = torch.rand(1, 1, 32, 32), torch.zeros(1, 1, 32, 32)
    confidence[..., :8, :8] = 1.0
    known = torch.rand(1, 2, 32, 32)
    other = torch.where(confidence > 0, known, torch.rand(1, 2, 32, 32))
    first, second = (small.guess(luminance, Hints(c, confidence)).chrominance for c in (known, other))
    assert torch.equal(first, second)
    assert not torch.allclose(first, small.guess(luminance).chrominance)


def test_folding_changes_nothing_but_speed(small: ColorPrior) -> None:
    luminance = torch.rand(1, 1, 40, 40)
    before = small.guess(luminance)
    after = small.fold().guess(luminance)
    torch.testing.assert_close(before.chrominance, after.chrominance, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(before.logits, after.logits, atol=1e-4, rtol=1e-4)


def test_shares_count_pixels_by_their_nearest_colour(small: ColorPrior) -> None:
    picture = torch.empty(1, 2, 4, 4)
    picture[:] = (small.centres[3] / UNITS + NEUTRAL)[:, None, None]
    picture[:, :, 0] = (small.centres[7] / UNITS + NEUTRAL)[:, None]
    shares = small.shares(picture)
    assert shares[0, 3] == 0.75 and shares[0, 7] == 0.25 and shares.sum() == 1


def test_a_lower_temperature_is_more_vivid(prior: ColorPrior) -> None:
    golden = dict(np.load(DATA))
    guess = prior.guess(torch.from_numpy(golden["luminance"].astype(np.float32)))
    strength = [
        ((annealed_mean(guess, prior.centres, t) - NEUTRAL) * UNITS).norm(dim=1).mean().item()
        for t in (1.0, 0.6, 0.38)
    ]
    assert strength == sorted(strength) and strength[2] > 1.05 * strength[0]


def test_hints_and_palettes_that_do_not_fit_are_sentences(small: ColorPrior) -> None:
    luminance = torch.rand(1, 1, 32, 32)
    fine = Hints(torch.full((1, 2, 32, 32), 0.5), torch.ones(1, 1, 32, 32))
    with pytest.raises(SettingsError, match="32x32 pixels"):
        small.guess(luminance, replace(fine, chrominance=torch.rand(1, 2, 32, 31)))
    with pytest.raises(SettingsError, match="32x32 pixels"):
        small.guess(luminance, replace(fine, confidence=torch.rand(1, 2, 32, 32)))
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(SettingsError, match="between 0 and 1"):
            small.guess(luminance, replace(fine, confidence=torch.full((1, 1, 32, 32), value)))
    with pytest.raises(SettingsError, match="no numbers"):
        small.guess(luminance, replace(fine, chrominance=torch.full((1, 2, 32, 32), float("inf"))))
    for palette in (torch.rand(1, 11), torch.rand(2, 12), torch.full((1, 12), 2.0)):
        with pytest.raises(SettingsError, match="12 shares"):
            small.guess(luminance, palette=palette)


def test_a_prior_is_written_and_read(small: ColorPrior, tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    PRIOR_FORMAT.save(small, path, licence="none", metrics={"none": 1.0}, dtype=torch.float32)
    again = PRIOR_FORMAT.read(path)
    assert again.config == SMALL
    luminance = torch.rand(1, 1, 32, 32)
    assert torch.equal(again.guess(luminance).logits, small.guess(luminance).logits)
    assert PRIOR_FORMAT.metadata(path)["licence"] == "none"
    with pytest.raises(StorageError, match="cannot be written"):
        PRIOR_FORMAT.save(small, tmp_path / "absent" / "x.safetensors", licence="", metrics={})


def test_what_is_no_prior_is_said(small: ColorPrior, tmp_path: Path, weights: Path) -> None:
    with pytest.raises(WeightsError, match="holds no such network"):
        PRIOR_FORMAT.read(weights)
    with pytest.raises(WeightsError, match="no weight file"):
        PRIOR_FORMAT.read(tmp_path / "absent.safetensors")
    (tmp_path / "x.pt").write_bytes(b"")
    with pytest.raises(WeightsError, match="is no prior"):
        PRIOR_FORMAT.read(tmp_path / "x.pt")
    path = tmp_path / "small.safetensors"
    PRIOR_FORMAT.save(small, path, licence="", metrics={})
    tensors = load_file(path)
    tensors["color.bias"][0] = float("nan")
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        said = file.metadata()
    save_file(tensors, path, said)
    with pytest.raises(WeightsError, match="are no numbers"):
        PRIOR_FORMAT.read(path)


@pytest.mark.parametrize(
    "change",
    [
        {"bins": 10**9},
        {"bins": True},
        {"widths": [8, 8, 8, 8]},
        {"widths": [8, 8, 8, 8, 12]},
        {"widths": "wide"},
        {"attention": -1},
        {"encoder": [10**9, 1, 1, 1, 1]},
    ],
)
def test_shapes_that_are_none_are_refused_before_anything_is_built(change: dict[str, object]) -> None:
    described = {**SMALL.as_dict(), **change}
    described = {k: list(v) if isinstance(v, tuple) else v for k, v in described.items()}
    with pytest.raises(WeightsError, match="unknown to this version"):
        PriorConfig.from_dict(described)
