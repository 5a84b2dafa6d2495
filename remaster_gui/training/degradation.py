"""Old film out of clean film: damage examples, grain and the faults that live in time (Sec. 4.4 and Fig. 6).

`Degradation` is the condition of one film. Examples of damage (generated, and scanned where a folder is
given) are laid over every frame anew, as additive noise; scratches, stains, vignetting, flicker and gate
weave belong to the film and evolve over it. All is a pure function of seed, frame size and frame index: a
frame looks the same whether it is degraded alone, within a clip or in the course of a whole film.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.training.augmentation import TABLE_3, Row, Target, corrupt, draw, soften
from remaster_gui.training.damage import EDGE, Example, Split, draw_hair, generated_example
from remaster_gui.training.film_time import Events, Wave
from remaster_gui.training.line_scratches import draw_scratch, make_scratches
from remaster_gui.training.scanned import ScannedDamage

Float = NDArray[np.float32]
PixelT = TypeVar("PixelT", np.uint8, np.float32)

SMALLEST, LARGEST = 256, EDGE
"""Shorter edge at which an example is laid over a frame: U(256, 720) pixels."""

NORMAL_EDGE = 400
"""Frames up to this shorter edge are what those pixels are meant for; on larger ones damage grows along."""

GENERATED_EXAMPLES = 128
"""Different generated examples of each split; flips, angle, scale and place make each new every time."""


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

    split: Split = Split.TRAINING
    folder: Path | None = None
    edge: int = EDGE

    def draw(self, rng: np.random.Generator) -> Example:
        """Draw one example."""
        if self.folder is not None and rng.random() < 0.5:
            scanned = ScannedDamage.open(self.folder, self.split)
            return scanned.example(int(rng.integers(len(scanned))), self.edge)
        return generated_example(self.split, int(rng.integers(GENERATED_EXAMPLES)), self.edge)


@dataclass(frozen=True)
class Window:
    """Part of a whole frame of `height` x `width` whose upper left corner lies at (`top`, `left`)."""

    height: int
    width: int
    top: int = 0
    left: int = 0


@dataclass(frozen=True)
class _Condition:
    """What one film has suffered, before the strengths: drawn once from its seed."""

    layers: float  # examples per frame, on average
    white: float  # share of them that is added rather than subtracted
    scratches: float  # at a time, on a frame 400 pixels high
    white_scratches: float
    grain: float  # deviation in mid-tones
    grain_size: float  # pixels
    stains: float  # luminance
    vignetting: float  # share of light lost in the corners
    bleed: float  # share of the highlights' light that spreads
    flicker: float  # relative deviation of the light
    weave: float  # pixels
    softness: float  # pixels

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
            grain=float(rng.uniform(0.008, 0.04)),
            grain_size=float(rng.uniform(0.35, 0.9)),
            stains=sometimes(0.25, 0.03, 0.14),
            vignetting=sometimes(0.4, 0.05, 0.3),
            bleed=sometimes(0.35, 0.05, 0.3),
            flicker=sometimes(0.75, 0.005, 0.04),
            weave=float(rng.uniform(0.2, 1.2)),
            softness=float(rng.uniform(0.3, 0.9)),
        )


class Degradation:
    """The damage of one film; `apply` may be called for its frames in any order."""

    def __init__(
        self,
        seed: int,
        height: int,
        width: int,
        split: Split | str = Split.TRAINING,
        strength: Strength = ALIGNED,
        folder: Path | None = None,
        window: Window | None = None,
    ) -> None:
        """Draw the condition of film `seed` with frames of `height` x `width`.

        `split` decides which examples it may show, `folder` holds scanned ones, `window` says which part of a
        larger frame is meant (crops of training: vignetting and scratches belong to the whole frame).
        """
        rng = np.random.default_rng((seed, 0xF11))
        self._seed = seed
        self._shape = (height, width)
        self._window = window or Window(height, width)
        self._strength = strength
        self._unit = max(1.0, min(height, width) / NORMAL_EDGE)
        edge = round(EDGE * min(self._unit, 2.0))
        self._examples = ExampleSource(Split(split), folder, edge)
        self._film = film = _Condition.drawn(rng)
        seeds = [int(s) for s in rng.integers(1 << 62, size=16)]
        self._burst, self._slow, self._fast = Wave(seeds[0], 12), Wave(seeds[1], 40), Wave(seeds[2], 1.3)
        self._tilt = Wave(seeds[3], 3.0), Wave(seeds[4], 3.0)
        self._gate = [(Wave(seeds[5 + k], 1.5), Wave(seeds[7 + k], 18)) for k in range(2)]
        self._stain_level = Wave(seeds[9], 10)
        self._stain_seed = seeds[10]
        per_width = self._window.width / (self._unit * NORMAL_EDGE * 4 / 3)
        concurrent = film.scratches * strength.scratches * per_width
        self._scratches = make_scratches(seeds[11], concurrent, self._unit, film.white_scratches)
        self._gate_hairs = Events(seeds[12], 1 / 900 * strength.examples, 240, _make_gate_hair)
        self._splices = Events(seeds[13], 1 / 500 * strength.examples, 2, _make_splice)
        self._center = rng.normal(0.5, 0.06, 2)
        self._light = self._vignette()

    def apply(self, frame: NDArray[PixelT], index: int) -> NDArray[PixelT]:
        """Degrade luma or luminance ``(height, width)``, uint8 or float32 in [0, 1]; same type, a new array."""
        if frame.shape != self._shape:
            raise ValueError(f"frame of {frame.shape}, degradation for {self._shape}")
        values = frame.astype(np.float32)
        if frame.dtype == np.uint8:
            values *= np.float32(1 / 255)
        values = self._print(values, index)
        self._add_stains(values, index)
        for event in self._scratches.at(index):
            window = self._window
            full, corner = (window.height, window.width), (window.top, window.left)
            draw_scratch(values, event, index, full, corner, self._unit)
        rng = np.random.default_rng((self._seed, 0xF2A, index))
        self._add_examples(values, index, rng)
        self._add_gate_hairs(values, index)
        self._add_splices(values, index)
        self._add_grain(values, rng)
        np.clip(values, 0.0, 1.0, out=values)
        if frame.dtype == np.uint8:
            values = np.rint(values * 255)
        return values.astype(frame.dtype)

    def _weave(self, index: int) -> tuple[float, float]:
        """Displacement (x, y) of the picture at a frame in pixels, before the strength."""
        amount = self._film.weave * self._unit
        x, y = (0.5 * fast(index) + 0.8 * slow(index) for fast, slow in self._gate)
        jump = 6.0 * self._unit if any(event.start == index for event in self._splices.at(index)) else 0.0
        return amount * x, amount * y * 1.3 + jump

    def _print(self, values: Float, index: int) -> Float:
        """Do what lens, gate and printer do: weave, softness, bleeding highlights, vignetting, flicker."""
        film, strength = self._film, self._strength
        if strength.weave:
            dx, dy = (strength.weave * d for d in self._weave(index))
            move = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
            size = (values.shape[1], values.shape[0])
            values = cv2.warpAffine(
                values, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
            )
        if strength.softness:
            values = cv2.GaussianBlur(values, (0, 0), film.softness * strength.softness * self._unit)
        if film.bleed * strength.bleed:
            values = _bleed(values, film.bleed * strength.bleed, 8 * self._unit)
        gain: float | Float = 1.0
        if film.flicker * strength.flicker:
            wave = 0.6 * self._fast(index) + 0.8 * self._slow(index)
            gain = 1.0 + film.flicker * strength.flicker * wave
            rows = self._ramp(0, self._tilt[0](index))[:, None]
            columns = self._ramp(1, self._tilt[1](index))[None]
            gain = np.asarray(gain + film.flicker * strength.flicker * (rows + columns), np.float32)
        if self._light is not None:
            gain = gain * self._light
        return np.asarray(values * gain, np.float32)

    def _ramp(self, axis: int, slope: float) -> Float:
        window = self._window
        length = (window.height, window.width)[axis]
        first = (window.top, window.left)[axis]
        places = (first + np.arange(self._shape[axis], dtype=np.float32)) / length - 0.5
        return places * np.float32(slope)

    def _vignette(self) -> Float | None:
        """Light that reaches each pixel, ``(height, width)``, or None where nothing is lost."""
        amount = self._film.vignetting * self._strength.vignetting
        if not amount:
            return None
        window = self._window
        y = (window.top + np.arange(self._shape[0], dtype=np.float32)) / window.height - self._center[0]
        x = (window.left + np.arange(self._shape[1], dtype=np.float32)) / window.width - self._center[1]
        squared = (y[:, None] ** 2 + x[None] ** 2) * 2
        return np.asarray(1.0 - min(amount, 0.9) * squared**1.5, np.float32)

    def _add_stains(self, values: Float, index: int) -> None:
        """Damp stains: clouds with tide lines. The clouds stretch over several frames, the mottling is new in each."""
        amount = self._film.stains * self._strength.stains * max(0.0, 0.6 + self._stain_level(index))
        if not amount:
            return
        window, side = self._window, 110 * self._unit
        scale = 4  # clouds are soft: a quarter of the resolution shows all of them
        grid_y = (window.top + np.arange(0, self._shape[0] + scale, scale)) / side
        grid_x = (window.left + np.arange(0, self._shape[1] + scale, scale)) / side
        field = _cloud(self._stain_seed, grid_y, grid_x, index / 6.0)
        field += 0.5 * _cloud(self._stain_seed + 1, grid_y * 2.7, grid_x * 2.7, index / 2.5)
        field += 0.35 * _cloud(self._stain_seed + 2, grid_y * 7, grid_x * 7, float(index))
        inside = 1 / (1 + np.exp(-9 * (field - 0.5)))
        line = np.exp(-(((field - 0.5) / 0.09) ** 2))
        stain = (0.75 * inside + 0.5 * line).astype(np.float32)
        size = (stain.shape[1] * scale, stain.shape[0] * scale)
        grown = cv2.resize(stain, size, interpolation=cv2.INTER_LINEAR)
        sign = 1.0 if self._film.white > 0.5 else -1.0
        values += np.float32(sign * amount) * grown[: self._shape[0], : self._shape[1]]

    def _add_examples(self, values: Float, index: int, rng: np.random.Generator) -> None:
        mean = self._film.layers * float(np.exp(0.5 * self._burst(index))) * min(self._strength.examples, 3.0)
        for _ in range(min(int(rng.poisson(mean)), 12)):
            example = self._examples.draw(rng)
            sign = 1.0 if rng.random() < self._film.white else -1.0
            amplitude = sign * example.amplitude * rng.uniform(0.5, 1.5)
            laid = lay_example(example, self._shape, self._unit, rng)
            values += laid * np.float32(amplitude / 255)

    def _add_gate_hairs(self, values: Float, index: int) -> None:
        window = self._window
        for event in self._gate_hairs.at(index):
            rng = np.random.default_rng(event.what)
            side, place = rng.random() < 0.5, rng.uniform(0.05, 0.95)
            jitter = Wave(event.what, 2.0)(index) * self._unit
            start = (place * window.width - window.left + jitter, side * window.height - window.top)
            hair = np.zeros(self._shape, np.uint8)
            length = rng.uniform(20, 90) * self._unit
            draw_hair(hair, start, length, rng.uniform(0.8, 1.8) * self._unit, 255, rng)
            values -= np.float32(0.5 / 255) * cv2.GaussianBlur(hair, (0, 0), 0.7 * self._unit)

    def _add_splices(self, values: Float, index: int) -> None:
        """Cement splices: a bright and a dark line with smears of glue across the top of one frame."""
        window = self._window
        for event in self._splices.at(index):
            rng = np.random.default_rng((event.what, index - event.start))
            middle = window.height * (0.03 if event.start == index else 0.985) + rng.normal(0, 1) * self._unit
            rows = np.arange(self._shape[0], dtype=np.float32) + window.top - np.float32(middle)
            band = np.exp(-((rows / (rng.uniform(1.5, 5) * self._unit)) ** 2))
            line = np.exp(-((rows / (0.8 * self._unit)) ** 2))
            columns = cv2.resize(rng.normal(1, 0.4, (1, 24)).astype(np.float32), (self._shape[1], 1))
            values += (0.25 * band)[:, None] * columns - (0.5 * line)[:, None]

    def _add_grain(self, values: Float, rng: np.random.Generator) -> None:
        """Grain, strongest in mid-tones, as silver halide shows it."""
        amount = self._film.grain * self._strength.grain
        if not amount:
            return
        noise = rng.standard_normal(self._shape, dtype=np.float32)
        size = self._film.grain_size * self._unit
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        # Blurring white noise by a Gaussian of deviation s divides its deviation by about 2 s sqrt(pi), at
        # least 1.
        restored = amount * max(1.0, 2 * size * float(np.sqrt(np.pi)))
        tone = np.clip(values, 0.0, 1.0)
        values += noise * (np.float32(restored) * (0.35 + 2.6 * tone * (1 - tone)))


def _bleed(values: Float, amount: float, reach: float) -> Float:
    """Spread the light of the highlights over their surroundings (halation)."""
    bright = np.clip(values - 0.55, 0.0, None)
    small = cv2.resize(bright, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    glow = cv2.GaussianBlur(small, (0, 0), reach / 4, borderType=cv2.BORDER_REPLICATE)
    grown = cv2.resize(glow, (values.shape[1], values.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(values + np.float32(2 * amount) * grown, np.float32)


def _cloud(seed: int, rows: NDArray[np.float64], columns: NDArray[np.float64], time: float) -> Float:
    """Value noise at ``rows x columns`` (in cells) that changes from one whole `time` to the next."""
    top, left = int(rows[0]), int(columns[0])
    shape = (int(rows[-1]) - top + 3, int(columns[-1]) - left + 3)
    now = int(np.floor(time))
    part = np.float32(time - now)
    # The lattice is drawn from (seed, time) as a whole; windows of one frame share no cells, and need not.
    grids = [
        np.random.default_rng((seed, step + (1 << 32), top, left)).standard_normal(shape, dtype=np.float32)
        for step in (now, now + 1)
    ]
    mixed = grids[0] * (1 - part) + grids[1] * part
    map_x, map_y = np.meshgrid((columns - left).astype(np.float32), (rows - top).astype(np.float32))
    return cv2.remap(mixed, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def _make_gate_hair(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(8, 200)), int(rng.integers(1 << 62))


def _make_splice(rng: np.random.Generator) -> tuple[int, int]:
    return 2, int(rng.integers(1 << 62))


def lay_example(
    example: Example, shape: tuple[int, int], unit: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Scale, flip, turn and crop an example for a frame of `shape`, as Sec. 4.4 says; ``shape`` uint8.

    Shorter edge U(256, 720) times `unit`, but large enough to cover the frame; flips with probability 1/2
    each; angle U(-5, 5) degrees.
    """
    height, width = shape
    native_height, native_width = example.levels[0].shape
    covering = max(height, width * native_height / native_width)
    high = LARGEST * unit
    edge = rng.uniform(min(max(SMALLEST * unit, covering), high), high)
    level = example.levels[0]
    for smaller in example.levels[1:]:
        if smaller.shape[0] >= 0.9 * edge:
            level = smaller
    scale = edge / level.shape[0]
    horizontal, vertical = (-1.0 if rng.random() < 0.5 else 1.0 for _ in range(2))
    angle = np.deg2rad(rng.uniform(-5, 5))
    slack_x = max(0.0, level.shape[1] - width / scale) / 2
    slack_y = max(0.0, level.shape[0] - height / scale) / 2
    x = level.shape[1] / 2 + rng.uniform(-slack_x, slack_x)
    y = level.shape[0] / 2 + rng.uniform(-slack_y, slack_y)
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    a, b, c, d = horizontal * cos, -vertical * sin, horizontal * sin, vertical * cos
    back = np.array([[a, b, x - a * width / 2 - b * height / 2], [c, d, y - c * width / 2 - d * height / 2]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(level, back, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return laid.astype(np.uint8, copy=False)


def degrade_clip(
    luminance: NDArray[PixelT],
    seed: int,
    split: Split | str = Split.TRAINING,
    strength: Strength = ALIGNED,
    folder: Path | None = None,
    table: tuple[Row, ...] = TABLE_3,
    window: Window | None = None,
) -> NDArray[PixelT]:
    """Make the networks' input x of clean luminance ``(T, H, W)``, uint8 or float32 in [0, 1]; same shape and type.

    The order is that of history: lens and print soften (rows for x of Table 3), time damages, the transfer
    adds noise and JPEG blocks (the other rows for x). An empty `table` leaves only the damage. A pure
    function of its arguments.
    """
    rng = np.random.default_rng((seed, 0x7AB1E))
    drawn = draw(table, Target.SOURCE, rng)
    whole = luminance.dtype == np.uint8
    values = luminance.astype(np.float32) / np.float32(255) if whole else luminance.astype(np.float32)
    values = soften(values, drawn)
    film = Degradation(seed, *luminance.shape[1:], split, strength, folder, window)
    values = np.stack([film.apply(frame, index) for index, frame in enumerate(values)])
    values = corrupt(values, drawn, rng)
    return (np.rint(values * 255) if whole else values).astype(luminance.dtype)
