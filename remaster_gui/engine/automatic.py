"""Colour without references: one frame of each look is coloured by guess, and guides all others as a reference does.

So guessed colours are as steady as those of references, shots that alternate agree, and each guess can be taken up and
corrected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.engine.messages import Reference

if TYPE_CHECKING:  # it needs torch, which those who name references may not have loaded
    from remaster_gui.model.prior import ColorPrior

GUESSED = Notice(
    "note",
    tr(
        "No references were given, so these colours are guesses; a few frames that you colour as you know them "
        "make the film yours."
    ),
)

GUESSED_BETWEEN = Notice(
    "note",
    tr(
        "At some frames no reference is valid, so their colours are guesses; let a reference count there, "
        "or colour one of "
        "these frames."
    ),
)

_VERSION = 1
"""Raise it when guesses change, so that results of old ones are not taken for new ones."""


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

    def load(frame: int, vividness: float) -> Pixels:
        luma, network = read(frame), prior_of()
        from remaster_gui.engine.guess_pictures import guess_picture

        return guess_picture(network, luma, vividness)

    def guess(frame: int, vividness: float) -> Reference:
        return Reference(
            f"guess at frame {frame:06d}",
            _digest(film, frame, prior, vividness),
            partial(load, frame, vividness),
            frame,
            is_guessed=True,
            as_vivid=partial(guess, frame),
        )

    return tuple(guess(frame, vividness) for frame in frames)


def _digest(film: str, frame: int, prior: str, vividness: float) -> str:
    said = f"guess {_VERSION}\0{film}\0{frame}\0{prior}\0{float(vividness)!r}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
