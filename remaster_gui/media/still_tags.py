"""What headers of picture files say, as far as it makes sense."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import OpenImageIO

SAMPLES, WHITE_POINT, PRIMARIES = 277, 318, 319
"""Tags of TIFF."""


def attribute(spec: OpenImageIO.ImageSpec, name: str) -> Any:
    """Return an attribute; None for one that is not there or no text."""
    try:
        return spec.getattribute(name)
    except UnicodeDecodeError:
        return None


def integer_of(spec: OpenImageIO.ImageSpec, name: str, default: int) -> int:
    """Return an attribute that is a whole number."""
    value = attribute(spec, name)
    return int(value) if isinstance(value, int | np.integer) else default


def bytes_of(value: Any) -> bytes | None:
    """Return the bytes of an attribute that is an array."""
    return value.tobytes() if isinstance(value, np.ndarray) else None


def aspect_of(value: Any) -> Fraction:
    """Width to height of one pixel; 1 where the header makes no sense."""
    if not isinstance(value, float) or not 0.1 <= value <= 10.0:
        return Fraction(1)
    return Fraction(value).limit_denominator(1000)


def bare_aspect(chunks: dict[bytes, bytes]) -> Fraction | None:
    """Read the chunk pHYs of a PNG where it has no unit, as FFmpeg writes it: width to height of one pixel."""
    content = chunks.get(b"pHYs", b"")
    if len(content) != 9 or content[8] != 0:
        return None
    width, height = int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big")
    return aspect_of(width / height) if height else None


def timecode_of(spec: OpenImageIO.ImageSpec) -> str | None:
    """Return the timecode where it is one."""
    text = spec.get_string_attribute("smpte:TimeCode", "")
    return text if re.fullmatch(r"[0-2]\d:[0-5]\d:[0-5]\d[:;]\d\d", text, re.ASCII) else None


def chromaticities_of(found: Any, tags: dict[int, tuple[float, ...]]) -> tuple[float, ...]:
    """Return x and y of red, green, blue and white; nothing where they are not all stated."""
    if found is not None and len(found) == 8:
        return tuple(float(each) for each in found)
    primaries, white = tags.get(PRIMARIES, ()), tags.get(WHITE_POINT, ())
    return (*primaries, *white) if len(primaries) == 6 and len(white) == 2 else ()
