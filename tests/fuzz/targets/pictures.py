"""Pictures of every kind: as references, as sequences, and as scanned damage."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image, ImageCms

from .base import Seed, Target, Trial

WIDTH, HEIGHT = 48, 32


def rgb(seed: int = 0) -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 5 + seed * 9, y * 7, (x * y) // 6], axis=2).astype(np.uint8)


def _by_pillow(suffix: str, mode: str = "RGB", **options: object) -> Seed:
    def write(folder: Path) -> None:
        picture = Image.fromarray(rgb()).convert(mode)
        if mode in ("RGBA", "LA"):
            picture.putalpha(Image.fromarray(rgb()[..., 0]))
        if "icc_profile" in picture.info:
            picture.info["icc_profile"] = _undated(picture.info["icc_profile"])
        picture.save(folder / f"picture{suffix}", **options)

    return write


def _undated(profile: bytes) -> bytes:
    """Take out the second in which a profile was made: the same seed is the same file whenever it is made."""
    return profile[:24] + bytes(12) + profile[36:]


def _profile() -> bytes:
    return _undated(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def _with_profile(suffix: str) -> Seed:
    return lambda folder: Image.fromarray(rgb()).save(folder / f"picture{suffix}", icc_profile=_profile())


def _turned(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x0131] = 5, "Software é"
    Image.fromarray(rgb()).save(folder / "picture.jpg", exif=exif)


def _by_library(suffix: str, codec: str, pixel_format: str, **options: str) -> Seed:
    """Return a seed that the codec library writes."""

    def write(folder: Path) -> None:
        (folder / f"picture{suffix}").write_bytes(encoded(codec, pixel_format, options))

    return write


def encoded(codec: str, pixel_format: str, options: dict[str, str], seed: int = 0) -> bytes:
    """Encode a picture."""
    if pixel_format.startswith("gbr") and "f32" in pixel_format:
        frame = av.VideoFrame.from_ndarray(rgb(seed).astype(np.float32) / 255, "gbrpf32le").reformat(
            format=pixel_format
        )
    else:
        frame = av.VideoFrame.from_ndarray(rgb(seed), "rgb24").reformat(format=pixel_format)
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, frame.format.name
    context.time_base, context.options = Fraction(1, 24), options
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def _deep_png(folder: Path) -> None:
    cv2.imwrite(str(folder / "picture.png"), rgb()[..., ::-1].astype(np.uint16) * 257)


def _gamma_png(folder: Path) -> None:
    """A PNG that says its tones and primaries in numbers."""
    target = io.BytesIO()
    Image.fromarray(rgb()).save(target, "png")
    data = target.getvalue()
    chunks = b""
    for kind, numbers in (
        (b"gAMA", [100_000]),
        (b"cHRM", [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]),
    ):
        body = kind + struct.pack(f">{len(numbers)}I", *numbers)
        chunks += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", _crc(body))
    (folder / "picture.png").write_bytes(data[:33] + chunks + data[33:])


def _crc(body: bytes) -> int:
    import zlib

    return zlib.crc32(body)


def _by_tifffile(array: np.ndarray, **options: object) -> Seed:
    def write(folder: Path) -> None:
        import tifffile

        tifffile.imwrite(folder / "picture.tif", array, **{"metadata": None, "software": ""} | options)

    return write


def _behind_a_small_one(folder: Path) -> None:
    import tifffile

    with tifffile.TiffWriter(folder / "picture.tif") as file:
        for picture, kind in ((rgb()[::2, ::2], 1), (rgb(), 0)):
            file.write(picture, photometric="rgb", subfiletype=kind, metadata=None, software="")


def _dpx_of_density(folder: Path) -> None:
    content = bytearray(encoded("dpx", "gbrp10be", {}))
    content[801] = 1  # transfer of the first element: printing density
    (folder / "picture.dpx").write_bytes(content)


ACES_FROM_BT709 = np.array(
    [[0.4396328, 0.3829887, 0.1773785], [0.0897764, 0.8134394, 0.0967842], [0.0175411, 0.1115466, 0.8709123]]
)
"""Linear light of SMPTE ST 2065-1, its white adapted (Bradford)."""


def _aces(folder: Path) -> None:
    import OpenImageIO

    spec = OpenImageIO.ImageSpec(WIDTH, HEIGHT, 3, "half")
    spec.attribute("chromaticities", "float[8]", (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767))
    spec.attribute("DateTime", "")
    output = OpenImageIO.ImageOutput.create(str(folder / "picture.exr"))
    light = (rgb().astype(np.float64) / 255) @ ACES_FROM_BT709.T
    assert output.open(str(folder / "picture.exr"), spec) and output.write_image(light.astype(np.float32))
    output.close()


_DEEP = rgb().astype(np.uint16) * 257
_LIGHT = rgb().astype(np.float32) / 255

PICTURES: dict[str, Seed] = {
    "png": _by_pillow(".png"), "png-grey": _by_pillow(".png", "L"), "png-palette": _by_pillow(".png", "P"),
    "png-alpha": _by_pillow(".png", "RGBA"), "png-profile": _with_profile(".png"), "png-deep": _deep_png,
    "png-gamma": _gamma_png, "png-bits": _by_pillow(".png", "1"),
    "jpeg": _by_pillow(".jpg", quality=80), "jpeg-progressive": _by_pillow(".jpg", progressive=True),
    "jpeg-cmyk": _by_pillow(".jpg", "CMYK"), "jpeg-grey": _by_pillow(".jpg", "L"), "jpeg-turned": _turned,
    "jpeg-profile": _with_profile(".jpg"),
    "webp": _by_pillow(".webp"), "webp-lossless": _by_pillow(".webp", "RGBA", lossless=True),
    "webp-profile": _with_profile(".webp"), "bmp": _by_pillow(".bmp"), "bmp-palette": _by_pillow(".bmp", "P"),
    "tiff": _by_pillow(".tif"), "tiff-lzw": _by_pillow(".tif", compression="tiff_lzw"),
    "tiff-cmyk": _by_pillow(".tif", "CMYK"), "tiff-lab": _by_pillow(".tif", "LAB"),
    "tiff-fax": _by_pillow(".tif", "1", compression="group4"),
    "tiff-jpeg": _by_pillow(".tif", compression="jpeg"), "tiff-alpha": _by_pillow(".tif", "RGBA"),
    "tiff-profile": _with_profile(".tif"),
    "tiff-deep": _by_tifffile(_DEEP, photometric="rgb"),
    "tiff-tiles": _by_tifffile(_DEEP, photometric="rgb", tile=(16, 16)),
    "tiff-planes": _by_tifffile(_DEEP.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate"),
    "tiff-big": _by_tifffile(_DEEP, photometric="rgb", bigtiff=True, byteorder=">"),
    "tiff-float": _by_tifffile(_LIGHT, photometric="rgb"),
    "tiff-half": _by_tifffile(_LIGHT.astype(np.float16), photometric="rgb"),
    "tiff-whole": _by_tifffile(_DEEP.astype(np.uint32) * 65537, photometric="rgb"),
    "tiff-deflate": _by_tifffile(_DEEP, photometric="rgb", compression="zlib", predictor=False, rowsperstrip=5),
    "tiff-behind": _behind_a_small_one, "exr-aces": _aces, "dpx-density": _dpx_of_density,
    "exr": _by_library(".exr", "exr", "gbrpf32le"),
    "exr-half": _by_library(".exr", "exr", "gbrapf32le", compression="zip16", format="half"),
    "dpx": _by_library(".dpx", "dpx", "gbrp10be"), "dpx-8": _by_library(".dpx", "dpx", "rgb24"),
    "dpx-16": _by_library(".dpx", "dpx", "rgb48le"), "dpx-12": _by_library(".dpx", "dpx", "gbrp12le"),
}  # fmt: skip


def read_references(tree: Path, trial: Trial) -> None:
    """Take all pictures of a folder for references."""
    from remaster_gui.base.errors import RemasterError
    from remaster_gui.base.notices import complete
    from remaster_gui.engine.references import find_references
    from remaster_gui.media import read_picture

    references, _ = complete(find_references(tree, 100))
    for reference in references:
        pixels = reference.load()
        assert pixels.ndim == 3 and pixels.shape[2] == 3 and str(pixels.dtype) in ("uint8", "uint16")
        pixels.mean()
    for path in tree.iterdir():
        try:
            read_picture(path)
        except RemasterError:
            continue


_SEQUENCE = {
    "png": ("png", "rgb24", "png"), "jpg": ("mjpeg", "yuvj420p", "jpg"), "tif": ("tiff", "rgb48le", "tif"),
    "dpx": ("dpx", "gbrp10be", "dpx"), "exr": ("exr", "gbrpf32le", "exr"),
}  # fmt: skip


def _sequence(kind: str) -> Seed:
    codec, pixel_format, suffix = _SEQUENCE[kind]

    def write(folder: Path) -> None:
        for number in range(6):
            path = folder / f"scan_{number + 97:06d}.{suffix}"
            path.write_bytes(encoded(codec, pixel_format, {}, number))

    return write


def read_sequence(tree: Path, trial: Trial) -> None:
    """Open a folder of pictures as a film, by its name or by a pattern."""
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.media import content_hash, open_film
    from remaster_gui.project.film_identity import identify

    pattern = f"scan_%06d{next(iter(trial.tree), 'x.png')[-4:]}"
    path = tree / trial.random.choice(("", "", pattern, pattern.replace("%06d", "######")))
    with open_film(path, rate=trial.random.choice((None, Fraction(18)))) as film:
        for frame in film.frames(FrameRange(0, film.info.frame_count), trial.random.choice(("luma", "rgb"))):
            assert frame.pixels.shape[:2] == (film.info.height, film.info.width)
        _ = film.problems
        identify(film.info, content_hash(path))


def _damage(folder: Path) -> None:
    for number in range(8):
        mark = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        mark[8:20, 10 + number : 30, 3] = 200
        cv2.imwrite(str(folder / f"mark{number}.png"), mark)
        cv2.imwrite(str(folder / f"field{number}.png"), rgb(number))
    (folder / "labels").mkdir()
    for number in range(4):
        labels = np.zeros((HEIGHT, WIDTH), np.uint8)
        labels[4:9, 3:20] = number + 1
        cv2.imwrite(str(folder / "labels" / f"{number}.png"), labels)


def read_damage(tree: Path, trial: Trial) -> None:
    """Take a folder of pictures for scanned damage."""
    from remaster_gui.training.damage import DamageSplit
    from remaster_gui.training.scanned import ScannedDamage

    damage = ScannedDamage.open(tree, trial.random.choice((DamageSplit.TRAINING, DamageSplit.EVALUATION)))
    for index in range(0, len(damage), max(1, len(damage) // 4)):
        damage.example(index, 64)


PICTURE = Target("picture", PICTURES, read_references, share=16, poor=frozenset({
    "tiff-lab", "tiff-fax", "tiff-cmyk", "jpeg-cmyk", "tiff-jpeg", "tiff-whole", "tiff-half", "tiff-float",
    "tiff-tiles", "tiff-planes", "tiff-big"}))  # fmt: skip
SEQUENCE = Target(
    "sequence", {name: _sequence(name) for name in _SEQUENCE}, read_sequence, share=4, share_of_names=0.2
)
DAMAGE = Target("damage", {"folder": _damage}, read_damage, share=2, share_of_names=0.15)
