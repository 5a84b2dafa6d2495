"""Which frames of a film are run, which of them are references, and which are measured."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.timebase import FrameRange


@dataclass(frozen=True)
class Protocol:
    """The first `frames` frames of each film; every `every`-th is a reference, beginning with the first.

    `covered`: a third of the references is masked out, and only what shows there is measured. `fades`: the film's tones
    change, those of the references do not.
    """

    name: str
    frames: int
    every: int
    covered: bool = False
    fades: bool = False

    def references(self, length: int) -> tuple[int, ...]:
        """Return the indices of the references in a clip of `length` frames."""
        return tuple(range(0, length, self.every))


SHORT = Protocol("90", frames=90, every=90)
LONG = Protocol("300", frames=300, every=60)
"""The paper's two protocols of colourisation (Sec. 5.1)."""

UNSEEN = Protocol("unseen", frames=30, every=30, covered=True)
"""What no reference shows: things are followed from the masked parts of the first frame for about a second."""

FADES = Protocol("fades", frames=90, every=90, fades=True)
"""What fades, uneven exposure and old prints do to colour: brightness and contrast change, shots begin and end dark."""

PROTOCOLS = {protocol.name: protocol for protocol in (SHORT, LONG, UNSEEN, FADES)}

COVER = np.float32(0.5)
"""Grey that stands in place of what a reference does not show, so that nothing of it is given away."""
COVERED_SHARE, BLOB_SHARE = 1 / 3, 1 / 8
"""How much of a picture is masked out, and how large a blob is beside its shorter edge (standard deviation)."""

_LARGEST_CHANGE = 0.4
"""Of brightness and contrast, to either side."""
_WAVES = ((18, 40), (50, 90))
"""Shortest and longest wave of a change, in frames: a quick one, and a slow one of half its size."""
_DARK_FRAMES, _DARKEST = 6, 0.4
"""Frames at either end of a shot that are darkened, and the brightness of the first and the last."""

CUTS = "cuts"
"""Name of the protocol that `cut_together` builds."""

CUT_SEGMENT = 20
"""Frames between two cuts of that protocol."""


@dataclass(frozen=True, eq=False)
class Case:
    """A film as it was, and what is asked of a method.

    ``rgb`` ``(T, H, W, 3)`` sRGB uint8, H and W multiples of 16. ``references``: indices of the frames
    whose colours a method is given. ``measured``: ranges that it has to deliver, in order, each of them one
    shot (or a piece of one). Reference frames within them count like any other frame. ``short``: says
    which film was too short for the protocol, and how many frames it gave. ``covered`` ``(H, W)``: what
    is masked out of the references, and alone is measured; None: all is seen, and all is measured.
    ``fades``: methods see the film in other tones than its references.
    """

    name: str
    rgb: Bytes
    references: tuple[int, ...]
    measured: tuple[FrameRange, ...]
    short: str = ""
    covered: NDArray[np.bool_] | None = None
    fades: bool = False

    def reference(self, index: int) -> Float:
        """Return what is shown of a reference: sRGB ``(H, W, 3)`` in [0, 1]."""
        picture = to_unit(self.rgb[index])
        return picture if self.covered is None else np.where(self.covered[..., None], COVER, picture)

    @property
    def measured_count(self) -> int:
        """Number of frames measured."""
        return sum(len(span) for span in self.measured)

    @cached_property
    def luminance(self) -> Float:
        """True luminance ``(T, H, W)`` in [0, 1]."""
        return np.stack([rgb_to_lab(to_unit(frame))[0] for frame in self.rgb])

    @property
    def shown_luminance(self) -> Float:
        """Luminance ``(T, H, W)`` in [0, 1] as methods see it."""
        return faded(self.luminance, self.seed) if self.fades else self.luminance

    def chrominance(self, index: int) -> Float:
        """Return the true chrominance ``(H, W, 2)`` in [0, 1] of one frame."""
        return rgb_to_lab(to_unit(self.rgb[index]))[1]

    @property
    def seed(self) -> int:
        """Seed of everything random that is done to this film; depends on its name alone."""
        return int.from_bytes(
            hashlib.blake2b(self.name.encode("utf-8", "surrogateescape"), digest_size=4).digest()
        )


def whole_clip(name: str, rgb: Bytes, protocol: Protocol, references: int | None = None) -> Case:
    """Apply a protocol to a film; all frames of a shorter one are taken.

    `references`: at most so many of the protocol's references (0: automatic colourisation).
    """
    clip = rgb[: protocol.frames]
    short = "" if len(clip) == protocol.frames else f"{name} ({len(clip)})"
    case = Case(name, clip, protocol.references(len(clip))[:references], (FrameRange(0, len(clip)),), short)
    case = replace(case, fades=protocol.fades)
    if not protocol.covered:
        return case
    _, height, width, _ = clip.shape
    return replace(case, covered=blobs(height, width, case.seed))


def blobs(height: int, width: int, seed: int) -> NDArray[np.bool_]:
    """Return a third of a picture ``(H, W)``, in a few random blobs."""
    rough = np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(rough, (0, 0), min(height, width) * BLOB_SHARE)
    return np.asarray(smooth > np.quantile(smooth, 1 - COVERED_SHARE))


def faded(luminance: Float, seed: int) -> Float:
    """Change brightness and contrast of luminance ``(T, H, W)`` smoothly, and darken both ends; never leaves [0, 1]."""
    rng, frames = np.random.default_rng(seed), np.arange(len(luminance))
    brightness, contrast = (1 + _LARGEST_CHANGE * _swing(rng, frames) for _ in range(2))
    from_end = np.minimum(frames, frames[::-1]) / _DARK_FRAMES
    brightness *= _DARKEST + (1 - _DARKEST) * from_end.clip(max=1)
    means = luminance.mean(axis=(1, 2), keepdims=True)
    changed = brightness[:, None, None] * (means + contrast[:, None, None] * (luminance - means))
    return np.asarray(changed.clip(0, 1), np.float32)


def _swing(rng: np.random.Generator, frames: NDArray[np.int_]) -> NDArray[np.float64]:
    """Draw something between -1 and 1 that changes smoothly over frames."""
    quick, slow = (np.sin(2 * np.pi * (frames / rng.uniform(*wave) + rng.uniform())) for wave in _WAVES)
    return np.asarray((2 * quick + slow) / 3)


def sampled_clip(name: str, rgb: Bytes, protocol: Protocol, windows: int, length: int) -> Case:
    """Measure only `windows` windows of `length` frames, evenly spread up to the clip's end: a quick look."""
    whole = whole_clip(name, rgb, protocol)
    count = len(whole.rgb)
    length = min(length, count)
    starts = np.linspace(0, count - length, windows + 1).round().astype(int)[1:]
    apart = sorted({int(start) for start in starts})
    spans: list[FrameRange] = []
    for start in apart:
        first = max(start, spans[-1].stop) if spans else start
        spans.append(FrameRange(first, start + length))
    return Case(name, whole.rgb, whole.references, tuple(spans), whole.short)


def cut_together(first: tuple[str, Bytes], second: tuple[str, Bytes], references: int | None = None) -> Case:
    """Cut two films together alternately: A0 B0 A1 B1, each part `CUT_SEGMENT` frames or half of its film.

    References are the first frames of A0 and B0; only A1 and B1 are measured, so colours have to cross a cut.
    The wider film is cropped evenly to the width of the narrower one, and heights likewise.
    """
    (name_a, a), (name_b, b) = first, second
    size = min(a.shape[1], b.shape[1]), min(a.shape[2], b.shape[2])
    length_a, length_b = (min(CUT_SEGMENT, len(film) // 2) for film in (a, b))
    name = f"{name_a} | {name_b}"
    if not length_a or not length_b:
        raise SettingsError(f"{name} cannot be cut together alternately; each film needs two frames.")
    a, b = _cropped(a, size), _cropped(b, size)
    rgb = np.concatenate([a[:length_a], b[:length_b], a[length_a : 2 * length_a], b[length_b : 2 * length_b]])
    last_a = length_a + length_b
    last_b = last_a + length_a
    lengths = ((name_a, length_a), (name_b, length_b))
    short = ", ".join(f"{film} (2 x {length})" for film, length in lengths if length < CUT_SEGMENT)
    return Case(
        name,
        rgb,
        (0, length_a)[:references],
        (FrameRange(last_a, last_b), FrameRange(last_b, last_b + length_b)),
        short,
    )


def _cropped(film: Bytes, size: tuple[int, int]) -> Bytes:
    top, left = ((have - want) // 2 for have, want in zip(film.shape[1:3], size, strict=True))
    return film[:, top : top + size[0], left : left + size[1]]
