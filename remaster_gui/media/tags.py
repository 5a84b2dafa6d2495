"""Names for the colour code points of ITU-T H.273, which every container and codec shares, and their defaults."""

from __future__ import annotations

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


def resolve_tags(
    *,
    matrix: int,
    primaries: int,
    transfer: int,
    range_: int,
    width: int,
    height: int,
    rgb: bool,
    full_by_default: bool,
) -> ColorTags:
    """Name the code points of a stream; unknown ones follow the picture's size (SD: BT.601, HD: BT.709).

    SD primaries are close to BT.709's and, like players do, are not told apart from them when untagged.
    """
    convention = "bt601" if is_standard_definition(width, height) else "bt709"
    if rgb:
        # The matrix of an RGB stream only chooses the weights of luma.
        matrix_name = MATRICES.get(matrix, "bt709")
    else:
        matrix_name = MATRICES.get(matrix, convention)
        if matrix_name == "rgb":
            matrix_name = convention
    return ColorTags(
        matrix=matrix_name,
        range=RANGES.get(range_, "full" if full_by_default else "limited"),
        primaries=PRIMARIES.get(primaries, "bt709"),
        transfer=TRANSFERS.get(transfer, "srgb" if rgb else "bt709"),
    )
