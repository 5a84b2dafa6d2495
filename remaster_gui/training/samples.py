"""Samples as the paper's Sec. 4.2 describes them, and the variant that teaches attention to match.

Everything random is drawn from the generator handed in, so a sample is a pure function of its seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL, lab_to_rgb, rgb_to_lab, to_unit
from remaster_gui.base.errors import SettingsError
from remaster_gui.training.augmentation import (
    TABLE_3,
    AlterationTarget,
    Augmentation,
    CropView,
    Draw,
    change_tones,
    corrupt,
    crop,
    draw,
    draw_view,
)
from remaster_gui.training.damage import DamageSplit as DamageSplit
from remaster_gui.training.degradation import ALIGNED, Strength, degrade_clip
from remaster_gui.training.film_faults import FrameWindow
from remaster_gui.training.library import Clip, ClipLibrary


@dataclass(frozen=True)
class PaperReferences:
    """References of Sec. 4.2: 0 to `most`, the first within `near` frames of the input, others anywhere."""

    most: int = 6
    near: int = 5

    def count(self, rng: np.random.Generator) -> int:
        """Draw how many references the samples of one batch have."""
        return int(rng.integers(0, self.most, endpoint=True))


@dataclass(frozen=True)
class MatchingReferences:
    """References that show the source again, moved, plus distractors: from these attention learns to match.

    The first reference is a frame of the same clip at most `within` frames away (None: anywhere in the clip),
    moved by up to `shift` of the crop's edge, turned by up to `angle` degrees and scaled by a factor within
    `zoom`; then come 0 to `distractors` frames of other films. With probability `hue` the chrominance of the
    source and of all its references is turned by one random angle (colours must be carried, not guessed);
    with probability `tone` the source's luminance gets another gain, offset and gamma (a film's tones are not
    those of its references). The share `absent` of all batches has no reference at all.
    """

    within: int | None = 20
    shift: float = 0.25
    angle: float = 8.0
    zoom: tuple[float, float] = (0.8, 1.2)
    distractors: int = 2
    hue: float = 0.5
    tone: float = 0.3
    absent: float = 0.0

    def count(self, rng: np.random.Generator) -> int:
        """Draw how many references the samples of one batch have."""
        absent, distractors = (
            rng.random() < self.absent,
            int(rng.integers(0, self.distractors, endpoint=True)),
        )
        return 0 if absent else 1 + distractors

    def move(self, view: CropView, shape: tuple[int, ...], rng: np.random.Generator) -> CropView:
        """Shift, turn and zoom a view of a frame ``(H, W)``, keeping its centre where the crop stays inside."""
        zoom = rng.uniform(*self.zoom)
        dx, dy = rng.uniform(-self.shift, self.shift, 2) * view.size
        scale, half = view.scale * zoom, view.size / 2
        height, width = shape[0] * scale, shape[1] * scale
        x = float(np.clip(view.x * zoom + dx, min(half, width / 2), max(width - half, width / 2)))
        y = float(np.clip(view.y * zoom + dy, min(half, height / 2), max(height - half, height / 2)))
        return CropView(scale, x, y, view.angle + rng.uniform(-self.angle, self.angle), view.flip, view.size)


@dataclass(frozen=True)
class SampleSettings:
    """What samples look like; the defaults are the paper's.

    `length` neighbouring frames cropped to `crop` x `crop` pixels, references to `reference_crop`; `table`
    holds the augmentation. With `degraded` false the input is the clean luminance itself, which saves time
    where only colourisation is trained. `weave` is no row of the table: the deviation, in pixels, of a
    displacement of each frame, clean and damaged alike, so that the unsteady picture of real film is nothing
    new to the networks. Damage of the given `strength` comes from the generator and, half of it, from scans
    in `damage_folder`.
    """

    length: int = 5
    crop: int = 256
    reference_crop: int = 256
    references: PaperReferences | MatchingReferences = field(default_factory=PaperReferences)
    degraded: bool = True
    table: tuple[Augmentation, ...] = TABLE_3
    weave: float = 0.0
    strength: Strength = ALIGNED
    damage_split: DamageSplit = DamageSplit.TRAINING
    damage_folder: Path | None = None

    def __post_init__(self) -> None:
        if isinstance(self.references, MatchingReferences) and self.crop != self.reference_crop:
            raise SettingsError("Matching references need crops of the same size as the source.")


@dataclass(frozen=True)
class Sample:
    """One training sample: float32 arrays on the network's scale (see `remaster_gui.base.color`).

    `luminance` (T, H, W) and `chrominance` (T, H, W, 2): the clean target y; `degraded` (T, H, W): the input
    x; `references` (N, h, w, 3): sRGB in [0, 1], z; `clip` and `first` say which frames these are.
    """

    luminance: Float
    chrominance: Float
    degraded: Float
    references: Float
    clip: str
    first: int


class SampleMaker:
    """Draws samples from a library."""

    def __init__(self, library: ClipLibrary, settings: SampleSettings) -> None:
        self.settings = settings
        self._clips = library.at_least(settings.length).clips

    def sample(self, rng: np.random.Generator, references: int) -> Sample:
        """Draw one sample with this many references."""
        s = self.settings
        clip = self._clips[rng.integers(len(self._clips))]
        first = int(rng.integers(0, len(clip.frames) - s.length, endpoint=True))
        drawn = draw(s.table, AlterationTarget.SOURCE_AND_TARGET, rng)
        view = draw_view(clip.frames.shape[1:], drawn, s.crop, rng)
        shifts = rng.normal(0.0, s.weave, (s.length, 2))
        frames = clip.frames[first : first + s.length]
        rgb = np.stack([crop(frame, view, shift) for frame, shift in zip(frames, shifts, strict=True)])
        luminance, chrominance = _lab(change_tones(to_unit(rgb), drawn))
        if isinstance(s.references, PaperReferences):
            shown = self._paper_references(s.references, clip, first, references, rng)
        else:
            shown = self._matching_references(s.references, clip, first, view, references, rng)
            luminance, chrominance, shown = _recolor(s.references, luminance, chrominance, shown, rng)
        degraded = self._degrade(luminance, view, clip.frames.shape, rng) if s.degraded else luminance
        return Sample(luminance, chrominance, degraded, shown, clip.name, first)

    def _degrade(
        self, luminance: Float, view: CropView, shape: tuple[int, ...], rng: np.random.Generator
    ) -> Float:
        s = self.settings
        height, width = round(shape[1] * view.scale), round(shape[2] * view.scale)
        window = FrameWindow(height, width, round(view.y - view.size / 2), round(view.x - view.size / 2))
        seed = int(rng.integers(1 << 62))
        return degrade_clip(
            luminance, seed, s.damage_split, s.strength, folder=s.damage_folder, table=s.table, window=window
        )

    def _paper_references(
        self, how: PaperReferences, clip: Clip, first: int, count: int, rng: np.random.Generator
    ) -> Float:
        shown = []
        for number in range(count):
            if number == 0:
                low, high = first - how.near, first + self.settings.length - 1 + how.near
                index = int(np.clip(rng.integers(low, high, endpoint=True), 0, len(clip.frames) - 1))
                frame = clip.frames[index]
            else:
                other = self._clips[rng.integers(len(self._clips))]
                frame = other.frames[rng.integers(len(other.frames))]
            drawn = draw(self.settings.table, AlterationTarget.REFERENCE, rng)
            view = draw_view(frame.shape, drawn, self.settings.reference_crop, rng)
            shown.append(_finish_reference(crop(frame, view), drawn, rng))
        return _stack(shown, self.settings.reference_crop)

    def _matching_references(
        self,
        how: MatchingReferences,
        clip: Clip,
        first: int,
        view: CropView,
        count: int,
        rng: np.random.Generator,
    ) -> Float:
        shown = []
        for number in range(count):
            drawn = draw(self.settings.table, AlterationTarget.REFERENCE, rng)
            if number == 0:
                reach = len(clip.frames) if how.within is None else how.within
                low, high = max(0, first - reach), min(len(clip.frames), first + self.settings.length + reach)
                frame = clip.frames[rng.integers(low, high)]
                moved = how.move(view, frame.shape, rng)
            else:
                other = self._clips[rng.integers(len(self._clips))]
                frame = other.frames[rng.integers(len(other.frames))]
                place = draw_view(
                    frame.shape,
                    draw(self.settings.table, AlterationTarget.SOURCE_AND_TARGET, rng),
                    view.size,
                    rng,
                )
                moved = how.move(place, frame.shape, rng)
            shown.append(_finish_reference(crop(frame, moved), drawn, rng))
        return _stack(shown, self.settings.reference_crop)


def _recolor(
    how: MatchingReferences, luminance: Float, chrominance: Float, references: Float, rng: np.random.Generator
) -> tuple[Float, Float, Float]:
    """Turn all hues together and change the source's tones, each with its probability.

    Turned colours pass through sRGB, so that source and references are cut to the same gamut and still agree.
    """
    turn, change = rng.random() < how.hue, rng.random() < how.tone
    angle = rng.uniform(-np.pi, np.pi)
    gain, offset, gamma = rng.uniform(0.8, 1.1), rng.uniform(-0.05, 0.05), 2 ** rng.uniform(-0.5, 0.5)
    if turn:
        _, chrominance = _lab(_turned(luminance, chrominance, angle))
        if len(references):
            references = _turned(*_lab(references), angle)
    if change:
        powered = np.clip(luminance, 0.0, 1.0) ** np.float32(gamma)
        luminance = np.clip(powered * np.float32(gain) + np.float32(offset), 0.0, 1.0)
    return luminance, chrominance, references


def _turned(luminance: Float, chrominance: Float, angle: float) -> Float:
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, sin], [-sin, cos]], np.float32)
    neutral = np.float32(NEUTRAL)
    chrominance = np.asarray((chrominance - neutral) @ matrix + neutral, np.float32)
    shape, flat = luminance.shape, (-1, luminance.shape[-1])
    rgb: Float = lab_to_rgb(luminance.reshape(flat), chrominance.reshape(*flat, 2))
    return rgb.reshape(*shape, 3)


def _finish_reference(rgb: NDArray[np.uint8], drawn: Draw, rng: np.random.Generator) -> Float:
    finished: Float = corrupt(change_tones(to_unit(rgb), drawn)[None], drawn, rng)[0]
    return finished


def _stack(frames: list[Float], size: int) -> Float:
    return np.stack(frames) if frames else np.empty((0, size, size, 3), np.float32)


def _lab(rgb: Float) -> tuple[Float, Float]:
    """`rgb_to_lab` for a stack ``(..., H, W, 3)``, which may be empty."""
    if not rgb.size:
        return np.empty(rgb.shape[:-1], np.float32), np.empty((*rgb.shape[:-1], 2), np.float32)
    luminance, chrominance = rgb_to_lab(rgb.reshape(-1, *rgb.shape[-2:]))
    return luminance.reshape(rgb.shape[:-1]), chrominance.reshape(*rgb.shape[:-1], 2)


def use_one_thread() -> None:
    """Keep OpenCV from starting threads of its own: one worker, one core."""
    cv2.setNumThreads(1)
