"""Every device makes the same picture: what a GPU would compute, computed on the processor, agrees with float32.

Where there is a GPU, it computes the same itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from remaster_gui.base.color import luma_to_lightness, to_unit
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.evaluation.agreement import Agreement, ClipResult, agreement, built_in_clip, remaster
from remaster_gui.media import open_film, read_picture
from remaster_gui.model import RemasterNetwork, load_model
from remaster_gui.model.lab import lab_to_rgb, rgb_to_lab
from remaster_gui.model.precision import FULL, MIXED, best_precision

SIZE = Size(208, 160)
SMALL = Size(112, 80)
"""For the paper's network, which takes long on a processor."""
Clip = tuple[NDArray[np.float32], list[NDArray[np.float32]]]

_PRODUCTS = {torch.matmul, torch.bmm, Tensor.matmul, Tensor.__matmul__, Tensor.baddbmm_}


class _RoundedProducts(torch.overrides.TorchFunctionMode):
    """Lets matrix products lose the digits of their factors that TF32 lacks: thirteen bits, cut off, which is worst."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _PRODUCTS and args[-1].dtype == torch.float32:
            cut = [(t.contiguous().view(torch.int32) & ~0x1FFF).view(torch.float32) for t in args[-2:]]
            args = (*args[:-2], *cut)
        return func(*args, **(kwargs or {}))


def _as_a_gpu(network: RemasterNetwork, clip: Clip) -> ClipResult:
    with _RoundedProducts():
        return remaster(network.compute_in(MIXED), *clip)


@pytest.fixture(scope="module")
def compact() -> Path:
    return resolve_weights(None)


@pytest.fixture(scope="module")
def old_film(shared: Path) -> Clip:
    """10 frames of a shot of real old film, and its four references."""
    folder = shared / "data" / "vintage"
    with open_film(folder / "a-bomb_blast_effects_part.mp4") as film:
        clip = [resize(luma_to_lightness(f.pixels), SIZE) for f in film.frames(FrameRange(50, 60))]
    paths = sorted((folder / "refs_a-bomb").glob("*.png"))
    references = [resize(to_unit(read_picture(path)), SIZE) for path in paths]
    assert len(references) == 4
    return np.stack(clip), references


@pytest.fixture(scope="module")
def old_film_in_full(old_film: Clip, compact: Path) -> ClipResult:
    return remaster(load_model(compact), *old_film)


def _assert_agrees(found: Agreement, network: str) -> None:
    assert found.suffices(network), found


def test_what_a_gpu_computes_of_old_film_agrees_with_float32(
    old_film: Clip, old_film_in_full: ClipResult, compact: Path
) -> None:
    _assert_agrees(agreement(_as_a_gpu(load_model(compact), old_film), old_film_in_full), "compact")


def test_what_a_gpu_computes_of_a_photograph_agrees_with_float32(compact: Path) -> None:
    clip = built_in_clip(6)
    network = load_model(compact)
    full = remaster(network, *clip)
    _assert_agrees(agreement(_as_a_gpu(network, clip), full), "compact")


def test_what_a_gpu_computes_with_the_papers_network_agrees_with_float32(authors_checkpoint: Path) -> None:
    clip = built_in_clip(2, SMALL)
    network = load_model(authors_checkpoint)
    full = remaster(network, *clip)
    _assert_agrees(agreement(_as_a_gpu(network, clip), full), "paper")


def test_results_are_float32_in_every_precision(network: RemasterNetwork) -> None:
    frames, references = torch.rand(1, 1, 3, 32, 48), torch.rand(1, 2, 3, 48, 32)
    folded = network.fold()
    with torch.inference_mode():
        for precision in (FULL, MIXED, FULL):
            folded.compute_in(precision)
            restored = folded.restore(frames)
            colors = folded.colorize(restored, references)
            assert restored.dtype == colors.dtype == torch.float32
            assert folded.encode_references(references).fine.keys.dtype == torch.float32


def test_colours_are_converted_in_full_in_mixed_precision() -> None:
    """References are, within the forward pass of training."""
    rgb = torch.rand(1, 2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        lab = rgb_to_lab(rgb)
        back = lab_to_rgb(lab)
    assert torch.equal(lab, rgb_to_lab(rgb))
    assert (back - rgb).abs().max() < 1e-3


def test_a_processor_computes_in_full() -> None:
    assert best_precision(torch.device("cpu")) == FULL


@pytest.fixture
def rounding() -> Iterator[None]:
    """Leave the process's products as they were."""
    before = torch.backends.cuda.matmul.fp32_precision, torch.backends.cudnn.conv.fp32_precision
    yield
    torch.backends.cuda.matmul.fp32_precision, torch.backends.cudnn.conv.fp32_precision = before


@pytest.mark.cuda
def test_the_gpu_agrees_with_the_processor_on_old_film(
    cuda: torch.device, old_film: Clip, old_film_in_full: ClipResult, compact: Path, rounding: None
) -> None:
    network = load_model(compact, cuda).compute_in(best_precision(cuda))
    _assert_agrees(agreement(remaster(network, *old_film), old_film_in_full), "compact")


@pytest.mark.cuda
def test_the_gpu_agrees_with_the_processor_on_a_photograph(
    cuda: torch.device, compact: Path, rounding: None
) -> None:
    clip = built_in_clip(6)
    network = load_model(compact, cuda).compute_in(best_precision(cuda))
    _assert_agrees(agreement(remaster(network, *clip), remaster(load_model(compact), *clip)), "compact")


@pytest.mark.cuda
def test_the_gpu_agrees_with_the_processor_in_the_papers_network(
    cuda: torch.device, authors_checkpoint: Path, rounding: None
) -> None:
    clip = built_in_clip(2, SMALL)
    full = remaster(load_model(authors_checkpoint), *clip)
    network = load_model(authors_checkpoint, cuda).compute_in(best_precision(cuda))
    _assert_agrees(agreement(remaster(network, *clip), full), "paper")
