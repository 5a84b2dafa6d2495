"""Sizes of pictures that this program works with."""

from __future__ import annotations

from pathlib import Path

from remaster_gui.base.errors import MediaError

SMALLEST = 16
"""Shorter edge in pixels: one cell of the network's coarsest features."""
LARGEST = 12288
"""Longer edge in pixels, more than any film scanner delivers."""


def check_size(path: Path, width: int, height: int) -> None:
    """Raise `MediaError` for a picture that is too small to hold anything or too large to be a film."""
    if min(width, height) < SMALLEST:
        raise MediaError(
            f"The frames of {path} measure {width}x{height} pixels; {SMALLEST}x{SMALLEST} is the least."
        )
    if max(width, height) > LARGEST:
        raise MediaError(
            f"The frames of {path} measure {width}x{height} pixels; scale them to {LARGEST} or less."
        )


LARGEST_PICTURE_FILE = 3 * 2**30
"""Bytes of one picture file: the largest picture as whole numbers of 16 bits and transparency is smaller."""
MOST_CHANNELS = 32
_UNSUSPICIOUS = 192 * 2**20
"""Bytes of pixels that are decoded without a look at how many bytes of file they come from."""
_MOST_PACKED = 2000
"""Bytes of pixels that one byte of a file may stand for; an empty picture reaches about 1,000 as PNG."""


def check_picture_file(path: Path, size: int) -> None:
    """Raise `MediaError` for a file that is too large to be one picture."""
    if size > LARGEST_PICTURE_FILE:
        raise MediaError(
            f"{path} holds {size / 1e9:,.1f} GB, more than any picture "
            f"({LARGEST_PICTURE_FILE / 1e9:,.1f} GB at most); choose another file."
        )


def check_promise(path: Path, width: int, height: int, pixel_bytes: int, file_size: int) -> None:
    """Raise `MediaError` before memory is taken for a small file that says of itself that it is a huge picture."""
    promised = width * height * pixel_bytes
    if promised > _UNSUSPICIOUS and promised > _MOST_PACKED * file_size:
        raise broken_promise(path, promised, file_size)


def broken_promise(path: Path, promised: int, file_size: int) -> MediaError:
    """Say that a file cannot hold as many bytes of picture as its header promises."""
    return MediaError(
        f"{path} promises {promised / 1e6:,.0f} MB of picture but holds {file_size:,} bytes; more than "
        f"{_MOST_PACKED:,} to one is not read, as such a file is cut short or made to exhaust memory, so leave it out."
    )
