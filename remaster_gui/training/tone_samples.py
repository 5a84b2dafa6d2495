"""Shots in small, from which tones are learned: any number of them, because their parts are made apart.

What a shot's tones were is a question of what the world looks like, and needs very many pictures. So clean small
frames of films and photographs are kept, and small differences that damage made to some frames; every sample puts new
tones, and any damage, to any picture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import torch

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.notices import Progress
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.model.shot_tones import CELLS
from remaster_gui.training.augmentation import (
    TABLE_3,
    Alteration,
    AlterationTarget,
    draw,
    soften,
)
from remaster_gui.training.damage import DamageSplit
from remaster_gui.training.dataset import Batch
from remaster_gui.training.degradation import Condition, Degradation, Strength
from remaster_gui.training.film_faults import FrameWindow, bleed, vignette
from remaster_gui.training.library import Clip

_ROOM = 80
"""Rows and columns of a kept picture, of which samples show `CELLS`."""
_LASTING = Strength(vignetting=0.0, bleed=0.0, flicker=0.0)
"""Damage beside tones, which are drawn anew for every sample."""
_EDGES = (128, 256)
"""Shorter edges of frames on which damage is made."""
_FILM_FRAMES = 16
"""Frames of a film that are kept."""


@dataclass(frozen=True, slots=True)
class ToneSettings:
    """How many frames a sample has, how many photographs are kept of each pack, and how many sequences of damage."""

    frames: int = 5
    photos: int = 10_000
    damaged: int = 400
    films: float = 0.4
    """Share of the samples that show films; the others show photographs, where there are any."""


class ToneSamples:
    """Draws small shots, clean and damaged; batch b is a function of seed and b."""

    def __init__(
        self, settings: ToneSettings, films: list[Float], photos: list[Float], damage: list[Float]
    ) -> None:
        """Draw from small clean frames of films ``(T, 80, 80)``, photographs and damage (see `read`)."""
        self._settings, self._films, self._photos, self._damage = settings, films, photos, damage

    @classmethod
    def read(
        cls, clips: Sequence[Clip], photos: Iterable[Path], damage: Path | None, settings: ToneSettings
    ) -> Generator[Progress, None, Self]:
        """Read films and photographs, and damage some of the films' frames; raises `MediaError`."""
        films, pictures, changes = list[Float](), list[Float](), list[Float]()
        each = -(-settings.damaged // max(1, len(clips)))
        for number, clip in enumerate(clips):
            yield Progress(number, len(clips), doing=f"Tones of {clip.name}")
            places = np.linspace(0, len(clip.frames) - 1, _FILM_FRAMES).round().astype(int)
            films.append(np.stack([_kept(clip.frames[place]) for place in places]))
            changes += [_damage_of(clip, damage, (number, again), settings.frames) for again in range(each)]
        for path in photos:
            yield Progress(len(clips), len(clips), doing=path.name)
            pack = PhotoPack(path)
            pictures += map(_kept, pack.pictures(range(min(len(pack), settings.photos))))
        return cls(settings, films, pictures, changes)

    def sample(self, rng: np.random.Generator) -> tuple[Float, Float]:
        """Draw clean and damaged luminance ``(K, 64, 64)`` in [0, 1]."""
        clean = self._shown(rng)
        drawn = draw(TABLE_3, AlterationTarget.SOURCE, rng)
        if Alteration.BLUR in drawn:
            drawn[Alteration.BLUR] *= CELLS / rng.uniform(*_EDGES)
            if drawn[Alteration.BLUR] <= 1:
                del drawn[Alteration.BLUR]
        aged = _printed(soften(clean, drawn), rng)
        damage = self._damage[rng.integers(len(self._damage))]
        flips = tuple(axis for axis in (1, 2) if rng.random() < 0.5)
        chosen = rng.permutation(len(damage))[: len(aged)]
        return clean, np.clip(aged + np.flip(damage[chosen], flips), 0.0, 1.0)

    def _shown(self, rng: np.random.Generator) -> Float:
        """Draw the frames of a shot: of a film, or of a camera that moves over a photograph."""
        count, spare = self._settings.frames, _ROOM - CELLS
        is_film = not self._photos or rng.random() < self._settings.films
        corners = np.repeat(rng.integers(0, spare, (1, 2), endpoint=True), count, axis=0)
        if is_film:
            film = self._films[rng.integers(len(self._films))]
            frames = film[np.sort(rng.integers(0, len(film), count))]
        else:
            frames = np.repeat(self._photos[rng.integers(len(self._photos))][None], count, axis=0)
            if rng.random() < 0.6:
                there = rng.integers(0, spare, (1, 2), endpoint=True)
                corners = np.rint(np.linspace(corners[0], there[0], count)).astype(int)
        shown = [f[y : y + CELLS, x : x + CELLS] for f, (y, x) in zip(frames, corners, strict=True)]
        clip = np.stack(shown).astype(np.float32)
        return np.ascontiguousarray(clip[..., ::-1] if rng.random() < 0.5 else clip)


@dataclass(frozen=True)
class ToneBatches:
    """Batches of small shots, by their number."""

    samples: ToneSamples
    size: int
    seed: int
    device: torch.device
    rank: int = 0
    ranks: int = 1

    def batches(self, numbers: Iterable[int]) -> Iterator[Batch]:
        """Yield the batches of `numbers` in their order."""
        rows = range(self.rank * self.size, (self.rank + 1) * self.size)
        for number in numbers:
            drawn = [self.samples.sample(np.random.default_rng((self.seed, number, 1 + row))) for row in rows]
            clean, damaged = (
                torch.from_numpy(np.stack(planes))[:, None] for planes in zip(*drawn, strict=True)
            )
            none = clean.new_zeros(len(clean), 0, 3, 1, 1)
            yield Batch(clean, clean.new_zeros(len(clean), 2, 0, 1, 1), damaged, none).to(self.device)


def _damage_of(clip: Clip, folder: Path | None, seed: tuple[int, int], count: int) -> Float:
    """Return what damage adds to `count` small frames ``(K, 64, 64)``."""
    rng = np.random.default_rng(seed)
    edge, own = rng.uniform(*_EDGES), int(rng.integers(1 << 62))
    film: Degradation | None = None
    changes = []
    for index in np.sort(rng.integers(0, len(clip.frames), count)):
        frame = clip.frames[index]
        scale = edge / min(frame.shape[:2])
        size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
        luminance = rgb_to_lab(
            to_unit(np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8))
        )[0]
        if film is None:
            height, width = luminance.shape
            film = Degradation(own, height, width, DamageSplit.TRAINING, _LASTING, folder=folder)
        changes.append(_shrunk(film.apply(luminance, int(index)) - luminance, CELLS))
    return np.stack(changes)


def _printed(clip: Float, rng: np.random.Generator) -> Float:
    """Do to small frames ``(K, 64, 64)`` what camera, printer and age do to the tones of a film."""
    film, whole = Condition.drawn(rng), FrameWindow(CELLS, CELLS)
    edge = rng.uniform(*_EDGES)
    rows, columns = whole.rows(CELLS) - np.float32(0.5), whole.columns(CELLS) - np.float32(0.5)
    slow, light = rng.normal(), vignette((CELLS, CELLS), whole, film.vignetting, film.center)
    out = []
    for frame in clip:
        values = bleed(frame, film.bleed, CELLS / edge) if film.bleed else frame
        down, right, fast, change = rng.normal(size=4)
        level = 0.8 * (0.7 * slow + 0.7 * change) + 0.6 * fast + rows[:, None] * down + columns * right
        out.append(values * (1 + np.float32(film.flicker) * level) * light)
    return np.stack(out).astype(np.float32)


def _kept(rgb: Bytes) -> Float:
    """Return the luminance of a picture ``(H, W, 3)``, small, with half the digits."""
    small = _shrunk(rgb.astype(np.float32), _ROOM) / np.float32(255)
    return rgb_to_lab(np.clip(small, 0.0, 1.0))[0].astype(np.float16)


def _shrunk(picture: Float, cells: int) -> Float:
    return np.asarray(cv2.resize(picture, (cells, cells), interpolation=cv2.INTER_AREA), np.float32)
