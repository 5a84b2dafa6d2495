"""Registering a picture to a frame: where in the picture each pixel of the frame lies, and how well the two fit.

A picture that comes back from another program, a print or a search is cropped, padded, scaled, a little turned, and
bent by a lens. Points that both share say how it was moved (`painting.features`); simple ways of laying it over the
frame (`painting.placement`) do where there are too few. The likeliest is refined on the pixels (enhanced correlation
[Evangelidis and Psarakis 2008]); a smooth bend is added where it is seen to help.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float, Mask
from remaster_gui.painting.features import Features, Matrix, find_features, is_likely, movement, shrink
from remaster_gui.painting.placement import Region, content_box, placements

FITS = 0.5
"""Fit from which a picture shows the frame."""

_COMPARED = 384
"""Longer edge at which a fit is measured and refined."""
_ROUGHLY = 192
"""The same where many frames are compared."""
_FINE, _COARSE = 0.9, 7.0
"""Sizes of detail, in pixels at that edge, between which pictures are compared: neither grain nor exposure counts."""
_SMALLEST = 32
"""Edge below which there is nothing to be recognised by."""
_LEAST_OVERLAP = 0.02
_CLEARLY = 0.01
"""What a later way of laying a picture has to fit better: noise must not crop it."""
_BETTER = 0.003
"""What a refinement has to bring."""
_BEND = 0.05
"""Largest bend, as a part of the longer edge."""
_GRID = 6
_TERMS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))
"""Powers of x and y of a bend: cubic, as lenses bend."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a frame lies in a picture.

    `matrix`: affine ``(2, 3)``, from pixels of the frame to pixels of the picture, once they are bent by `bend`
    ``(terms, 2)``: in pixels of the frame, of places that run from -1 to 1 along its longer edge; None where nothing
    is. `frame`, `picture`: height and width of both. `box`: the part of the picture that counts. `fit`: how well
    structures agree where both overlap, up to 1; 0 or less where they do not, or where there is nothing to compare.
    """

    matrix: Matrix
    frame: tuple[int, int]
    picture: tuple[int, int]
    box: Region
    fit: float = 0.0
    bend: NDArray[np.float64] | None = None

    @property
    def scale(self) -> float:
        """Pixels of the picture for one of the frame."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    @property
    def turn(self) -> float:
        """Degrees by which the picture is turned."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    @property
    def fits(self) -> bool:
        """Whether the picture shows the frame."""
        return self.fit >= FITS

    def scaled(self, width: int, height: int) -> Registration:
        """Return the same for the picture at another size."""
        across, down = width / self.picture[1], height / self.picture[0]
        x, y, wide, high = self.box
        moved = _zoomed(self, across, down)
        return replace(moved, picture=(height, width), box=(x * across, y * down, wide * across, high * down))

    def on_frame(self, width: int, height: int) -> Registration:
        """Return the same for the frame at another size."""
        across, down = self.frame[1] / width, self.frame[0] / height
        matrix = self.matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ (0.5 * np.array([across, down]) - 0.5)
        matrix[:, :2] *= (across, down)
        bend = None if self.bend is None else self.bend / (across, down)
        return replace(self, matrix=matrix, frame=(height, width), bend=bend)

    @property
    def overlap(self) -> float:
        """What both show, as a part of what either shows."""
        shared = float(self.inside(*self.places(64, 64)).mean())
        picture = self.box[2] * self.box[3] / (self.scale**2 * self.frame[0] * self.frame[1])
        return shared / (1.0 + picture - shared)

    def places(self, width: int, height: int) -> tuple[Float, Float]:
        """Return columns and rows of the picture, each ``(height, width)``, for the frame at that size."""
        x = (np.arange(width) + 0.5) * (self.frame[1] / width) - 0.5
        y = (np.arange(height) + 0.5) * (self.frame[0] / height) - 0.5
        x, y = np.meshgrid(x, y)
        if self.bend is not None:
            moved = _powers(x, y, self.frame) @ self.bend
            x, y = x + moved[..., 0], y + moved[..., 1]
        column = self.matrix[0, 0] * x + self.matrix[0, 1] * y + self.matrix[0, 2]
        row = self.matrix[1, 0] * x + self.matrix[1, 1] * y + self.matrix[1, 2]
        return column.astype(np.float32), row.astype(np.float32)

    def inside(self, columns: Float, rows: Float) -> Mask:
        """Say which places lie within the part of the picture that counts."""
        x, y, width, height = self.box
        near = 0.5 + 1e-3
        within = (columns > x - near) & (columns < x + width - 1 + near)
        result: Mask = within & (rows > y - near) & (rows < y + height - 1 + near)
        return result


def register(picture: Bytes, frame: Bytes, known: tuple[Features, Features] | None = None) -> Registration:
    """Register a picture of luminance ``(h, w)`` to a frame ``(H, W)``; `known`: the features of picture and frame.

    Always finds something; its `fit` says what that is worth.
    """
    scene = _Scene(picture, frame)
    ways: list[Registration] = [*scene.laid()]
    best = _first_good(ways)
    if min(*picture.shape, *frame.shape) < _SMALLEST:
        return best
    of_picture, of_frame = known or (find_features(picture), find_features(frame))
    moved = movement(of_frame, of_picture)
    if moved is not None:
        best = scene.better(best, scene.judged(scene.way(moved[0])), _CLEARLY)
    best = scene.better(best, scene.refined(best), _BETTER)
    return scene.better(best, scene.bent(best), _BETTER)


def roughly_registered(
    picture: Bytes, frame: Bytes, near: Registration | None = None, features: Features | None = None
) -> Registration:
    """Register without refining, to compare many frames; `near`: how the picture lies over a frame beside this one."""
    scene = _Scene(picture, frame, _ROUGHLY)
    if near is None:
        return _first_good([*scene.laid()])
    best = scene.judged(near)
    moved = None if features is None else movement(find_features(frame), features)
    if moved is None:
        return best
    return scene.better(best, scene.judged(replace(near, matrix=moved[0], bend=None)), 0.0)


def lay(color: Bytes, registration: Registration) -> tuple[Bytes, Bytes]:
    """Bring a picture's channels ``(h, w, 2)`` to the frame, as large as they are worth but never larger than it.

    Returns them ``(h2, w2, 2)`` with, at the frame's size, what they cover: 255 inside the picture, 0 where they only
    repeat its edge.
    """
    height, width = registration.frame
    covered = registration.inside(*registration.places(width, height))
    part, shifted = _part(color, registration)
    scale = max(1.0, shifted.scale)
    if scale > 1.0:
        # Pixels that go into one of the frame are averaged first.
        size = max(1, round(part.shape[1] / scale)), max(1, round(part.shape[0] / scale))
        smaller = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        shifted = _zoomed(shifted, smaller.shape[1] / part.shape[1], smaller.shape[0] / part.shape[0])
        part = np.asarray(smaller, np.uint8)
    worth = min(1.0, shifted.scale)
    columns, rows = shifted.places(max(1, round(width * worth)), max(1, round(height * worth)))
    laid = cv2.remap(part, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8), covered.astype(np.uint8) * np.uint8(255)


class _Scene:
    """A picture and a frame, both at the edge at which they are compared."""

    def __init__(self, picture: Bytes, frame: Bytes, edge: int = _COMPARED) -> None:
        self.picture, self.size = picture, (frame.shape[0], frame.shape[1])
        self.content = content_box(picture)
        small, _ = shrink(frame, edge)
        self.shape = (small.shape[0], small.shape[1])
        self.detail = _detail(small)
        self.small = small

    def laid(self) -> Iterator[Registration]:
        """Yield the simple ways of laying the picture over the frame, the likeliest first."""
        for placement in placements(self.picture, self.size):
            (x, y, width, height), target = placement.source, placement.target
            across, down = width / target[2], height / target[3]
            matrix = np.array(
                [
                    [across, 0.0, (0.5 - target[0]) * across + x - 0.5],
                    [0.0, down, (0.5 - target[1]) * down + y - 0.5],
                ]
            )
            yield self.judged(replace(self.way(matrix), box=placement.source))

    def way(self, matrix: Matrix) -> Registration:
        """Return the way of laying the picture, without its bars, that a map says."""
        return Registration(matrix, self.size, (self.picture.shape[0], self.picture.shape[1]), self.content)

    def warped(self, way: Registration) -> tuple[Bytes, Mask]:
        """Return what the picture shows at the places of the frame ``(h, w)``, and where it shows anything."""
        part, shifted = _part(self.picture, way)
        columns, rows = way.places(self.shape[1], self.shape[0])
        inside = way.inside(columns, rows)
        step = shifted.scale * max(self.size) / max(self.shape)
        if step > 1.0:
            size = max(1, round(part.shape[1] / step)), max(1, round(part.shape[0] / step))
            smaller = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
            shifted = _zoomed(shifted, smaller.shape[1] / part.shape[1], smaller.shape[0] / part.shape[0])
            part = smaller
        columns, rows = shifted.places(self.shape[1], self.shape[0])
        shown = cv2.remap(part, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(shown, np.uint8), inside

    def judged(self, way: Registration) -> Registration:
        """Return a way with its fit."""
        shown, inside = self.warped(way)
        return replace(way, fit=_agreement(_detail(shown), self.detail, _eroded(inside)))

    @staticmethod
    def better(before: Registration, after: Registration | None, by: float) -> Registration:
        """Return the later of two ways if it fits better by that much."""
        return after if after is not None and after.fit > before.fit + by else before

    def refined(self, way: Registration) -> Registration | None:
        """Return a way moved, scaled and turned as the pixels say."""
        shown, inside = self.warped(way)
        start = np.eye(2, 3, dtype=np.float32)
        criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
        mask = _eroded(inside).astype(np.uint8) * np.uint8(255)
        try:
            _, found = cv2.findTransformECC(
                self.detail, _detail(shown), start, cv2.MOTION_AFFINE, criteria, mask, 5
            )
        except cv2.error:  # nothing to hold on to
            return None
        to_small = np.diag([self.shape[1] / self.size[1], self.shape[0] / self.size[0], 1.0])
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
        # Pixels have their centres at halves, whatever their size.
        zoom = np.linalg.inv(half) @ to_small @ half
        step = np.linalg.inv(zoom) @ np.vstack([found, [0, 0, 1]]) @ zoom
        matrix = (np.vstack([way.matrix, [0, 0, 1]]) @ step)[:2]
        return self.judged(replace(way, matrix=matrix)) if is_likely(matrix) else None

    def bent(self, way: Registration) -> Registration | None:
        """Return a way with the smooth bend that what is left of movement between the two asks for."""
        shown, inside = self.warped(way)
        trusted = _eroded(inside)
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        here, there = _even(self.small), _even(shown)
        moved = np.asarray(flow.calc(here, there, None), np.float64)  # type: ignore[call-overload]
        grid = (slice(_GRID // 2, None, _GRID),) * 2
        y, x = (each[grid] for each in np.mgrid[: self.shape[0], : self.shape[1]])
        texture = cv2.GaussianBlur(np.abs(self.detail), (0, 0), 4.0)[grid]
        weight = (texture * trusted[grid]).ravel().astype(np.float64)
        if np.count_nonzero(weight) < 4 * len(_TERMS):
            return None
        zoom = max(self.size) / max(self.shape)
        powers = _powers((x.ravel() + 0.5) * zoom - 0.5, (y.ravel() + 0.5) * zoom - 0.5, self.size)
        bend = _fitted(powers, moved[grid].reshape(-1, 2) * zoom, weight)
        largest = np.linalg.norm((powers @ bend)[weight > 0], axis=1).max()
        if not np.isfinite(largest) or largest > _BEND * max(self.size):
            return None
        return self.judged(replace(way, bend=bend))


def _first_good(ways: Sequence[Registration]) -> Registration:
    """Return the way that fits best, where a later one has to be clearly better."""
    best = ways[0]
    for way in ways[1:]:
        if way.fit > best.fit + _CLEARLY:
            best = way
    return best


def _part(pixels: Bytes, way: Registration) -> tuple[Bytes, Registration]:
    """Cut the part that counts out of a picture, so that what lies around it is never mixed in."""
    x, y, width, height = (round(each) for each in way.box)
    left, top = min(max(0, x), pixels.shape[1] - 1), min(max(0, y), pixels.shape[0] - 1)
    part = pixels[top : max(top + 1, y + height), left : max(left + 1, x + width)]
    matrix = way.matrix.copy()
    matrix[:, 2] -= (left, top)
    return np.ascontiguousarray(part), replace(way, matrix=matrix)


def _zoomed(way: Registration, across: float, down: float) -> Registration:
    """Return a way into the same picture at another size."""
    zoom = np.array([[across], [down]])
    matrix = way.matrix * zoom
    matrix[:, 2:] += 0.5 * zoom - 0.5
    return replace(way, matrix=matrix)


def _powers(x: NDArray[np.float64], y: NDArray[np.float64], frame: tuple[int, int]) -> NDArray[np.float64]:
    """Return the terms of a bend ``(..., terms)`` at places of the frame."""
    half = max(frame) / 2
    u, v = (x + 0.5 - frame[1] / 2) / half, (y + 0.5 - frame[0] / 2) / half
    along, down = [np.ones_like(u), u, u * u, u * u * u], [np.ones_like(v), v, v * v, v * v * v]
    return np.stack([along[a] * down[b] for a, b in _TERMS], axis=-1)


def _fitted(
    powers: NDArray[np.float64], moved: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fit a bend to movements ``(N, 2)``, without those that go elsewhere than the others."""
    keep = weight / weight.max()
    bend = np.zeros((powers.shape[1], 2))
    for _ in range(6):
        left = powers.T * keep
        bend = np.linalg.solve(
            left @ powers + 1e-3 * keep.sum() * np.eye(powers.shape[1]) / len(_TERMS), left @ moved
        )
        off = np.linalg.norm(moved - powers @ bend, axis=1)
        usual = max(0.3, 1.5 * float(np.median(off[weight > 0])))
        keep = weight / weight.max() / (1.0 + (off / usual) ** 2) ** 2
    return bend


def _even(pixels: Bytes) -> Bytes:
    """Even out exposure, for what compares brightness."""
    return np.asarray(cv2.createCLAHE(3.0, (6, 6)).apply(pixels), np.uint8)


def _detail(pixels: Bytes) -> Float:
    """Return what is neither grain nor exposure."""
    whole = pixels.astype(np.float32)
    return np.asarray(
        cv2.GaussianBlur(whole, (0, 0), _FINE) - cv2.GaussianBlur(whole, (0, 0), _COARSE), np.float32
    )


def _eroded(inside: Mask) -> Mask:
    """Leave out a rim, where what lies beyond the picture has its say."""
    kernel = np.ones((5, 5), np.uint8)
    return np.asarray(cv2.erode(inside.astype(np.uint8), kernel), bool)


def _agreement(one: Float, other: Float, where: Mask) -> float:
    """Return the correlation of two pictures' detail where both are; 0 where that is too little to say."""
    if where.mean() < _LEAST_OVERLAP:
        return 0.0
    weight = where.astype(np.float32)
    count = float(weight.sum())
    a, b = ((each - float((each * weight).sum()) / count) * weight for each in (one, other))
    norm = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.vdot(a, b)) / norm if norm > count else 0.0
