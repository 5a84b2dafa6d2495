"""The prior comes beside the network it knows, and whatever is missing, everything else works."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch

from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.colorist import Colorist
from remaster_gui.engine.device import Plan
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.prior_loading import FILLING_NAME
from remaster_gui.engine.session import Session
from remaster_gui.engine.shared_prior import shared_prior
from remaster_gui.engine.shipped_weights import MANIFEST, PRIOR_NAME
from remaster_gui.engine.sizes import Size
from remaster_gui.model import COMPACT, RemasterNetwork, save_network, weights_hash
from remaster_gui.model.carrying import CarriedColor
from remaster_gui.model.filling import Confidence
from remaster_gui.model.filling_weights import save_confidence


def is_filled(loaded: LoadedNetwork) -> bool:
    path = loaded.network.colorization.color_path
    return isinstance(path, CarriedColor) and path.filling is not None


def test_the_network_that_the_prior_knows_is_filled(
    own: Path, shipped: Path, write_manifest: Callable[[Path], None]
) -> None:
    loaded = LoadedNetwork.load(own, "cpu")
    assert is_filled(loaded) and not loaded.notices
    assert loaded.digest == weights_hash(own)
    before = loaded.identity
    (shipped / FILLING_NAME).unlink()
    changed = Confidence()
    changed.usual.fill_(1.0)
    save_confidence(changed, shipped / FILLING_NAME, weights_hash(own), "")
    write_manifest(shipped)
    assert LoadedNetwork.load(own, "cpu").identity != before, "results depend on it"


def test_other_networks_stay_as_they_are(own: Path, shipped: Path, tmp_path: Path) -> None:
    other, plain = tmp_path / "other.safetensors", tmp_path / "plain.safetensors"
    torch.manual_seed(2)
    save_network(RemasterNetwork(COMPACT.changed(["colorization.width=0.03"])), other, licence="", metrics={})
    config = COMPACT.changed(["colorization.steady_color=off", "colorization.carried_color=off"])
    config = config.changed(["restoration.width=0.03", "colorization.width=0.03"])
    save_network(RemasterNetwork(config), plain, licence="", metrics={})
    for path in (other, plain):
        loaded = LoadedNetwork.load(path, "cpu")
        assert not is_filled(loaded) and not loaded.notices
        assert loaded.identity == loaded.digest


@pytest.mark.parametrize("name", [PRIOR_NAME, FILLING_NAME, MANIFEST])
def test_what_is_missing_or_damaged_is_said_and_the_rest_works(own: Path, shipped: Path, name: str) -> None:
    (shipped / name).write_bytes(b"damaged")
    [notice] = LoadedNetwork.load(own, "cpu").notices
    (shipped / name).unlink()
    [missing] = LoadedNetwork.load(own, "cpu").notices
    for each in (notice, missing):
        assert isinstance(each, Notice) and each.text.endswith("stays pale.") and "--weights" not in each.text
        assert name in each.text
    assert not is_filled(LoadedNetwork.load(own, "cpu"))


def test_a_session_says_what_was_carried_and_a_part_is_as_within_the_whole(
    own: Path, shipped: Path, textured: Callable[..., np.ndarray], reader: Callable[..., object]
) -> None:
    loaded = LoadedNetwork.load(own, "cpu")
    picture = torch.rand(1, 1, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    features = [loaded.network.encode_references(picture)]
    luma, shot = reader(textured(40, 64, 64)), FrameRange(0, 40)

    def run(span: FrameRange, window: int) -> tuple[np.ndarray, np.ndarray]:
        session = Session(
            loaded.network, features, film_size=Size(64, 64),
            settings=Settings(edge=64, restoration=False), plan=Plan(window, None, 2**22),
        )  # fmt: skip
        windows = session.remaster(luma, shot, span, Event())  # type: ignore[arg-type]
        frames = [frame for window in windows for frame in window.frames]  # type: ignore[union-attr]
        assert [frame.index for frame in frames] == list(span)
        colors, shares = ([getattr(f, name) for f in frames] for name in ("chrominance", "share"))
        assert not shares[0].flags.writeable
        return np.stack(colors), np.stack(shares)

    whole, part = run(shot, 5), run(FrameRange(15, 20), 3)
    for expected, found in zip(whole, part, strict=True):
        np.testing.assert_allclose(found, expected[15:20], atol=2e-5)
    assert whole[0].std() > 1e-3
    assert whole[1].shape == (40, 64, 64) and 0 <= whole[1].min() <= whole[1].max() <= 1


def test_the_shipped_network_is_filled() -> None:
    loaded = LoadedNetwork.load(None, "cpu")
    assert is_filled(loaded) and not loaded.notices


def test_painting_and_filling_share_one_prior(shipped: Path, own: Path) -> None:
    loaded = LoadedNetwork.load(own, "cpu")
    path = loaded.network.colorization.color_path
    assert isinstance(path, CarriedColor) and path.filling is not None
    prior, digest = shared_prior(torch.device("cpu"))
    assert path.filling.prior is prior and Colorist.load("cpu").prior is prior
    assert digest in loaded.identity
    kept = weakref.ref(prior)
    del prior, path, loaded
    gc.collect()
    assert kept() is None, "it goes with the last that asks it"
