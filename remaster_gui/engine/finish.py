"""What becomes of restored luminance when a picture is composed: strength, grain, and which repairs are meant.

Nothing here asks the network: a rejected repair or other grain costs no colours anew. Arrays are luminance ``(H, W)``,
L*/100 in [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Float, Pixels
from remaster_gui.base.choices import GRAINS, MOST_SENSITIVITY, Grain, RemasterSettings
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.spot_marks import Marks, SpotMark, marks_identity
from remaster_gui.engine.dirt import find_spots
from remaster_gui.engine.grain import measured_grain, new_grain
from remaster_gui.engine.hand_repair import placed, repair
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.engine.toned import with_restored_tones


@dataclass(frozen=True, slots=True)
class Finish:
    """How a frame is finished; see `RemasterSettings` for the first three."""

    share: float = 1.0
    grain: Grain = "out"
    sensitivity: float = 1.0
    marks: Marks = ()

    @classmethod
    def of(cls, settings: RemasterSettings, marks: Marks = ()) -> Finish:
        """Take what settings say; nothing is left to say where nothing is restored."""
        share = settings.restored_share
        if share == 0:
            return cls(0.0)
        return cls(share, settings.grain, settings.dirt_sensitivity, marks)

    @property
    def is_plain(self) -> bool:
        """Whether it is no more than a share of either luminance."""
        handed_back = self.grain != "out" or self.sensitivity < 1
        return self.share == 0 or not (handed_back or self.marks)

    @property
    def needs_source(self) -> bool:
        """Whether the film's own luminance has a part in it."""
        return self.share < 1 or not self.is_plain

    @property
    def needs_neighbours(self) -> bool:
        """Whether the film's own luminance of the frames before and after has a part in it."""
        return self.share > 0 and any(each.kind == "repair" for each in self.marks)

    def as_data(self) -> list[Any]:
        """Return plain data."""
        return [self.share, self.grain, self.sensitivity, [each.as_data() for each in self.marks]]

    @staticmethod
    def of_data(data: Any) -> Finish:
        """Read what `as_data` wrote; raises `ValueError` for anything else."""
        share, grain, sensitivity, marks = plain_data.listed(data)
        return Finish(
            plain_data.number(share, 0.0, 1.0),
            plain_data.choice(grain, GRAINS),
            plain_data.number(sensitivity, 0.0, MOST_SENSITIVITY),
            tuple(SpotMark.of_data(each) for each in plain_data.listed(marks)),
        )

    @property
    def identity(self) -> list[float | str]:
        """What a picture depends on of it, as plain data."""
        return [self.share, self.grain, self.sensitivity, marks_identity(self.marks)]


PLAIN = Finish()
"""Restored luminance as the network has it."""


@dataclass(frozen=True, slots=True, eq=False)
class FinishedLuminance:
    """A finished frame. repaired: ``(H, W)`` float32, how much of each pixel is not the film's own any more.

    by_hand: how much of it repairs by hand have replaced; None without any.
    """

    luminance: Float
    repaired: Float
    by_hand: Float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Unfinished:
    """What a frame is finished with once its picture is composed, on any thread; arrays are read-only.

    source: luma of the film ``(H, W)``; beside: that of the frames before and after in the same shot, where needed.
    """

    source: Pixels
    finish: Finish
    film: Size
    beside: tuple[Pixels, ...] = ()

    def finished(self, restored: Float, frame: int) -> Float:
        """Finish restored luminance ``(h, w)``, which may be smaller than the film."""
        size = Size(restored.shape[1], restored.shape[0])
        source, *beside = (resize(luma_to_lightness(each), size) for each in (self.source, *self.beside))
        return finished(source, restored, self.finish, frame, self.film, beside).luminance


def mixed(source: Float, restored: Float, share: float) -> Float:
    """Return luminance ``(H, W)`` of which `share` is restored, the rest the film's own."""
    return source + np.float32(share) * (restored - source)


def finished(
    source: Float, restored: Float, finish: Finish, frame: int, film: Size, beside: Sequence[Float] = ()
) -> FinishedLuminance:
    """Finish a frame of a film of size `film`.

    beside: the film's own luminance of the frames before and after, as far as they are of the same shot; for a finish
    that needs neighbours.
    """
    picture = mixed(source, restored, finish.share)
    if finish.is_plain:
        return FinishedLuminance(picture, np.full(source.shape, finish.share, np.float32))
    own = with_restored_tones(source, restored)
    back = _handed_back(own, restored, finish, film)
    picture += np.float32(finish.share) * back * (own - restored)
    repaired = np.float32(finish.share) * (1 - back)
    if finish.grain == "measured":
        model = measured_grain(own, picture)
        if model is not None and not model.is_nothing:
            picture += new_grain(model, picture, frame) * (1 - back)
    by_hand = [each for each in finish.marks if each.kind == "repair"]
    if not by_hand:
        return FinishedLuminance(picture.clip(0.0, 1.0), repaired)
    repair(picture, by_hand, film, beside)
    replaced = np.zeros(source.shape, np.float32)
    for share, rows, columns in _laid(by_hand, film, picture):
        replaced[rows, columns] = np.maximum(replaced[rows, columns], share)
    return FinishedLuminance(picture.clip(0.0, 1.0), np.maximum(repaired, replaced), replaced)


def _handed_back(own: Float, restored: Float, finish: Finish, film: Size) -> Float:
    """Return what share of the film's own luminance comes back at each pixel ``(H, W)``."""
    keeps = finish.grain == "keep"
    back = np.zeros(own.shape, np.float32)
    if keeps or finish.sensitivity < 1:
        spots = find_spots(own, restored, finish.sensitivity)
        taken = _soft(np.logical_or(*spots.taken(finish.sensitivity)), own)
        faint = 1.0 if keeps else _soft(np.logical_or(*spots.taken(1.0)), own)
        back = np.maximum(faint - taken, np.float32(0))
    for mark in finish.marks:
        for share, rows, columns in _laid([mark], film, own):
            part = back[rows, columns]
            # The latest word counts: a repair by hand may lie on what was rejected before.
            back[rows, columns] = np.maximum(part, share) if mark.kind == "reject" else part * (1 - share)
    return back


def _laid(marks: Sequence[SpotMark], film: Size, picture: Float) -> list[tuple[Float, slice, slice]]:
    size = Size(picture.shape[1], picture.shape[0])
    found = [placed(each, film, size) for each in marks]
    return [(each.share, each.rows, each.columns) for each in found if each is not None]


def _soft(spots: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], like: Float) -> Float:
    """Return spots as shares at the size of a picture, grown by their faint rim and soft at the edge."""
    edge = min(spots.shape)
    side = 2 * max(1, round(edge / 400)) + 1
    grown = cv2.dilate(spots.astype(np.uint8), np.ones((side, side), np.uint8)).astype(np.float32)
    soft = cv2.GaussianBlur(grown, (0, 0), max(0.6, edge / 600))
    if soft.shape != like.shape:
        soft = cv2.resize(soft, (like.shape[1], like.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft, np.float32)
