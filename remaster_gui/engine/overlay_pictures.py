"""Frames of an overlay film: the result in grey, over it in colours where its colours come from, and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from remaster_gui.base.arrays import Float
from remaster_gui.base.choices import OverlayKind
from remaster_gui.engine.messages import Reference, RemasteredFrame
from remaster_gui.engine.origin import Origin, origin_of
from remaster_gui.engine.overlay_colors import GUESSED_COLOR, PAINTED_COLOR, STRONGEST
from remaster_gui.project.edits import OWN_COLORS

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_LINES = 24
"""Lines of the legend's text that fill a picture's height."""
_SMALLEST_TEXT = 9
_MOST_ENTRIES = 8
_LEAST_SHARE = 0.005
_GROUND = 0.25
"""How much of the picture shines through the legend's ground."""


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A line of the legend: a colour ``#rrggbb``, what it stands for, and its part of the frame, 0 to 1."""

    color: str
    text: str
    share: float


def overlay_frame(
    frame: RemasteredFrame, picture: Float, references: Sequence[Reference], kind: OverlayKind
) -> Float:
    """Return a frame of the overlay film ``(H, W, 3)`` float32 in [0, 1]; `picture` is the result of that size."""
    grey = np.repeat((picture @ _LUMA)[..., None], 3, axis=2)
    wash, entries = _attention(frame, references) if kind == "attention" else _origin(frame, references)
    if wash is not None:
        full = np.asarray(cv2.resize(wash, grey.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
        grey = grey * (1 - full[..., 3:]) + full[..., :3]
    return with_legend(grey.clip(0.0, 1.0), entries)


def reference_colors(count: int) -> list[str]:
    """Return the colours by which so many references are told apart, in their order."""
    return [OWN_COLORS[number % len(OWN_COLORS)] for number in range(count)]


def _attention(
    frame: RemasteredFrame, references: Sequence[Reference]
) -> tuple[Float | None, list[LegendLine]]:
    """Return a wash ``(h, w, 4)``, colours times alpha, and the legend; alpha is the certainty."""
    if frame.attention is None or not references:
        return None, [LegendLine(GUESSED_COLOR, "no references", 1.0)]
    shares, certainty = frame.attention.shares, frame.attention.certainty
    colors = reference_colors(len(references))
    alpha = STRONGEST * certainty[..., None]
    wash = np.concatenate([alpha * (shares @ _inks(colors)), alpha], axis=2).astype(np.float32)
    parts = shares.mean((0, 1))
    return wash, [
        LegendLine(color, each.name, float(part))
        for color, each, part in zip(colors, references, parts, strict=True)
    ]


def _origin(frame: RemasteredFrame, references: Sequence[Reference]) -> tuple[Float | None, list[LegendLine]]:
    """Return a wash of painted, each reference's and guessed colours, and the legend with the parts of the frame."""
    origin = origin_of(frame, references)
    if origin is None:
        return None, []
    colors = reference_colors(len(references))
    painted, guessed = _inks([PAINTED_COLOR, GUESSED_COLOR])
    ink = origin.painted[..., None] * painted + origin.guessed[..., None] * guessed
    entries = [
        LegendLine(PAINTED_COLOR, "painted", float(origin.painted.mean())),
        *_carried_entries(origin, references, colors),
        LegendLine(GUESSED_COLOR, "guessed", float(origin.guessed.mean())),
    ]
    if origin.sources is not None and references:
        size = (ink.shape[1], ink.shape[0])
        carried = cv2.resize((origin.sources @ _inks(colors)).astype(np.float32), size)
        ink = ink + origin.carried[..., None] * carried
    alpha = np.full((*ink.shape[:2], 1), STRONGEST, np.float32)
    return np.concatenate([STRONGEST * ink, alpha], axis=2).astype(np.float32), entries


def _carried_entries(
    origin: Origin, references: Sequence[Reference], colors: Sequence[str]
) -> list[LegendLine]:
    if origin.sources is None:
        return []
    height, width = origin.sources.shape[:2]
    small = cv2.resize(origin.carried, (width, height), interpolation=cv2.INTER_AREA)
    parts = (origin.sources * small[..., None]).mean((0, 1))
    return [
        LegendLine(color, each.name, float(part))
        for color, each, part in zip(colors, references, parts, strict=True)
    ]


def _inks(colors: Sequence[str]) -> NDArray[np.float32]:
    return np.array([[int(c[n : n + 2], 16) / 255 for n in (1, 3, 5)] for c in colors], np.float32)


def with_legend(picture: Float, entries: Sequence[LegendLine]) -> Float:
    """Write a legend into the lower left corner: the largest shares first, as many as there is room for."""
    seen = sorted((each for each in entries if each.share >= _LEAST_SHARE), key=lambda each: -each.share)
    seen = seen[:_MOST_ENTRIES]
    if not seen:
        return picture
    height, width = picture.shape[:2]
    size = max(_SMALLEST_TEXT, height // _LINES)
    font = ImageFont.load_default(size)
    seen = seen[: max(1, height // (2 * size))]
    texts = [f"{each.text}  {100 * each.share:.0f} %" for each in seen]
    line, pad = round(1.35 * size), size // 2
    wide = min(width, 3 * pad + size + round(max(font.getlength(text) for text in texts)))
    high = min(height, 2 * pad + line * len(seen))
    box = Image.new("RGB", (wide, high), "#141414")
    draw = ImageDraw.Draw(box)
    for row, (each, text) in enumerate(zip(seen, texts, strict=True)):
        top = pad + row * line
        draw.rectangle(
            (pad, top + size // 8, pad + size - size // 4, top + size - size // 8), fill=each.color
        )
        draw.text((2 * pad + size, top), text, font=font, fill="#f0f0f0")
    label = np.asarray(box, np.float32) / np.float32(255)
    made = picture.copy()
    corner = made[height - high :, :wide]
    made[height - high :, :wide] = _GROUND * corner * (label.max(axis=2, keepdims=True) < 0.2) + label
    return made.clip(0.0, 1.0)
