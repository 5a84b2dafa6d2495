"""Samples for the colour prior, made on the device: photographs as a film would have seen them, with hints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError
from remaster_gui.evaluation.hints import carried, strokes
from remaster_gui.model.lab import rgb_to_lab
from remaster_gui.model.prior import LUMINANCE_MEAN, UNITS, ColorPrior, Hints
from remaster_gui.training.augmentation import Alteration, draw_view
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.views import FilmStock, cut

BIN_STEP = 10.0
"""Distance of neighbouring likely colours, in units of ab."""
_GRID = np.arange(-110.0, 111.0, BIN_STEP)
_RAREST = 3e-6
"""Share of all pixels below which a colour is no likely one."""
LOOKS = 600
"""Pictures from which the likely colours are counted."""
_PALETTE_STEP = 4


@dataclass(frozen=True, slots=True)
class HintSettings:
    """What samples look like.

    Views of `crop` pixels, of pictures scaled to a shorter edge within `shorter_edge`. The share `untouched` has no
    hints at all, the share `stroked` strokes (a geometric number, on average 1 / (1 - `more`)), the rest what
    references might carry over; a `palette` is given to that share of all.
    """

    crop: int
    shorter_edge: tuple[int, int]
    untouched: float = 0.30
    stroked: float = 0.32
    palette: float = 0.2
    more: float = 0.85
    most_strokes: int = 14
    angle: float = 7.0


@dataclass(frozen=True)
class HintBatch:
    """What the prior sees and should say: float32 tensors on one device.

    `luminance` ``(B, 1, H, W)`` in [0, 1]; `hints`, see `Hints`; `palette` ``(B, bins)`` shares and `given` ``(B, 1)``,
    whether there is one; `chrominance` ``(B, 2, H, W)``: the truth, on the network's scale.
    """

    luminance: Tensor
    hints: Hints
    palette: Tensor
    given: Tensor
    chrominance: Tensor


class HintMaker:
    """Makes batches; batch b under seed s is the same whenever it is asked for."""

    def __init__(
        self,
        store: PictureStore,
        prior: ColorPrior,
        settings: HintSettings,
        size: int,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        """Each of several ranks makes `size` samples of its own; `prior` says which colours are likely."""
        self._store, self._prior, self._settings = store, prior, settings
        self._size, self._seed, self._rank, self._ranks = size, seed, rank, ranks

    def batches(self, numbers: Iterable[int]) -> Iterator[HintBatch]:
        """Yield the batches of `numbers`, each when it is asked for."""
        return (self.batch(number) for number in numbers)

    @torch.no_grad()
    def batch(self, number: int) -> HintBatch:
        """Make batch `number`."""
        how = self._settings
        rng = np.random.default_rng((self._seed, number, self._rank))
        generator = torch.Generator(self._store.device).manual_seed(int(rng.integers(1 << 62)))
        rows = [self._row(rng) for _ in range(self._size)]
        luminance, chrominance = (torch.stack(planes) for planes in zip(*rows, strict=True))
        kinds = rng.random(self._size)
        by_stroke = (kinds >= how.untouched) & (kinds < how.untouched + how.stroked)
        by_reference = kinds >= how.untouched + how.stroked
        counts = np.minimum(rng.geometric(1 - how.more, self._size), how.most_strokes)
        drawn = strokes(chrominance, np.where(by_stroke, counts, 0).tolist(), generator)
        found = carried(chrominance, generator)
        is_found = torch.from_numpy(by_reference).to(chrominance.device)[:, None, None, None]
        hints = Hints(
            torch.where(is_found, found.chrominance, drawn.chrominance),
            torch.where(is_found, found.confidence, drawn.confidence),
        )
        given = torch.from_numpy(rng.random((self._size, 1)) < how.palette).to(chrominance)
        palette = self._prior.shares(chrominance[..., ::_PALETTE_STEP, ::_PALETTE_STEP]) * given
        return HintBatch(luminance, hints, palette, given, chrominance)

    def _row(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return luminance ``(1, H, W)`` as a film saw it and true chrominance ``(2, H, W)``."""
        rgb = view_of(self._store, self._settings, rng)
        lab = rgb_to_lab(rgb)
        return FilmStock.drawn(rng).expose(rgb), lab[1:]


def view_of(store: PictureStore, how: HintSettings, rng: np.random.Generator) -> Tensor:
    """Cut one view ``(3, H, W)`` out of any picture of the store."""
    number = int(rng.integers(len(store)))
    shape = store.shape(number)
    low, high = how.shorter_edge
    drawn = {Alteration.SCALING: rng.uniform(low, max(low, min(high, round(1.5 * min(shape)))))}
    drawn[Alteration.ROTATION] = rng.uniform(-how.angle, how.angle)
    if rng.random() < 0.5:
        drawn[Alteration.FLIP] = 1.0
    return cut(store[number], draw_view(shape, drawn, how.crop, rng))


def likely_colors(store: PictureStore) -> Tensor:
    """Return the colours ``(bins, 2)``, in units of ab, that pictures hold: those of a grid that are not all too rare.

    Raises `SettingsError` where the pictures are as good as grey.
    """
    small = HintSettings(64, (64, 96))
    counts = torch.zeros(len(_GRID) ** 2)
    for number in range(LOOKS):
        lab = rgb_to_lab(view_of(store, small, np.random.default_rng((17, number))))
        counts += torch.bincount(_cells(lab[1:]).cpu(), minlength=len(counts))
    used = torch.nonzero(counts / counts.sum() > _RAREST).flatten()
    if len(used) < 8:
        raise SettingsError(
            "These pictures hold next to no colours to learn from; name others with --photos."
        )
    grid = torch.from_numpy(_GRID).float()
    return torch.stack([grid[used // len(_GRID)], grid[used % len(_GRID)]], dim=1)


def _cells(chrominance: Tensor) -> Tensor:
    """Return the grid's cell of every pixel of ``(2, H, W)``."""
    steps = ((chrominance - NEUTRAL) * UNITS / BIN_STEP).round() + len(_GRID) // 2
    a, b = steps.clamp(0, len(_GRID) - 1).long().flatten(1)
    return a * len(_GRID) + b


class HintStep(torch.nn.Module):
    """Prior and objective as one module.

    The smooth L1 of the chrominance, and the cross-entropy of the likely colours, each weighted by how rare it is (Sec.
    2.2 of Zhang et al. 2016): else grey would win everywhere.
    """

    LIKELY = 0.12
    _SCALE = 255.0 / 110.0
    _BETA = 0.05

    def __init__(self, prior: ColorPrior, store: PictureStore, how: HintSettings, *, mixed: bool) -> None:
        """Count how rare each likely colour is."""
        super().__init__()
        self.network, self._mixed = prior, mixed
        counts = torch.zeros(prior.config.bins, device=store.device)
        for number in range(LOOKS // 4):
            lab = rgb_to_lab(view_of(store, how, np.random.default_rng((18, number))))
            counts += prior.shares(lab[None, 1:, ::_PALETTE_STEP, ::_PALETTE_STEP])[0]
        shares = counts / counts.sum()
        weights = 1.0 / (0.6 * shares + 0.4 / len(shares))
        self.register_buffer("weights", weights / (weights * shares).sum(), persistent=False)

    def forward(self, batch: HintBatch) -> dict[str, Tensor]:
        """Return the losses of a batch; in mixed precision the network computes in bfloat16."""
        prior, device = self.network, batch.luminance.device.type
        known = batch.hints.confidence
        hints = torch.cat([(batch.hints.chrominance - NEUTRAL) * self._SCALE * known, known], dim=1)
        palette = torch.cat([batch.palette * math.sqrt(prior.config.bins), batch.given], dim=1)
        with torch.autocast(device, torch.bfloat16, enabled=self._mixed and torch.is_grad_enabled()):
            color, logits = prior(batch.luminance - LUMINANCE_MEAN, hints, palette)
        truth = (batch.chrominance - NEUTRAL) * self._SCALE
        error = 4.0 * F.smooth_l1_loss(color.float(), truth, beta=self._BETA)
        small = F.avg_pool2d(batch.chrominance, 4)
        units = ((small - NEUTRAL) * UNITS).flatten(2).transpose(1, 2)
        labels = torch.cdist(units, prior.centres[None]).argmin(-1).unflatten(1, small.shape[-2:])
        entropy = F.cross_entropy(logits.float(), labels, reduction="none")
        weights = self.weights[labels]  # type: ignore[index]
        likely = (entropy * weights).sum() / weights.sum()
        return {"chrominance": error, "likely": likely, "total": error + self.LIKELY * likely}
