"""The systems that the paper compares with: their sizes are those of the papers, their files hold just them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.model import COMPACT, RemasterNetwork, save_network
from remaster_gui.model.rivals import systems
from remaster_gui.model.rivals.dncnn import DnCNN, DnCNNConfig
from remaster_gui.model.rivals.systems import SYSTEMS, RivalConfig
from remaster_gui.model.rivals.vondrick import CLUSTERS, MEMORY, Propagation, Vondrick, VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSR, WDSRConfig
from remaster_gui.model.rivals.zhang import (
    BINS,
    GLOBAL_HINTS,
    Zhang,
    ZhangConfig,
    bins_of,
    global_hints,
    grid,
    local_hints,
)

SMALL: tuple[RivalConfig, ...] = (
    DnCNNConfig(0.13, layers=4),
    WDSRConfig(0.25, blocks=2),
    VondrickConfig(0.03),
    ZhangConfig(0.03),
)


def size_of(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_sizes_are_those_of_the_papers() -> None:
    with torch.device("meta"):
        assert size_of(DnCNN()) == 667_073
        assert size_of(DnCNN(DnCNNConfig(layers=17))) == 556_097
        assert size_of(WDSR()) == 1_185_410
        zhang = Zhang()
        for_global_hints = sum(map(size_of, (zhang.histogram, zhang.saturation, zhang.globally)))
        assert size_of(zhang) - for_global_hints == 34_187_027
        resnet = sum(map(size_of, (Vondrick().stem, Vondrick().stem_norm, Vondrick().blocks)))
    assert (
        resnet == 11_176_512 - 2 * 64 * 49
    )  # ResNet-18 without its last layer, for one channel instead of three


@pytest.mark.parametrize("kind", [DnCNNConfig(0.13, 4), WDSRConfig(0.25, 2)], ids=["dncnn", "wdsr"])
def test_restorers_begin_with_the_damaged_frame(kind: RivalConfig) -> None:
    torch.manual_seed(0)
    damaged = torch.rand(2, 1, 19, 33)
    network = systems.build(kind).eval()
    assert torch.equal(network(damaged), damaged)
    network.train()(damaged).square().sum().backward()
    learning = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    assert any(gradient.abs().sum() > 0 for gradient in learning)


def test_vondrick_copies_from_where_it_looks_alike() -> None:
    network = Vondrick(VondrickConfig(0.03))
    embeddings = torch.zeros(1, MEMORY + 1, 64, 2, 3)
    places = torch.eye(MEMORY * 6).reshape(MEMORY, 2, 3, MEMORY * 6).permute(0, 3, 1, 2)
    embeddings[0, :MEMORY, : MEMORY * 6] = places * 100
    embeddings[0, MEMORY, : MEMORY * 6] = places[1].flip(1, 2)
    colors = torch.rand(1, MEMORY, 2, 2, 3)
    copied = network.copy(embeddings, colors)
    assert torch.allclose(copied, colors[:, 1].flip(2, 3), atol=1e-5)


def test_vondrick_looks_at_frames_of_any_size_in_a_shot() -> None:
    torch.manual_seed(1)
    network = Vondrick(VondrickConfig(0.03)).eval()
    propagation = Propagation(network)
    frame = torch.rand(1, 1, 45, 62)
    assert torch.equal(propagation.color(frame), torch.full((1, 2, 45, 62), NEUTRAL))
    reference = torch.full((1, 2, 45, 62), 0.7)
    propagation.remember((frame, reference))
    for _ in range(MEMORY + 2):  # longer than it remembers: it goes on from what it made itself
        assert torch.allclose(propagation.color(torch.rand(1, 1, 45, 62)), reference, atol=1e-4)
    propagation.remember((frame, torch.full((1, 2, 45, 62), 0.3)))
    assert torch.allclose(propagation.color(frame), torch.full((1, 2, 45, 62), 0.3), atol=1e-4)


def test_vondrick_embeds_all_frames_of_a_clip() -> None:
    network = Vondrick(VondrickConfig(0.03))
    clip = torch.rand(2, MEMORY + 1, 1, 32, 40)
    assert network(clip).shape == (2, MEMORY + 1, 64, 4, 5)
    assert network.centres.shape == (CLUSTERS, 2)


def test_zhang_takes_any_size_and_any_hints() -> None:
    torch.manual_seed(2)
    network = Zhang(ZhangConfig(0.03)).eval()
    luminance, colors = torch.rand(2, 1, 35, 50), torch.rand(2, 2, 35, 50)
    alone = network.color_of(luminance)
    assert alone.shape == (2, 2, 35, 50) and alone.min() >= 0 and alone.max() <= 1
    told = network.color_of(luminance, global_hints(luminance, colors))
    local = network.color_of(luminance, local=torch.cat([colors, torch.ones(2, 1, 35, 50)], dim=1))
    assert not torch.equal(told, alone) and not torch.equal(local, alone)
    _, logits = network(torch.rand(1, 1, 16, 24), torch.zeros(1, 3, 16, 24), torch.zeros(1, GLOBAL_HINTS))
    assert logits.shape == (1, BINS, 4, 6)


def test_what_is_not_hinted_at_does_not_matter() -> None:
    mask = torch.tensor([1.0, 0.0]).view(1, 1, 1, 2)
    hints = local_hints(torch.tensor([0.9, 0.9]).view(1, 1, 1, 2).expand(1, 2, 1, 2), mask)
    assert torch.equal(hints[..., 1], torch.zeros(1, 3, 1)) and (hints[..., 0] > 0).all()


def test_global_hints_count_colors() -> None:
    luminance = torch.full((1, 1, 8, 16), 0.6)
    colors = grid()[[100, 400]].T.repeat_interleave(8, dim=1)[None, :, None].expand(1, 2, 8, 16)
    hints = global_hints(luminance, colors)
    assert hints.shape == (1, GLOBAL_HINTS)
    assert hints[0, 100] == hints[0, 400] == 0.5 and hints[0, :BINS].sum() == 1
    assert hints[0, BINS] == hints[0, -1] == 1 and 0 < hints[0, BINS + 1] <= 1


def test_likely_colors_are_those_of_the_grid() -> None:
    assert torch.equal(bins_of(grid().T[None, :, :, None])[0, :, 0], torch.arange(BINS))


@pytest.mark.parametrize("config", SMALL, ids=SYSTEMS)
def test_weights_come_back(config: RivalConfig, tmp_path: Path) -> None:
    torch.manual_seed(3)
    network, path = systems.build(config), tmp_path / "rival.safetensors"
    systems.RIVAL_FORMAT.save(network, path, licence="none", metrics={}, dtype=torch.float32)
    again = systems.RIVAL_FORMAT.read(path)
    assert again.config == config and not again.training and systems.is_rival(path)
    for name, tensor in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(again.state_dict()[name], tensor), name
    assert not any(parameter.requires_grad for parameter in systems.load_rival(path).parameters())


def test_files_of_other_networks_are_told_apart(tmp_path: Path) -> None:
    ours, rival = tmp_path / "ours.safetensors", tmp_path / "rival.safetensors"
    small = dataclasses.replace(COMPACT.restoration, width=0.03)
    config = dataclasses.replace(COMPACT, restoration=small)
    save_network(RemasterNetwork(config), ours, licence="none", metrics={})
    systems.RIVAL_FORMAT.save(systems.build(SMALL[0]), rival, licence="none", metrics={})
    assert not systems.is_rival(ours) and not systems.is_rival(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match="holds no such network"):
        systems.RIVAL_FORMAT.read(ours)


@pytest.mark.parametrize(
    "said",
    [
        {"system": "nobody"},
        {"system": "dncnn", "width": 100.0},
        {"system": "wdsr", "blocks": 0},
        {"system": "zhang", "depth": 3},
        {"system": "vondrick", "width": "wide"},
        [],
    ],
)
def test_configurations_that_are_none(said: object) -> None:
    with pytest.raises(WeightsError, match="unknown to this version"):
        systems.from_dict(said)


def test_settings_change_a_configuration() -> None:
    assert systems.changed(DnCNNConfig(), ["width=0.5", "layers=17"]) == DnCNNConfig(0.5, 17)
    with pytest.raises(SettingsError, match="is no setting of wdsr"):
        systems.changed(WDSRConfig(), ["layers=3"])
    with pytest.raises(SettingsError, match="cannot have width=-1"):
        systems.changed(ZhangConfig(), ["width=-1"])
