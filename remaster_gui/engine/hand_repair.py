"""Repairs by hand: what a mark covers comes from the frames beside it along the motion, else from its surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from remaster_gui.base.arrays import Float, Mask
from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.engine.sizes import Size
from remaster_gui.painting.region import laid_over

_LEAST_MARGIN = 24
"""Pixels around a mark that are looked at, and half of its size, to tell motion and tones."""
_MOST_INPAINTED = 2**18
"""Pixels that surroundings are drawn into at once; larger marks are filled at a smaller size."""
_RADIUS = 3.0
_AGREEMENT = 0.03
"""Of L*/100, by which frames before and after may differ where both are believed."""
_LEAST_FLOW = 16


class PlacedMark(NamedTuple):
    """A mark as it lies in a picture: its place, grown by what is looked at, and its share there, soft at the edge."""

    rows: slice
    columns: slice
    share: Float


def placed(mark: SpotMark, film: Size, size: Size, margin: int = 0) -> PlacedMark | None:
    """Lay a mark of a film over a picture of `size`; None for one that lies outside of it."""
    # A box that reaches beyond the film may be of any size.
    width, height = min(mark.width, film.width - mark.left), min(mark.height, film.height - mark.top)
    if min(width, height) < 1:
        return None
    across, down = size.width / film.width, size.height / film.height
    soft = max(0.8, size.height / 400)
    left, top = mark.left * across, mark.top * down
    right, bottom = left + width * across, top + height * down
    reach = margin + int(3 * soft) + 1
    x0, y0 = max(0, int(left) - reach), max(0, int(top) - reach)
    x1, y1 = min(size.width, int(right) + 1 + reach), min(size.height, int(bottom) + 1 + reach)
    if x1 <= x0 or y1 <= y0:
        return None
    shape: Mask = np.ones((1, 1), bool) if not mark.shape else unpack_region(mark.shape)
    full = laid_over(shape, width, height).astype(np.float32)
    # From pixels of the box to those of the picture, each the mean of what it covers.
    inner = max(1, round(right - left)), max(1, round(bottom - top))
    scaled = cv2.resize(full, inner, interpolation=cv2.INTER_AREA)
    share = np.zeros((y1 - y0, x1 - x0), np.float32)
    at_x, at_y = round(left) - x0, round(top) - y0
    part = scaled[: share.shape[0] - at_y, : share.shape[1] - at_x]
    share[at_y : at_y + part.shape[0], at_x : at_x + part.shape[1]] = part
    edge = np.asarray(cv2.GaussianBlur(share, (0, 0), soft), np.float32)
    # All of what is marked counts altogether; the soft edge lies around it.
    return PlacedMark(slice(y0, y1), slice(x0, x1), np.maximum(share, (2 * edge).clip(0, 1)))


def repair(picture: Float, marks: Sequence[SpotMark], film: Size, beside: Sequence[Float]) -> None:
    """Repair what marks cover of a picture ``(H, W)`` in place.

    beside: the film's own luminance of the frames before and after, as far as they are of the same shot, of the same
    size.
    """
    size = Size(picture.shape[1], picture.shape[0])
    for mark in marks:
        scale = size.height / film.height
        place = placed(mark, film, size, max(_LEAST_MARGIN, int(scale * max(mark.width, mark.height) / 2)))
        if place is None:
            continue
        rows, columns, share = place
        here = picture[rows, columns]
        new = _filled(here, share > 0, [np.ascontiguousarray(each[rows, columns]) for each in beside])
        here += share * (new - here)


def _filled(here: Float, hole: Mask, beside: Sequence[Float]) -> Float:
    """Return a part of a picture with its hole filled."""
    filled = _inpainted(here, hole)
    if hole.all() or min(here.shape) < _LEAST_FLOW:
        return filled
    moved = [_moved(filled, here, hole, each) for each in beside]
    ring = np.asarray(cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8)), bool) & ~hole
    if not moved or not ring.any():
        return filled
    errors = [float(np.abs(each - here)[ring].mean()) for each in moved]
    best = int(np.argmin(errors))
    allowed = max(_AGREEMENT, 2 * errors[best])
    if len(moved) == 1:
        # Nobody confirms it but what lies around.
        return moved[0] if errors[0] <= _AGREEMENT else filled
    apart = np.abs(_smooth(moved[0], 1.0) - _smooth(moved[1], 1.0))
    trust = np.exp(-((apart / np.float32(allowed)) ** 2))
    # One of them, not their mean, which would have less grain.
    return np.asarray(filled + trust * (moved[best] - filled), np.float32)


def _moved(filled: Float, here: Float, hole: Mask, other: Float) -> Float:
    """Return a neighbour moved to where the frame has its things, with the tones around the hole."""
    before, after = (_eight_bits(each, other) for each in (filled, other))
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = np.asarray(search.calc(before, after, None), np.float32)  # type: ignore[call-overload]
    outside = (~hole).astype(np.float32)
    reach = max(3.0, float(np.sqrt(hole.sum())) / 2)
    known = np.maximum(_smooth(outside, reach), np.float32(1e-3))
    # What is drawn into the hole says nothing of motion; what lies around it does.
    around = [_smooth(flow[..., axis] * outside, reach) / known for axis in (0, 1)]
    across, down = (np.where(hole, around[axis], flow[..., axis]).astype(np.float32) for axis in (0, 1))
    rows, columns = np.indices(here.shape, np.float32)
    moved = cv2.remap(other, columns + across, rows + down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    tones = _smooth((here - moved) * outside, reach) / known
    return np.asarray(moved + tones, np.float32)


def _inpainted(here: Float, hole: Mask) -> Float:
    """Return a part of a picture with its hole drawn in from around it."""
    if hole.all():
        return here.copy()
    scale = (_MOST_INPAINTED / here.size) ** 0.5
    part, gone = here, hole
    if scale < 1:
        small = max(2, round(here.shape[1] * scale)), max(2, round(here.shape[0] * scale))
        part = np.asarray(cv2.resize(here, small, interpolation=cv2.INTER_AREA), np.float32)
        gone = np.asarray(cv2.resize(hole.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0, bool)
        if gone.all():
            return here.copy()
    # Telea's method overflows in OpenCV with floats.
    drawn = cv2.inpaint(np.ascontiguousarray(part), gone.astype(np.uint8), _RADIUS, cv2.INPAINT_NS)
    full = cv2.resize(drawn, here.shape[::-1], interpolation=cv2.INTER_LINEAR).clip(0, 1)
    return np.where(hole, full, here).astype(np.float32)


def _eight_bits(picture: Float, like: Float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture in 8 bits, its contrast as that of `like` so that motion is found where tones differ."""
    own, other = float(picture.std()), float(like.std())
    gain = other / own if own > 1e-4 else 1.0
    matched = (picture - picture.mean()) * np.float32(min(4.0, gain)) + like.mean()
    return np.asarray(np.rint(matched.clip(0, 1) * 255), np.uint8)


def _smooth(picture: Float, deviation: float) -> Float:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.float32)
