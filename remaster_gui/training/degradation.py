"""Old film out of clean film: damage examples, grain and the faults that live in time (Sec. 4.4 and Fig. 6).

`Degradation` is the condition of one film. Examples of damage (generated, and scanned where a folder is
given) are laid over every frame anew, as additive noise; scratches, stains, vignetting, flicker and gate
weave belong to the film and evolve over it. All is a pure function of seed, frame size and frame index: a
frame looks the same whether it is degraded alone, within a clip or in the course of a whole film, and no
memory grows with the film.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.training.augmentation import TABLE_3, AlterationTarget, Augmentation, corrupt, draw, soften
from remaster_gui.training.damage import EDGE, DamageSplit, Example, generated_example
from remaster_gui.training.film_faults import (
    FrameWindow,
    add_gate_hair,
    add_grain,
    add_splice,
    bleed,
    lay_example,
    moved,
    stains,
    vignette,
)
from remaster_gui.training.film_time import Events, Wave
from remaster_gui.training.line_scratches import draw_scratch, make_scratches
from remaster_gui.training.scanned import ScannedDamage

PixelT = TypeVar("PixelT", np.uint8, np.float32)

NORMAL_EDGE = 400
"""The paper's pixels are meant for frames up to this shorter edge; on larger ones damage grows along."""

GENERATED_EXAMPLES = 128
"""Generated examples of each split at normal size; flips, angle, scale and place make each new every time."""


@dataclass(frozen=True)
class Strength:
    """How much of each fault there is, as a factor of what is usual (1); 0 leaves it out.

    Gate weave and softness move and blur the picture itself. They are off unless asked for: what is compared
    pixel by pixel with the clean film must lie where the clean film lies.
    """

    examples: float = 1.0
    scratches: float = 1.0
    grain: float = 1.0
    stains: float = 1.0
    vignetting: float = 1.0
    bleed: float = 1.0
    flicker: float = 1.0
    weave: float = 0.0
    softness: float = 0.0

    def times(self, factor: float) -> Self:
        """Return all faults multiplied alike."""
        return type(self)(*(getattr(self, field.name) * factor for field in fields(self)))


ALIGNED = Strength()
"""Damage that leaves every detail at its place: for training pairs and measurements."""

FILM = Strength(weave=1.0, softness=1.0)
"""Everything: for making an old film to look at."""


@dataclass(frozen=True)
class ExampleSource:
    """Where examples come from: the generator, and half of the time `folder` if there is one."""

    split: DamageSplit = DamageSplit.TRAINING
    folder: Path | None = None
    edge: int = EDGE

    def draw(self, rng: np.random.Generator) -> Example:
        """Draw one example. Of larger ones there are fewer, so that what is remembered keeps its size."""
        if self.folder is not None and rng.random() < 0.5:
            scanned = ScannedDamage.open(self.folder, self.split)
            return scanned.example(int(rng.integers(len(scanned))), self.edge)
        count = round(GENERATED_EXAMPLES * (EDGE / self.edge) ** 2)
        return generated_example(self.split, int(rng.integers(count)), self.edge)


@dataclass(frozen=True)
class Condition:
    """What one film has suffered, before any strength; drawn once from its seed."""

    layers: float  # examples per frame, on average
    white: float  # share of them that is added rather than subtracted
    scratches: float  # at a time
    white_scratches: float  # share of bright ones
    grain: float  # deviation in mid-tones
    grain_size: float
    stains: float  # luminance
    vignetting: float  # share of light lost in the corners
    bleed: float  # share of the highlights' light that spreads
    flicker: float  # relative deviation of the light
    weave: float
    softness: float
    center: tuple[float, float]  # of the vignette, (x, y) in [0, 1]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Draw a film's condition; most films lack some of the faults."""

        def sometimes(probability: float, low: float, high: float) -> float:
            happens, value = rng.random() < probability, rng.uniform(low, high)
            return float(value) if happens else 0.0

        return cls(
            layers=float(np.clip(rng.gamma(2.0, 0.9), 0.2, 6.0)),
            white=float(rng.uniform(0.0, 1.0)),
            scratches=sometimes(0.55, 0.3, 5.0),
            white_scratches=float(rng.uniform(0.0, 1.0)),
            grain=float(rng.uniform(0.004, 0.03)),
            grain_size=float(rng.uniform(0.35, 0.9)),
            stains=sometimes(0.25, 0.03, 0.14),
            vignetting=sometimes(0.4, 0.05, 0.3),
            bleed=sometimes(0.35, 0.05, 0.3),
            flicker=sometimes(0.75, 0.005, 0.04),
            weave=float(rng.uniform(0.2, 1.2)),
            softness=float(rng.uniform(0.3, 0.9)),
            center=(float(rng.normal(0.5, 0.06)), float(rng.normal(0.5, 0.06))),
        )


class Degradation:
    """The damage of one film; `apply` may be called for its frames in any order."""

    def __init__(
        self,
        seed: int,
        height: int,
        width: int,
        split: DamageSplit | str = DamageSplit.TRAINING,
        strength: Strength = ALIGNED,
        *,
        folder: Path | None = None,
        window: FrameWindow | None = None,
    ) -> None:
        """Draw the condition of film `seed` with frames of `height` x `width`.

        `split` decides which examples it may show, `folder` holds scanned ones, `window` says which part of a
        larger frame is meant (crops of training: vignetting and scratches belong to the whole frame).
        """
        rng = np.random.default_rng((seed, 0xF11))
        self._seed, self._shape, self._strength = seed, (height, width), strength
        self._window = window or FrameWindow(height, width)
        self.unit = max(1.0, min(height, width) / NORMAL_EDGE)
        """Times as large as in a frame of the normal size what damages a frame is drawn."""
        self._examples = ExampleSource(DamageSplit(split), folder, round(EDGE * min(self.unit, 2.0)))
        self._film = film = Condition.drawn(rng)
        seeds = [int(s) for s in rng.integers(1 << 62, size=16)]
        self._burst, self._stain_level, self._stain_seed = Wave(seeds[0], 12), Wave(seeds[1], 10), seeds[2]
        self._light = Wave(seeds[3], 40), Wave(seeds[4], 1.3)
        self._tilt = Wave(seeds[5], 3), Wave(seeds[6], 3)
        self._gate = (Wave(seeds[7], 18), Wave(seeds[8], 1.5)), (Wave(seeds[9], 18), Wave(seeds[10], 1.5))
        frames_across = self._window.width / (self.unit * NORMAL_EDGE * 4 / 3)
        concurrent = film.scratches * strength.scratches * frames_across
        self._scratches = make_scratches(seeds[11], concurrent, self.unit, film.white_scratches)
        self._gate_hairs = Events(seeds[12], strength.examples / 900, 60, 240, _own_seed)
        self._splices = Events(seeds[13], strength.examples / 500, 2, 2, _own_seed)
        lost = min(film.vignetting * strength.vignetting, 0.9)
        self._vignette = vignette(self._shape, self._window, lost, film.center) if lost else None

    def apply(self, frame: NDArray[PixelT], index: int) -> NDArray[PixelT]:
        """Degrade luma or luminance ``(height, width)``, uint8 or float32 in [0, 1]; a new array."""
        if frame.shape != self._shape:
            raise ValueError(f"frame of {frame.shape}, degradation for {self._shape}")
        values = frame.astype(np.float32)
        if frame.dtype == np.uint8:
            values *= np.float32(1 / 255)
        values = self._print(values, index)
        self._age(values, index)
        np.clip(values, 0.0, 1.0, out=values)
        if frame.dtype == np.uint8:
            values = np.rint(values * np.float32(255))
        return values.astype(frame.dtype, copy=False)

    def _print(self, values: Float, index: int) -> Float:
        """Do what camera, gate and printer do: weave, softness, bleeding highlights, vignetting, flicker."""
        film, strength = self._film, self._strength
        if strength.weave:
            values = moved(values, *self._weave(index))
        if strength.softness:
            size = film.softness * strength.softness * self.unit
            values = np.asarray(cv2.GaussianBlur(values, (0, 0), size), np.float32)
        if film.bleed * strength.bleed:
            values = bleed(values, film.bleed * strength.bleed, self.unit)
        if film.flicker * strength.flicker:
            slow, fast = (wave(index) for wave in self._light)
            down, right = (np.float32(wave(index)) for wave in self._tilt)
            rows = (self._window.rows(self._shape[0])[:, None] - np.float32(0.5)) * down
            columns = (self._window.columns(self._shape[1])[None] - np.float32(0.5)) * right
            light = np.float32(0.8 * slow + 0.6 * fast) + rows + columns
            values = values * (1 + np.float32(film.flicker * strength.flicker) * light)
        return values if self._vignette is None else values * self._vignette

    def _weave(self, index: int) -> tuple[float, float]:
        """Displacement (x, y) of the picture in pixels; a splice makes it jump."""
        amount = self._film.weave * self._strength.weave * self.unit
        x, y = (0.8 * slow(index) + 0.5 * fast(index) for slow, fast in self._gate)
        jump = 4.0 if any(event.start == index for event in self._splices.at(index)) else 0.0
        return amount * x, amount * (1.3 * y + jump)

    def _age(self, values: Float, index: int) -> None:
        """Add what happened to the print since, and its grain; changes `values`."""
        film, strength, window, unit = self._film, self._strength, self._window, self.unit
        rng = np.random.default_rng((self._seed, 0xF2A, index))
        stained = film.stains * strength.stains * max(0.0, 0.6 + self._stain_level(index))
        if stained:
            sign = 1.0 if film.white > 0.5 else -1.0
            stain = np.float32(sign * stained) * stains(self._shape, window, self._stain_seed, index, unit)
            values += stain * (
                np.float32(0.3) + np.float32(0.9) * values
            )  # it dims light, so the dark hides it
        for scratch in self._scratches.at(index):
            draw_scratch(values, scratch, index, window, unit)
        self._add_examples(values, index, rng)
        for hair in self._gate_hairs.at(index):
            add_gate_hair(values, window, hair.what, Wave(hair.what, 2.0)(index) * unit, unit)
        for splice in self._splices.at(index):
            add_splice(values, window, splice.what, splice.start < index, unit)
        if film.grain * strength.grain:
            add_grain(values, film.grain * strength.grain, film.grain_size * unit, rng)

    def _add_examples(self, values: Float, index: int, rng: np.random.Generator) -> None:
        mean = self._film.layers * float(np.exp(0.5 * self._burst(index))) * self._strength.examples
        for _ in range(min(int(rng.poisson(mean)), 12)):
            example = self._examples.draw(rng)
            sign = 1.0 if rng.random() < self._film.white else -1.0
            amplitude = sign * example.amplitude * rng.uniform(0.5, 1.5)
            values += lay_example(example, self._shape, self.unit, rng) * np.float32(amplitude / 255)


def _own_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 62))


def degrade_clip(
    luminance: NDArray[PixelT],
    seed: int,
    split: DamageSplit | str = DamageSplit.TRAINING,
    strength: Strength = ALIGNED,
    *,
    folder: Path | None = None,
    table: tuple[Augmentation, ...] = TABLE_3,
    window: FrameWindow | None = None,
) -> NDArray[PixelT]:
    """Make the networks' input x of clean luminance ``(T, H, W)``, uint8 or float32 in [0, 1].

    The result has the same shape and type and is a pure function of the arguments.
    The order is that of history: lens and print soften (rows for x of Table 3), time damages, the transfer
    adds noise and JPEG blocks (the other rows for x). An empty `table` leaves only the damage.
    """
    drawn = draw(table, AlterationTarget.SOURCE, np.random.default_rng((seed, 0x7AB1E)))
    whole = luminance.dtype == np.uint8
    values = luminance.astype(np.float32)
    if whole:
        values *= np.float32(1 / 255)
    values = soften(values, drawn)
    height, width = values.shape[1:]
    film = Degradation(seed, height, width, split, strength, folder=folder, window=window)
    values = np.stack([film.apply(frame, index) for index, frame in enumerate(values)])
    values = corrupt(values, drawn, np.random.default_rng((seed, 0x7A2)))
    if whole:
        values = np.rint(values * np.float32(255))
    return values.astype(luminance.dtype, copy=False)
