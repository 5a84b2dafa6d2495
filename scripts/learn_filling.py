"""Let the confidence of carried colours be learned: from what a network really carries on training clips.

    python scripts/learn_filling.py CLIPS WORK model_weights/remaster-filling.safetensors

Each clip is coloured from its first frame, from the same with a third covered, with a stranger beside it, and from a
stranger alone (see `carried_colors`). What the network finds there is kept in the folder WORK; a small network then
learns where that is right, and where the prior is, judged by the decibels of the blend. Every ninth clip is held out
and measured.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from carried_colors import Sample, decibels, errors, half, recorded

from remaster_gui.engine.shipped_weights import PRIOR_NAME, resolve_weights
from remaster_gui.evaluation.film_frames import films_of
from remaster_gui.model import weights_hash
from remaster_gui.model.blocks import upsample
from remaster_gui.model.filling import SIGNS, Confidence, Filling
from remaster_gui.model.filling_weights import save_confidence
from remaster_gui.model.prior_weights import load_prior

PLACES = (0.6, 0.95)
"""Which frames of the clips to learn from: as many of each kind as the film has, none too near to the reference."""
RIGHT = 7.0
"""Units of ab within which a colour makes a good hint."""
EPOCHS = 12
LICENCE = "Learned from clips whose rights are mostly not stated; for research and development"


def trust(confidence: Confidence, sample: Sample) -> Tensor:
    """Logits as hints and in the output ``(2, h, w)``."""
    known = ((sample.signs - confidence.usual) / confidence.spread).clamp(-4, 4)
    return confidence.layers(known[None])[0]


def new_confidence(samples: list[Sample]) -> Confidence:
    """Return one that has learned nothing but how signs usually are."""
    confidence = Confidence()
    seen = torch.cat([sample.signs.flatten(1) for sample in samples], dim=1)
    confidence.usual.copy_(seen.mean(1).view(SIGNS, 1, 1))
    confidence.spread.copy_(seen.std(1).view(SIGNS, 1, 1))
    return confidence


def learn(confidence: Confidence, samples: list[Sample], *, blended: bool, epochs: int = EPOCHS) -> None:
    """Learn which colours are right; with `blended` also how much they count beside what the prior guesses."""
    optimizer = torch.optim.AdamW(confidence.layers.parameters(), 3e-3, weight_decay=1e-2)
    rate = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, epochs * len(samples))
    for _ in range(epochs):
        for index in torch.randperm(len(samples)).tolist():
            sample = samples[index].part()
            carried, truth, (hint, kept) = half(sample.carried), half(sample.truth), trust(confidence, sample)
            right = (errors(carried, truth) < RIGHT**2).float()
            loss = 0.5 * F.binary_cross_entropy_with_logits(hint, right)
            if blended and sample.guess is not None:
                share = kept.sigmoid()
                loss = loss + (errors(share * carried + (1 - share) * sample.guess, truth).mean() + 4).log()
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
    for kind in dict.fromkeys(sample.way.kind for sample in samples):
        rows = []
        for sample in (each for each in samples if each.way.kind == kind):
            share, carried = trust(confidence, sample)[1].sigmoid(), half(sample.carried)
            assert sample.guess is not None
            made = [carried, sample.guess, share * carried + (1 - share) * sample.guess]
            every = [errors(color, half(sample.truth)) for color in made]
            judged = sample.judged[::2, ::2]
            rows.append([decibels(e) for e in every] + [decibels(e[judged]) for e in every])
        print(kind, "carried, guessed, blended; where covered:", np.mean(rows, 0).round(2))


def main(clips: Path, work: Path, output: Path) -> None:
    """Record, learn, measure and write."""
    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    weights = resolve_weights(None)
    samples = [s for s in recorded(weights, films_of(clips, "train"), work / "ways") if s.way.at in PLACES]
    confidence = new_confidence(samples)
    learning = [sample for sample in samples if sample.clip % 9 != 4]
    learn(confidence, learning, blended=False)
    print("learned which colours are right", flush=True)
    guess(Filling(load_prior(resolve_weights(None, PRIOR_NAME)), confidence), samples)
    print("guessed the rest", flush=True)
    learn(confidence, learning, blended=True)
    report(confidence, [sample for sample in samples if sample.clip % 9 == 4])
    save_confidence(confidence, output, weights_hash(weights), LICENCE)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
