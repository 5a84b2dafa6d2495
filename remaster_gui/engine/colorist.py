"""What the colour prior does for a painter: strokes grow into the whole frame, and places have likely colours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.base.language import tr
from remaster_gui.engine.device import choose_device, device_faults
from remaster_gui.engine.likely_colors import PAINTED, ColorTable, Outlook
from remaster_gui.engine.shared_prior import shared_prior
from remaster_gui.model.filling import EDGE
from remaster_gui.model.prior import LOGITS_FACTOR, UNITS, ColorPrior, Guess, Hints
from remaster_gui.model.weights import usable_device
from remaster_gui.painting import painted_hints
from remaster_gui.painting.painted_hints import CarriedColors, blocked_reason, hints_of, laid_under
from remaster_gui.painting.raster import PixelDelta, Raster
from remaster_gui.painting.spread import grow

MOST_PIXELS = 4 * EDGE**2
"""Pixels at which the prior is asked at most, however long a picture is."""
_FADING = 0.0003
"""How soon a stroke's own colour, which grows up to edges, gives way to what the prior makes of it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a picture before the prior is asked, at its size (h, w); chrominance in units of ab."""

    luminance: Float
    chrominance: Float
    confidence: Float

    @property
    def name(self) -> bytes:
        """Tells it from others."""
        found = hashlib.blake2b(digest_size=16)
        for plane in (self.luminance, self.chrominance, self.confidence):
            found.update((plane + np.float32(0.0)).tobytes())  # nothing has no sign
        return found.digest()


class Colorist:
    """Asks one prior, which it shares with whoever else on its device needs it. Safe on any thread."""

    def __init__(self, prior: ColorPrior) -> None:
        """Ask `prior`, in its inference form; `load` finds the one that ships."""
        self.prior = prior
        """What is asked; others may share it."""
        self._lock = Lock()
        self._last: tuple[bytes, Guess] | None = None

    @staticmethod
    def load(device: str | None = None) -> Colorist:
        """Ask the prior that ships, on the best device unless one is named; raises `WeightsError`, `DeviceError`."""
        return Colorist(shared_prior(usable_device(choose_device(device)))[0])

    def color(
        self, luminance: Float, chrominance: Float | None = None, confidence: Float | None = None
    ) -> Float:
        """Return chrominance ``(H, W, 2)`` in [0, 1] for luminance ``(H, W)`` in [0, 1].

        Hints are two pictures of the same size: chrominance ``(H, W, 2)`` in [0, 1], which counts where confidence
        ``(H, W)`` in [0, 1] is above 0. Raises `SettingsError` for others.
        """
        _check_luminance(luminance)
        known, sure = _checked_hints(luminance, chrominance, confidence)
        size = asked_size(luminance.shape[1], luminance.shape[0])
        given = CarriedColors(known * np.float32(UNITS) - np.float32(128.0), sure).at(size)
        small = _shrunk(luminance, size)
        guess = self._guess(_Known(small, given.chrominance, given.share))
        return upsample_chrominance(_plane(guess.chrominance), luminance)

    def spread(
        self, raster: Raster, carried: CarriedColors | None = None, cancel: Event | None = None
    ) -> PixelDelta | None:
        """Return the change that lets what is painted grow over everything else; the raster itself is left as it is.

        `carried`: what references carry to the frame, as far as that is known; it stays where nothing that was painted
        contradicts it. None if there is nothing to do, or when cancelled. Not on a raster that others change meanwhile.
        """
        if blocked_reason(raster):
            return None
        hints = hints_of(raster, asked_size(raster.width, raster.height))
        beside = _beside(hints, carried)
        guess = self._guess(_known(hints, beside))
        if cancel is not None and cancel.is_set():
            return None
        colors = (_plane(guess.chrominance) - np.float32(NEUTRAL)) * np.float32(UNITS)
        if beside is not None:
            colors += (beside.chrominance - colors) * beside.share[..., None]
        weight = np.where(hints.known, hints.weight, np.float32(0.0))
        grown = grow(hints.luminance, hints.chrominance, weight, _FADING, cancel)
        if grown is None:
            return None
        reached, sure = grown
        colors += (reached - colors) * sure[..., None]
        return laid_under(raster, colors, hints.luminance)

    def outlook(self, raster: Raster, carried: CarriedColors | None = None) -> Outlook:
        """Return which colours the places of a raster are likely to have, given what is painted and carried."""
        hints = hints_of(raster, asked_size(raster.width, raster.height))
        guess = self._guess(_known(hints, _beside(hints, carried)))
        likelihood = torch.softmax(guess.logits[0], dim=0).permute(1, 2, 0).contiguous()
        light = F.avg_pool2d(torch.from_numpy(hints.luminance)[None, None], LOGITS_FACTOR, ceil_mode=True)
        known = hints.known
        return Outlook(
            _read_only(likelihood.half().cpu().numpy()),
            _read_only(self.prior.centres.float().cpu().numpy()),
            _read_only(light[0, 0].numpy()),
            ColorTable.of(PAINTED, hints.luminance[known], hints.chrominance[known]),
        )

    def _guess(self, known: _Known) -> Guess:
        """Ask the prior, unless it was asked just this last time: strokes are spread, then their outlook is wanted."""
        name = known.name
        with self._lock, device_faults():
            if self._last is None or self._last[0] != name:
                hints = Hints(
                    _tensor(known.chrominance).movedim(-1, 1) / UNITS + NEUTRAL,
                    _tensor(known.confidence)[:, None],
                )
                self._last = (name, self.prior.guess(_tensor(known.luminance)[:, None], hints))
            return self._last[1]


def asked_size(width: int, height: int) -> tuple[int, int]:
    """Return the size (width, height) at which the prior is asked of a picture."""
    scale = min(1.0, EDGE / min(width, height), (MOST_PIXELS / (width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _beside(hints: painted_hints.PaintedHints, carried: CarriedColors | None) -> CarriedColors | None:
    """Return what is carried, at the size of hints and without what they contradict."""
    if carried is None:
        return None
    height, width = hints.luminance.shape
    return carried.at((width, height)).beside(hints)


def _known(hints: painted_hints.PaintedHints, beside: CarriedColors | None) -> _Known:
    """Return what is painted, which is certain, and what is carried elsewhere, with its share as confidence."""
    known = hints.known
    chrominance, confidence = hints.chrominance, known.astype(np.float32)
    if beside is not None:
        chrominance = np.where(known[..., None], chrominance, beside.chrominance)
        confidence = np.where(known, np.float32(1.0), beside.share.clip(0.0, 1.0))
    return _Known(hints.luminance, chrominance, confidence)


def _check_luminance(luminance: Float) -> None:
    if luminance.ndim != 2 or not luminance.size:
        raise SettingsError(tr("A picture to be coloured is one plane of luminance; this one is not."))
    if not _within_unit(luminance):
        raise SettingsError(
            tr("The luminance of a picture lies between 0 and 1 everywhere; this one has other values.")
        )


def _checked_hints(
    luminance: Float, chrominance: Float | None, confidence: Float | None
) -> tuple[Float, Float]:
    """Return hint pictures that fit a picture, neutral where nothing is known."""
    height, width = luminance.shape
    if chrominance is None and confidence is None:
        return np.full((height, width, 2), NEUTRAL, np.float32), np.zeros((height, width), np.float32)
    if chrominance is None or confidence is None:
        raise SettingsError(tr("Hints are two pictures, chrominance and confidence; give both or none."))
    if chrominance.shape != (height, width, 2) or confidence.shape != (height, width):
        raise SettingsError(
            tr(
                "Hints are as large as the picture, {width}x{height} pixels; give chrominance and "
                "confidence of that size.",
                width=width,
                height=height,
            )
        )
    if not _within_unit(confidence):
        raise SettingsError(
            tr("The confidence of hints lies between 0 and 1 everywhere; these have other values.")
        )
    known = np.where(confidence[..., None] > 0, chrominance, np.float32(NEUTRAL)).astype(np.float32)
    if not _within_unit(known):
        raise SettingsError(
            tr(
                "The chrominance of hints lies between 0 and 1, which stands for ab of -128 to 127, wherever they have "
                "confidence; these have other values there."
            )
        )
    return known, confidence.astype(np.float32)


def _within_unit(values: Float) -> bool:
    """Whether all numbers lie in [0, 1]; none that is no number does."""
    return bool(((values >= 0) & (values <= 1)).all())


def _shrunk(luminance: Float, size: tuple[int, int]) -> Float:
    return np.asarray(cv2.resize(luminance, size, interpolation=cv2.INTER_AREA), np.float32)


def _tensor(array: Float) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))[None]


def _plane(chrominance: Tensor) -> Float:
    """Bring chrominance ``(1, 2, h, w)`` into ordinary memory, as ``(h, w, 2)``."""
    return np.ascontiguousarray(chrominance[0].permute(1, 2, 0).cpu().numpy())


Array = TypeVar("Array", bound=np.ndarray[Any, Any])


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
