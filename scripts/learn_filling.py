"""Let the confidence of carried colours be learned: from what a network really carries on training clips.

    python scripts/learn_filling.py CLIPS WORK model_weights/remaster-filling.safetensors

Each clip is coloured from its first frame, from the same with a third covered, with a stranger beside it, and from a
stranger alone. What the network finds there is kept in the folder WORK; a small network then learns where that is
right, and where the prior is, judged by the decibels of the blend. Every fourth clip is held out and measured.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from remaster_gui.base.color import NEUTRAL, rgb_to_lab, to_unit
from remaster_gui.engine.shipped_weights import PRIOR_NAME, resolve_weights
from remaster_gui.evaluation.film_frames import films_of, read_frames
from remaster_gui.evaluation.protocols import COVER, blobs
from remaster_gui.model import RemasterNetwork, load_model, weights_hash
from remaster_gui.model.blocks import upsample
from remaster_gui.model.carrying import CarriedColor
from remaster_gui.model.filling import SIGNS, Confidence, Filling, signs
from remaster_gui.model.filling_weights import save_confidence
from remaster_gui.model.prior_weights import load_prior

SIZE = 128
FRAMES = (23,)
RIGHT = 7.0
"""Units of ab within which a colour makes a good hint."""
EPOCHS = 12
UNITS = 255.0
LICENCE = "Learned from clips whose rights are mostly not stated; for research and development"


@dataclass
class Sample:
    """A frame coloured in one way, at half size: signs ``(12, h, w)``; colours about neutral ``(2, h, w)``.

    covered: the pixels that the reference does not show.
    """

    kind: str
    clip: int
    signs: Tensor
    carried: Tensor
    truth: Tensor
    luminance: Tensor
    covered: Tensor
    guess: Tensor | None = None

    def part(self) -> Sample:
        """Return a random half of the picture in both directions, which is learned from as well and sooner."""
        height, width = (edge // 2 for edge in self.signs.shape[1:])
        row, column = (int(torch.randint(0, edge + 1, ())) for edge in (height, width))
        small = (..., slice(row, row + height), slice(column, column + width))
        large = (..., slice(2 * row, 2 * (row + height)), slice(2 * column, 2 * (column + width)))
        return replace(
            self,
            signs=self.signs[small],
            carried=self.carried[large],
            truth=self.truth[large],
            guess=None if self.guess is None else self.guess[small],
        )


class Recorder(Filling):
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


@torch.inference_mode()
def record(network: RemasterNetwork, films: list[Path]) -> Iterator[Sample]:
    """Color frames of each film in every way."""
    path = network.colorization.color_path
    assert isinstance(path, CarriedColor)
    path.filling = recorder = Recorder()
    path.steadying = None

    def encoded(picture: np.ndarray) -> list:
        return [network.encode_references(torch.from_numpy(picture).permute(2, 0, 1)[None, None])]

    for number, film in enumerate(films):
        frames = read_frames(film, max(FRAMES) + 1, SIZE)
        first = to_unit(frames[0])
        covered = blobs(*first.shape[:2], number)
        stranger = encoded(to_unit(read_frames(films[(number + 1) % len(films)], 1, SIZE)[0]))
        hidden = encoded(np.where(covered[..., None], COVER, first))
        ways = {"seen": encoded(first), "covered": hidden, "both": hidden + stranger, "stranger": stranger}
        for at in FRAMES:
            luminance, chrominance = rgb_to_lab(to_unit(frames[min(at, len(frames) - 1)]))
            truth = torch.from_numpy(chrominance - NEUTRAL).permute(2, 0, 1)
            for kind, references in ways.items():
                network.colorize(torch.from_numpy(luminance)[None, None, None], references)
                yield Sample(
                    kind,
                    number,
                    recorder.signs.clone(),
                    recorder.carried.clone(),
                    truth,
                    recorder.luminance.clone(),
                    torch.from_numpy(covered[::2, ::2].copy()),
                )
        print(film.name, flush=True)


def half(picture: Tensor) -> Tensor:
    """Shrink ``(C, H, W)`` to 1/2 size."""
    return F.avg_pool2d(picture[None], 2)[0]


def errors(color: Tensor, sample: Sample) -> Tensor:
    """Squared error of colours of half size ``(h, w)``, in units."""
    return (color - half(sample.truth)).square().sum(0) * UNITS**2


def decibels(error: Tensor) -> float:
    """Return the PSNR of squared errors of two planes together."""
    return float(-10 * torch.log10(error.mean() / 2 / UNITS**2))


def trust(confidence: Confidence, sample: Sample) -> Tensor:
    """Logits as hints and in the output ``(2, h, w)``."""
    known = ((sample.signs - confidence.usual) / confidence.spread).clamp(-4, 4)
    return confidence.layers(known[None])[0]


def learn(confidence: Confidence, samples: list[Sample], *, blended: bool) -> None:
    """Learn which colours are right; with `blended` also how much they count beside what the prior guesses."""
    optimizer = torch.optim.AdamW(confidence.layers.parameters(), 3e-3, weight_decay=1e-2)
    rate = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, EPOCHS * len(samples))
    for _ in range(EPOCHS):
        for index in torch.randperm(len(samples)).tolist():
            sample = samples[index].part()
            carried, (hint, kept) = half(sample.carried), trust(confidence, sample)
            right = (errors(carried, sample) < RIGHT**2).float()
            loss = 0.5 * F.binary_cross_entropy_with_logits(hint, right)
            if blended and sample.guess is not None:
                share = kept.sigmoid()
                loss = loss + (errors(share * carried + (1 - share) * sample.guess, sample).mean() + 4).log()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()


@torch.no_grad()
def guess(filling: Filling, samples: list[Sample]) -> None:
    """Let the prior guess from hints as sure as has been learned."""
    for sample in samples:
        hint = upsample(trust(filling.confidence, sample)[None, None, :1].sigmoid())
        sure = torch.cat([hint, torch.zeros_like(hint)], dim=2)
        made = filling(sample.luminance[None, None], sample.carried[None, None], sure)
        sample.guess = half(made[0, 0, :2])


@torch.inference_mode()
def report(confidence: Confidence, samples: list[Sample]) -> None:
    """Print what each way of colouring reaches, by itself and where the reference was covered."""
    for kind in dict.fromkeys(sample.kind for sample in samples):
        rows = []
        for sample in (each for each in samples if each.kind == kind):
            share, carried = trust(confidence, sample)[1].sigmoid(), half(sample.carried)
            assert sample.guess is not None
            made = [carried, sample.guess, share * carried + (1 - share) * sample.guess]
            every = [errors(color, sample) for color in made]
            rows.append([decibels(e) for e in every] + [decibels(e[sample.covered]) for e in every])
        print(kind, "carried, guessed, blended; where covered:", np.mean(rows, 0).round(2))


def main(clips: Path, work: Path, output: Path) -> None:
    """Record, learn, measure and write."""
    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    weights = resolve_weights(None)
    films = films_of(clips, "train")[::2]
    kept = work / "carried.pt"
    if not kept.exists():
        work.mkdir(parents=True, exist_ok=True)
        torch.save(list(record(load_model(weights), films)), kept)
    samples: list[Sample] = torch.load(kept, weights_only=False)
    confidence = Confidence()
    seen = torch.cat([sample.signs.flatten(1) for sample in samples], dim=1)
    confidence.usual.copy_(seen.mean(1).view(SIGNS, 1, 1))
    confidence.spread.copy_(seen.std(1).view(SIGNS, 1, 1))
    learning = [sample for sample in samples if sample.clip % 4 != 1]
    learn(confidence, learning, blended=False)
    print("learned which colours are right", flush=True)
    guess(Filling(load_prior(resolve_weights(None, PRIOR_NAME)), confidence), samples)
    print("guessed the rest", flush=True)
    learn(confidence, learning, blended=True)
    report(confidence, [sample for sample in samples if sample.clip % 4 == 1])
    save_confidence(confidence, output, weights_hash(weights), LICENCE)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
