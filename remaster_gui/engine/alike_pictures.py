"""Pictures as a network sees them, to find what in them is alike."""

from __future__ import annotations

import numpy as np

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.color import to_unit
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.references import encode_reference, scaled_picture
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.model.colorization import ColorizationNetwork
from remaster_gui.painting.alike import DescribedPicture, described

EDGE = 384
"""Shorter edge at which pictures are looked at: a little finer than previews."""
_STRIDE = 8
_MARGIN = 32
"""Pixels of the picture's mirror image around it."""


def describe(loaded: LoadedNetwork, picture: Pixels) -> DescribedPicture:
    """Describe a picture ``(H, W, 3)`` sRGB by the features by which the network compares it with a film."""
    size = working_size(Size(picture.shape[1], picture.shape[0]), EDGE)
    # Networks see the edge of a picture as something by itself: let it lie farther out.
    small = np.pad(
        scaled_picture(picture, size), ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0)), "symmetric"
    )
    known = encode_reference(loaded.network, small)
    half = loaded.network.colorization
    keys = known.fine.keys
    if isinstance(half, ColorizationNetwork):
        keys = half.attend_fine.similarity.features_of(keys)
    rows, columns = (-(-length // _STRIDE) for length in known.size)
    edge = _MARGIN // _STRIDE
    features = keys[0].float().cpu().numpy().reshape(rows, columns, -1)[edge:-edge, edge:-edge]
    pixels = picture if picture.dtype == np.uint8 else np.rint(to_unit(picture) * 255).astype(np.uint8)
    return described(np.asarray(pixels, np.uint8), features)
