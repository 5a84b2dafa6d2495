"""Every way to store a picture is read right, or refused with the true reason."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import OpenImageIO
import pytest
from PIL import Image

from remaster_gui.base.errors import MediaError
from remaster_gui.media import open_film, read_picture
from remaster_gui.media.pictures import decode_picture

from .charts import PATCHES, chart, linear, shown, write

DEEP = chart().astype(np.uint16) * 257
UNIT = (chart() / 255).astype(np.float32)
LIGHT = linear(chart()).astype(np.float32)


def refused(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        read_picture(path)
    text = str(caught.value)
    assert str(path) in text and text.endswith(".") and "\n" not in text and "permission" not in text
    return text


class TestTiff:
    @pytest.mark.parametrize("codes", [chart(), DEEP, UNIT], ids=["8", "16", "float"])
    @pytest.mark.parametrize("tile", [0, 16])
    @pytest.mark.parametrize("planar", [False, True])
    @pytest.mark.parametrize("compression", ["none", "lzw", "zip", "packbits"])
    def test_layouts(
        self, codes: np.ndarray, tile: int, planar: bool, compression: str, tmp_path: Path
    ) -> None:
        path = write(tmp_path / "a.tif", codes, tile=tile, planar=planar, compression=compression)
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.51)

    @pytest.mark.parametrize(
        ("codes", "kind"),
        [
            (UNIT, "half"),
            (UNIT, "double"),
            (UNIT, "uint32"),
            (UNIT, "int16"),
            (UNIT, "int8"),
        ],
    )
    def test_kinds_of_samples(self, codes: np.ndarray, kind: str, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", codes, type=kind)
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=2.1 if kind == "int8" else 0.6)

    @pytest.mark.parametrize("bits", [10, 12])
    def test_depths_between_bytes(self, bits: int, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", DEEP, **{"oiio:BitsPerSample": bits})
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.6)
        assert decode_picture(path).bits == bits

    def test_floats_of_another_range_are_refused(self, tmp_path: Path) -> None:
        assert "brighter than 1" in refused(write(tmp_path / "a.tif", UNIT * 255, type="float"))

    @pytest.mark.parametrize(("kind", "name"), [(np.int32, "int"), (np.uint32, "uint")])
    def test_16_bits_given_32_are_what_they_were(self, kind: type, name: str, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", DEEP.astype(kind), type=name)
        np.testing.assert_array_equal(read_picture(path), read_picture(write(tmp_path / "b.tif", DEEP)))

    def test_grey_of_16_bits_that_pillow_gave_32(self, tmp_path: Path) -> None:
        grey = DEEP[..., 1]
        Image.fromarray(grey.astype(np.int32), mode="I").save(tmp_path / "a.tif")
        np.testing.assert_array_equal(
            read_picture(tmp_path / "a.tif"), read_picture(write(tmp_path / "b.tif", grey[..., None]))
        )

    def test_8_bits_given_32_are_refused_and_black_is_black(self, tmp_path: Path) -> None:
        codes = chart().astype(np.uint32)
        assert "what is white is not known" in refused(write(tmp_path / "a.tif", codes, type="uint"))
        assert not read_picture(write(tmp_path / "b.tif", 0 * codes, type="uint")).any()

    def test_numbers_of_64_bits_are_not_called_damage(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", DEEP, compression="none")
        bits = [struct.pack("<3H", *3 * [each]) for each in (16, 64)]
        data = path.read_bytes()
        assert bits[0] in data
        path.write_bytes(data.replace(*bits))
        assert "is stored in a way that is not read" in refused(path)

    def test_a_palette_with_transparency_is_refused(self, tmp_path: Path) -> None:
        Image.fromarray(chart()).convert("PA").save(tmp_path / "a.tif")
        assert "beside the numbers of a palette" in refused(tmp_path / "a.tif")

    @pytest.mark.parametrize("kinds", [(1, 0), (1, 4, 2), (0, 1)])
    def test_small_pictures_and_masks_are_not_the_picture(
        self, kinds: tuple[int, ...], tmp_path: Path
    ) -> None:
        path, specs = str(tmp_path / "a.tif"), []
        pictures = [255 - chart()[::2, ::2] if kind & 5 else chart() for kind in kinds]
        for kind, codes in zip(kinds, pictures, strict=True):
            specs.append(OpenImageIO.ImageSpec(codes.shape[1], codes.shape[0], 3, "uint8"))
            specs[-1].attribute("tiff:subfiletype", kind)
        output = OpenImageIO.ImageOutput.create(path)
        for number, (spec, codes) in enumerate(zip(specs, pictures, strict=True)):
            assert output.open(path, spec, "AppendSubimage") if number else output.open(path, tuple(specs))
            assert output.write_image(np.ascontiguousarray(codes))
        output.close()
        output.geterror()
        np.testing.assert_array_equal(read_picture(tmp_path / "a.tif"), chart())

    def test_bigtiff(self, tmp_path: Path) -> None:
        content = chart()
        height, width = content.shape[:2]
        entries = [
            (256, 4, width),
            (257, 4, height),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 2),
            (273, 4, 8 + 8 + 8 + 20 * 9),
        ]
        entries += [(277, 3, 3), (278, 4, height), (279, 4, content.nbytes)]
        body = struct.pack("<Q", len(entries))
        for tag, kind, value in entries:
            body += struct.pack("<HHQ", tag, kind, 1) + struct.pack("<I4x" if kind == 4 else "<H6x", value)
        # Three depths fit into one value.
        body = body.replace(
            struct.pack("<HHQH6x", 258, 3, 1, 8), struct.pack("<HHQHHH2x", 258, 3, 3, 8, 8, 8)
        )
        offset = 16 + len(body) + 8
        body = body.replace(struct.pack("<I4x", 8 + 8 + 8 + 20 * 9), struct.pack("<I4x", offset))
        path = tmp_path / "a.tif"
        path.write_bytes(b"II" + struct.pack("<HHHQ", 43, 8, 0, 16) + body + bytes(8) + content.tobytes())
        np.testing.assert_array_equal(read_picture(path), content)

    def test_jpeg_within(self, tmp_path: Path) -> None:
        Image.fromarray(chart()).save(tmp_path / "a.tif", compression="jpeg", quality=95)
        np.testing.assert_allclose(shown(read_picture(tmp_path / "a.tif")), PATCHES, atol=3)

    def test_palette(self, tmp_path: Path) -> None:
        colors = Image.fromarray(chart()).convert("P", palette=Image.Palette.ADAPTIVE, colors=16)
        for suffix in ("tif", "png", "bmp"):
            colors.save(tmp_path / f"a.{suffix}")
            np.testing.assert_allclose(shown(read_picture(tmp_path / f"a.{suffix}")), PATCHES, atol=1)

    @pytest.mark.parametrize("kind", [np.uint8, np.uint16])
    def test_white_that_is_stored_as_zero(self, kind: type, tmp_path: Path) -> None:
        grey = (chart() if kind is np.uint8 else DEEP)[..., 1:2]
        path = write(tmp_path / "a.tif", np.iinfo(kind).max - grey, ("Y",), compression="none")
        data = path.read_bytes()
        path.write_bytes(data.replace(struct.pack("<HHIH", 262, 3, 1, 1), struct.pack("<HHIH", 262, 3, 1, 0)))
        np.testing.assert_array_equal(read_picture(path), grey.repeat(3, axis=2))

    @pytest.mark.parametrize("compression", [None, "group4"])
    def test_one_bit(self, compression: str | None, tmp_path: Path) -> None:
        mask = chart()[..., 1] > 100
        Image.fromarray(mask).save(tmp_path / "a.tif", compression=compression)
        np.testing.assert_array_equal(read_picture(tmp_path / "a.tif")[..., 0], mask * np.uint8(255))

    def test_lab(self, tmp_path: Path) -> None:
        from PIL import ImageCms

        transform = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        ImageCms.applyTransform(Image.fromarray(chart()), transform).save(tmp_path / "a.tif")
        np.testing.assert_allclose(shown(read_picture(tmp_path / "a.tif")), PATCHES, atol=3)

    def test_inks(self, tmp_path: Path) -> None:
        for suffix in ("tif", "jpg"):
            Image.fromarray(chart()).convert("CMYK").save(tmp_path / f"a.{suffix}", quality=95)
            np.testing.assert_allclose(shown(read_picture(tmp_path / f"a.{suffix}")), PATCHES, atol=3)
        assert "CMYK" in decode_picture(tmp_path / "a.tif").problem

    @pytest.mark.parametrize(("count", "names"), [(1, ("Y",)), (3, ("R", "G", "B"))])
    def test_fewer_inks_than_four(self, count: int, names: tuple[str, ...], tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", chart()[..., :count].copy(), names, compression="none")
        data = path.read_bytes()
        before = struct.pack("<HHIH", 262, 3, 1, 1 if count == 1 else 2)
        assert before in data
        path.write_bytes(data.replace(before, struct.pack("<HHIH", 262, 3, 1, 5)))
        with pytest.raises(MediaError, match=f"has {count} of the four"):
            read_picture(path)

    @pytest.mark.parametrize(("extra", "factor"), [(0, 1.0), (1, 1.0), (2, 40 / 255)])
    def test_only_declared_transparency_is_transparency(
        self, extra: int, factor: float, tmp_path: Path
    ) -> None:
        """ExtraSamples 0 is infrared, for instance; 1 has been multiplied already."""
        codes = np.dstack([chart(), np.full(chart().shape[:2], 40, np.uint8)])
        path = write(tmp_path / "a.tif", codes, ("R", "G", "B", "A"), compression="none")
        data = path.read_bytes()
        known = [struct.pack("<HHIH", 338, 3, 1, value) for value in (1, 2)]
        for each in known:
            data = data.replace(each, struct.pack("<HHIH", 338, 3, 1, extra))
        at = data.index(codes.tobytes()) if codes.tobytes() in data else None
        assert at is not None or extra == 1
        path.write_bytes(data)
        np.testing.assert_allclose(shown(read_picture(path)), np.array(PATCHES) * factor, atol=1)

    def test_text_in_no_known_encoding(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", chart(), Software="Muller")
        path.write_bytes(path.read_bytes().replace(b"Muller", b"M\xfcller"))
        np.testing.assert_array_equal(read_picture(path), chart())

    @pytest.mark.parametrize("scheme", [50000, 34925, 34887, 34712])
    def test_a_compression_that_is_not_read_is_named(self, scheme: int, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", chart(), compression="none")
        data = path.read_bytes()
        path.write_bytes(
            data.replace(struct.pack("<HHIH", 259, 3, 1, 1), struct.pack("<HHIH", 259, 3, 1, scheme))
        )
        assert "way that is not read" in refused(path)

    def test_header_alone(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", np.zeros((64, 64, 3), np.uint8), compression="none")
        data = path.read_bytes()
        for tag in (256, 257):
            for kind in (3, 4):
                data = data.replace(
                    struct.pack("<HHII", tag, kind, 1, 64), struct.pack("<HHII", tag, 4, 1, 12288)
                )
        path.write_bytes(data)
        assert "to one is not read" in refused(path)


class TestOpenExr:
    @pytest.mark.parametrize("kind", ["half", "float"])
    @pytest.mark.parametrize("compression", ["none", "rle", "zip", "zips", "piz", "pxr24"])
    @pytest.mark.parametrize("tile", [0, 16])
    def test_layouts(self, kind: str, compression: str, tile: int, tmp_path: Path) -> None:
        path = write(tmp_path / "a.exr", LIGHT, type=kind, compression=compression, tile=tile)
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.2)

    def test_grey_and_layers(self, tmp_path: Path) -> None:
        path = write(tmp_path / "grey.exr", LIGHT[..., 1:2], ("Y",), type="half")
        np.testing.assert_allclose(shown(read_picture(path))[:, 0], np.array(PATCHES)[:, 1], atol=0.2)
        path = write(tmp_path / "layer.exr", LIGHT, ("beauty.R", "beauty.G", "beauty.B"), type="half")
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.2)
        codes = np.dstack([LIGHT[..., :1] * 9, LIGHT])
        path = write(tmp_path / "depth.exr", codes, ("Z", "R", "G", "B"), type="half")
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.2)

    def test_parts(self, tmp_path: Path) -> None:
        """The part with colours is the picture, wherever it lies."""
        depth, beauty = (("Z",), LIGHT[..., :1]), (("R", "G", "B"), LIGHT)
        for place, parts in enumerate([(beauty, depth), (depth, beauty)]):
            path = str(tmp_path / f"{place}.exr")
            specs = []
            for names, codes in parts:
                spec = OpenImageIO.ImageSpec(codes.shape[1], codes.shape[0], len(names), "half")
                spec.channelnames = names
                spec.attribute("oiio:subimagename", "".join(names))
                specs.append(spec)
            output = OpenImageIO.ImageOutput.create(path)
            assert output.open(path, tuple(specs))
            for number, (_, codes) in enumerate(parts):
                assert not number or output.open(path, specs[number], "AppendSubimage")
                assert output.write_image(np.ascontiguousarray(codes))
            output.close()
            np.testing.assert_allclose(shown(read_picture(Path(path))), PATCHES, atol=0.2)

    def test_timecode(self, tmp_path: Path) -> None:
        spec = OpenImageIO.ImageSpec(80, 32, 3, "half")
        spec.attribute("smpte:TimeCode", OpenImageIO.TypeTimeCode, (0x01020304, 0))
        output = OpenImageIO.ImageOutput.create(str(tmp_path / "a.exr"))
        assert output.open(str(tmp_path / "a.exr"), spec) and output.write_image(LIGHT)
        output.close()
        assert decode_picture(tmp_path / "a.exr").timecode == "01:02:03:04"

    def test_no_colors(self, tmp_path: Path) -> None:
        assert "no colours but Z" in refused(write(tmp_path / "a.exr", LIGHT[..., :1], ("Z",), type="half"))
        path = write(tmp_path / "b.exr", LIGHT, ("Y", "RY", "BY"), type="half")
        assert "luminance and chroma" in refused(path)

    def test_whole_numbers_are_no_light(self, tmp_path: Path) -> None:
        codes = np.full((*LIGHT.shape[:2], 3), 7, np.uint32)
        assert "whole numbers" in refused(write(tmp_path / "a.exr", codes, type="uint"))

    @pytest.mark.parametrize("compression", ["none", "zip", "piz"])
    def test_cut_short(self, compression: str, tmp_path: Path) -> None:
        path = write(tmp_path / "a.exr", LIGHT.repeat(4, axis=0), type="half", compression=compression)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])
        assert "cut short" in refused(path)

    def test_display_window(self, tmp_path: Path) -> None:
        """What is stored of a picture lies where it belongs; the rest is black."""
        spec = OpenImageIO.ImageSpec(80, 32, 3, "half")
        spec.x, spec.y, spec.full_width, spec.full_height = 10, -4, 100, 64
        output = OpenImageIO.ImageOutput.create(str(tmp_path / "a.exr"))
        assert output.open(str(tmp_path / "a.exr"), spec) and output.write_image(LIGHT)
        output.close()
        found = read_picture(tmp_path / "a.exr")
        assert found.shape == (64, 100, 3)
        assert not found[:, :10].any() and not found[28:].any() and not found[:, 90:].any()
        np.testing.assert_allclose(found[:28, 10:90] / 257, chart()[4:], atol=0.2)


class TestDpx:
    @pytest.mark.parametrize("endian", ["little", "big"])
    @pytest.mark.parametrize("packing", ["Packed", "Filled, method A", "Filled, method B"])
    @pytest.mark.parametrize("bits", [8, 10, 12, 16])
    def test_packings(self, endian: str, packing: str, bits: int, tmp_path: Path) -> None:
        attributes = {"oiio:BitsPerSample": bits, "dpx:Packing": packing, "oiio:Endian": endian}
        path = write(tmp_path / "a.dpx", UNIT, type="uint8" if bits == 8 else "uint16", **attributes)
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.51)
        assert decode_picture(path).bits == bits

    @pytest.mark.parametrize("name", ["gbrp10be", "gbrp10le", "gbrp12be", "gbrp12le", "rgb48be", "rgb48le"])
    def test_written_by_another_program(self, name: str, tmp_path: Path) -> None:
        frame = av.VideoFrame.from_ndarray(DEEP, "rgb48le").reformat(format=name)
        context = av.CodecContext.create("dpx", "w")
        context.height, context.width = DEEP.shape[:2]
        context.pix_fmt, context.time_base = name, Fraction(1, 24)
        frame.pts = 0
        packets = [*context.encode(frame), *context.encode(None)]
        path = tmp_path / "a.dpx"
        path.write_bytes(b"".join(bytes(packet) for packet in packets))
        red, green, blue = frame.reformat(format="rgb48le").to_ndarray().astype(float).transpose(2, 0, 1)
        expected = np.stack([red, green, blue], axis=-1)
        np.testing.assert_allclose(shown(read_picture(path)), shown(expected / 257), atol=0.6)

    def test_timecode(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.dpx", UNIT, type="uint16", **{"oiio:BitsPerSample": 10})
        assert decode_picture(path).timecode is None
        data = bytearray(path.read_bytes())
        struct.pack_into("<I" if data[:4] == b"XPDS" else ">I", data, 1920, 0x01020304)
        path.write_bytes(data)
        assert decode_picture(path).timecode == "01:02:03:04"
        with open_film(tmp_path) as film:
            assert film.info.timecode == "01:02:03:04"

    def test_cut_short(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.dpx", UNIT, type="uint16", **{"oiio:BitsPerSample": 10})
        path.write_bytes(path.read_bytes()[:-3000])
        refused(path)

    @pytest.mark.parametrize("element", [7, 100, 102, 103])
    def test_luma_with_chroma_is_refused(self, element: int, tmp_path: Path) -> None:
        path = write(tmp_path / "a.dpx", chart())
        data = bytearray(path.read_bytes())
        data[800] = element
        path.write_bytes(data)
        assert "in place of RGB" in refused(path) or "not read" in refused(path)

    @pytest.mark.parametrize(("element", "order"), [(51, "RGBA"), (52, "ABGR")])
    def test_a_fourth_sample(self, element: int, order: str, tmp_path: Path) -> None:
        """Matte or infrared; the colours are there as they are."""
        planes = dict(
            zip("RGBA", (*UNIT.transpose(2, 0, 1), np.full(UNIT.shape[:2], 0.2, np.float32)), strict=True)
        )
        codes = np.stack([planes[name] for name in order], axis=-1)
        path = write(
            tmp_path / "a.dpx", codes, ("R", "G", "B", "A"), type="uint16", **{"oiio:BitsPerSample": 10}
        )
        data = bytearray(path.read_bytes())
        data[800] = element
        path.write_bytes(data)
        np.testing.assert_allclose(shown(read_picture(path)), PATCHES, atol=0.51)


class TestOthers:
    def test_transparency(self, tmp_path: Path) -> None:
        for suffix in ("png", "webp", "tif"):
            clear = Image.fromarray(np.dstack([chart(), np.full(chart().shape[:2], 128, np.uint8)]))
            clear.save(tmp_path / f"a.{suffix}", lossless=True)
            expected = np.array(PATCHES) * (128 / 255)
            np.testing.assert_allclose(shown(read_picture(tmp_path / f"a.{suffix}")), expected, atol=0.51)

    @pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation(self, suffix: str, orientation: int, tmp_path: Path) -> None:
        """Stored as EXIF 2.3 has it for each orientation, all of them look alike."""
        stored = {
            1: lambda a: a,
            2: lambda a: a[:, ::-1],
            3: lambda a: a[::-1, ::-1],
            4: lambda a: a[::-1],
            5: lambda a: a.transpose(1, 0, 2),
            6: lambda a: np.rot90(a),
            7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
            8: lambda a: np.rot90(a, -1),
        }[orientation](chart())
        exif = Image.Exif()
        exif[0x112] = orientation
        path = tmp_path / f"a.{suffix}"
        options = {"webp": {"lossless": True}, "jpg": {"quality": 95}}.get(suffix, {})
        Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, **options)
        found = read_picture(path)
        assert found.shape == chart().shape
        np.testing.assert_allclose(shown(found), PATCHES, atol=3 if suffix == "jpg" else 0)

    @pytest.mark.parametrize("name", ["wrong.tif", "no suffix", b"m\xfcller.png"])
    def test_names_that_say_nothing(self, name: str | bytes, tmp_path: Path) -> None:
        path = tmp_path / os.fsdecode(name)
        cv2.imwrite(str(tmp_path / "a.png"), chart()[..., ::-1])
        (tmp_path / "a.png").rename(path)
        np.testing.assert_array_equal(read_picture(path), chart())

    @pytest.mark.parametrize(
        ("start", "kind"),
        [
            (b"\0\0\0\x20ftypavif", "AVIF"),
            (b"\xff\x0a", "JPEG XL"),
            (b"8BPS", "Photoshop"),
            (b"GIF89a", "GIF"),
        ],
    )
    def test_kinds_that_are_not_read_are_named(self, start: bytes, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        path.write_bytes(start + bytes(100))
        assert kind in refused(path)

    def test_damage_within_a_png(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "a.png"
        cv2.imwrite(str(path), chart())
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0x55
        path.write_bytes(data)
        assert "damaged" in refused(path)
        assert capfd.readouterr().err == ""


READ = """\
import resource, sys
from remaster_gui.media import read_picture
from remaster_gui.base.errors import MediaError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_picture(sys.argv[1])
except MediaError as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
"""


class TestBombs:
    """Small files that promise gigabytes are refused before memory is taken."""

    def check(self, path: Path) -> str:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30,) * 2)

        done = subprocess.run(
            [sys.executable, "-c", READ, path], capture_output=True, text=True, timeout=600, preexec_fn=limit
        )
        kilobytes, _, text = done.stdout.partition(" ")
        assert kilobytes.isdecimal(), done
        assert int(kilobytes) < 200_000
        return text

    def test_webp(self, tmp_path: Path) -> None:
        Image.new("RGB", (12000, 12000), (128, 128, 128)).save(tmp_path / "a.webp", lossless=True, method=0)
        assert "to one is not read" in self.check(tmp_path / "a.webp")

    def test_png(self, tmp_path: Path) -> None:
        Image.new("1", (12288, 12288)).save(tmp_path / "a.png")
        assert "to one is not read" in self.check(tmp_path / "a.png")

    def test_tiff_of_one_bit(self, tmp_path: Path) -> None:
        Image.new("1", (12288, 12288)).save(tmp_path / "a.tif", compression="group4")
        assert "to one is not read" in self.check(tmp_path / "a.tif")

    def test_edited_headers(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.exr", LIGHT, type="half", compression="zip")
        data = bytearray(path.read_bytes())
        for name in (b"dataWindow\0box2i\0", b"displayWindow\0box2i\0"):
            at = data.index(name) + len(name) + 4
            struct.pack_into("<4i", data, at, 0, 0, 12287, 12287)
        path.write_bytes(data)
        assert "to one is not read" in self.check(path)
        path = write(tmp_path / "a.dpx", UNIT, type="uint16", **{"oiio:BitsPerSample": 10})
        data = bytearray(path.read_bytes())
        struct.pack_into("<2I" if data[:4] == b"XPDS" else ">2I", data, 772, 12288, 12288)
        path.write_bytes(data)
        self.check(path)

    def test_sparse_files(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        for start in (b"nothing", b"\xff\xd8\xff\xe0"):
            path.write_bytes(start)
            os.truncate(path, 6 * 2**30)
            text = self.check(path)
        assert "3.2 GB at most" in text

    def test_as_a_film(self, tmp_path: Path) -> None:
        Image.new("1", (12288, 12288)).save(tmp_path / "a.0001.png")
        with pytest.raises(MediaError, match="to one is not read"):
            open_film(tmp_path)
