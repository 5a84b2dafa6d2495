"""Tiny clips made at test time; every frame shows its own index as a bar code of eight blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

WIDTH, HEIGHT = 96, 64
FRAMES = 40
GROUP = 10
DARK, LIGHT = 60, 190


def barcode(index: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Grey picture (H, W) uint8 with the eight bits of ``index`` in two rows of four blocks."""
    bits = np.array([[index >> (row * 4 + column) & 1 for column in range(4)] for row in range(2)])
    rows = np.minimum(np.arange(height) * 2 // height, 1)
    columns = np.minimum(np.arange(width) * 4 // width, 3)
    return np.where(bits[rows][:, columns], LIGHT, DARK).astype(np.uint8)


def read_barcode(pixels: np.ndarray) -> int:
    """The index that a luma or RGB picture shows."""
    grey = pixels if pixels.ndim == 2 else pixels[..., 1]
    values = grey.astype(np.float64) / np.iinfo(grey.dtype).max
    height, width = grey.shape
    index = 0
    for row in range(2):
        for column in range(4):
            top, left = (2 * row + 1) * height // 4, (2 * column + 1) * width // 8
            block = values[top - 4 : top + 4, left - 4 : left + 4]
            index |= int(block.mean() > (DARK + LIGHT) / 2 / 255) << (row * 4 + column)
    return index


def jumpy(index: int) -> int:
    """Presentation times of a film with varying distances, in ticks of 1/1000 s."""
    return index * 40 + (index // 3) * 25


@dataclass(frozen=True)
class Kind:
    """One format of the contract suite."""

    suffix: str
    codec: str
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    rate: Fraction = Fraction(24000, 1001)
    container: str | None = None
    bits: int = 8
    first_tick: int = 0
    ticks: Callable[[int], int] | None = None
    """Presentation time of a frame in 1/1000 s, for films with varying distances."""
    intra: bool = False


_X264 = {"crf": "12", "g": str(GROUP), "bf": "2", "preset": "veryfast"}
_X265 = {
    "crf": "12",
    "preset": "ultrafast",
    "x265-params": f"log-level=none:keyint={GROUP}:bframes=2:pools=1",
}

FILMS = {
    "h264-mp4": Kind(".mp4", "libx264", options=_X264),
    "h264-sliced-mp4": Kind(".mp4", "libx264", options=_X264 | {"x264-params": "slices=4"}),
    "h264-10bit-mp4": Kind(".mp4", "libx264", "yuv420p10le", _X264, bits=10),
    "h264-open-gop-mp4": Kind(
        ".mp4", "libx264", options=_X264 | {"x264-params": "open-gop=1:bframes=3:b-adapt=0"}
    ),
    "h264-open-gop-mkv": Kind(
        ".mkv", "libx264", options=_X264 | {"x264-params": "open-gop=1:bframes=3:b-adapt=0"}
    ),
    "h264-offset-mp4": Kind(".mp4", "libx264", options=_X264, first_tick=7),
    "h264-intra-refresh-mkv": Kind(".mkv", "libx264", options=_X264 | {"x264-params": "intra-refresh=1"}),
    "h264-16fps-mkv": Kind(".mkv", "libx264", options=_X264, rate=Fraction(16)),
    "h264-vfr-mp4": Kind(".mp4", "libx264", options=_X264, ticks=jumpy),
    "h264-vfr-mkv": Kind(".mkv", "libx264", options=_X264, ticks=jumpy),
    "h264-ts": Kind(".ts", "libx264", options=_X264),
    "h264-raw": Kind(".h264", "libx264", options=_X264, container="h264", rate=Fraction(25)),
    "hevc-mp4": Kind(".mp4", "libx265", options=_X265),
    "hevc-10bit-mkv": Kind(".mkv", "libx265", "yuv420p10le", _X265, bits=10),
    "mpeg2-ts": Kind(
        ".ts", "mpeg2video", options={"g": str(GROUP), "bf": "2", "qscale": "3"}, rate=Fraction(25)
    ),
    "mpeg2-ps": Kind(
        ".mpg", "mpeg2video", options={"g": str(GROUP), "bf": "2"}, container="vob", rate=Fraction(25)
    ),
    "mpeg1-ps": Kind(
        ".mpg",
        "mpeg1video",
        options={"g": str(GROUP), "bf": "2"},
        container="mpeg",
        rate=Fraction(30000, 1001),
    ),
    "mpeg4-avi": Kind(".avi", "mpeg4", options={"g": str(GROUP)}),
    "mjpeg-avi": Kind(".avi", "mjpeg", "yuvj420p", intra=True),
    "prores-mov": Kind(".mov", "prores_ks", "yuv422p10le", bits=10, intra=True),
    "ffv1-mkv": Kind(".mkv", "ffv1", "yuv444p10le", {"level": "3", "g": "1"}, bits=10, intra=True),
    "ffv1-16bit-grey-mkv": Kind(".mkv", "ffv1", "gray16le", {"level": "3", "g": "1"}, bits=16, intra=True),
}

SEQUENCES = {"png": 8, "png16": 16, "tif": 16, "dpx": 10, "exr": 16, "jpg": 8}


def write_film(path: Path, kind: Kind, pictures: list[np.ndarray]) -> None:
    """Encode grey 8-bit pictures as a film of a kind."""
    with av.open(str(path), "w", format=kind.container) as container:
        stream = container.add_stream(kind.codec, rate=kind.rate, options=dict(kind.options))
        stream.height, stream.width = pictures[0].shape
        stream.pix_fmt = kind.pixel_format
        tick = 1 / kind.rate if kind.ticks is None else Fraction(1, 1000)
        stream.codec_context.time_base = tick
        stream.codec_context.thread_count = 1
        for index, grey in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(grey, "gray").reformat(format=kind.pixel_format)
            frame.pts = kind.first_tick + (index if kind.ticks is None else kind.ticks(index))
            frame.time_base = tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_picture(path: Path, grey: np.ndarray, bits: int) -> None:
    """Write a grey 8-bit picture as one file of a sequence; OpenEXR in linear light."""
    rgb = np.repeat(grey[..., None], 3, axis=2)
    if path.suffix == ".dpx":
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="gbrp10be")
    elif path.suffix == ".exr":
        linear = ((rgb / 255 + 0.055) / 1.055) ** 2.4
        frame = av.VideoFrame.from_ndarray(linear.astype(np.float32), "gbrpf32le")
    else:
        assert cv2.imwrite(str(path), rgb if bits == 8 else rgb.astype(np.uint16) * 257)
        return
    context = av.CodecContext.create(path.suffix[1:], "w")
    context.height, context.width = grey.shape
    context.pix_fmt, context.time_base = frame.format.name, Fraction(1, 24)
    frame.pts = 0
    path.write_bytes(b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)]))


class Clips:
    """Makes each clip once for all tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.frames = FRAMES

    def kind(self, name: str) -> Kind:
        """The facts of a format."""
        return FILMS[name]

    def film(self, name: str) -> Path:
        """A film of ``FRAMES`` numbered frames in one of the formats above."""
        kind = FILMS[name]
        path = self._folder / f"{name}{kind.suffix}"
        if not path.exists():
            write_film(path, kind, [barcode(index) for index in range(FRAMES)])
        return path

    def sequence(self, name: str) -> Path:
        """A folder of numbered pictures."""
        folder = self._folder / name
        if not folder.exists():
            folder.mkdir()
            for index in range(FRAMES):
                file = folder / f"scan.{index + 100:06d}.{name.removesuffix('16')}"
                write_picture(file, barcode(index), SEQUENCES[name])
        return folder


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="session")
def show() -> Callable[..., np.ndarray]:
    return barcode


@pytest.fixture(scope="session")
def shown() -> Callable[[np.ndarray], int]:
    return read_barcode


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for ``film_name`` or ``sequence_name`` once for every format."""
    if "film_name" in metafunc.fixturenames:
        metafunc.parametrize("film_name", FILMS)
    if "sequence_name" in metafunc.fixturenames:
        metafunc.parametrize("sequence_name", SEQUENCES)
