"""Let the colour prior go on learning: to fill from hints as a network really carries them, which are a little wrong.

    python scripts/tune_prior.py CLIPS WORK model_weights/remaster-prior.safetensors PHOTOS...

What the network carries over on frames of the training clips (see `carried_colors`) lies in WORK, with the state of the
learning, so that the same command goes on after an interruption. With every batch comes one of those that the recipe
`prior` makes of photographs, so that little is forgotten. Every ninth clip is held out and watched. `learn_filling.py`
has to follow, for it judges by what the prior guesses.
"""

from __future__ import annotations

import copy
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from carried_colors import UNITS, Sample, decibels, errors, recorded
from learn_filling import LICENCE, learn, new_confidence, trust

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.notices import Progress, followed
from remaster_gui.engine.shipped_weights import PRIOR_NAME, resolve_weights
from remaster_gui.evaluation.film_frames import films_of
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.model.prior import LUMINANCE_MEAN, ColorPrior, Hints
from remaster_gui.model.prior_weights import PRIOR_FORMAT
from remaster_gui.training.hint_samples import HintMaker, HintSettings, HintStep
from remaster_gui.training.picture_store import PictureStore

ITERATIONS = 2500
RATE, WARMING = 5e-5, 60
BATCH, CROP = 4, 128
SAVE_EVERY = 250
EPOCHS = 3
COVERED_COUNTS = 3.0
PHOTO_BYTES = 1 << 30


@dataclass
class Hinted:
    """A frame as the prior is asked to fill it: planes ``(C, H, W)``, `weight` where its colours count more."""

    kind: str
    luminance: Tensor
    carried: Tensor
    sure: Tensor
    truth: Tensor
    weight: Tensor
    judged: Tensor

    @classmethod
    def of(cls, sample: Sample, sure: Tensor) -> Hinted:
        """Hint as sure as has been learned ``(1, h, w)``."""
        size = sample.luminance.shape[-2:]
        enlarged = F.interpolate(sure[None], size, mode="bilinear", align_corners=False)[0]
        partly = sample.way.kind in ("covered", "both")
        weight = 1 + (COVERED_COUNTS - 1) * partly * sample.covered[None].float()
        planes = (sample.luminance, sample.carried, enlarged, sample.truth, weight)
        return cls(sample.way.kind, *planes, sample.judged)

    def drawn(self, rng: np.random.Generator) -> list[Tensor]:
        """Return a view of its planes, as another film would have it."""
        rows, columns = (int(rng.integers(0, edge - CROP + 1)) for edge in self.luminance.shape[-2:])
        view = (..., slice(rows, rows + CROP), slice(columns, columns + CROP))
        planes = [p[view] for p in (self.luminance, self.carried, self.sure, self.truth, self.weight)]
        if rng.random() < 0.5:
            planes = [plane.flip(-1) for plane in planes]
        planes[0] = planes[0].clamp(min=1e-4) ** float(np.exp(rng.normal(0, 0.12)))
        planes[2] = planes[2] ** float(np.exp(rng.normal(0, 0.2)))
        if rng.random() < 0.25:  # some of the hints are missing
            relief = F.interpolate(torch.randn(1, 1, 4, 4), (CROP, CROP), mode="bicubic")[0]
            planes[2] = planes[2] * (relief < float(rng.uniform(0.2, 1.2)))
        return planes


class CarriedStep:
    """The objective of the recipe `prior` on what was carried, where covered colours count more."""

    _SCALE, _BETA = UNITS / 110.0, 0.05

    def __init__(self, prior: ColorPrior, likely: HintStep, samples: Sequence[Hinted]) -> None:
        self._prior, self._likely, self._samples = prior, likely, samples

    def loss(self, rng: np.random.Generator) -> Tensor:
        """Return the loss of a batch drawn anew."""
        rows = [self._samples[int(rng.integers(len(self._samples)))].drawn(rng) for _ in range(BATCH)]
        luminance, carried, sure, truth, weight = (torch.stack(planes) for planes in zip(*rows, strict=True))
        prior = self._prior
        hints = torch.cat([carried * self._SCALE * sure, sure], dim=1)
        palette = torch.zeros(BATCH, prior.config.bins + 1)
        with torch.autocast("cpu", torch.bfloat16):
            color, logits = prior(luminance - LUMINANCE_MEAN, hints, palette)
        error = F.smooth_l1_loss(color.float(), truth * self._SCALE, beta=self._BETA, reduction="none")
        units = (F.avg_pool2d(truth, 4) * UNITS).flatten(2).transpose(1, 2)
        size = logits.shape[-2:]
        labels = torch.cdist(units, prior.centres[None]).argmin(-1).unflatten(1, size)
        entropy, rare = (
            F.cross_entropy(logits.float(), labels, reduction="none"),
            self._likely.weights[labels],
        )
        likely = (entropy * rare).sum() / rare.sum()
        return 4 * (error * weight).sum() / (2 * weight.sum()) + HintStep.LIKELY * likely


@torch.no_grad()
def watched(prior: ColorPrior, samples: Sequence[Hinted], photos: HintMaker) -> str:
    """Tell what the prior reaches on samples held out, where covered, and on photographs."""
    found: dict[str, list[float]] = {}
    for each in samples:
        hints = Hints(each.carried[None] + NEUTRAL, each.sure[None])
        made = prior.guess(each.luminance[None], hints).chrominance[0] - NEUTRAL
        found.setdefault(each.kind, []).append(decibels(errors(made, each.truth)[each.judged]))
    rows = []
    for number in range(16):
        batch = photos.batch(number)
        made = prior.guess(batch.luminance, batch.hints).chrominance
        rows.append(float(-10 * torch.log10((made - batch.chrominance).square().mean())))
    kinds = ", ".join(f"{kind} {np.mean(values):.2f}" for kind, values in found.items())
    return f"{kinds}, photographs {np.mean(rows):.2f} dB"


def hinted(samples: list[Sample], held_out: set[int]) -> list[Hinted]:
    """Let be learned which colours are right, and hint by that."""
    confidence = new_confidence(samples)
    learn(confidence, [s for s in samples if s.clip not in held_out], blended=False, epochs=EPOCHS)
    with torch.no_grad():
        return [Hinted.of(sample, trust(confidence, sample)[:1].sigmoid()) for sample in samples]


def store_of(packs: Sequence[Path]) -> PictureStore:
    """Read photographs, as many as fit."""
    reading = PictureStore.read((), [PhotoPack(pack) for pack in packs], "cpu", PHOTO_BYTES)
    return followed(
        reading, lambda step: print(step.doing, flush=True) if isinstance(step, Progress) else None
    )


class Tuning:
    """The prior at its learning, and the running mean of its weights, which is what is kept."""

    def __init__(self, prior: ColorPrior, state: Path) -> None:
        """Begin, or go on with what lies in `state`."""
        self.prior, self.mean, self.done, self._state = prior, copy.deepcopy(prior), 0, state
        self.optimizer = torch.optim.AdamW(prior.parameters(), RATE, betas=(0.9, 0.99), weight_decay=1e-3)
        if state.exists():
            known = torch.load(state, weights_only=True)
            for part, kept in zip((self.prior, self.mean, self.optimizer), known["parts"], strict=True):
                part.load_state_dict(kept)
            self.done = known["done"]

    def save(self) -> None:
        """Keep the state for the next run."""
        parts = [part.state_dict() for part in (self.prior, self.mean, self.optimizer)]
        draft = self._state.with_suffix(".part")
        torch.save({"parts": parts, "done": self.done}, draft)
        draft.replace(self._state)

    def steps(self, last: int) -> Iterator[int]:
        """Yield the number of each step, and take it once its gradients are there."""
        while self.done < last:
            cooling = 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * self.done / last))
            for group in self.optimizer.param_groups:
                group["lr"] = RATE * min(1, (self.done + 1) / WARMING) * cooling
            self.optimizer.zero_grad()
            yield self.done
            nn.utils.clip_grad_norm_(self.prior.parameters(), 1.0)
            self.optimizer.step()
            self.done += 1
            share = 1 - min(0.995, (self.done + 1) / (self.done + 20))
            with torch.no_grad():
                for kept, now in zip(self.mean.parameters(), self.prior.parameters(), strict=True):
                    kept.lerp_(now, share)


def main(clips: Path, work: Path, output: Path, *packs: Path) -> None:
    """Record, learn and write."""
    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    samples = recorded(resolve_weights(None), films_of(clips, "train"), work / "ways")
    held_out = {sample.clip for sample in samples if sample.clip % 9 == 4}
    hinting = hinted(samples, held_out)
    learning = [each for each, sample in zip(hinting, samples, strict=True) if sample.clip not in held_out]
    watching = [each for each, sample in zip(hinting, samples, strict=True) if sample.clip in held_out]
    prior = PRIOR_FORMAT.read(resolve_weights(None, PRIOR_NAME)).float().to(memory_format=torch.channels_last)
    how, photos = HintSettings(CROP, (CROP, 176)), store_of(packs)
    maker, step = HintMaker(photos, prior, how, BATCH, seed=123), HintStep(prior, photos, how, mixed=True)
    carried, test = CarriedStep(prior, step, learning), HintMaker(photos, prior, how, BATCH, seed=5)
    tuning = Tuning(prior, work / "prior.pt")
    print(
        f"{len(learning)} to learn from, {len(watching)} held out: {watched(tuning.mean, watching, test)}",
        flush=True,
    )
    for number in tuning.steps(ITERATIONS):
        carried.loss(np.random.default_rng((1, number))).backward()
        step(maker.batch(number))["total"].backward()
        if (number + 1) % SAVE_EVERY == 0:
            tuning.save()
            print(f"{number + 1}: {watched(tuning.mean, watching, test)}", flush=True)
    tuning.save()
    metrics = {"watched": watched(tuning.mean, watching, test)}
    PRIOR_FORMAT.save(tuning.mean, output, licence=LICENCE, metrics=metrics, dtype=torch.float16)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
