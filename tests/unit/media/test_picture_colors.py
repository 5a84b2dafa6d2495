"""Pictures in other colour spaces are converted to sRGB, as references and as films alike; what cannot be is said."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from remaster_gui.media import open_film, read_picture
from remaster_gui.media.pictures import decode_picture

from .charts import (
    ADOBE_RGB,
    BT2020,
    BT2020_FROM_BT709,
    PATCHES,
    SRGB_D50,
    chart,
    gamma,
    linear,
    matrix_profile,
    png,
    profile,
    shown,
    text_tags,
    write,
)

GAMMA = 2.19921875
LIGHT = linear(chart())
GREYS = [6, 8, 9]
"""Patches without colour."""


ACES_FROM_BT709 = np.array(
    [[0.4396328, 0.3829887, 0.1773785], [0.0897764, 0.8134394, 0.0967842], [0.0175411, 0.1115466, 0.8709123]]
)
"""Linear light of SMPTE ST 2065-1, its white adapted (Bradford)."""


def powers(light: np.ndarray, exponent: float, kind: type = np.uint16) -> np.ndarray:
    """Code values of linear light with a pure power."""
    return np.rint(np.clip(light, 0, 1) ** (1 / exponent) * np.iinfo(kind).max).astype(kind)


def in_adobe_rgb(kind: type = np.uint16) -> np.ndarray:
    """The chart in Adobe RGB (1998)."""
    return powers(LIGHT @ (np.linalg.inv(ADOBE_RGB) @ SRGB_D50).T, GAMMA, kind)


def srgb_codes(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def check(path: Path, expected: object = PATCHES, tolerance: float = 1.5) -> None:
    """The picture shows the patches, as a reference and as a film of one frame."""
    np.testing.assert_allclose(shown(read_picture(path)), expected, atol=tolerance)
    with open_film(path.with_name(f"{path.stem[:-1]}#{path.suffix}")) as film:
        np.testing.assert_allclose(shown(film.read(0, "rgb").pixels), expected, atol=tolerance)
        assert film.problems == ()
        luma = np.asarray(expected) @ [0.2126, 0.7152, 0.0722]
        np.testing.assert_allclose(shown(film.read(0).pixels[..., None])[:, 0], luma, atol=tolerance)


class TestProfiles:
    @pytest.mark.parametrize("kind", [np.uint8, np.uint16])
    @pytest.mark.parametrize("suffix", ["png", "tif"])
    def test_matrix(self, kind: type, suffix: str, tmp_path: Path) -> None:
        data = matrix_profile(ADOBE_RGB, gamma(GAMMA))
        path = write(tmp_path / f"a1.{suffix}", in_adobe_rgb(kind), ICCProfile=data)
        # One step of 8 bits of dark red is three of sRGB, which has less of it.
        check(path, tolerance=3.1 if kind is np.uint8 else 1)

    @pytest.mark.parametrize("suffix", ["jpg", "webp"])
    def test_in_photographs(self, suffix: str, tmp_path: Path) -> None:
        data = matrix_profile(ADOBE_RGB, gamma(GAMMA))
        picture = Image.fromarray(in_adobe_rgb(np.uint8))
        options = {"lossless": True} if suffix == "webp" else {"quality": 98, "subsampling": 0}
        picture.save(tmp_path / f"a1.{suffix}", icc_profile=data, **options)
        check(tmp_path / f"a1.{suffix}", tolerance=5.5)

    def test_curves_as_tables_and_formulas(self, tmp_path: Path) -> None:
        steps = np.rint(np.linspace(0, 1, 1024) ** 1.8 * 65535).astype(">u2")
        table = b"curv" + bytes(4) + struct.pack(">I", 1024) + steps.tobytes()
        check(write(tmp_path / "a1.png", powers(LIGHT, 1.8), ICCProfile=matrix_profile(SRGB_D50, table)))
        numbers = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
        formula = b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *(round(n * 65536) for n in numbers))
        path = write(tmp_path / "b1.png", chart(), ICCProfile=matrix_profile(SRGB_D50, formula))
        np.testing.assert_array_equal(read_picture(path), chart())
        assert decode_picture(path).encoding.is_srgb

    def test_the_profile_of_srgb_changes_nothing(self, tmp_path: Path) -> None:
        data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        path = write(tmp_path / "a.png", chart(), ICCProfile=data)
        np.testing.assert_array_equal(read_picture(path), chart())

    def test_agrees_with_littlecms(self, tmp_path: Path) -> None:
        data = matrix_profile(ADOBE_RGB, gamma(GAMMA))
        codes = np.random.default_rng(1).integers(0, 256, (32, 80, 3), np.uint8)
        path = write(tmp_path / "a.png", codes, ICCProfile=data)
        target = ImageCms.createProfile("sRGB")
        source = ImageCms.ImageCmsProfile(BytesIO(data))
        expected = ImageCms.profileToProfile(Image.fromarray(codes), source, target, outputMode="RGB")
        found = read_picture(path).astype(int)
        assert np.abs(found - np.asarray(expected)).max() <= 2

    def test_grey(self, tmp_path: Path) -> None:
        data = profile(b"GRAY", text_tags() | {b"kTRC": gamma(1.0)})
        grey = np.rint(LIGHT[..., 1:2] * 65535).astype(np.uint16)
        expected = np.array(PATCHES)[:, 1:2].repeat(3, axis=1)
        for suffix in ("png", "tif"):
            check(write(tmp_path / f"a1.{suffix}", grey, ("Y",), ICCProfile=data), expected)

    def test_tables(self, tmp_path: Path) -> None:
        """Inks by a table of their sixteen corners, in Lab: paper, black, and yellow ink that is one third."""
        corners = np.zeros((2, 2, 2, 2, 3), np.uint8)
        corners[..., 1:] = 128
        corners[..., 0, 0] = 255
        corners[0, 0, 1, 0] = (250, 110, 220)
        ramp = bytes(range(256))
        table = (
            b"mft1"
            + bytes(4)
            + bytes([4, 3, 2, 0])
            + struct.pack(">9i", *np.eye(3, dtype=int).ravel() * 65536)
        )
        table += ramp * 4 + corners.tobytes() + ramp * 3
        data = profile(b"CMYK", text_tags() | {b"A2B0": table}, b"Lab ")
        codes = np.zeros((32, 80, 4), np.uint8)
        codes[:, 16:32, 3] = 255
        codes[:, 32:48, 2] = 255
        Image.fromarray(codes, "CMYK").save(tmp_path / "a.tif", icc_profile=data)
        found = shown(read_picture(tmp_path / "a.tif"))
        np.testing.assert_allclose(found[0], 255, atol=3)
        np.testing.assert_allclose(found[1], 0, atol=3)
        assert found[2][2] < 120 < 230 < found[2][1]
        assert decode_picture(tmp_path / "a.tif").problem == ""

    @pytest.mark.parametrize(
        "spoil", [lambda d: d[:100], lambda d: d[:180], lambda d: d.replace(b"curv", b"xxxx")]
    )
    def test_one_that_makes_no_sense_is_said(self, spoil, tmp_path: Path) -> None:
        data = spoil(matrix_profile(ADOBE_RGB, gamma(GAMMA)))
        write(tmp_path / "a1.tif", chart(), ICCProfile=data)
        np.testing.assert_array_equal(read_picture(tmp_path / "a1.tif"), chart())
        with open_film(tmp_path) as film:
            film.read(0)
            assert any("profile" in problem for problem in film.problems)


class TestPng:
    def file(self, tmp_path: Path, codes: np.ndarray, *chunks: tuple[bytes, bytes]) -> Path:
        path = tmp_path / "a1.png"
        path.write_bytes(png(codes, *chunks))
        return path

    def test_linear_light(self, tmp_path: Path) -> None:
        codes = np.rint(LIGHT * 65535).astype(np.uint16)
        check(self.file(tmp_path, codes, (b"gAMA", struct.pack(">I", 100000))))

    def test_the_gamma_of_old_macintoshes(self, tmp_path: Path) -> None:
        check(self.file(tmp_path, powers(LIGHT, 1.8), (b"gAMA", struct.pack(">I", 55556))))

    def test_the_usual_gamma_is_that_of_srgb(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, chart(), (b"gAMA", struct.pack(">I", 45455)))
        np.testing.assert_array_equal(read_picture(path), chart())

    def test_the_usual_gamma_of_other_primaries_is_meant(self, tmp_path: Path) -> None:
        values = [round(number * 100000) for number in (*BT2020[6:], *BT2020[:6])]
        chunks = (b"gAMA", struct.pack(">I", 45455)), (b"cHRM", struct.pack(">8I", *values))
        check(self.file(tmp_path, powers(LIGHT @ BT2020_FROM_BT709.T, 2.2), *chunks))
        bt709 = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
        path = self.file(tmp_path, chart(), chunks[0], (b"cHRM", bt709))
        np.testing.assert_array_equal(read_picture(path), chart())

    def test_primaries(self, tmp_path: Path) -> None:
        codes = np.rint(srgb_codes(LIGHT @ BT2020_FROM_BT709.T) * 65535).astype(np.uint16)
        values = [round(number * 100000) for number in (*BT2020[6:], *BT2020[:6])]
        check(self.file(tmp_path, codes, (b"cHRM", struct.pack(">8I", *values))))

    def test_code_points(self, tmp_path: Path) -> None:
        codes = np.rint(srgb_codes(LIGHT @ BT2020_FROM_BT709.T) * 65535).astype(np.uint16)
        check(self.file(tmp_path, codes, (b"cICP", bytes([9, 13, 0, 1]))))
        check(self.file(tmp_path, np.rint(LIGHT * 65535).astype(np.uint16), (b"cICP", bytes([1, 8, 0, 1]))))

    @pytest.mark.parametrize("kind", [np.uint8, np.uint16])
    def test_codes_of_video(self, kind: type, tmp_path: Path) -> None:
        narrow = np.rint((16 + chart() / 255 * 219) * (1 if kind is np.uint8 else 256)).astype(kind)
        check(self.file(tmp_path, narrow, (b"cICP", bytes([1, 13, 0, 0]))))

    @pytest.mark.parametrize("exponent", [0, 1, 2**31 - 1, 2**32 - 1])
    def test_a_gamma_that_cannot_be_is_left_out(self, exponent: int, tmp_path: Path) -> None:
        check(self.file(tmp_path, chart(), (b"gAMA", struct.pack(">I", exponent))))

    def test_high_dynamic_range_is_said(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, chart(), (b"cICP", bytes([9, 16, 0, 1])))
        assert "high dynamic range" in decode_picture(path).problem

    def test_what_comes_before_what(self, tmp_path: Path) -> None:
        """Of all that can contradict each other, cICP counts most, then the profile, then sRGB, then gAMA."""
        linear_gamma = (b"gAMA", struct.pack(">I", 100000))
        standard = (b"sRGB", b"\0")
        adobe = (b"iCCP", b"a\0\0" + zlib.compress(matrix_profile(ADOBE_RGB, gamma(GAMMA))))
        check(self.file(tmp_path, chart(), standard, linear_gamma))
        check(self.file(tmp_path, in_adobe_rgb(), adobe, linear_gamma))
        check(self.file(tmp_path, chart(), (b"cICP", bytes([1, 13, 0, 1])), adobe, linear_gamma))


class TestOpenExr:
    def test_chromaticities(self, tmp_path: Path) -> None:
        light = (LIGHT @ BT2020_FROM_BT709.T).astype(np.float32)
        check(write(tmp_path / "a1.exr", light, type="half", chromaticities=BT2020))
        check(write(tmp_path / "b1.exr", light, chromaticities=BT2020))

    def test_those_of_bt709_change_nothing(self, tmp_path: Path) -> None:
        bt709 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
        path = write(tmp_path / "a1.exr", LIGHT.astype(np.float32), type="half", chromaticities=bt709)
        check(path, tolerance=0.2)
        assert decode_picture(path).encoding.matrix is None

    def test_another_white_stays_white(self, tmp_path: Path) -> None:
        """ACES: wide primaries around a white of its own, under which paper is as white as anywhere."""
        aces = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
        check(write(tmp_path / "b1.exr", (LIGHT @ ACES_FROM_BT709.T).astype(np.float32), chromaticities=aces))
        grey = LIGHT[..., 1:2].repeat(3, axis=2).astype(np.float32)
        wide = write(tmp_path / "a1.exr", grey, type="half", chromaticities=aces)
        found = shown(read_picture(wide))
        assert np.ptp(found, axis=1).max() < 1.5
        np.testing.assert_allclose(found[:, 1], np.array(PATCHES)[:, 1], atol=1)

    def test_primaries_that_span_nothing(self, tmp_path: Path) -> None:
        flat = (0.3, 0.3) * 4
        check(
            write(tmp_path / "a1.exr", LIGHT.astype(np.float32), type="half", chromaticities=flat),
            tolerance=0.2,
        )


class TestOthers:
    @pytest.mark.parametrize("bits", [8, 10, 12, 16])
    def test_density_of_negatives(self, bits: int, tmp_path: Path) -> None:
        """Code 95 (of 1023) is black, 685 white."""
        black = 10 ** ((95 - 685) * 0.002 / 0.6)
        codes = 685 + np.log10(LIGHT * (1 - black) + black) / 0.002 * 0.6
        unit = (codes / 1023).astype(np.float32)
        attributes = {"oiio:BitsPerSample": bits, "dpx:Transfer": "Printing density"}
        path = write(tmp_path / "a1.dpx", unit, type="uint8" if bits == 8 else "uint16", **attributes)
        check(path, tolerance=2.5 if bits == 8 else 1.5)
        ends = np.zeros((32, 80, 3), np.float32) + np.linspace(95, 685, 80, dtype=np.float32)[:, None] / 1023
        attributes["oiio:BitsPerSample"] = 10
        found = read_picture(write(tmp_path / "b1.dpx", ends, type="uint16", **attributes))
        assert found[0, 0].max() < 200 and found[0, -1].min() > 65535 - 200

    def test_linear_is_what_dpx_writers_say_of_anything(self, tmp_path: Path) -> None:
        codes = (chart() / 255).astype(np.float32)
        attributes = {"oiio:BitsPerSample": 10, "dpx:Transfer": "Linear"}
        check(write(tmp_path / "a1.dpx", codes, type="uint16", **attributes))

    def test_primaries_of_tiff(self, tmp_path: Path) -> None:
        from PIL import TiffImagePlugin

        info = TiffImagePlugin.ImageFileDirectory_v2()
        info[318], info[319] = BT2020[6:], BT2020[:6]
        codes = np.rint(srgb_codes(LIGHT @ BT2020_FROM_BT709.T) * 255).astype(np.uint8)
        Image.fromarray(codes).save(tmp_path / "a1.tif", tiffinfo=info)
        check(tmp_path / "a1.tif", tolerance=2.5)
