"""Colours and shapes: what tags, depth, rotation, fields and pixel shapes of a film mean for the arrays."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, SegmentWriter, open_film, read_picture
from remaster_gui.media.pace import find_rate
from tests.interlaced import write_interlaced

WEIGHTS = {"bt601": (0.299, 0.114, 5), "bt709": (0.2126, 0.0722, 1), "bt2020": (0.2627, 0.0593, 9)}
PATCHES = np.array([[0.8, 0.2, 0.1], [0.1, 0.7, 0.3], [0.2, 0.2, 0.9], [0.5, 0.5, 0.5], [1, 1, 1], [0, 0, 0]])


def patches(height: int = 64, width: int = 96) -> np.ndarray:
    """Six vertical bars of colour (H, W, 3) float64."""
    return np.broadcast_to(PATCHES[np.arange(width) * 6 // width], (height, width, 3))


def to_codes(rgb: np.ndarray, matrix: str, range_: str, bits: int) -> list[np.ndarray]:
    """Planes of Y, Cb and Cr by the definition in ITU-T H.273."""
    red, blue, _ = WEIGHTS[matrix]
    y = red * rgb[..., 0] + (1 - red - blue) * rgb[..., 1] + blue * rgb[..., 2]
    cb, cr = (rgb[..., 2] - y) / (2 * (1 - blue)), (rgb[..., 0] - y) / (2 * (1 - red))
    top, step = 2**bits - 1, 2 ** (bits - 8)
    if range_ == "full":
        planes = [y * top, cb * top + 2 ** (bits - 1), cr * top + 2 ** (bits - 1)]
    else:
        planes = [(219 * y + 16) * step, (224 * cb + 128) * step, (224 * cr + 128) * step]
    return [np.clip(np.rint(plane), 0, top).astype(np.uint8 if bits == 8 else np.uint16) for plane in planes]


def write_planes(
    path: Path,
    planes: list[np.ndarray],
    pixel_format: str,
    tags: tuple[int, int, int] | None,
    frames: int = 1,
    transfer: int | None = None,
) -> Path:
    """A lossless film of one picture; ``tags`` are its matrix, range and primaries."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.height, stream.width = planes[0].shape
        stream.pix_fmt = pixel_format
        if tags is not None:
            context = stream.codec_context
            context.colorspace, context.color_range, context.color_primaries = tags
        if transfer is not None:
            stream.codec_context.color_trc = transfer
        for index in range(frames):
            frame = av.VideoFrame(stream.width, stream.height, pixel_format)
            for plane, codes in zip(frame.planes, planes, strict=True):
                lines = np.asarray(memoryview(plane)).view(codes.dtype).reshape(plane.height, -1)
                lines[:, : codes.shape[1]] = codes
            if tags is not None:
                frame.colorspace, frame.color_range, frame.color_primaries = tags
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def unit(pixels: np.ndarray) -> np.ndarray:
    return pixels / np.iinfo(pixels.dtype).max


class TestColors:
    @pytest.mark.parametrize("matrix", WEIGHTS)
    @pytest.mark.parametrize("range_", ["limited", "full"])
    @pytest.mark.parametrize(
        ("bits", "name"), [(8, "yuv444p"), (10, "yuv444p10le"), (12, "yuv444p12le"), (16, "yuv444p16le")]
    )
    def test_tags_are_honoured(self, matrix: str, range_: str, bits: int, name: str, tmp_path: Path) -> None:
        planes = to_codes(patches(), matrix, range_, bits)
        tags = (WEIGHTS[matrix][2], 1 if range_ == "limited" else 2, 1)
        with open_film(write_planes(tmp_path / "film.mkv", planes, name, tags)) as film:
            assert (film.info.color.matrix, film.info.color.range) == (matrix, range_)
            assert film.info.bit_depth == bits
            allowed = 2.2 / 2**bits + 0.6 / 2 ** (8 if bits == 8 else 16)
            assert np.abs(unit(film.read(0, "rgb").pixels) - patches()).max() < allowed
            red, blue, _ = WEIGHTS[matrix]
            expected = patches() @ [red, 1 - red - blue, blue]
            assert np.abs(unit(film.read(0).pixels) - expected).max() < allowed

    @pytest.mark.parametrize(
        ("size", "matrix"), [((576, 720), "bt601"), ((480, 704), "bt601"), ((720, 1280), "bt709")]
    )
    def test_untagged_follows_the_size(self, size: tuple[int, int], matrix: str, tmp_path: Path) -> None:
        planes = to_codes(patches(*size), matrix, "limited", 8)
        with open_film(write_planes(tmp_path / "film.mkv", planes, "yuv444p", None)) as film:
            assert film.info.color.matrix == matrix
            assert np.abs(unit(film.read(0, "rgb").pixels) - patches(*size)).max() < 0.012

    def test_the_user_may_know_better(self, tmp_path: Path) -> None:
        path = write_planes(tmp_path / "film.mkv", to_codes(patches(), "bt709", "full", 8), "yuv444p", None)
        with open_film(path) as film:
            color = film.info.color
        with open_film(path, color=replace(color, matrix="bt709", range="full")) as film:
            assert np.abs(unit(film.read(0, "rgb").pixels) - patches()).max() < 0.012

    def test_wide_gamut_is_brought_to_bt709(self, tmp_path: Path) -> None:
        """Linear BT.709 green is (0.3293, 0.9195, 0.0880) in BT.2020 (ITU-R BT.2087); greys stay what they are."""
        linear = np.array([[0.3293, 0.9195, 0.0880], [0.2140, 0.2140, 0.2140], [1.0, 1.0, 1.0]])
        coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        picture = np.repeat(coded[np.arange(96) * 3 // 96][None], 64, axis=0)
        planes = to_codes(picture, "bt2020", "limited", 16)
        with open_film(write_planes(tmp_path / "film.mkv", planes, "yuv444p16le", (9, 1, 9))) as film:
            assert film.info.color.primaries == "bt2020"
            found = unit(film.read(0, "rgb").pixels)
        assert np.abs(found[5, 10] - [0, 1, 0]).max() < 0.02
        assert np.abs(found[5, 50] - coded[1]).max() < 0.001
        assert np.abs(found[5, 90] - 1).max() < 0.001

    @pytest.mark.parametrize(
        ("transfer", "name", "light"),
        [
            (1, "bt709", (0.0332, 0.2140, 1.0)),  # sRGB's curve stands for the gammas of cameras
            (8, "linear", (0.2, 0.5, 1.0)),
            (9, "log100", (0.0251, 0.1, 1.0)),
            (10, "log316", (0.01, 0.0562, 1.0)),
        ],
    )
    @pytest.mark.parametrize("is_rgb", [False, True])
    def test_tones_that_are_no_gamma_are_coded_as_such(
        self, transfer: int, name: str, light: tuple[float, ...], is_rgb: bool, tmp_path: Path
    ) -> None:
        """Codes 0.2, 0.5 and 1 stand for light after ITU-T H.273, table 3."""
        picture = np.repeat(np.array([0.2, 0.5, 1.0])[np.arange(96) * 3 // 96][None, :, None], 3, axis=2)
        picture = picture.repeat(64, axis=0)
        planes, kind, matrix = to_codes(picture, "bt709", "limited", 16), "yuv444p16le", 1
        if is_rgb:
            planes, kind, matrix = [np.rint(picture[..., 0] * 65535).astype(np.uint16)] * 3, "gbrp16le", 0
        tags = (matrix, 2 if is_rgb else 1, 1)
        with open_film(write_planes(tmp_path / "film.mkv", planes, kind, tags, transfer=transfer)) as film:
            assert film.info.color.transfer == name
            found = [unit(film.read(0, channels).pixels)[5, [10, 50, 90]] for channels in ("luma", "rgb")]
        linear = np.array(light)
        coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        for values in (found[0], *found[1].T):
            assert np.abs(values - coded).max() < 0.002

    @pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv411p"])
    def test_subsampled_chroma_lies_where_it_belongs(self, pixel_format: str, tmp_path: Path) -> None:
        """A ramp of colour comes back unshifted: chroma samples sit on every second (fourth) pixel."""
        step = 4 if pixel_format == "yuv411p" else 2
        ramp = np.linspace(0.3, 0.7, 96)
        rgb = np.stack([ramp, np.full(96, 0.5), 1 - ramp], axis=-1)[None].repeat(64, axis=0)
        y, cb, cr = to_codes(rgb, "bt601", "limited", 8)
        lines = 2 if pixel_format == "yuv420p" else 1
        planes = [y, cb[::lines, ::step].copy(), cr[::lines, ::step].copy()]
        with open_film(write_planes(tmp_path / "film.mkv", planes, pixel_format, None)) as film:
            found = unit(film.read(0, "rgb").pixels)
        allowed = 0.02 if step == 2 else 0.03
        assert np.abs(found - rgb)[:, 4:-4].max() < allowed

    def test_rgb_source_becomes_luma_by_bt709(self, tmp_path: Path) -> None:
        codes = np.rint(patches() * 65535).astype(np.uint16)
        planes = [codes[..., channel].copy() for channel in (1, 2, 0)]
        with open_film(write_planes(tmp_path / "film.mkv", planes, "gbrp16le", (0, 2, 1))) as film:
            np.testing.assert_array_equal(film.read(0, "rgb").pixels, codes)
            assert np.abs(unit(film.read(0).pixels) - patches() @ [0.2126, 0.7152, 0.0722]).max() < 2e-5

    @pytest.mark.parametrize(
        ("pixel_format", "top"), [("gray", 255), ("gray10le", 1023), ("gray16le", 65535)]
    )
    def test_grey_film_is_full_range(self, pixel_format: str, top: int, tmp_path: Path) -> None:
        ramp = (
            np.linspace(0, top, 96)
            .round()
            .astype(np.uint8 if top == 255 else np.uint16)[None]
            .repeat(64, axis=0)
        )
        with open_film(write_planes(tmp_path / "film.mkv", [ramp], pixel_format, None)) as film:
            assert np.abs(unit(film.read(0).pixels) - ramp / top).max() < 1e-4
            rgb = film.read(0, "rgb").pixels
            assert (rgb == rgb[..., :1]).all()

    def test_high_dynamic_range_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("ffv1", rate=24)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p10le"
            stream.codec_context.color_trc = 16
            frame = av.VideoFrame(64, 64, "yuv420p10le")
            frame.color_trc = 16
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        with open_film(path) as film:
            assert film.info.complete
            assert "high-dynamic-range" in film.problems[0]


class TestShapes:
    @pytest.mark.parametrize("degrees", [90, 180, -90])
    def test_rotation(self, degrees: int, tmp_path: Path) -> None:
        path = tmp_path / "film.mp4"
        picture = np.zeros((64, 96), np.uint8)
        picture[:20, :30] = 255
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=24, options={"crf": "5"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.set_display_rotation(degrees)
            stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
            frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        upright = np.rot90(picture, degrees // 90)
        with open_film(path) as film:
            assert (film.info.height, film.info.width) == upright.shape
            assert film.info.rotation == degrees % 360
            assert film.info.pixel_aspect == (Fraction(4, 3) if degrees == 180 else Fraction(3, 4))
            for channels in ("luma", "rgb"):
                pixels = film.read(0, channels).pixels
                assert pixels.shape[:2] == upright.shape
                assert np.abs(pixels.reshape(*upright.shape, -1)[..., 0].astype(int) - upright).mean() < 4

    @pytest.mark.parametrize("size", [(97, 65), (33, 17)])
    def test_odd_sizes(self, size: tuple[int, int], tmp_path: Path) -> None:
        width, height = size
        rng = np.random.default_rng(1)
        planes = [
            rng.integers(16, 235, shape, np.uint8)
            for shape in [(height, width)] + [((height + 1) // 2, (width + 1) // 2)] * 2
        ]
        with open_film(write_planes(tmp_path / "film.mkv", planes, "yuv420p", None)) as film:
            assert film.read(0).pixels.shape == (height, width)
            assert film.read(0, "rgb").pixels.shape == (height, width, 3)

    def test_edit_list_hides_frames(self, clips, shown, tmp_path: Path) -> None:
        """Frames before the start of an edit list are decoded but are no part of the film."""
        path = tmp_path / "film.mp4"
        with av.open(str(clips.film("h264-mp4"))) as source, av.open(str(path), "w") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.pts -= 5 * 1001
                    packet.dts -= 5 * 1001
                    packet.stream = stream
                    target.mux(packet)
        with open_film(path) as film:
            assert film.info.frame_count == 35
            assert film.times[0] == 0
            assert [shown(frame.pixels) for frame in film.frames(FrameRange(0, 35))] == list(range(5, 40))
            assert shown(film.read(3).pixels) == 8

    def test_film_that_begins_in_mid_group(self, clips, shown, tmp_path: Path) -> None:
        """A transport stream cut out of a longer one: what cannot be decoded is not counted as a frame."""
        path = tmp_path / "film.ts"
        with av.open(str(clips.film("h264-ts"))) as source, av.open(str(path), "w") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.size):
                if number >= 4:
                    packet.stream = stream
                    target.mux(packet)
        with open_film(path) as film:
            first = shown(film.read(0).pixels)
            assert 4 <= first <= 10
            numbers = [shown(frame.pixels) for frame in film.frames(FrameRange(0, film.info.frame_count))]
            assert numbers == list(range(first, 40))
            assert film.times[0] == 0

    def test_matroska_notes_pixel_shape_with_valid_checksums(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mkv"
        with SegmentWriter(path, PRESETS["ffv1-10"], 720, 576, Fraction(25), Fraction(16, 15)) as writer:
            writer.write(np.zeros((576, 720, 3), np.float32), Fraction(0))
        data = path.read_bytes()
        checked = 0
        head = data[:2000]
        for at in (head.index(b"\x11\x4d\x9b\x74"), head.rindex(b"\x16\x54\xae\x6b")):
            length = 9 - data[at + 4].bit_length()
            size = int.from_bytes(data[at + 4 : at + 4 + length], "big") & ((1 << 7 * length) - 1)
            body = data[at + 4 + length : at + 4 + length + size]
            assert body[:2] == b"\xbf\x84"
            assert zlib.crc32(body[6:]) == int.from_bytes(body[2:6], "little")
            checked += 1
        assert checked == 2
        with open_film(path) as film:
            assert film.info.pixel_aspect == Fraction(16, 15)


class TestInterlaced:
    @pytest.mark.parametrize(("top_first", "order"), [(True, "top"), (False, "bottom")])
    @pytest.mark.parametrize("codec", ["mpeg2video", "ffv1"])
    def test_recognised_and_made_whole(self, codec: str, top_first: bool, order: str, tmp_path: Path) -> None:
        """MPEG-2 notes the order in its headers; with FFV1 only the decoded pictures tell."""
        path = tmp_path / "film.mkv"
        whole = write_interlaced(path, top_first=top_first, codec=codec)
        with open_film(path) as film:
            assert film.info.field_order == order
            combed = [frame.pixels.astype(int) for frame in film.frames(FrameRange(0, 8))]
        with open_film(path, deinterlace=True) as film:
            assert film.info.field_order == order
            clean = [frame.pixels.astype(int) for frame in film.frames(FrameRange(0, 8))]
        for index in range(8):
            before = np.abs(combed[index] - whole[index]).mean()
            after = np.abs(clean[index] - whole[index]).mean()
            assert after < before / 2

    def test_deinterlaced_frames_do_not_depend_on_the_order_of_reading(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mkv"
        write_interlaced(path, top_first=True)
        with open_film(path, deinterlace=True) as film:
            in_order = [frame.pixels for frame in film.frames(FrameRange(0, 8))]
            for index in (5, 2, 3, 7, 0, 6):
                np.testing.assert_array_equal(film.read(index).pixels, in_order[index])

    def test_progressive_film_is_called_so(self, clips) -> None:
        with open_film(clips.film("mpeg2-ts")) as film:
            assert film.info.field_order == "progressive"


class TestReadPicture:
    @pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".jpg", ".webp"])
    def test_eight_bits(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"reference{suffix}"
        rgb = np.rint(patches() * 255).astype(np.uint8)
        cv2.imwrite(str(path), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_WEBP_QUALITY, 101])
        found = read_picture(path)
        assert found.dtype == np.uint8 and not found.flags.writeable
        # JPEG blurs the borders of the bars.
        inside = np.arange(96) % 16 // 4 == 1
        assert np.abs(found[:, inside].astype(int) - rgb[:, inside]).max() <= (3 if suffix == ".jpg" else 0)

    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_sixteen_bits_are_kept(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"reference{suffix}"
        rgb = np.random.default_rng(2).integers(0, 65535, (32, 48, 3), np.uint16)
        cv2.imwrite(str(path), rgb[..., ::-1])
        np.testing.assert_array_equal(read_picture(path), rgb)

    @pytest.mark.parametrize("depth", [np.uint8, np.uint16])
    def test_grey_is_repeated(self, depth: type, tmp_path: Path) -> None:
        grey = np.random.default_rng(2).integers(0, np.iinfo(depth).max, (32, 48)).astype(depth)
        cv2.imwrite(str(tmp_path / "grey.png"), grey)
        np.testing.assert_array_equal(read_picture(tmp_path / "grey.png"), grey[..., None].repeat(3, axis=2))

    @pytest.mark.parametrize("depth", [np.uint8, np.uint16])
    def test_transparency_lies_over_black(self, depth: type, tmp_path: Path) -> None:
        top = np.iinfo(depth).max
        bgra = np.full((32, 48, 4), top, depth)
        bgra[:, :16, 3] = 0
        bgra[:, 16:32, 3] = top // 2
        cv2.imwrite(str(tmp_path / "cut.png"), bgra)
        found = read_picture(tmp_path / "cut.png")
        assert found.shape == (32, 48, 3)
        assert (found[:, :16] == 0).all() and (found[:, 32:] == top).all()
        assert abs(int(found[0, 20, 0]) - top // 2) <= 1

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation_of_cameras(self, orientation: int, tmp_path: Path) -> None:
        path = tmp_path / "photo.jpg"
        rgb = np.zeros((32, 64, 3), np.uint8)
        rgb[:16, :32] = 200
        cv2.imwrite(str(path), rgb)
        data = path.read_bytes()
        entry = struct.pack(">HHIHH", 0x112, 3, 1, orientation, 0)
        exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + bytes(4)
        path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
        expected = cv2.imread(str(path))
        found = read_picture(path)
        assert found.shape == expected.shape
        assert np.abs(found.astype(int) - expected[..., ::-1]).max() <= 3


class TestPace:
    RATES = st.sampled_from(
        [
            Fraction(16),
            Fraction(18),
            Fraction(24000, 1001),
            Fraction(24),
            Fraction(25),
            Fraction(30000, 1001),
            Fraction(50, 3),
        ]
    )

    @given(RATES, st.integers(2, 3000), st.sampled_from([1000, 90000, 600, 24000]), st.integers(0, 10**6))
    def test_finds_the_rate_behind_rounded_times(
        self, rate: Fraction, count: int, clock: int, first: int
    ) -> None:
        ticks = np.array([round(first + index / rate * clock) for index in range(count)], np.int64)
        stated = Fraction(round(float(rate) * 1000), 1000)
        assert find_rate(ticks, Fraction(1, clock), [stated], Fraction(1, 50)) == (rate, False)

    def test_varying_distances(self) -> None:
        ticks = np.array([0, 40, 80, 160, 200, 240, 320], np.int64)
        rate, variable = find_rate(ticks, Fraction(1, 1000), [Fraction(25)], Fraction(1, 50))
        assert variable and rate == Fraction(6) / Fraction(32, 100)

    def test_too_few_frames_believe_the_file(self) -> None:
        assert find_rate(np.zeros(1, np.int64), Fraction(1, 1000), [None, Fraction(18)], Fraction(1, 50)) == (
            18,
            False,
        )
        assert find_rate(np.zeros(0, np.int64), Fraction(1, 1000), [], Fraction(1, 50)) == (24, False)
