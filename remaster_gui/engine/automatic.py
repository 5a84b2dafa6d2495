"""Colour without references: one frame of each look is coloured by guess, and guides all others as a reference does.

So colours that nobody has chosen are as steady as any, shots that alternate agree, and each guess can be taken up and
corrected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import torch

from remaster_gui.base.arrays import Float, Pixels
from remaster_gui.base.color import lab_to_rgb, luma_to_lightness
from remaster_gui.base.notices import Notice
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.model.guessing import guess_colors
from remaster_gui.model.prior import ColorPrior

GUESSED = Notice(
    "note",
    "No references were given, so these colours are guesses; a few frames that you colour as you know them "
    "make the film yours.",
)

_VERSION = 1
"""Raise it when guesses change, so that results of old ones are not taken for new ones."""
_LARGEST_EDGE = 720
"""Shorter edge in pixels of a guessed picture, at most: the networks work at smaller sizes."""


def automatic_references(
    frames: Iterable[int],
    film: str,
    prior: str,
    vividness: float,
    read: Callable[[int], Pixels],
    prior_of: Callable[[], ColorPrior],
) -> tuple[Reference, ...]:
    """Return guessed references for these frames of a film; each is made when it is loaded.

    `film` and `prior` tell one film's content and one prior from others. `read` delivers luma ``(H, W)``, and
    `prior_of` the prior in its inference form, on the threads on which references are loaded.
    """

    def load(frame: int) -> Pixels:
        return guess_picture(prior_of(), luma_to_lightness(read(frame)), vividness)

    return tuple(
        Reference(
            f"guess at frame {frame:06d}",
            _digest(film, frame, prior, vividness),
            partial(load, frame),
            frame,
            is_guessed=True,
        )
        for frame in frames
    )


def guess_picture(prior: ColorPrior, luminance: Float, vividness: float) -> Pixels:
    """Colour luminance ``(H, W)`` in [0, 1] by guess; returns sRGB ``(h, w, 3)`` uint8, smaller where it is large."""
    height, width = luminance.shape
    scale = min(1.0, _LARGEST_EDGE / min(height, width))
    seen = resize(luminance, Size(max(1, round(width * scale)), max(1, round(height * scale))))
    color = guess_colors(prior, torch.from_numpy(seen)[None, None], vividness)
    rgb = lab_to_rgb(seen, np.ascontiguousarray(color[0].permute(1, 2, 0).cpu().numpy()))
    picture: Pixels = np.rint(rgb * np.float32(255)).astype(np.uint8)
    return picture


def _digest(film: str, frame: int, prior: str, vividness: float) -> str:
    said = f"guess {_VERSION}\0{film}\0{frame}\0{prior}\0{float(vividness)!r}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
