"""Attention as pictures: which reference coloured what, and where in a reference a point draws from; for any thread."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from remaster_gui.ui.qimage import to_qimage

STRONGEST = 0.58
"""Alpha of the overlay where attention is sure; the picture below stays visible."""
_ENLARGED = 6
"""Pixels for each position of the map, so that borders between references are smooth lines."""
_LONGEST = 900
_SHARPNESS = 8
"""Exponent of shares: the leading reference shows its pure colour unless another one comes close."""
_MOST = 24
"""References that are drawn: those that lead anywhere; eyes cannot tell more colours apart."""
_VEIL = 0.55
"""Alpha of the darkening of a reference where nothing is drawn from it."""
_GLOW = 0.55
_GLOW_COLOR = (255, 196, 92)


def overlay_pixels(
    shares: NDArray[np.float32], certainty: NDArray[np.float32], colors: Sequence[QColor]
) -> NDArray[np.uint8]:
    """Return an overlay RGBA ``(H, W, 4)`` uint8, straight alpha, a few times the map's size.

    shares ``(h, w, N)`` and certainty ``(h, w)`` float32 in [0, 1]; colors: one for each of the N references. Hue tells
    the reference, alpha the certainty; without references all is transparent.
    """
    height, width = certainty.shape
    factor = max(1, min(_ENLARGED, _LONGEST // max(height, width, 1)))
    size = (width * factor, height * factor)
    if not colors or not shares.shape[2]:
        return np.zeros((size[1], size[0], 4), np.uint8)
    if shares.shape[2] > _MOST:
        leading = np.sort(np.argsort(-shares.max(axis=(0, 1)), kind="stable")[:_MOST])
        shares, colors = shares[..., leading], [colors[n] for n in leading]
    alpha = _enlarged(certainty, size).clip(0, 1)
    layers = np.stack([_enlarged(shares[..., n], size) for n in range(shares.shape[2])], axis=-1).clip(0, 1)
    layers = (layers / layers.max(axis=-1, keepdims=True).clip(1e-6)) ** _SHARPNESS
    layers /= layers.sum(axis=-1, keepdims=True)
    inks = np.array([(color.red(), color.green(), color.blue()) for color in colors], np.float32)
    pixels = np.empty((size[1], size[0], 4), np.uint8)
    pixels[..., :3] = np.rint(layers @ inks)
    pixels[..., 3] = np.rint(alpha * (255 * STRONGEST))
    return pixels


def overlay_picture(
    shares: NDArray[np.float32], certainty: NDArray[np.float32], colors: Sequence[QColor]
) -> QImage:
    """Return `overlay_pixels` as a picture for `AttentionOverlay.set_map`; safe on any thread."""
    return _premultiplied(overlay_pixels(shares, certainty, colors))


def heat_pixels(heat: NDArray[np.float32], peak: float) -> NDArray[np.uint8]:
    """Return RGBA ``(H, W, 4)`` uint8, straight alpha, to lay over a reference: dark at 0, aglow at `peak`.

    heat ``(h, w)`` float32 from 0; `peak` is the largest value over all references, so that they can be compared.
    """
    height, width = heat.shape
    size = (width * _ENLARGED, height * _ENLARGED)
    strength = np.sqrt(_enlarged(np.asarray(heat, np.float32), size).clip(0) / max(peak, 1e-12)).clip(0, 1)
    veil, glow = _VEIL * (1 - strength), _GLOW * strength
    alpha = veil + glow
    pixels = np.empty((size[1], size[0], 4), np.uint8)
    pixels[..., :3] = np.rint(np.array(_GLOW_COLOR, np.float32) * (glow / alpha)[..., None])
    pixels[..., 3] = np.rint(alpha * 255)
    return pixels


def heat_pictures(heat: Sequence[NDArray[np.float32]], ids: Sequence[str]) -> dict[str, QImage]:
    """Return the heat over each reference by its id, for `ReferenceBin.set_heat`; safe on any thread."""
    peak = max((float(each.max()) for each in heat), default=0.0)
    return {
        id_: _premultiplied(heat_pixels(each, peak)) for id_, each in zip(ids, heat, strict=True) if each.size
    }


def _enlarged(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _premultiplied(pixels: NDArray[np.uint8]) -> QImage:
    # Scaling straight alpha would draw the colours of transparent pixels into the borders.
    return to_qimage(pixels).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
