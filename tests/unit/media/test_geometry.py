"""Shapes of films as the world has them: mirrored, cropped, interlaced, changing in midway, with odd pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import open_film
from remaster_gui.media.orientation import Orientation
from tests.interlaced import flagged

from .conftest import FILMS, Kind, barcode, write_film

ONE = 1 << 16
WIDTH, HEIGHT = 96, 64


def corners() -> np.ndarray:
    """A picture that looks different in each of the eight ways in which it can lie."""
    picture = np.full((HEIGHT, WIDTH), 30, np.uint8)
    picture[:24, :40] = 230
    picture[40:, 64:] = 130
    return picture


def write_mp4(path: Path, picture: np.ndarray, matrix: tuple[int, ...] | None = None, count: int = 3) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "5"})
        stream.height, stream.width = picture.shape
        stream.pix_fmt = "yuv420p"
        if matrix is not None:
            stream.set_display_matrix(matrix)
        for _ in range(count):
            frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def shown_by(matrix: tuple[int, int, int, int], picture: np.ndarray) -> np.ndarray:
    """Place every pixel (x, y) at (a x + c y, b x + d y), as the formats' definition says."""
    a, b, c, d = matrix
    height, width = picture.shape
    y, x = np.mgrid[:height, :width]
    across, down = a * x + c * y, b * x + d * y
    across, down = across - across.min(), down - down.min()
    result = np.zeros((down.max() + 1, across.max() + 1), picture.dtype)
    result[down, across] = picture
    return result


EIGHT = [(a, 0, 0, d) for a, d in product((1, -1), repeat=2)] + [
    (0, b, c, 0) for b, c in product((1, -1), repeat=2)
]


class TestOrientation:
    @pytest.mark.parametrize("matrix", EIGHT)
    def test_all_eight(self, matrix: tuple[int, int, int, int], tmp_path: Path) -> None:
        a, b, c, d = matrix
        path = write_mp4(
            tmp_path / "film.mp4", corners(), (a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)
        )
        expected = shown_by(matrix, corners())
        with open_film(path) as film:
            assert (film.info.height, film.info.width) == expected.shape
            for channels in ("luma", "rgb"):
                pixels = film.read(1, channels).pixels.reshape(*expected.shape, -1)[..., 0]
                assert np.abs(pixels.astype(int) - expected).mean() < 6

    @pytest.mark.parametrize("number", range(1, 9))
    def test_numbers_of_cameras(self, number: int) -> None:
        """1 to 8: where the top row and the left column of the stored picture are shown."""
        row, column = {
            1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
            5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
        }[number]  # fmt: skip
        stored = np.zeros((4, 6), np.uint8)
        stored[0], stored[1:, 0] = 1, 2
        edges = {
            "top": lambda a: a[0], "bottom": lambda a: a[-1], "left": lambda a: a[:, 0], "right": lambda a: a[:, -1]
        }  # fmt: skip
        upright = Orientation.of_exif(number).apply(stored)
        assert (edges[row](upright) == 1).all()
        assert (edges[column](upright) > 0).all()

    def test_side_data_that_the_binding_does_not_know(self, tmp_path: Path) -> None:
        """Pictures in a film may bear notes of a camera."""
        path = tmp_path / "film.avi"
        write_film(path, FILMS["mjpeg-avi"], [corners()] * 3)
        exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, 1, 0, 0)
        jpeg = path.read_bytes()
        start = jpeg.index(b"\xff\xd8")
        # The comment of the encoder gives way to the notes.
        comment = jpeg.index(b"\xff\xfe", start)
        length = int.from_bytes(jpeg[comment + 2 : comment + 4], "big")
        assert length >= 2
        with av.open(str(path)) as source, av.open(str(tmp_path / "noted.avi"), "w") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    data = bytes(packet)
                    noted = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
                    renewed = av.Packet(noted)
                    renewed.time_base, renewed.pts, renewed.dts = packet.time_base, packet.pts, packet.dts
                    renewed.stream, renewed.is_keyframe = stream, True
                    target.mux(renewed)
        with open_film(tmp_path / "noted.avi") as film:
            assert film.info.frame_count == 3
            assert np.abs(film.read(2).pixels.astype(int) - corners()).mean() < 6


def with_aperture(path: Path, numbers: tuple[int, ...]) -> Path:
    """Add a clean aperture to the description of an MP4 file's pictures; its table lies behind the pictures."""
    data = bytearray(path.read_bytes())
    box = struct.pack(">I4sIIIIiIiI", 40, b"clap", *numbers)
    entry = data.index(b"avc1", data.index(b"stsd")) - 4
    place = entry + struct.unpack_from(">I", data, entry)[0]
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        start = data.index(kind, data.index(b"moov")) - 4
        struct.pack_into(">I", data, start, struct.unpack_from(">I", data, start)[0] + len(box))
    data[place:place] = box
    path.write_bytes(data)
    return path


def with_cropping(path: Path, left: int, top: int, right: int, bottom: int) -> Path:
    """Write cropping into a Matroska file, in the place of its notes on colour."""
    data = path.read_bytes()
    start = data.index(b"\x55\xb0")
    length = 3 + (data[start + 2] & 0x7F)
    crops = b"".join(
        identity + b"\x81" + bytes([value])
        for identity, value in (
            (b"\x54\xcc", left), (b"\x54\xbb", top), (b"\x54\xdd", right), (b"\x54\xaa", bottom)
        )
    )  # fmt: skip
    filling = length - len(crops) - 2
    path.write_bytes(
        data[:start] + crops + b"\xec" + bytes([0x80 | filling]) + bytes(filling) + data[start + length :]
    )
    return path


class TestCropping:
    def test_clean_aperture(self, tmp_path: Path) -> None:
        """64 by 40 pixels, 8 to the right of the middle and 4 above it."""
        path = write_mp4(tmp_path / "film.mp4", corners())
        with open_film(with_aperture(path, (64, 1, 40, 1, 8, 1, -4, 1))) as film:
            assert (film.info.width, film.info.height) == (64, 40)
            expected = corners()[8:48, 24:88]
            assert np.abs(film.read(1).pixels.astype(int) - expected).mean() < 6
            assert "64x40 of its 96x64 pixels" in film.problems[0]

    def test_clean_aperture_of_a_picture_that_lies(self, tmp_path: Path) -> None:
        """The aperture is that of the stored picture; 80 by 45.5 pixels, of which halves are kept."""
        quarter = (0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30)
        path = write_mp4(tmp_path / "film.mp4", corners(), quarter)
        with open_film(with_aperture(path, (80, 1, 91, 2, 0, 1, 0, 1))) as film:
            assert (film.info.width, film.info.height) == (46, 80)
            expected = shown_by((0, 1, -1, 0), corners()[9:55, 8:88])
            assert np.abs(film.read(1).pixels.astype(int) - expected).mean() < 8

    @pytest.mark.parametrize(
        "numbers",
        [(64, 0, 40, 1, 0, 1, 0, 1), (640, 1, 40, 1, 0, 1, 0, 1), (64, 1, 40, 1, 4000, 1, 0, 1), (0,) * 8, (8, 1) * 4],
    )  # fmt: skip
    def test_apertures_that_make_no_sense(self, numbers: tuple[int, ...], tmp_path: Path) -> None:
        path = with_aperture(write_mp4(tmp_path / "film.mp4", corners()), numbers)
        with open_film(path) as film:
            assert (film.info.width, film.info.height) == (96, 64)
            assert film.problems == ()

    def test_matroska(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("ffv1", rate=24)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            context = stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1
            frame = av.VideoFrame.from_ndarray(corners(), "gray").reformat(format="yuv420p")
            container.mux([*stream.encode(frame), *stream.encode(None)])
        with open_film(with_cropping(path, 16, 4, 8, 2)) as film:
            assert (film.info.width, film.info.height) == (72, 58)
            assert film.info.pixel_aspect == 1
            assert np.abs(film.read(0).pixels.astype(int) - corners()[4:62, 16:88]).max() <= 2
            assert "72x58 of its 96x64 pixels" in film.problems[0]


class TestPixelShapes:
    @pytest.mark.parametrize(
        ("stated", "taken"),
        [
            (Fraction(4, 3), Fraction(4, 3)),
            (Fraction(2**30 + 1, 2**30), Fraction(1)),
            (Fraction(40), Fraction(1)),
            (Fraction(1, 40), Fraction(1)),
            (Fraction(10007, 5003), Fraction(2)),
        ],
    )
    def test_shapes_that_can_be_noted(self, stated: Fraction, taken: Fraction, tmp_path: Path) -> None:
        path = tmp_path / "film.mov"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mjpeg", rate=24)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
            stream.codec_context.sample_aspect_ratio = stated
            frame = av.VideoFrame.from_ndarray(corners(), "gray").reformat(format="yuvj420p")
            container.mux([*stream.encode(frame), *stream.encode(None)])
        with open_film(path) as film:
            assert abs(film.info.pixel_aspect - taken) < Fraction(1, 1000)
            assert film.info.pixel_aspect.denominator <= 1000
            assert any("no film has" in problem for problem in film.problems) == (not 1 / 16 <= stated <= 16)


class TestFields:
    @pytest.mark.parametrize("order", ["top", "bottom"])
    @pytest.mark.parametrize("black", [True, False])
    def test_flags_tell_where_fields_look_alike(self, order: str, black: bool, tmp_path: Path) -> None:
        path = tmp_path / "film.h264"
        kind = Kind(
            ".h264",
            "libx264",
            options={"x264-params": f"interlaced=1:{'tff' if order == 'top' else 'bff'}=1"},
            container="h264",
        )
        write_film(path, kind, [np.full((64, 96), 16, np.uint8) if black else barcode(n) for n in range(6)])
        with open_film(path) as film:
            assert film.info.field_order == order

    @pytest.mark.parametrize(
        ("noted", "top_first", "order"),
        [
            ("tb", True, "top"),
            ("bt", False, "bottom"),
            ("progressive", False, "bottom"),
            ("progressive", True, "top"),
        ],
    )
    @pytest.mark.parametrize(("codec", "suffix"), [("ffv1", ".mkv"), ("mpeg2video", ".mov")])
    def test_order_as_files_note_it(
        self, codec: str, suffix: str, noted: str, top_first: bool, order: str, tmp_path: Path
    ) -> None:
        """`tb` and `bt` are written as 9 and 14: the upper or the lower of two interleaved fields comes first."""
        path = tmp_path / f"film{suffix}"
        with av.open(str(path), "w") as container:
            options = {"field_order": noted, "flags": "+ildct+ilme"}
            stream = container.add_stream(codec, rate=25, options=options)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.full((64, 96), 16, np.uint8), "gray")
            container.mux(stream.encode(flagged(frame.reformat(format="yuv420p"), top_first=top_first)))
            container.mux(stream.encode(None))
        if noted in ("tb", "bt"):
            number = 9 if noted == "tb" else 14
            mark = b"fiel\x02" if suffix == ".mov" else b"\x9d\x81"
            assert mark + bytes([number]) in path.read_bytes()
        with open_film(path) as film:
            assert film.info.field_order == order

    def test_tape_that_begins_in_black(self, tmp_path: Path) -> None:
        path = tmp_path / "film.dv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("dvvideo", rate=Fraction(30000, 1001))
            stream.width, stream.height, stream.pix_fmt = 720, 480, "yuv411p"
            for _ in range(2):
                frame = av.VideoFrame.from_ndarray(np.full((480, 720), 16, np.uint8), "gray")
                container.mux(stream.encode(frame.reformat(format="yuv411p")))
            container.mux(stream.encode(None))
        with open_film(path) as film:
            assert film.info.field_order == "bottom"


class TestChangesInMidway:
    """Streams joined of parts that differ; the first picture stands for all."""

    @pytest.fixture(params=["size", "format", "depth"])
    def film(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        parts = []
        for number, (size, pixel_format) in enumerate(
            {
                "size": [(1, "yuv420p"), (2, "yuv420p"), (1, "yuv420p")],
                "format": [(1, "yuv420p"), (1, "yuv444p"), (1, "yuv422p")],
                "depth": [(1, "yuv420p"), (1, "yuv420p10le"), (1, "yuv420p")],
            }[request.param]
        ):
            kind = Kind(".ts", "libx264", pixel_format, {"crf": "12", "g": "4", "bf": "0"}, Fraction(25))
            path = tmp_path / f"{number}.ts"
            write_film(path, kind, [barcode(6 * number + n, WIDTH * size, HEIGHT * size) for n in range(6)])
            parts.append(path.read_bytes())
        path = tmp_path / "film.ts"
        path.write_bytes(b"".join(parts))
        return path

    @pytest.mark.parametrize("deinterlace", [False, True])
    def test_every_frame_is_read(
        self, film: Path, deinterlace: bool, shown: Callable[[np.ndarray], int]
    ) -> None:
        for _ in range(3):
            with open_film(film, deinterlace=deinterlace) as opened:
                assert opened.info.frame_count == 18
                pictures = [frame.pixels for frame in opened.frames(FrameRange(0, 18))]
                assert {picture.shape for picture in pictures} == {(HEIGHT, WIDTH)}
                assert {picture.dtype for picture in pictures} == {np.dtype(np.uint8)}
                assert [shown(picture) for picture in pictures] == list(range(18))
                for index in (12, 11, 5, 6, 7, 17, 0):
                    np.testing.assert_array_equal(opened.read(index).pixels, pictures[index])
