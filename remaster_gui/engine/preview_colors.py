"""What a preview keeps of the colours that the network has made of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.engine.drawn import Drawn
from remaster_gui.engine.mattes import Mattes, mattes_of
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.preview_results import eight_bits
from remaster_gui.engine.stream import PassedFrame


@dataclass(frozen=True, slots=True)
class FrameColors:
    """What the network says of a frame's colours: see `PreviewedFrame`; chrominance in [0, 1]."""

    chrominance: Float | None
    share: Bytes | None
    drawn: Drawn | None
    mattes: Mattes | None


def colors_of(made: PassedFrame, references: Sequence[Reference]) -> FrameColors:
    """Return what the network says of a frame's colours; what guesses carry is guessed as well."""
    share, drawn = None, None
    if made.share is not None:
        is_guessed = any(each.is_guessed for each in references)
        share = eight_bits(np.zeros_like(made.share) if is_guessed else made.share)
    if made.draws is not None:
        drawn = Drawn(tuple(each.digest for each in references), made.draws)
    mattes, color = None, made.chrominance
    if made.mattes is not None and color is not None:
        mattes = mattes_of(references[0].names, made.mattes, color)
    return FrameColors(made.chrominance, share, drawn, mattes)
