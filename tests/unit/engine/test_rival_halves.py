"""Films rendered with the paper's rivals: each does its half, the network does the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.base.color import rgb_to_lab
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.cli import main
from remaster_gui.engine import loaded
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_plan import STRENGTHLESS
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Pass, PassedFrame, walk
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.rivals import systems
from remaster_gui.model.rivals.dncnn import DnCNNConfig
from remaster_gui.model.rivals.halves import take_half
from remaster_gui.model.rivals.systems import RivalConfig
from remaster_gui.model.rivals.vondrick import VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSRConfig
from remaster_gui.model.rivals.zhang import ZhangConfig

SIZE, SHOT = Size(64, 48), FrameRange(0, 7)
RESTORERS = {"dncnn": DnCNNConfig(0.13, 4), "wdsr": WDSRConfig(0.25, 2)}
COLORERS = {"zhang": ZhangConfig(0.03), "vondrick": VondrickConfig(0.03)}


def rival(config: RivalConfig) -> systems.RivalNetwork:
    torch.manual_seed(5)
    network = systems.build(config)
    for parameter in network.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    return network.eval()


def passed(
    network: RemasterNetwork,
    clip: np.ndarray,
    references: list[torch.Tensor],
    window: int,
    tile: int | None = None,
) -> list[PassedFrame]:
    features = [network.encode_references(picture[None, None]) for picture in references]
    work = Pass(network, features, SIZE, SIZE, tile_edge=tile)

    def windows(span: FrameRange) -> object:
        yield from (clip[t : min(t + window, span.stop)] for t in range(span.start, span.stop, window))

    return [frame for part in walk(work, SHOT, SHOT, windows) for frame in part]  # type: ignore[arg-type]


@pytest.mark.parametrize("config", [*RESTORERS.values(), *COLORERS.values()], ids=[*RESTORERS, *COLORERS])
def test_windows_and_tiles_have_no_influence(
    config: RivalConfig, network: RemasterNetwork, textured: Callable[..., np.ndarray]
) -> None:
    taken = take_half(network, rival(config))
    clip = textured(len(SHOT), SIZE.height, SIZE.width).astype(np.float32)
    references = [torch.rand(3, 40, 56), torch.rand(3, 48, 64)]
    whole = passed(taken, clip, references, len(SHOT))
    parts = passed(taken, clip, references, 2, tile=32)
    assert [frame.index for frame in whole] == [frame.index for frame in parts] == list(SHOT)
    for ours, theirs in zip(whole, parts, strict=True):
        np.testing.assert_allclose(ours.luminance, theirs.luminance, atol=1e-4)
        np.testing.assert_allclose(ours.chrominance, theirs.chrominance, atol=1e-4)  # type: ignore[arg-type]


def test_propagation_begins_with_the_reference_that_looks_like_the_shot(network: RemasterNetwork) -> None:
    taken = take_half(network, rival(VondrickConfig(0.03)))
    rng = np.random.default_rng(0)
    pictures = [np.float32(cv2.resize(rng.random((6, 8, 3)), (64, 48)).clip(0, 1)) for _ in range(4)]
    references = [torch.from_numpy(picture).permute(2, 0, 1) for picture in pictures]
    clip = np.stack([rgb_to_lab(pictures[2])[0]] * len(SHOT))
    some = passed(taken, clip, references, 4)
    others = passed(taken, clip, references[1:] + references[:1], 4)
    for ours, theirs in zip(some, others, strict=True):
        np.testing.assert_allclose(ours.chrominance, theirs.chrominance, atol=1e-5)  # type: ignore[arg-type]


@pytest.mark.parametrize("config", COLORERS.values(), ids=COLORERS)
def test_colors_outside_a_region_are_seen_by_no_rival(config: RivalConfig, network: RemasterNetwork) -> None:
    taken = take_half(network, rival(config))
    picture = torch.rand(1, 1, 3, 48, 64)
    weights = torch.zeros(1, 1, 1, 48, 64)
    weights[..., :32] = 1
    grey = picture.clone()
    grey[..., 32:] = (picture[..., 32:] * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(
        2, keepdim=True
    )
    seen, other = (taken.encode_references(each, weights).weighed(0.5) for each in (picture, grey))
    torch.testing.assert_close(seen.lab, other.lab, atol=1e-4, rtol=0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["dncnn", "zhang"])
def test_render_takes_the_weights_of_a_rival(
    name: str,
    weights: Path,
    tmp_path: Path,
    two_shots: Callable[..., np.ndarray],
    write_film: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film = write_film(tmp_path / "film.mkv", two_shots(4, 64, 80))
    cv2.imwrite(
        str(tmp_path / "reference.png"), np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)
    )
    given = tmp_path / "rival.safetensors"
    systems.RIVAL_FORMAT.save(rival({**RESTORERS, **COLORERS}[name]), given, licence="", metrics={})
    monkeypatch.setattr(loaded, "resolve_weights", lambda _: weights)
    outputs = [tmp_path / "rival.mkv", tmp_path / "ours.mkv"]
    for output, path in zip(outputs, (given, weights), strict=True):
        arguments = [
            "--references",
            str(tmp_path / "reference.png"),
            "--output",
            str(output),
            "--device",
            "cpu",
        ]
        assert main(["render", str(film), *arguments, "--size", "64", "--weights", str(path)]) == 0
    assert outputs[0].read_bytes() != outputs[1].read_bytes()


def test_that_a_rival_knows_no_strengths_is_said(
    weights: Path,
    tmp_path: Path,
    two_shots: Callable[..., np.ndarray],
    write_film: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film, given = write_film(tmp_path / "film.mkv", two_shots(2, 64, 80)), tmp_path / "rival.safetensors"
    systems.RIVAL_FORMAT.save(rival(COLORERS["zhang"]), given, licence="", metrics={})
    monkeypatch.setattr(loaded, "resolve_weights", lambda _: weights)
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)
    weak = Reference("weak", "weak:0", lambda: picture, validity=Validity(strength=0.5))
    shots = (FrameRange(0, 2), FrameRange(2, 4))
    request = RenderRequest(
        film, tmp_path / "out.mkv", (weak,), weights=given, device="cpu",
        settings=Settings(edge=64, restoration=False), shots=shots,
    )  # fmt: skip
    assert STRENGTHLESS in complete(render(request, Event()))[1]
    plain = replace(request, references=(replace(weak, validity=EVERYWHERE),), output=tmp_path / "plain.mkv")
    assert STRENGTHLESS not in complete(render(plain, Event()))[1]
