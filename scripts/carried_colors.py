"""What a network carries over from references on training clips, kept for what has to be learned from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL, rgb_to_lab, to_unit
from remaster_gui.engine.references import encode_reference, partial_picture
from remaster_gui.engine.sizes import Size
from remaster_gui.evaluation.film_frames import read_frames
from remaster_gui.evaluation.protocols import COVER, blobs
from remaster_gui.model import RemasterNetwork, load_model
from remaster_gui.model.carrying import CarriedColor
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.filling import Filling, signs

SIZE = 128
FRAMES = 90
UNITS = 255.0


@dataclass(frozen=True)
class Way:
    """How a frame is coloured: from the clip's first frame, seen or covered, with a stranger beside it or alone.

    at: which of the first `FRAMES` frames, from 0 (the first) to 1.
    """

    kind: str
    at: float


WAYS = (
    *(Way("covered", at) for at in (0.2, 0.5, 0.8, 0.95)), Way("both", 0.6), Way("both", 0.95),
    Way("seen and stranger", 0.95), Way("seen", 0.6), Way("seen", 0.95), Way("stranger", 0.6),
)  # fmt: skip


@dataclass
class Sample:
    """A frame coloured in one way: signs at half size ``(12, h, w)``; colours about neutral ``(2, H, W)``.

    luminance ``(1, H, W)``; covered ``(H, W)``: the pixels that the reference does not show.
    """

    way: Way
    clip: int
    signs: Tensor
    carried: Tensor
    truth: Tensor
    luminance: Tensor
    covered: Tensor
    guess: Tensor | None = None

    @property
    def judged(self) -> Tensor:
        """What is to be looked at ``(H, W)``: what was covered, or all of the picture where nothing was."""
        return self.covered if self.way.kind in ("covered", "both") else torch.ones_like(self.covered)

    def part(self) -> Sample:
        """Return a random half of the picture in both directions, which is learned from as well and sooner."""
        height, width = (edge // 2 for edge in self.signs.shape[1:])
        row, column = (int(torch.randint(0, edge + 1, ())) for edge in (height, width))
        return self.cut(row, column, height, width)

    def cut(self, row: int, column: int, height: int, width: int) -> Sample:
        """Return a part of the picture, counted in pixels of half size."""
        small = (..., slice(row, row + height), slice(column, column + width))
        large = (..., slice(2 * row, 2 * (row + height)), slice(2 * column, 2 * (column + width)))
        return replace(
            self,
            signs=self.signs[small],
            carried=self.carried[large],
            truth=self.truth[large],
            luminance=self.luminance[large],
            covered=self.covered[large],
            guess=None if self.guess is None else self.guess[small],
        )


class _Recorder(Filling):
    """Keeps what it is asked, and fills nothing."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.confidence = self._signs  # type: ignore[assignment]

    def _signs(self, evidence: Tensor, shares: Tensor, likeness: Tensor) -> Tensor:
        self.signs = signs(*(each.flatten(0, 1) for each in (evidence, shares, likeness)))[0]
        return evidence[:, :, :2]

    def forward(self, luminance: Tensor, color: Tensor, sure: Tensor) -> Tensor:
        """Let the colours carried be the result."""
        self.luminance, self.carried = luminance[0, 0], color[0, 0]
        return torch.cat([color, sure[:, :, :1]], dim=2)


class Recording:
    """Colours frames of clips by a network, without steadying and filling."""

    def __init__(self, weights: Path) -> None:
        """Load the network."""
        self._network: RemasterNetwork = load_model(weights)
        path = self._network.colorization.color_path
        assert isinstance(path, CarriedColor)
        path.filling = self._recorder = _Recorder()
        path.steadying = None

    def _encoded(self, picture: np.ndarray, covered: np.ndarray | None = None) -> list[ReferenceFeatures]:
        if covered is None:
            return [encode_reference(self._network, to_unit(picture))]
        size = Size(picture.shape[1], picture.shape[0])
        hidden = np.where(covered[..., None], np.uint8(round(255 * float(COVER))), picture)
        return [encode_reference(self._network, *partial_picture(hidden, ~covered, size))]

    @torch.inference_mode()
    def samples(self, number: int, film: Path, stranger: Path) -> Iterator[Sample]:
        """Color frames of a film in all `WAYS`."""
        frames = read_frames(film, FRAMES, SIZE)
        covered = blobs(*frames.shape[1:3], number)
        other = self._encoded(read_frames(stranger, 1, SIZE)[0])
        seen, hidden = self._encoded(frames[0]), self._encoded(frames[0], covered)
        known = {
            "seen": seen, "seen and stranger": seen + other, "covered": hidden, "both": hidden + other,
            "stranger": other,
        }  # fmt: skip
        for way in WAYS:
            luminance, chrominance = rgb_to_lab(to_unit(frames[round(way.at * (len(frames) - 1))]))
            self._network.colorize(torch.from_numpy(luminance)[None, None, None], known[way.kind])
            found = self._recorder
            yield Sample(
                way,
                number,
                found.signs.clone(),
                found.carried.clone(),
                torch.from_numpy(chrominance - NEUTRAL).permute(2, 0, 1),
                found.luminance.clone(),
                torch.from_numpy(covered),
            )


def recorded(weights: Path, films: Sequence[Path], folder: Path) -> list[Sample]:
    """Return what the network of `weights` carries on films; `folder` keeps it, a file for each film."""
    folder.mkdir(parents=True, exist_ok=True)
    recording: Recording | None = None
    samples = list[Sample]()
    for number, film in enumerate(films):
        kept = folder / f"{film.name}.pt"
        if not kept.exists():
            recording = recording or Recording(weights)
            draft = kept.with_suffix(".part")
            torch.save(list(recording.samples(number, film, films[(number + 1) % len(films)])), draft)
            draft.replace(kept)
            print(film.name, flush=True)
        samples += torch.load(kept, weights_only=False)
    return samples


def half(picture: Tensor) -> Tensor:
    """Shrink ``(C, H, W)`` to 1/2 size."""
    return F.avg_pool2d(picture[None], 2)[0]


def errors(color: Tensor, truth: Tensor) -> Tensor:
    """Squared error of colours ``(2, h, w)`` in units ``(h, w)``."""
    return (color - truth).square().sum(0) * UNITS**2


def decibels(error: Tensor) -> float:
    """Return the PSNR of squared errors of two planes together."""
    return float(-10 * torch.log10(error.mean() / 2 / UNITS**2))
