"""A previewed frame at the film's size: its colours on luminance as detailed as an export's, to be judged by eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float, Pixels
from remaster_gui.base.choices import DEFAULT_EDGE, Luminance
from remaster_gui.base.color import lab_to_rgb, luma_to_lightness, rgb_to_lab, to_unit
from remaster_gui.base.named_colors import Recoloring
from remaster_gui.engine.compose import compose, saturated
from remaster_gui.engine.finish import Finish, FinishedLuminance, finished
from remaster_gui.engine.grain import measured_grain, new_grain
from remaster_gui.engine.hand_repair import repair
from remaster_gui.engine.mattes import recolored
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.preview_results import PreviewedFrame, eight_bits, to_float
from remaster_gui.engine.sizes import Size, resize, working_size
from remaster_gui.engine.toned import with_restored_tones

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
    recolorings: tuple[Recoloring, ...] = ()
    """Of named colours."""


def recolored_picture(frame: PreviewedFrame, recolorings: Sequence[Recoloring]) -> Bytes:
    """Return a frame as it is seen at working size, sRGB ``(h, w, 3)``, with named colours as they are wanted."""
    known = None if frame.chrominance is None else to_float(frame.chrominance)
    color = known if known is None else recolored(known, frame.mattes, recolorings)
    if color is None or color is known:
        return frame.rgb
    luminance, _ = rgb_to_lab(to_unit(frame.rgb))
    return eight_bits(lab_to_rgb(luminance, saturated(color, frame.saturation)))


def full_size_picture(
    frame: PreviewedFrame, source: Pixels, look: FullSizeLook, beside: Sequence[Pixels] = ()
) -> Bytes:
    """Return a frame as sRGB ``(H, W, 3)`` of the film's size, or as near to it as `MOST_PIXELS` allow.

    source: its luma ``(H, W)``, full range; beside: that of the frames before and after in its shot, where the frame
    has repairs by hand. The film's own luminance is shown as it is; what is restored has the tones of the preview and
    the source's detail, but for dirt and, where grain is taken out, for what restoration would take for that.
    """
    output = _shown_size(Size(source.shape[1], source.shape[0]))
    luminance = _luminance(frame, source, look, beside)
    color = None if frame.chrominance is None else to_float(frame.chrominance)
    if color is not None:
        color = saturated(recolored(color, frame.mattes, look.recolorings), frame.saturation)
    return eight_bits(compose(RemasteredFrame(frame.index, luminance, color), output))


def _shown_size(film: Size) -> Size:
    if film.pixels <= MOST_PIXELS:
        return film
    scale = (MOST_PIXELS / film.pixels) ** 0.5
    return Size(int(film.width * scale), int(film.height * scale))


def _luminance(frame: PreviewedFrame, source: Pixels, look: FullSizeLook, beside: Sequence[Pixels]) -> Float:
    """Return luminance ``(H, W)`` at the film's or at the working size, as the export's may be."""
    film, finish = Size(source.shape[1], source.shape[0]), frame.finish
    luminance = luma_to_lightness(source)
    if finish.share == 0:
        return resize(luminance, _shown_size(film))
    own = resize(
        luminance, working_size(film, look.edge) if look.luminance == "working" else _shown_size(film)
    )
    restored = to_float(frame.restored)
    small, full = (Size(each.shape[1], each.shape[0]) for each in (restored, own))
    around = [resize(luma_to_lightness(each), small) for each in beside]
    if small == full:
        return finished(own, restored, finish, frame.index, film, around).luminance
    # Grain is made at the size that is looked at.
    coarse = "out" if finish.grain == "measured" else finish.grain
    done = finished(resize(own, small), restored, replace(finish, grain=coarse), frame.index, film, around)
    picture = resize(done.luminance, full) + _detail(own, done, finish)
    if finish.grain == "measured":
        toned = with_restored_tones(own, picture)
        model = measured_grain(toned, picture)
        if model is not None and not model.is_nothing:
            picture += new_grain(model, picture, frame.index) * resize(done.repaired, full)
    if beside:
        by_hand = [mark for mark in finish.marks if mark.kind == "repair"]
        repair(picture, by_hand, film, [resize(luma_to_lightness(each), full) for each in beside])
    return picture.clip(0.0, 1.0)


def _detail(own: Float, done: FinishedLuminance, finish: Finish) -> Float:
    """Return the detail ``(H, W)`` that the film's own luminance has beyond the size of a finished preview.

    What is faint is mostly grain and is taken out where that is meant; what is strong is mostly the picture. None of it
    is left where dirt was taken away by itself.
    """
    full, small = (Size(each.shape[1], each.shape[0]) for each in (own, done.luminance))
    detail = own - resize(resize(own, small), full)
    repaired = resize(done.repaired, full)
    if finish.grain == "keep":
        return detail * (1 - repaired)
    energy = np.asarray(cv2.boxFilter(detail * detail, cv2.CV_32F, _AROUND), np.float32)
    detail *= (1 - repaired) + repaired * energy / (energy + np.float32(FAINT**2))
    if done.by_hand is not None:
        detail *= 1 - resize(done.by_hand, full)
    return detail
