"""Picture files decoded by OpenImageIO to code values, together with what their headers say of them.

Formats are told by their first bytes, sizes are checked before memory is taken, and what the library cannot do is said
as what it is.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

import numpy as np
import OpenImageIO

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.system import NO_WAITING, PLAIN
from remaster_gui.media.faults import check_file, reading
from remaster_gui.media.limits import (
    MOST_CHANNELS,
    check_claimed_size,
    check_picture_file,
    check_size,
)
from remaster_gui.media.picture_headers import jpeg_is_whole, png_chunks, tiff_numbers, webp_is_whole
from remaster_gui.media.picture_kinds import HEAD, SUFFIXES, kind_of, other_kind_of
from remaster_gui.media.sample_values import (
    CIE_LAB,
    CMYK,
    ICC_LAB,
    Codes,
    of_known_range,
    placed,
    plain_codes,
)
from remaster_gui.media.still_faults import cut_short, damaged, failed, message_of
from remaster_gui.media.still_tags import (
    PRIMARIES,
    SAMPLES,
    WHITE_POINT,
    aspect_of,
    attribute,
    bare_aspect,
    bytes_of,
    chromaticities_of,
    integer_of,
    timecode_of,
)

log = logging.getLogger(__name__)

_NO_PICTURES = {
    4: tr("a mask"),
    10: tr("ITU Lab colours"),
    32803: tr("a camera's raw data"),
    34892: tr("a camera's raw data"),
    32844: tr("LogL light"),
    32845: tr("LogLuv light"),
}
"""Photometric interpretations of TIFF that show nothing as they stand."""
_DPX_ELEMENTS = {"RGB", "RGBA", "ABGR", "Luma"}
"""What DPX may hold; the library gets the colours of luma with chroma wrong."""
_PALETTE = 3
_MOST_PARTS = 64
_SMALL_OR_MASK = 1 | 4
"""Of what TIFF says a picture of its file to be."""

OpenImageIO.attribute("threads", 1)
OpenImageIO.attribute("exr_threads", -1)


@dataclass(frozen=True, slots=True)
class Still:
    """A decoded picture and what its header says of it.

    `codes`: (H, W) or (H, W, 3), uint8, uint16, or floats from 0 to 1; (H, W, 4) of CMYK. Transparency lies over
    black. `photometric`: that of TIFF, else 2. `orientation`: that of EXIF, not yet applied. `chromaticities`: those of
    red, green, blue and white. `chunks`: of a PNG, beside its picture data.
    """

    codes: Codes
    kind: str
    bits: int
    photometric: int = 2
    orientation: int = 1
    pixel_aspect: Fraction = Fraction(1)
    timecode: str | None = None
    profile: bytes | None = None
    chromaticities: tuple[float, ...] = ()
    transfer: str = ""
    chunks: dict[bytes, bytes] = field(default_factory=dict)


def read_still(path: Path) -> Still:
    """Decode the picture file `path`; the kind is told by its content. Raises `MediaError`."""
    if path.is_dir():
        raise MediaError(tr("{path} is a folder, not a picture.", path=path))
    check_file(path)
    with reading(path), _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        kind = kind_of(path, file.read(HEAD))
        check_picture_file(path, size)
        with ExitStack() as stack:
            data = stack.enter_context(mmap(file.fileno(), 0, access=ACCESS_READ))
            chunks = _check_structure(path, kind, data)
            given = stack.enter_context(_named(path, kind))
            return _decode(path, given, kind, size, chunks, data)


def other_kind(path: Path) -> str | None:
    """Name the kind of a file that is some picture but none that is read; None for anything else."""
    check_file(path)
    with reading(path), _opened(path) as file:
        return other_kind_of(file.read(HEAD))


def _opened(path: Path) -> BinaryIO:
    # What becomes a pipe in the meantime must not hold everything up.
    return os.fdopen(os.open(path, os.O_RDONLY | PLAIN | NO_WAITING), "rb")


def _check_structure(path: Path, kind: str, data: mmap) -> dict[bytes, bytes]:
    """Look whether a file is whole where its codec does not; returns the chunks of a PNG."""
    chunks: dict[bytes, bytes] = {}
    try:
        if kind == "png":
            for name, content in png_chunks(data):
                chunks.setdefault(name, content)
        elif (kind == "jpeg" and not jpeg_is_whole(data)) or (kind == "webp" and not webp_is_whole(data)):
            raise EOFError
    except EOFError:
        raise cut_short(path) from None
    except ValueError as error:
        raise damaged(path, str(error)) from None
    return chunks


@contextmanager
def _named(path: Path, kind: str) -> Iterator[str]:
    """Name the file so that the library takes it for what it is: by the right suffix and in Unicode."""
    try:
        name = str(path)
        name.encode()
        is_plain = path.suffix.lower() in SUFFIXES[kind]
    except UnicodeEncodeError:
        is_plain = False
    if is_plain:
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="remaster-picture-") as folder:
        alias = Path(folder, f"picture{SUFFIXES[kind][0]}")
        try:
            alias.symlink_to(path.absolute())
        except OSError:  # not every user of Windows may make links
            shutil.copyfile(path, alias)
        yield str(alias)


def _decode(
    path: Path,
    given: str,
    kind: str,
    size: int,
    chunks: dict[bytes, bytes],
    data: mmap,
) -> Still:
    picture, part, photometric = _open(path, given, kind, size)
    try:
        spec = picture.spec(part)
        tags = {
            tag: tiff_numbers(data, tag, part) if kind == "tiff" else ()
            for tag in (SAMPLES, WHITE_POINT, PRIMARIES)
        }
        channels = _channels(path, spec, photometric)
        if photometric == _PALETTE and tags[SAMPLES] not in ((), (1.0,)):
            raise MediaError(
                tr(
                    "{path} holds more beside the numbers of a palette, which is not read; save it as plain RGB.",
                    path=path,
                )
            )
        if kind == "openexr" and spec.format.basetype == OpenImageIO.UINT:
            raise MediaError(
                tr("{path} holds whole numbers in place of light; choose a picture with colours.", path=path)
            )
        width, height = (
            (spec.full_width, spec.full_height) if kind == "openexr" else (spec.width, spec.height)
        )
        check_size(path, width, height)
        check_size(path, spec.width, spec.height)
        check_claimed_size(path, spec.width, spec.height, 3 * spec.format.basesize(), size)
        check_claimed_size(path, width, height, 3 * spec.format.basesize(), size)
        codes = _samples(picture, part, channels)
        if codes is None:
            raise failed(path, size, message_of(picture))
        if kind == "tiff":
            codes = of_known_range(path, codes)
        if kind == "openexr" and (spec.x, spec.y, spec.width, spec.height) != (
            spec.full_x, spec.full_y, width, height,
        ):  # fmt: skip
            codes = placed(codes, spec)
        primaries = attribute(spec, "chromaticities")
        return Still(
            codes=plain_codes(codes, is_light=kind == "openexr", photometric=photometric),
            kind=kind,
            bits=min(16, integer_of(spec, "oiio:BitsPerSample", 8 * spec.format.basesize())),
            photometric=photometric,
            orientation=integer_of(spec, "Orientation", 1),
            pixel_aspect=bare_aspect(chunks) or aspect_of(attribute(spec, "PixelAspectRatio")),
            timecode=timecode_of(spec),
            profile=bytes_of(attribute(spec, "ICCProfile")),
            chromaticities=chromaticities_of(primaries, tags),
            transfer=str(attribute(spec, "dpx:Transfer") or ""),
            chunks=chunks,
        )
    finally:
        picture.close()


def _open(path: Path, given: str, kind: str, size: int) -> tuple[OpenImageIO.ImageInput, int, int]:
    """Open a picture, of which colours that are no RGB are left as stored.

    Returns it, which part of the file is meant, and TIFF's interpretation of that.
    """
    part, photometric = 0, 2
    picture = None
    for is_raw in (False, True):
        config = OpenImageIO.ImageSpec()
        config.attribute("oiio:UnassociatedAlpha", 1)
        if is_raw:
            config.attribute("oiio:RawColor", 1)
        picture = OpenImageIO.ImageInput.open(given, config)
        if picture is None:
            raise failed(path, size, message_of(OpenImageIO))
        if picture.format_name() != kind:
            picture.close()
            raise damaged(path, tr("it begins as {kind} but is none", kind=kind))
        if kind == "openexr":
            part = _part_with_colors(picture)
        elif kind == "tiff":
            part = _part_of_full_size(picture)
            photometric = integer_of(picture.spec(part), "tiff:PhotometricInterpretation", 2)
        if photometric not in (CMYK, CIE_LAB, ICC_LAB):
            break
        if not is_raw:
            picture.close()
    assert picture is not None
    return picture, part, photometric


def _samples(picture: OpenImageIO.ImageInput, part: int, channels: list[int]) -> Codes | None:
    """Read channels, and no others that lie between them, in the order given; None where the library failed."""
    spec = picture.spec(part)
    kind = "float" if spec.format.basetype == OpenImageIO.DOUBLE else spec.format
    first, end = min(channels), max(channels) + 1
    if channels == list(range(first, end)):
        return picture.read_image(part, 0, first, end, kind)
    planes = []
    for channel in channels:
        plane = picture.read_image(part, 0, channel, channel + 1, kind)
        if plane is None:
            return None
        planes.append(plane)
    return np.concatenate(planes, axis=2)


def _part_of_full_size(picture: OpenImageIO.ImageInput) -> int:
    """Find the first picture of a TIFF file that is neither a small one of another nor a mask; the first if all are."""
    for part in range(_MOST_PARTS):
        if not picture.seek_subimage(part, 0):
            picture.geterror()
            break
        if not integer_of(picture.spec(part), "tiff:subfiletype", 0) & _SMALL_OR_MASK:
            return part
    return 0


def _part_with_colors(picture: OpenImageIO.ImageInput) -> int:
    """Find the first part of an OpenEXR file that has red, green and blue; the first one if none has."""
    for part in range(_MOST_PARTS):
        if not picture.seek_subimage(part, 0):
            picture.geterror()
            break
        try:
            names = {name.rpartition(".")[2] for name in picture.spec(part).channelnames}
        except UnicodeDecodeError:
            continue
        if {"R", "G", "B"} <= names:
            return part
    return 0


def _channels(path: Path, spec: OpenImageIO.ImageSpec, photometric: int) -> list[int]:
    """Choose the channels that make the picture, and its transparency; raises `MediaError` where there are none."""
    if spec.deep:
        raise MediaError(
            tr("{path} is a deep OpenEXR file, which is not a picture yet; flatten it.", path=path)
        )
    if photometric in _NO_PICTURES:
        raise MediaError(
            tr(
                "{path} holds {no_pictures}, which is not read; save it as plain RGB.",
                path=path,
                no_pictures=_NO_PICTURES[photometric],
            )
        )
    element = attribute(spec, "dpx:ImageDescriptor")
    if isinstance(element, str) and element not in _DPX_ELEMENTS:
        raise MediaError(
            tr(
                "{path} holds {element!a} in place of RGB, which is not read; save it as RGB.",
                path=path,
                element=element,
            )
        )
    count = spec.nchannels
    if not 1 <= count <= MOST_CHANNELS:
        raise MediaError(
            tr(
                "{path} has {count} channels; pictures have {most_channels} at most.",
                path=path,
                count=count,
                most_channels=MOST_CHANNELS,
            )
        )
    if photometric == CMYK:
        if count < 4:
            raise MediaError(
                tr(
                    "{path} names printing inks but has {count} of the four; save it as plain RGB.",
                    path=path,
                    count=count,
                )
            )
        return list(range(4))
    try:
        names = list(spec.channelnames)
    except UnicodeDecodeError:
        names = []
    if photometric in (CIE_LAB, ICC_LAB):
        return list(range(min(3, count)))
    found = _named_channels(path, names)
    if found is None:
        found = list(range(3)) if count >= 3 else [0]
    alpha = spec.alpha_channel
    if alpha >= 0 and alpha not in found and integer_of(spec, "oiio:UnassociatedAlpha", 0):
        found.append(alpha)
    return found


def _named_channels(path: Path, names: list[str]) -> list[int] | None:
    """Find red, green and blue, or luminance, by name: plain, or within the first layer that has them."""
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    for layer in sorted(layers, key=lambda each: each != ""):
        start = f"{layer}." if layer else ""
        colors = [f"{start}{color}" for color in "RGB"]
        if all(color in names for color in colors):
            return [names.index(color) for color in colors]
        if f"{start}RY" in names:
            raise MediaError(
                tr("{path} holds luminance and chroma, which is not read; save it as RGB.", path=path)
            )
        if f"{start}Y" in names:
            return [names.index(f"{start}Y")]
    if names and all(name.rpartition(".")[2] in ("Z", "A", "id", "ID", "N", "U", "V") for name in names):
        raise MediaError(
            tr(
                "{path} holds no colours but {names}; choose a picture with R, G and B.",
                path=path,
                names=", ".join(names),
            )
        )
    return None
