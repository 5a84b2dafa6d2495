"""Where the colours of a frame come from as layers of its picture, for compositing programs to mask by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.engine.messages import Reference, RemasteredFrame, Settings
from remaster_gui.engine.origin import origin_of
from remaster_gui.engine.sizes import Size
from remaster_gui.media import Preset

SHARES = ("origin.painted", "origin.carried", "origin.guessed")
"""What part of a pixel's colour was painted on this frame, carried from references and guessed: together 1."""
INDEX, CERTAINTY = "reference.index", "reference.certainty"
"""The number, from 1 on in the order of the report, of the reference that a pixel draws from most, and how surely.

Both are 0 where there are no references.
"""
LAYERS = (*SHARES, INDEX, CERTAINTY)


def check_layers(preset: Preset, settings: Settings) -> None:
    """Raise `SettingsError` where layers cannot be written, or there is nothing to say in them."""
    if not preset.holds_layers:
        raise SettingsError(
            tr(
                "Layers are written into OpenEXR pictures, not into {title}; choose the preset exr, or no layers.",
                title=preset.title,
            )
        )
    if not settings.colorization or settings.authors_scheme:
        why = (
            tr("the authors' scheme does not tell")
            if settings.colorization
            else tr("a film without colours lacks")
        )
        raise SettingsError(tr("Layers say where colours come from, which {why}; choose no layers.", why=why))


def origin_layers(frame: RemasteredFrame, references: Sequence[Reference], size: Size) -> Mapping[str, Float]:
    """Return the planes (H, W) of `LAYERS`, as large as the picture; `references` are those of the render, in order.

    All are 0 in a shot that stays black and white.
    """
    origin = origin_of(frame, references)
    if origin is None:
        return dict.fromkeys(LAYERS, np.zeros((size.height, size.width), np.float32))
    painted, carried = (_enlarged(plane, size) for plane in (origin.painted, origin.carried))
    planes = [painted, carried, (1 - painted - carried).clip(0.0, 1.0)]
    if frame.attention is None or not references:
        planes += [np.zeros_like(painted)] * 2
    else:
        chosen = frame.attention.shares.argmax(-1).astype(np.float32) + 1
        planes += [
            cv2.resize(chosen, (size.width, size.height), interpolation=cv2.INTER_NEAREST),
            _enlarged(frame.attention.certainty, size),
        ]
    return dict(zip(LAYERS, planes, strict=True))


def _enlarged(plane: Float, size: Size) -> Float:
    """Bring shares to the size of the picture; they stay within [0, 1]."""
    return np.asarray(
        cv2.resize(plane, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.float32
    )
