"""Samples for colourisation made on the device: a frame, and references that show it again.

What `SampleMaker` does on processor cores for one frame, without JPEG: a graphics card learns from a hundred samples a
second, which no processor cuts for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.errors import SettingsError
from remaster_gui.model.lab import lab_to_rgb, rgb_to_lab
from remaster_gui.training.augmentation import Alteration, CropView, draw_view
from remaster_gui.training.dataset import Batch
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.samples import MatchingReferences
from remaster_gui.training.views import FilmStock, cut, smooth_field, turn_hues

_WARPS = ((4, 0.035), (10, 0.008))
"""Cells and deviation (in shares of the view) of the smooth warps that make a second view of a photograph."""

_COVER_CELLS = 5


@dataclass(frozen=True, slots=True)
class PairSettings:
    """What pairs look like.

    `crop` pixels square, cut from frames scaled to a shorter edge within `shorter_edge`, turned by up to `angle`
    degrees, half of them mirrored. The share `photos` of all samples shows a photograph and a warped view of it, where
    there are photographs. In the share `covered` a part of the source shows something that no reference shows. In the
    share `references.tone` the source is what a film stock saw (`FilmStock`).
    """

    crop: int
    references: MatchingReferences
    shorter_edge: tuple[int, int]
    angle: float = 5.0
    photos: float = 0.5
    covered: float = 0.1

    def __post_init__(self) -> None:
        if self.shorter_edge[0] < self.crop:
            raise SettingsError("A crop fits only frames whose shorter edge is at least as long.")


@dataclass(frozen=True, slots=True)
class _Look:
    """One view of one picture; `warp` ``(2, h, w)``, see `cut`."""

    picture: int
    view: CropView
    warp: Tensor | None = None


class PairMaker:
    """Makes batches of pairs; batch b under seed s is the same whenever it is asked for."""

    def __init__(
        self, store: PictureStore, settings: PairSettings, size: int, seed: int, rank: int = 0, ranks: int = 1
    ) -> None:
        """Each of several ranks makes its `size` rows of one batch of ``size * ranks``."""
        if not 0 <= rank < ranks:
            raise ValueError(f"rank {rank} of {ranks}")
        self._store, self._settings, self._seed = store, settings, seed
        self._rows = range(rank * size, (rank + 1) * size)

    def batches(self, numbers: Iterable[int]) -> Iterator[Batch]:
        """Yield the batches of `numbers`, each when it is asked for."""
        return (self.batch(number) for number in numbers)

    @torch.no_grad()
    def batch(self, number: int) -> Batch:
        """Make batch `number` on the device of the pictures."""
        how = self._settings.references
        count = how.count(np.random.default_rng((self._seed, number)))
        rows = [self._row(np.random.default_rng((self._seed, number, 1 + row)), count) for row in self._rows]
        luminance = torch.stack([row[0] for row in rows])[:, :, None]
        return Batch(
            luminance=luminance,
            chrominance=torch.stack([row[1] for row in rows])[:, :, None],
            degraded=luminance,
            references=torch.stack([row[2] for row in rows]),
        )

    def _row(self, rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return luminance ``(1, H, W)``, chrominance ``(2, H, W)`` and references ``(count, 3, H, W)``."""
        how = self._settings.references
        source, *shown = self._looks(rng, count)
        rgb = self._covered(self._seen(source), rng)
        references = torch.stack([rgb.new_zeros(rgb.shape), *(self._seen(look) for look in shown)])[1:]
        stock = FilmStock.drawn(rng) if rng.random() < how.tone else None
        turned, angle = rng.random() < how.hue, float(rng.uniform(-np.pi, np.pi))
        lab = rgb_to_lab(torch.cat([rgb[None], references]))
        luminance = lab[0, :1] if stock is None else stock.expose(rgb)
        if turned:
            lab = turn_hues(lab, rgb.new_full((len(lab),), angle))
            references = lab_to_rgb(lab[1:])
        return luminance, lab[0, 1:], references

    def _looks(self, rng: np.random.Generator, count: int) -> Iterator[_Look]:
        """Draw the source's view, then those of `count` references: the first shows the source again."""
        store, how = self._store, self._settings.references
        photo = bool(store.photos) and rng.random() < self._settings.photos
        if photo:
            picture = other = int(rng.integers(store.photos.start, store.photos.stop))
        else:
            film = int(rng.integers(len(store.films)))
            picture = int(rng.integers(store.films[film].start, store.films[film].stop))
            near = store.frames_around(film, picture, picture, how.within)
            other = int(rng.integers(near.start, near.stop))
        view = self._view(picture, rng)
        yield _Look(picture, view)
        if count:
            moved = how.move(view, store.shape(other), rng)
            yield _Look(other, moved, self._warp(rng) if photo else None)
        for _ in range(count - 1):
            yield self._unrelated(rng)

    def _unrelated(self, rng: np.random.Generator) -> _Look:
        picture = int(rng.integers(len(self._store)))
        how = self._settings.references
        return _Look(picture, how.move(self._view(picture, rng), self._store.shape(picture), rng))

    def _view(self, picture: int, rng: np.random.Generator) -> CropView:
        """Place a view; small photographs are not enlarged more than they have to be."""
        crop, (low, high) = self._settings.crop, self._settings.shorter_edge
        shape = self._store.shape(picture)
        largest = max(low, min(high, round(1.5 * min(shape))))
        drawn = {Alteration.SCALING: rng.uniform(low, largest)}
        drawn[Alteration.ROTATION] = rng.uniform(-self._settings.angle, self._settings.angle)
        if rng.random() < 0.5:
            drawn[Alteration.FLIP] = 1.0
        return draw_view(shape, drawn, crop, rng)

    def _warp(self, rng: np.random.Generator) -> Tensor:
        """Draw a warp, mostly a gentle one: ``(2, h, w)``."""
        strength = rng.random() ** 2
        (cells, wide), (fine_cells, fine) = _WARPS
        coarse = torch.from_numpy(smooth_field(rng, 2, cells) * np.float32(wide * strength))
        detail = torch.from_numpy(smooth_field(rng, 2, fine_cells) * np.float32(fine * strength))
        size = (2 * fine_cells, 2 * fine_cells)
        planes = [
            F.interpolate(p[None], size=size, mode="bicubic", align_corners=False) for p in (coarse, detail)
        ]
        return (planes[0] + planes[1])[0].to(self._store.device)

    def _seen(self, look: _Look) -> Tensor:
        return cut(self._store[look.picture], look.view, look.warp)

    def _covered(self, rgb: Tensor, rng: np.random.Generator) -> Tensor:
        """Cover a part of ``(3, H, W)`` with something else, in the share of the samples that is meant to have it."""
        happens, threshold = rng.random() < self._settings.covered, rng.uniform(0.9, 1.6)
        field, other = smooth_field(rng, 1, _COVER_CELLS), self._unrelated(rng)
        if not happens:
            return rgb
        plane = torch.from_numpy(field).to(rgb.device)[None]
        blobs = F.interpolate(plane, size=rgb.shape[-2:], mode="bicubic", align_corners=False)[0] > threshold
        return torch.where(blobs, self._seen(other), rgb)
