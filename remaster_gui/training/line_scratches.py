"""Vertical scratches: lines that a grain of dirt in the gate cuts into the running film.

They persist over many frames, wander slowly sideways, and continue from one frame to the next because the
film does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remaster_gui.base.arrays import Float
from remaster_gui.training.film_faults import FrameWindow
from remaster_gui.training.film_time import Event, Events, Wave, along

MEAN_LENGTH, LONGEST = 60.0, 240
"""Frames that a scratch lasts on average and at most."""

_REACH = 4.0
"""How far from its middle a scratch is drawn, in multiples of its width."""


@dataclass(frozen=True)
class Scratch:
    """One scratch: place as a fraction of the frame's width, lengths in pixels, strength in luminance.

    `strength` is positive for a bright line (emulsion gone) and negative for a dark one (groove in the base);
    `broken` in [0, 1] says how much of it fails to print; `rim` is the strength of the opposite lines beside
    it.
    """

    seed: int
    place: float
    width: float
    strength: float
    wander: float
    broken: float
    rim: float


def make_scratches(seed: int, concurrent: float, unit: float, white: float) -> Events[Scratch]:
    """Return the scratches of a film that shows `concurrent` at a time, the share `white` of them bright."""

    def make(rng: np.random.Generator) -> Scratch:
        sign = 1.0 if rng.random() < white else -1.0
        return Scratch(
            seed=int(rng.integers(1 << 62)),
            place=rng.uniform(0.01, 0.99),
            width=unit * float(np.exp(rng.uniform(np.log(0.35), np.log(1.3)))),
            strength=sign * (0.03 + 0.37 * rng.random() ** 2),
            wander=unit * float(np.exp(rng.uniform(np.log(0.3), np.log(6.0)))),
            broken=rng.uniform(0.0, 1.0),
            rim=rng.uniform(0.0, 0.5) if rng.random() < 0.4 else 0.0,
        )

    return Events(seed, concurrent / MEAN_LENGTH, MEAN_LENGTH, LONGEST, make)


def draw_scratch(frame: Float, event: Event[Scratch], index: int, window: FrameWindow, unit: float) -> None:
    """Add a scratch to `frame` ``(h, w)``, which shows `window` of the whole frame."""
    scratch = event.what
    height, width = frame.shape
    slow, fast = Wave(scratch.seed, 25.0), Wave(scratch.seed + 1, 2.0)
    x = scratch.place * window.width + scratch.wander * slow(index) + 0.15 * unit * fast(index) - window.left
    slope = 0.004 * Wave(scratch.seed + 2, 60.0)(index)
    strip = index * window.height + window.top  # row of the strip of film that the frame's first row is
    rows = np.arange(height, dtype=np.float32)
    bend = unit * 0.3 * along(scratch.seed + 3, strip, height, 60 * unit)
    middle = (x + slope * (rows + window.top - window.height / 2) + bend).astype(np.float32)
    reach = scratch.width * _REACH + 1
    first, last = int(np.floor(middle.min() - reach)), int(np.ceil(middle.max() + reach)) + 1
    first, last = max(first, 0), min(last, width)
    if first >= last:
        return
    coarse = along(scratch.seed + 4, strip, height, 90 * unit)
    fine = along(scratch.seed + 5, strip, height, 3 * unit)
    # Broken: the coarse texture decides where it fails; a young or dying scratch hardly touches the film.
    density = np.clip(1.2 - scratch.broken * (1.0 + 0.9 * coarse) + 0.25 * fine, 0.0, 1.2)
    density *= min(1.0, 4 * event.age(index), 4 * (1 - event.age(index)))
    offset = (np.arange(first, last, dtype=np.float32)[None] - middle[:, None]) / np.float32(scratch.width)
    profile = np.exp(-0.5 * offset**2)
    if scratch.rim:
        profile = profile * np.float32(1 + scratch.rim) - np.float32(scratch.rim) * np.exp(-0.125 * offset**2)
    frame[:, first:last] += np.float32(scratch.strength) * density[:, None] * profile
