"""Pictures: how each kind is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.errors import RemasterError
from remaster_gui.media import open_film, read_picture
from tests.fuzz.targets.base import Seed
from tests.fuzz.targets.pictures import PICTURES, rgb

Values = NDArray[np.float64]
Truth = Callable[[Values], Values]
"""What a picture must show in sRGB, of the code values (H, W, 3) in 0..255 that were written."""


def _same(codes: Values) -> Values:
    return codes


def _grey(codes: Values) -> Values:
    return np.repeat((codes @ [0.299, 0.587, 0.114])[..., None], 3, axis=2)


def _over_black(codes: Values) -> Values:
    return codes * codes[..., :1] / 255


def _gamma_coded(codes: Values) -> Values:
    light = codes / 255
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _from_density(codes: Values) -> Values:
    """Codes of 10 bits from 95 (black) to 685 (white), 0.002 of density each, and a film gamma of 0.6."""
    black, light = (10 ** ((np.array(code) - 685) * 0.002 / 0.6) for code in (95, codes / 255 * 1023))
    return _gamma_coded(255 * ((light - black) / (1 - black)).clip(0, 1))


def _turned(codes: Values) -> Values:
    return codes.transpose(1, 0, 2)


@dataclass(frozen=True)
class PictureCase:
    """A kind of picture; `seed` writes it."""

    kind: str
    seed: Seed
    bits: int
    colors: str = "as they are"
    truth: Truth = _same
    tolerance: float = 1.0
    """Mean difference from the truth in steps of 8 bits: compressed pictures are not exact."""

    @property
    def row(self) -> tuple[str, str, str]:
        """The row of the table."""
        return self.kind, f"{self.bits} bits", self.colors


def _case(
    name: str, kind: str, bits: int, colors: str = "as they are", truth: Truth = _same, tolerance: float = 1.0
) -> PictureCase:
    return PictureCase(kind, PICTURES[name], bits, colors, truth, tolerance)


_PROFILE = "by their ICC profile"
_LIGHT = "linear light is gamma-coded"
_BLACK = "transparency over black"

CASES = (
    _case("png", "PNG", 8),
    _case("png-deep", "PNG, 16 bits", 16),
    _case("png-grey", "PNG, grey", 8, "grey is repeated", _grey),
    _case("png-palette", "PNG, palette", 8, tolerance=20),
    _case("png-alpha", "PNG, transparency", 8, _BLACK, _over_black),
    _case("png-profile", "PNG, ICC profile", 8, _PROFILE),
    _case("png-gamma", "PNG, gAMA and cHRM", 8, f"{_LIGHT} (gamma 1)", _gamma_coded, 2),
    _case("jpeg", "JPEG", 8, tolerance=3),
    _case("jpeg-progressive", "JPEG, progressive", 8, tolerance=3),
    _case("jpeg-grey", "JPEG, grey", 8, "grey is repeated", _grey, 3),
    _case("jpeg-cmyk", "JPEG, CMYK", 8, "ink becomes light", tolerance=3),
    _case("jpeg-turned", "JPEG, turned and mirrored by EXIF", 8, "turned upright", _turned, 3),
    _case("jpeg-profile", "JPEG, ICC profile", 8, _PROFILE, tolerance=3),
    _case("webp", "WebP", 8, tolerance=3),
    _case("webp-lossless", "WebP, lossless, transparency", 8, _BLACK, _over_black),
    _case("webp-profile", "WebP, ICC profile", 8, _PROFILE, tolerance=3),
    _case("bmp", "BMP", 8),
    _case("bmp-palette", "BMP, palette", 8, tolerance=20),
    _case("tiff", "TIFF", 8),
    _case("tiff-lzw", "TIFF, LZW", 8),
    _case("tiff-deflate", "TIFF, Deflate, strips", 16),
    _case("tiff-jpeg", "TIFF, JPEG", 8, tolerance=3),
    _case("tiff-tiles", "TIFF, tiles", 16),
    _case("tiff-planes", "TIFF, planes apart", 16),
    _case("tiff-big", "BigTIFF, big-endian", 16),
    _case("tiff-whole", "TIFF, whole numbers of 32 bits", 16),
    _case("tiff-float", "TIFF, floats of 32 bits", 16),
    _case("tiff-half", "TIFF, floats of 16 bits", 16),
    _case("tiff-behind", "TIFF, behind a smaller picture of itself", 8),
    _case("tiff-alpha", "TIFF, transparency", 8, _BLACK, _over_black),
    _case("tiff-profile", "TIFF, ICC profile", 8, _PROFILE),
    _case("tiff-cmyk", "TIFF, CMYK", 8, "ink becomes light"),
    _case("tiff-lab", "TIFF, Lab", 8, "Lab becomes sRGB", tolerance=2),
    _case("dpx-8", "DPX, 8 bits", 8),
    _case("dpx", "DPX, 10 bits", 16),
    _case("dpx-12", "DPX, 12 bits", 16),
    _case("dpx-16", "DPX, 16 bits", 16),
    _case("dpx-density", "DPX, printing density", 16, "density becomes sRGB", _from_density),
    _case("exr", "OpenEXR, float", 16, _LIGHT, _gamma_coded),
    _case("exr-half", "OpenEXR, half float, ZIP", 16, _LIGHT, _gamma_coded),
    _case("exr-aces", "OpenEXR, primaries of ACES", 16, f"{_LIGHT}, by its primaries", _gamma_coded),
)


def observed(case: PictureCase, folder: Path) -> tuple[int, float]:
    """Return the bits of a picture as it is read, and its mean difference from what it must show."""
    case.seed(folder)
    (path,) = folder.iterdir()
    pixels = read_picture(path)
    scale = 257.0 if pixels.dtype == np.uint16 else 1.0
    truth = case.truth(rgb().astype(np.float64))
    assert pixels.shape == truth.shape
    return pixels.dtype.itemsize * 8, float(np.abs(pixels / scale - truth).mean())


@dataclass(frozen=True)
class Refusal:
    """A file that is not read, and the sentence that says so; ``FILE`` stands for its place in it."""

    what: str
    name: str
    content: Callable[[], bytes]
    sentence: str

    @property
    def row(self) -> tuple[str, str]:
        """The row of the table."""
        return self.what, self.sentence


def _cut(name: str) -> Callable[[], bytes]:
    """Return the first half of a picture."""

    def content() -> bytes:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            PICTURES[name](Path(folder))
            (path,) = Path(folder).iterdir()
            data = path.read_bytes()
        return data[: len(data) // 2]

    return content


def _constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data


_KINDS = "PNG, TIFF, JPEG, DPX, EXR, WebP or BMP"
_EMPTY = "FILE is empty; copy it anew from where it came from."
_SHORT = "The picture FILE is cut short; copy it anew from where it came from."
_TEXT = "FILE is a text or a playlist, not a film; choose the film file itself."
_SINGLE = "FILE is a single picture; for a sequence name its folder or write the number as ######."


def _other(kind: str) -> str:
    return f"FILE is {kind}, which is not read; save it as {_KINDS}."


REFUSALS = (
    Refusal("empty file", "a.png", _constant(b""), _EMPTY),
    Refusal(
        "text",
        "a.png",
        _constant(b"once upon a time"),
        f"FILE is not a picture that can be read; use {_KINDS}.",
    ),
    Refusal("PNG that is cut short", "a.png", _cut("png"), _SHORT),
    Refusal("OpenEXR that is cut short", "a.exr", _cut("exr"), _SHORT),
    Refusal("GIF", "a.gif", _constant(b"GIF89a" + bytes(40)), _other("a GIF picture")),
    Refusal("HEIF", "a.heic", _constant(b"\0\0\0\x18ftypheic" + bytes(40)), _other("a HEIF picture")),
    Refusal("AVIF", "a.avif", _constant(b"\0\0\0\x18ftypavif" + bytes(40)), _other("an AVIF picture")),
    Refusal("JPEG XL", "a.jxl", _constant(b"\xff\x0a" + bytes(40)), _other("a JPEG XL picture")),
    Refusal("JPEG 2000", "a.jp2", _constant(b"\xff\x4f\xff\x51" + bytes(40)), _other("a JPEG 2000 picture")),
    Refusal("Photoshop document", "a.psd", _constant(b"8BPS" + bytes(40)), _other("a Photoshop document")),
    Refusal("playlist", "a.m3u8", _constant(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n"), _TEXT),
    Refusal("list of films to join", "a.ffconcat", _constant(b"ffconcat version 1.0\nfile a.mp4\n"), _TEXT),
    Refusal("subtitles alone", "a.srt", _constant(b"1\n00:00:00,000 --> 00:00:01,000\nx\n\n"), _TEXT),
    Refusal("single picture given as a film", "film.png", _cut("png-deep"), _SINGLE),
)
"""Pictures (`read_picture`) and, from the playlist on, films (`open_film`)."""
FILMS_FROM = "playlist"


def refusal(case: Refusal, folder: Path) -> str:
    """Return the sentence with which a file is refused."""
    path = folder / case.name
    path.write_bytes(case.content())
    is_film = [each.what for each in REFUSALS].index(case.what) >= [e.what for e in REFUSALS].index(
        FILMS_FROM
    )
    try:
        if is_film:
            open_film(path).close()
        else:
            read_picture(path)
    except RemasterError as error:
        return str(error).replace(str(path), "FILE").replace(path.name, "FILE")
    raise AssertionError(f"{case.what} is read")
