"""Names for the colour code points of ITU-T H.273, which all codecs share, and what holds without them."""

from __future__ import annotations

import av

from remaster_gui.media.film import ColorTags

MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt601-625",
    6: "bt601-525",
    7: "bt601-525",
    8: "film",
    9: "bt2020",
    11: "p3-dci",
    12: "p3-d65",
}
TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "bt709",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    13: "srgb",
    14: "bt709",
    15: "bt709",
    16: "pq",
    18: "hlg",
}
RANGES = {1: "limited", 2: "full"}

BT709_CODE = 1
"""Code point of BT.709 in all three tables."""

LIMITED_CODE = 1
FULL_CODE = 2

LUMA_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "rgb": (0.2126, 0.0722),
    "bt601": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}
"""Weights of red and blue in luma, by matrix; green has the rest."""


def is_standard_definition(width: int, height: int) -> bool:
    """Whether an untagged picture of this coded size follows BT.601 by convention."""
    return width < 1280 and height <= 576


def tags_of(picture: av.VideoFrame, *, still: bool) -> ColorTags:
    """Name the code points of a decoded picture; unknown ones follow its size (SD: BT.601, HD: BT.709).

    ``still`` says that it comes from a codec for single pictures, whose grey and JPEG kinds are full range
    and BT.601. SD primaries are close to BT.709's and, like players do, are not told apart from them when
    untagged.
    """
    name = picture.format.name
    is_grey = name.startswith(("gray", "ya", "mono"))
    is_rgb = picture.format.is_rgb or name in ("pal8", "xyz12le", "xyz12be")
    convention = "bt601" if is_standard_definition(picture.width, picture.height) else "bt709"
    matrix = MATRICES.get(int(picture.colorspace), "bt709" if is_rgb else convention)
    if matrix == "rgb" and not is_rgb:
        matrix = convention
    full = name.startswith("yuvj") or is_rgb or (is_grey and still)
    return ColorTags(
        matrix=matrix,
        range=RANGES.get(int(picture.color_range), "full" if full else "limited"),
        primaries=PRIMARIES.get(int(picture.color_primaries), "bt709"),
        transfer=TRANSFERS.get(int(picture.color_trc), "srgb" if is_rgb else "bt709"),
    )
