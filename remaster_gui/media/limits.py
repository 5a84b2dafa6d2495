"""Sizes, counts and times that this program works with, all in one place.

What a file claims is held against them before memory is taken or time spent.
"""

from __future__ import annotations

import ctypes
from fractions import Fraction
from functools import cache
from pathlib import Path

import av

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr

SMALLEST = 16
"""Shorter edge in pixels: one cell of the network's coarsest features."""
LARGEST = 12288
"""Longer edge in pixels, more than any film scanner delivers."""
MOST_PIXELS = 12288 * 8192
"""Pixels of a frame of a film file: a square of 10000 by 10000, 800 MB with four channels of 16 bits."""

MOST_FRAMES = 4_000_000
"""Frames of a film: 46 hours at 24 a second. The index takes some 50 bytes for each."""
MOST_TRACKS = 100
"""Tracks of a film; transport streams of whole multiplexes have some dozens."""
MOST_HEADER_BYTES = 16 * 2**20
"""Bytes of what a codec is told before the first packet; real ones take some kilobytes."""

LARGEST_PACKET = 512 * 2**20
"""Bytes that one coded picture may take."""
LARGEST_GAP = 2 * LARGEST_PACKET
"""Bytes that are searched for the next packet, or for the first: a hole in a file may have terabytes."""
LARGEST_ALLOCATION = 2**30
"""Bytes that the codec library may take at once."""

LONGEST_LIBRARY_SECONDS = 8
"""Time of the processor in which the codec library has to come to an end or to read on in the file."""
LONGEST_DISK_SECONDS = 60
"""Time that the disk may take for one step of the library."""
PROGRESS_BYTES = 2**20
"""Bytes that the library has to read on in a file for new time."""

FASTEST_RATE = Fraction(1000)
SLOWEST_RATE = Fraction(1, 1000)
"""Frames per second that are counted with; timecode and projects hold no others."""

MOST_PIXEL_ASPECT = 16
"""How much wider or higher than square a pixel may be; anamorphic films have 2."""
FINEST_PIXEL_ASPECT = 1000
"""Largest denominator of the shape of pixels; with it the shape of a picture fits what files can note."""

LARGEST_PICTURE_FILE = 3 * 2**30
"""Bytes of one picture file: the largest picture as whole numbers of 16 bits and transparency is smaller."""
MOST_CHANNELS = 32
_UNSUSPICIOUS = 192 * 2**20
"""Bytes of pixels that are decoded without a look at how many bytes of file they come from."""
_MOST_PACKED = 2000
"""Bytes of pixels that one byte of a file may stand for; an empty picture reaches about 1,000 as PNG."""


def check_size(path: Path, width: int, height: int) -> None:
    """Raise `MediaError` for a picture that is too small to hold anything or too large to be a film."""
    if min(width, height) < SMALLEST:
        raise MediaError(
            tr(
                "The frames of {path} measure {width}x{height} pixels; {smallest}x{smallest} is the least.",
                path=path,
                width=width,
                height=height,
                smallest=SMALLEST,
            )
        )
    if max(width, height) > LARGEST:
        raise MediaError(
            tr(
                "The frames of {path} measure {width}x{height} pixels; scale them to {largest} or less.",
                path=path,
                width=width,
                height=height,
                largest=LARGEST,
            )
        )


def check_film_size(path: Path, width: int, height: int) -> None:
    """Raise `MediaError` as `check_size` does, and for frames of which several do not fit into memory."""
    check_size(path, width, height)
    if width * height > MOST_PIXELS:
        raise MediaError(
            tr(
                "The frames of {path} measure {width}x{height} pixels; scale them to {most_pixels} million "
                "pixels or less.",
                path=path,
                width=width,
                height=height,
                most_pixels=MOST_PIXELS // 10**6,
            )
        )


@cache
def limit_allocations() -> None:
    """Keep the codec library from taking more than `LARGEST_ALLOCATION` at once, whatever a file claims."""
    # Looked for in the binding's own module, the function is found in the very library that it is linked with.
    library = ctypes.CDLL(av._core.__file__)
    library.av_max_alloc.argtypes = [ctypes.c_size_t]
    library.av_max_alloc(LARGEST_ALLOCATION)


def check_picture_file(path: Path, size: int) -> None:
    """Raise `MediaError` for a file that is too large to be one picture."""
    if size > LARGEST_PICTURE_FILE:
        raise MediaError(
            tr(
                "{path} holds {size:,.1f} GB, more than any picture "
                "({largest_picture_file:,.1f} GB at most); choose another file.",
                path=path,
                size=size / 1e9,
                largest_picture_file=LARGEST_PICTURE_FILE / 1e9,
            )
        )


def check_claimed_size(path: Path, width: int, height: int, pixel_bytes: int, file_size: int) -> None:
    """Raise `MediaError` before memory is taken for a small file that says of itself that it is a huge picture."""
    promised = width * height * pixel_bytes
    if promised > _UNSUSPICIOUS and promised > _MOST_PACKED * file_size:
        raise impossible_size(path, promised, file_size)


def impossible_size(path: Path, promised: int, file_size: int) -> MediaError:
    """Return the fault of a file that cannot hold as many bytes of picture as its header claims."""
    return MediaError(
        tr(
            "{path} promises {promised:,.0f} MB of picture but holds {file_size:,} bytes; more than "
            "{most_packed:,} to one is not read, as such a file is cut short or made to exhaust memory, so "
            "leave it out.",
            path=path,
            promised=promised / 1e6,
            file_size=file_size,
            most_packed=_MOST_PACKED,
        )
    )
