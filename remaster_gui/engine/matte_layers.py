"""Mattes of named colours as layers of pictures, for compositing programs to pick from by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.base.language import tr
from remaster_gui.engine.messages import RemasteredFrame, Settings
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.media import Preset
from remaster_gui.media.cryptomatte import ranked


def check_mattes(preset: Preset, settings: Settings) -> None:
    """Raise `SettingsError` where mattes cannot be written."""
    if not preset.holds_layers:
        raise SettingsError(
            tr(
                "Mattes are written into OpenEXR pictures, not into {preset}; choose the preset exr, or no mattes.",
                preset=preset.title,
            )
        )
    if not settings.colorization or settings.authors_scheme:
        raise SettingsError(tr("Mattes come along with colours, which this film has not; choose no mattes."))


def check_named(names: tuple[str, ...]) -> None:
    """Raise `SettingsError` where nothing has a name."""
    if not names:
        raise SettingsError(
            tr(
                "Mattes are those of named colours, and nothing has a name here; name a part of a reference in the "
                "editor, or choose no mattes."
            )
        )


def matte_layers(frame: RemasteredFrame, size: Size) -> Mapping[str, Float]:
    """Return the planes of `cryptomatte.CHANNELS`, as large as the picture, brought there as colours are."""
    mattes = frame.mattes
    if mattes is None or not mattes.names:
        return ranked({}, size.height, size.width)
    luminance = resize(frame.luminance, size)
    planes = [plane * np.float32(1 / 255) for plane in mattes.planes]
    planes += planes[-1:] * (len(planes) % 2)
    full: list[Float] = []
    for one, other in zip(planes[::2], planes[1::2], strict=True):
        both = upsample_chrominance(np.stack([one, other], axis=-1), luminance)
        full += [both[..., 0], both[..., 1]]
    return ranked(dict(zip(mattes.names, full, strict=False)), size.height, size.width)
