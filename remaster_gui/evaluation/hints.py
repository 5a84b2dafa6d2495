"""How well a prior colours pictures from hints: the strokes of a user, and what references might carry over.

Strokes are also painted on a raster and spread there as the editor does it, by the prior and by optimisation. Hints are
made from the true colours by a seeded generator; every prior sees the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.color import NEUTRAL, lab_to_rgb, rgb_to_lab, to_unit
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Progress
from remaster_gui.engine.colorist import Colorist
from remaster_gui.engine.rate_meter import RateMeter
from remaster_gui.evaluation.metrics import colorfulness, psnr
from remaster_gui.model.prior import ColorPrior, Hints, annealed_mean
from remaster_gui.painting.raster import NEUTRAL_BYTE, PAINTED, PixelDelta, Raster
from remaster_gui.painting.spread import spread

STROKES = (1, 5, 20)
VIVID = 0.38
"""Temperature at which the vivid guess is measured."""

_REACH = 0.2
"""Longest stroke, as a share of the picture's height."""
_RADII = (0.5, 4.0)


@dataclass(frozen=True, slots=True)
class HintRow:
    """What one sort of hints leads to, as means over all pictures.

    PSNR of chrominance in dB, colourfulness (Hasler and Suesstrunk 2003), and the share of a picture that is hinted at.
    """

    hints: str
    psnr: float
    colorfulness: float
    hinted: float


@dataclass(frozen=True, slots=True)
class HintReport:
    """Rows in the order of the trials; colourfulness of the true pictures; how many there were."""

    rows: tuple[HintRow, ...]
    true_colorfulness: float
    pictures: int


def measure_hints(
    prior: ColorPrior,
    pictures: Iterable[Bytes],
    count: int,
    *,
    size: int = 160,
    seed: int = 5,
    as_painted: bool = True,
) -> Generator[Progress, None, HintReport]:
    """Measure a prior on `count` sRGB pictures ``(H, W, 3)`` uint8, scaled to a shorter edge of `size`.

    `as_painted`: strokes are also spread on a raster as in the editor, which takes nine tenths of the time.
    Raises `SettingsError` without any picture.
    """
    meter, rate = RateMeter(), 0.0
    names: dict[str, list[tuple[float, float, float]]] = {}
    true_colors: list[float] = []
    for number, picture in enumerate(pictures):
        yield Progress(number, count, rate, unit="pictures")
        luminance, truth = _lab_of(picture, size)
        true_colors.append(_colorfulness(luminance, truth))
        generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
        for name, result, hinted in _trials(prior, luminance, truth, generator, as_painted):
            result = result.cpu()
            found = psnr(float((result - truth).square().mean()))
            names.setdefault(name, []).append((found, _colorfulness(luminance, result), hinted))
        rate = meter.rate(1)
    if not true_colors:
        raise SettingsError(
            "There is no picture to measure; name a pack of photographs or a folder of films."
        )
    rows = tuple(HintRow(name, *map(float, np.mean(values, axis=0))) for name, values in names.items())
    return HintReport(rows, float(np.mean(true_colors)), len(true_colors))


def _trials(
    prior: ColorPrior, luminance: Tensor, truth: Tensor, generator: torch.Generator, as_painted: bool
) -> Iterator[tuple[str, Tensor, float]]:
    """Yield name, chrominance and hinted share of each trial."""
    yield "grey", torch.full_like(truth, NEUTRAL), 0.0
    guess = prior.guess(luminance)
    yield "none", guess.chrominance, 0.0
    vivid = annealed_mean(guess, prior.centres, VIVID)
    yield "none, vivid", F.interpolate(vivid, size=truth.shape[-2:], mode="bilinear"), 0.0
    small = truth[..., ::4, ::4].to(prior.centres.device)
    yield "palette", prior.guess(luminance, palette=prior.shares(small)).chrominance, 0.0
    for count in STROKES:
        hints = strokes(truth, count, generator)
        name = f"{count} stroke{'s' if count > 1 else ''}"
        hinted = float(hints.confidence.mean())
        yield name, prior.guess(luminance, hints).chrominance, hinted
        if as_painted:
            for how, spreads in (("spread", Colorist(prior).spread), ("optimised", spread)):
                yield f"{name}, {how}", _spread(luminance, hints, spreads), hinted
    hints = carried(truth, generator)
    alone = (hints.chrominance - NEUTRAL) * hints.confidence + NEUTRAL
    share = float((hints.confidence > 0).float().mean())
    yield "carried, alone", alone, share
    yield "carried", prior.guess(luminance, hints).chrominance, share


def _spread(luminance: Tensor, hints: Hints, spreads: Callable[[Raster], PixelDelta | None]) -> Tensor:
    """Return the chrominance ``(1, 2, H, W)`` that comes of painting hints on a raster and spreading them."""
    light = np.rint(luminance[0, 0].numpy() * 255.0).astype(np.uint8)
    colors = np.rint(hints.chrominance[0].permute(1, 2, 0).numpy() * 255.0).astype(np.uint8)
    coverage = np.where(hints.confidence[0, 0].numpy() > 0, PAINTED, 0).astype(np.uint8)
    colors[coverage == 0] = NEUTRAL_BYTE
    raster = Raster(light, np.ascontiguousarray(colors), coverage)
    delta = spreads(raster)
    if delta is not None:
        delta.apply(raster)
    return torch.from_numpy(raster.chrominance.astype(np.float32) / 255.0).permute(2, 0, 1)[None]


def strokes(truth: Tensor, count: int | Sequence[int], generator: torch.Generator) -> Hints:
    """Draw `count` strokes on each picture, of the colour that its chrominance ``(B, 2, H, W)`` has there.

    A stroke is a line of random place, direction and width; most are short. `generator` is on the device of `truth`.
    """
    batch, _, height, width = truth.shape
    counts = torch.tensor([count] * batch if isinstance(count, int) else list(count), device=truth.device)
    rows, columns = (torch.arange(n, device=truth.device) + 0.5 for n in (height, width))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    marks = torch.zeros(batch, height, width, device=truth.device)
    for number in range(int(counts.max())):
        place, how = _uniform(generator, batch, 2), _uniform(generator, batch, 3)
        length, turn = _REACH * height * how[:, 0] ** 2, math.pi * how[:, 1]
        radius = _RADII[0] + (_RADII[1] - _RADII[0]) * how[:, 2]
        down, right = (each[:, None, None] for each in (turn.sin() * length, turn.cos() * length))
        from_y, from_x = y - height * place[:, 0, None, None], x - width * place[:, 1, None, None]
        along = ((from_y * down + from_x * right) / (down**2 + right**2 + 1e-3)).clamp(0.0, 1.0)
        distance = (from_y - along * down) ** 2 + (from_x - along * right) ** 2
        inside = (distance <= radius[:, None, None] ** 2) & (counts > number)[:, None, None]
        marks = torch.maximum(marks, inside.float())
    smooth = F.avg_pool2d(F.pad(truth, (2, 2, 2, 2), mode="replicate"), 5, 1)
    return Hints(smooth, marks[:, None])


def carried(truth: Tensor, generator: torch.Generator) -> Hints:
    """Make hints as references carry them: softer and displaced, missing here, wrong there, with a confidence.

    chrominance ``(B, 2, H, W)``, on the device of `generator`. Wrong colours come from elsewhere in the picture and are
    mostly less sure.
    """
    batch, _, height, width = truth.shape
    missing = _smooth_noise(generator, truth, 3, 9) < _normal(generator, batch, 1, 1, 1) - 0.6
    wrong = _smooth_noise(generator, truth, 3, 12) > 1.2 + _uniform(generator, batch, 1)[:, :, None, None]
    soft = F.interpolate(F.avg_pool2d(truth, 4), size=(height, width), mode="bilinear")
    is_soft = _uniform(generator, batch, 1)[:, :, None, None] < 0.5
    colors = torch.where(is_soft, soft, truth)
    by = torch.randint(-2, 3, (2,), generator=generator, device=generator.device).tolist()
    colors = torch.roll(colors, (by[0], by[1]), (2, 3))
    elsewhere = torch.roll(truth, (height // 3, width // 4), (2, 3))
    colors = torch.where(wrong, elsewhere, colors)
    sure = 0.6 + 0.4 * _uniform(generator, batch, 1)[:, :, None, None]
    unsure = sure * 0.9 * _uniform(generator, batch, 1)[:, :, None, None]
    confidence = torch.where(wrong, unsure, sure) + 0.12 * _smooth_noise(generator, truth, 16, 17)
    return Hints(colors, confidence.clamp(0.02, 1.0) * ~missing)


def _smooth_noise(generator: torch.Generator, like: Tensor, fewest: int, most: int) -> Tensor:
    """Return smooth noise ``(B, 1, H, W)`` about 0, of `fewest` to `most` (not included) cells to a side."""
    cells = int(torch.randint(fewest, most, (), generator=generator, device=generator.device))
    coarse = _normal(generator, len(like), 1, cells, cells)
    fine = _normal(generator, len(like), 1, 2 * cells, 2 * cells)
    size = tuple(like.shape[-2:])
    both = F.interpolate(coarse, size=(2 * cells, 2 * cells), mode="nearest") + 0.5 * fine
    return F.interpolate(both, size=size, mode="bicubic", align_corners=False)


def _uniform(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(shape, generator=generator, device=generator.device)


def _normal(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator, device=generator.device)


def _lab_of(picture: Bytes, size: int) -> tuple[Tensor, Tensor]:
    """Return luminance ``(1, 1, H, W)`` and chrominance ``(1, 2, H, W)`` of a picture scaled to `size`."""
    height, width = picture.shape[:2]
    scale = size / min(height, width)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=how)
    luminance, chrominance = rgb_to_lab(to_unit(scaled.astype(np.uint8, copy=False)))
    return torch.from_numpy(luminance)[None, None], torch.from_numpy(chrominance).permute(2, 0, 1)[None]


def _colorfulness(luminance: Tensor, chrominance: Tensor) -> float:
    plane = np.ascontiguousarray(chrominance[0].permute(1, 2, 0).numpy())
    return colorfulness(lab_to_rgb(luminance[0, 0].numpy(), plane))


COLUMNS = ("hints", "psnr", "colorfulness", "hinted")


def cells(row: HintRow) -> tuple[str, ...]:
    """Return the cells of one row in the order of `COLUMNS`."""
    return row.hints, f"{row.psnr:.2f}", f"{row.colorfulness:.1f}", f"{row.hinted:.1%}"


def to_csv(report: HintReport) -> str:
    """Return the report as CSV with the columns of `COLUMNS`."""
    return "".join(f"{','.join(row)}\n" for row in _table(report))


def to_markdown(report: HintReport, title: str) -> str:
    """Return the report as a Markdown section."""
    lines = [f"| {' | '.join(row)} |" for row in _table(report)]
    return "\n".join(
        [f"## {title}", "", lines[0], "| --- | ---: | ---: | ---: |", *lines[1:], "", remark(report), ""]
    )


def remark(report: HintReport) -> str:
    """Say what was measured."""
    return (
        f"Means over {report.pictures} pictures: PSNR of chrominance in dB; colourfulness, of which the true pictures "
        f"have {report.true_colorfulness:.1f}; the share of a picture that is hinted at."
    )


def _table(report: HintReport) -> list[tuple[str, ...]]:
    return [COLUMNS, *(cells(row) for row in report.rows)]
