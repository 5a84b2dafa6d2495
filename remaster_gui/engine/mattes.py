"""Mattes of a frame: how much of each pixel has which of the film's named colours; free of networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.named_colors import Chroma, Recoloring

FAINTEST = 32
"""Level, of 255, that a name has to reach anywhere on a frame to be on it at all."""
_TURNING = 12.0
"""Chroma from which a colour is turned and its saturation scaled; greyer ones are shifted, having no hue to turn."""
_NEAR = 20.0
"""Units of Lab by which a colour may be off the mean's hue until it is turned no more than 1/e."""
_MOST_VIVID = 1.5
"""How many times as vivid as the mean a colour of the same thing is at most."""
_MOST_RATIO = 3.0
"""How many times as far from the mean a colour may come to lie: noise grows with it."""


@dataclass(frozen=True, slots=True)
class NameSums:
    """What a name has of some frames, summed: its share of them, and that share times a and b."""

    share: float = 0.0
    a: float = 0.0
    b: float = 0.0

    def __add__(self, other: NameSums) -> NameSums:
        """Count both."""
        return NameSums(self.share + other.share, self.a + other.a, self.b + other.b)

    @property
    def color(self) -> Chroma:
        """Mean colour; of a share above 0."""
        return self.a / self.share, self.b / self.share


def added(some: Mapping[str, NameSums], others: Mapping[str, NameSums]) -> dict[str, NameSums]:
    """Count the names of both."""
    nothing = NameSums()
    return {name: some.get(name, nothing) + others.get(name, nothing) for name in {**some, **others}}


@dataclass(frozen=True, slots=True, eq=False)
class Mattes:
    """Names that are on a frame, and their mattes ``(K, h, w)`` uint8 of 255, read-only, at the working size.

    sums: of each, with the colours that references have, whatever is wanted instead.
    """

    names: tuple[str, ...]
    planes: Bytes
    sums: tuple[NameSums, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return self.planes.nbytes

    def of(self, name: str) -> Bytes | None:
        """Return the matte of a name ``(h, w)``; None where it is not on the frame."""
        return self.planes[self.names.index(name)] if name in self.names else None

    @property
    def by_name(self) -> Mapping[str, NameSums]:
        """The sums of each name."""
        return dict(zip(self.names, self.sums, strict=True))


def mattes_of(names: Sequence[str], planes: Bytes, chrominance: Float) -> Mattes:
    """Keep those of the mattes ``(K, h, w)`` that are on a frame with this chrominance ``(h, w, 2)``."""
    there = [number for number in range(len(names)) if planes[number].max() >= FAINTEST]
    kept = np.ascontiguousarray(planes[there])
    kept.flags.writeable = False
    return Mattes(tuple(names[number] for number in there), kept, _sums_of(chrominance, kept))


def recolored(chrominance: Float, mattes: Mattes | None, recolorings: Sequence[Recoloring]) -> Float:
    """Return chrominance ``(h, w, 2)`` in [0, 1] with names in other colours, each as far as its matte says.

    The mean colour becomes just the one that is wished. What is like it keeps its place relative to it, turned in hue
    and scaled in saturation as the mean is, so lights and shades stay those of one colour. What is of another hue, at
    edges and where a matte errs, is something else that shines through, and is shifted as far as the matte says; so is
    all where the mean is nearly grey and has no hue that could be turned. Values are held in [0, 1]; RGB is held in
    gamut where pictures are composed.
    """
    changes = [each for each in recolorings if each.before != each.after]
    if mattes is None or not any(each.name in mattes.names for each in changes):
        return chrominance
    color = (chrominance - np.float32(NEUTRAL)) * np.float32(255)
    seen = np.ascontiguousarray(color[..., 0] + 1j * color[..., 1], np.complex64)
    moved = np.zeros_like(seen)
    for each in changes:
        matte = mattes.of(each.name)
        if matte is not None:
            moved += _moved(seen, matte * np.float32(1 / 255), each)
    seen += moved
    result: Float = np.stack([seen.real, seen.imag], axis=-1) / np.float32(255) + np.float32(NEUTRAL)
    held: Float = np.clip(result, 0.0, 1.0, dtype=np.float32)
    return held


def recolored_mean(color: Chroma, change: Recoloring) -> Chroma:
    """Return what becomes of a colour where its name is altogether."""
    seen = np.array([complex(*color)], np.complex64)
    found = (seen + _moved(seen, np.ones(1, np.float32), change))[0]
    return float(found.real), float(found.imag)


def _moved(seen: np.ndarray[Any, Any], matte: Float, change: Recoloring) -> np.ndarray[Any, Any]:
    """Return by how much colours move, a and b as complex numbers."""
    before, after = complex(*change.before), complex(*change.after)
    chroma = abs(before)
    turn = after / before if chroma > 1e-3 else 1.0 + 0j
    turn *= min(1.0, _MOST_RATIO / max(abs(turn), 1e-6))
    turn = (turn - 1) * min(1.0, chroma / _TURNING) ** 2
    away = seen - np.complex64(before)
    # What is paler or somewhat more vivid than the mean is of the same thing, in the light or in the shade.
    along = (seen * np.complex64(before.conjugate())).real / np.float32(max(chroma**2, 1e-6))
    off = seen - along.clip(0, _MOST_VIVID) * np.complex64(before)
    near = np.exp(-(off.real**2 + off.imag**2) / np.float32(_NEAR**2))
    moved: np.ndarray[Any, Any] = matte * (
        np.complex64(after - before) + np.complex64(turn) * (matte * near) * away
    )
    return moved


def _sums_of(chrominance: Float, planes: Bytes) -> tuple[NameSums, ...]:
    color = (chrominance.reshape(-1, 2) - np.float32(NEUTRAL)) * np.float32(255)
    weights = planes.reshape(len(planes), len(color)) * np.float32(1 / 255)
    shares, colors = weights.mean(1, dtype=np.float64), weights @ color / len(color)
    return tuple(
        NameSums(float(share), float(a), float(b)) for share, (a, b) in zip(shares, colors, strict=True)
    )
