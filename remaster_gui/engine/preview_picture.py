"""A previewed frame at the film's size: its colours on luminance as detailed as an export's, to be judged by eye."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float, Pixels
from remaster_gui.base.choices import DEFAULT_EDGE, Luminance
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.engine.compose import compose, mixed, saturated
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.preview_results import PreviewedFrame, eight_bits, to_float
from remaster_gui.engine.sizes import Size, resize, working_size

MOST_PIXELS = 9_000_000
"""Of a picture that is composed, which takes half a gigabyte meanwhile; UHD fits, larger film is shrunk."""

FAINT = 0.01
"""Detail (standard deviation of L*/100 over three by three pixels) of which restoration leaves half.

Chosen on real film, previews at half of the working size against restoration at full size: four shots of 1952 and a
street of about 1900. Detail (variance of the Laplacian) is 0.98 to 1.18 of what an export has, where the enlarged
preview has 0.1 to 0.4 and the source 1.4 to 2.4; the difference to the export is at most 5 % above the least there is.
"""
_AROUND = (3, 3)


@dataclass(frozen=True, slots=True)
class FullSizeLook:
    """What settings say of the luminance that an export has."""

    luminance: Luminance = "restored"
    edge: int = DEFAULT_EDGE


def full_size_picture(frame: PreviewedFrame, source: Pixels, look: FullSizeLook) -> Bytes:
    """Return a frame as sRGB ``(H, W, 3)`` of the film's size, or as near to it as `MOST_PIXELS` allow.

    source: its luma ``(H, W)``, full range. The film's own luminance is shown as it is; what is restored has the tones
    of the preview and the source's detail, but for what restoration would take for grain.
    """
    output = _shown_size(Size(source.shape[1], source.shape[0]))
    luminance = _luminance(frame, luma_to_lightness(source), look)
    color = None if frame.chrominance is None else saturated(to_float(frame.chrominance), frame.saturation)
    return eight_bits(compose(RemasteredFrame(frame.index, luminance, color), output))


def _shown_size(film: Size) -> Size:
    if film.pixels <= MOST_PIXELS:
        return film
    scale = (MOST_PIXELS / film.pixels) ** 0.5
    return Size(int(film.width * scale), int(film.height * scale))


def _luminance(frame: PreviewedFrame, source: Float, look: FullSizeLook) -> Float:
    """Return luminance ``(H, W)`` at the film's or at the working size, as the export's may be."""
    film = Size(source.shape[1], source.shape[0])
    if frame.restored_share == 0:
        return resize(source, _shown_size(film))
    own = resize(source, working_size(film, look.edge) if look.luminance == "working" else _shown_size(film))
    return mixed(own, _with_detail(to_float(frame.restored), own), frame.restored_share)


def _with_detail(restored: Float, source: Float) -> Float:
    """Return restored luminance ``(h, w)`` at the size of the source's ``(H, W)``, with its detail.

    Where both have one size nothing is missing. What is faint is mostly grain; what is strong is mostly the picture.
    """
    if restored.shape == source.shape:
        return restored
    small, full = (Size(each.shape[1], each.shape[0]) for each in (restored, source))
    detail = source - resize(resize(source, small), full)
    energy = np.asarray(cv2.boxFilter(detail * detail, cv2.CV_32F, _AROUND), np.float32)
    detail *= energy / (energy + np.float32(FAINT**2))
    detail += resize(restored, full)
    return detail.clip(0.0, 1.0)
