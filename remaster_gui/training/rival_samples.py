"""Samples for the systems that the paper compares with, made on the device from films and photographs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.errors import SettingsError
from remaster_gui.model.lab import rgb_to_lab
from remaster_gui.model.rivals import vondrick
from remaster_gui.model.rivals.zhang import global_hints, local_hints
from remaster_gui.training.augmentation import Alteration, draw_view
from remaster_gui.training.hint_samples import HintSettings, view_of
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.views import cut

_SPACINGS = (1, 2, 4, 8)
"""Frames from one to the next in what is tracked; films show far and near."""
_MORE_HINTS = 1 / 8
"""Local hints have a geometric number with this probability of ending."""
_LARGEST_HINT = 9
_HINT_BLUR = 5


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """Neighbouring frames, cropped alike to `crop` pixels after scaling to a shorter edge within `shorter_edge`."""

    crop: int
    shorter_edge: tuple[int, int]

    def __post_init__(self) -> None:
        if self.crop % vondrick.STRIDE or self.crop > self.shorter_edge[0]:
            raise SettingsError(f"A crop is a multiple of {vondrick.STRIDE} pixels and fits the frames.")


@dataclass(frozen=True, slots=True)
class UserHintSettings:
    """Views of pictures as for the colour prior, with hints in the share `hinted` of them, of either kind."""

    views: HintSettings
    hinted: float


@dataclass(frozen=True)
class TrackBatch:
    """Luminance ``(B, 4, 1, H, W)`` and chrominance ``(B, 4, 2, H, W)`` of frames in their order."""

    luminance: Tensor
    chrominance: Tensor


@dataclass(frozen=True)
class UserBatch:
    """Luminance ``(B, 1, H, W)``, hints as `Zhang` takes them, true chrominance ``(B, 2, H, W)``."""

    luminance: Tensor
    local: Tensor
    overall: Tensor
    chrominance: Tensor


class TrackMaker:
    """Makes batches of runs of frames; batch b under seed s is the same whenever it is asked for."""

    def __init__(
        self,
        store: PictureStore,
        settings: TrackSettings,
        size: int,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        """Each of several ranks makes `size` rows of its own."""
        least = vondrick.MEMORY + 1
        self._films = [film for film in store.films if len(film) >= least]
        if not self._films:
            raise SettingsError(f"No film has {least} frames; name longer films with --data.")
        self._store, self._settings = store, settings
        self._size, self._seed, self._rank, self._ranks = size, seed, rank, ranks

    def batches(self, numbers: Iterable[int]) -> Iterator[TrackBatch]:
        """Yield the batches of `numbers`, each when it is asked for."""
        return (self.batch(number) for number in numbers)

    @torch.no_grad()
    def batch(self, number: int) -> TrackBatch:
        """Make batch `number`."""
        rng = np.random.default_rng((self._seed, number, self._rank))
        lab = torch.stack([self._row(rng) for _ in range(self._size)])
        return TrackBatch(lab[:, :, :1], lab[:, :, 1:])

    def _row(self, rng: np.random.Generator) -> Tensor:
        """Return one run ``(4, 3, H, W)`` on the network's scale, forwards or backwards."""
        film = self._films[rng.integers(len(self._films))]
        last = vondrick.MEMORY
        spacing = int(rng.choice([step for step in _SPACINGS if last * step < len(film)]))
        first = int(rng.integers(film.start, film.stop - last * spacing))
        numbers = list(range(first, first + last * spacing + 1, spacing))[:: 1 if rng.random() < 0.5 else -1]
        drawn = {Alteration.SCALING: rng.uniform(*self._settings.shorter_edge)}
        if rng.random() < 0.5:
            drawn[Alteration.FLIP] = 1.0
        view = draw_view(self._store.shape(first), drawn, self._settings.crop, rng)
        return rgb_to_lab(torch.stack([cut(self._store[n], view) for n in numbers]))


class UserMaker:
    """Makes batches of single pictures with hints; batch b under seed s is the same whenever it is asked for."""

    def __init__(
        self,
        store: PictureStore,
        settings: UserHintSettings,
        size: int,
        seed: int,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        """Each of several ranks makes `size` rows of its own."""
        self._store, self._settings = store, settings
        self._size, self._seed, self._rank, self._ranks = size, seed, rank, ranks

    def batches(self, numbers: Iterable[int]) -> Iterator[UserBatch]:
        """Yield the batches of `numbers`, each when it is asked for."""
        return (self.batch(number) for number in numbers)

    @torch.no_grad()
    def batch(self, number: int) -> UserBatch:
        """Make batch `number`."""
        rng = np.random.default_rng((self._seed, number, self._rank))
        lab = torch.stack(
            [rgb_to_lab(view_of(self._store, self._settings.views, rng)) for _ in range(self._size)]
        )
        luminance, chrominance = lab[:, :1], lab[:, 1:]
        local, overall = rng.random((2, self._size)) < self._settings.hinted
        masks = torch.stack([_hint_mask(chrominance[0], rng) * float(given) for given in local])
        given = luminance.new_tensor(overall.astype(np.float32))[:, None]
        described = global_hints(luminance, chrominance) * given
        return UserBatch(luminance, local_hints(_averaged(chrominance), masks), described, chrominance)


def _hint_mask(plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Return where ``(2, H, W)`` is known: ``(1, H, W)`` of 0 and 1, patches of 1 to 9 pixels around the middle."""
    _, height, width = plane.shape
    mask = plane.new_zeros(1, height, width)
    for _ in range(int(rng.geometric(_MORE_HINTS)) - 1):
        side = int(rng.integers(1, _LARGEST_HINT, endpoint=True))
        y, x = (int(np.clip(rng.normal(edge / 2, edge / 4), 0, edge - side)) for edge in (height, width))
        mask[:, y : y + side, x : x + side] = 1.0
    return mask


def _averaged(chrominance: Tensor) -> Tensor:
    """Blur chrominance ``(B, 2, H, W)`` over about the size of a hint, as a patch has one colour."""
    return F.avg_pool2d(chrominance, _HINT_BLUR, 1, padding=_HINT_BLUR // 2, count_include_pad=False)
