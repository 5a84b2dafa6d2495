"""Tables of colours: what they are read as, what colours become, and what is refused with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.media.cube_lut import CubeLut, parse_lut, read_lut, screen_table


def cube_text(
    side: int, color: Callable[..., tuple[float, ...]], *, heads: str = "", high: float = 1.0
) -> str:
    """Write a cube: red counts fastest."""
    at = np.linspace(0, high, side)
    rows = (color(r, g, b) for b in at for g in at for r in at)
    return (
        f"{heads}LUT_3D_SIZE {side}\n" + "\n".join(" ".join(f"{v:.9g}" for v in row) for row in rows) + "\n"
    )


def curve_text(color: Callable[[float], tuple[float, ...]], size: int = 256, heads: str = "") -> str:
    rows = (color(value) for value in np.linspace(0, 1, size))
    return f"{heads}LUT_1D_SIZE {size}\n" + "\n".join(" ".join(map(str, row)) for row in rows)


def parsed(text: str) -> CubeLut:
    return parse_lut("a.cube", text.encode())


def becomes(lut: CubeLut, *colors: int) -> list[str]:
    table = screen_table(lut)
    assert table.shape == (2**24,) and not table.flags.writeable
    return [f"{int(table[color]):08x}" for color in colors]


SOME = (0x000000, 0xFFFFFF, 0x010203, 0x80FF07, 0xC83C14)


@pytest.mark.parametrize("side", [2, 33, 65])
def test_a_cube_that_changes_nothing_changes_nothing(side: int) -> None:
    assert becomes(parsed(cube_text(side, lambda r, g, b: (r, g, b))), *SOME) == [
        f"ff{color:06x}" for color in SOME
    ]


@pytest.mark.parametrize("size", [2, 4096])
def test_a_curve_that_changes_nothing_changes_nothing(size: int) -> None:
    assert becomes(parsed(curve_text(lambda v: (v, v, v), size)), *SOME) == [
        f"ff{color:06x}" for color in SOME
    ]


def test_channels_are_told_apart() -> None:
    swapped = parsed(cube_text(3, lambda r, g, b: (g, b, 1 - r)))
    assert becomes(swapped, 0xFF8000, 0x102030) == ["ff800000", "ff2030ef"]
    toned = parsed(curve_text(lambda v: (v / 2, v, 1.0)))
    assert becomes(toned, 0xC8643C) == ["ff6464ff"]


def test_between_entries_it_is_interpolated_and_beyond_them_held() -> None:
    bright = parsed(cube_text(2, lambda r, g, b: (2 * r, g - 0.6, 0.25)))
    assert becomes(bright, 0x40C8FF, 0x808000) == ["ff802f40", "ffff0040"]


def test_a_domain_says_what_the_ends_are() -> None:
    wide = "DOMAIN_MIN 0 0 0\nDOMAIN_MAX 2 2 2\n"
    assert becomes(parsed(cube_text(5, lambda r, g, b: (r, g, b), heads=wide, high=2.0)), 0x40C8FF) == [
        "ff40c8ff"
    ]
    narrow = "DOMAIN_MIN 0.25 0 0\nDOMAIN_MAX 0.75 1 1\n"
    assert becomes(parsed(cube_text(2, lambda r, g, b: (r, g, b), heads=narrow)), 0x108040, 0xF08040) == [
        "ff008040",
        "ffff8040",
    ]


def test_a_curve_before_a_cube_has_the_domain_and_the_cube_a_range_of_its_own() -> None:
    shaper = curve_text(lambda v: (v * v, v * v, v * v), heads="LUT_3D_INPUT_RANGE 0 1\nLUT_3D_SIZE 2\n")
    rows = cube_text(2, lambda r, g, b: (r, g, b)).partition("\n")[2]
    assert becomes(parsed(shaper + "\n" + rows), 0x80FF00) == ["ff40ff00"]


def test_comments_titles_marks_and_other_ends_of_lines_are_read_over(tmp_path: Path) -> None:
    text = '# by hand\nTITLE "A # in a title"\n\n' + cube_text(2, lambda r, g, b: (b, g, r)).replace(
        "0 0 1\n", "  0\t0 1e0   # blue\n"
    )
    path = tmp_path / "Ä look.cube"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (tmp_path / "link.cube").symlink_to(path)
    lut = read_lut(path)
    assert lut.name == "Ä look.cube" and len(lut.digest) == 64 and becomes(lut, 0x102030) == ["ff302010"]
    assert read_lut(tmp_path / "link.cube").digest == lut.digest, "one's own links are followed"


GOOD = cube_text(2, lambda r, g, b: (r, g, b))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither LUT_1D_SIZE nor LUT_3D_SIZE"),
        ("0 0 0\n1 1 1\n", "neither LUT_1D_SIZE nor LUT_3D_SIZE"),
        ("LUT_3D_SIZE 66\n", "a number from 2 to 65"),
        ("LUT_3D_SIZE 1\n0 0 0\n", "a number from 2 to 65"),
        ("LUT_3D_SIZE -2\n", "a number from 2 to 65"),
        ("LUT_3D_SIZE ²\n", "a number from 2 to 65"),
        ("LUT_3D_SIZE\n", "a number from 2 to 65"),
        (f"LUT_3D_SIZE {'9' * 5000}\n", "a number from 2 to 65"),
        ("LUT_1D_SIZE 65537\n", "a number from 2 to 65536"),
        ("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n", "says LUT_3D_SIZE twice"),
        ("LUT_IN_VIDEO_RANGE\n" + GOOD, "says LUT_IN_VIDEO_RANGE, which is not known"),
        (GOOD + "0 0 0\n", "ask for 8 lines of numbers, and it has 9"),
        (GOOD.replace("1 1 1\n", ""), "ask for 8 lines of numbers, and it has 7"),
        (GOOD.replace("1 1 1", "1 1"), "has to be 3 numbers"),
        (GOOD.replace("1 1 1", "1 1 1 1"), "has to be 3 numbers"),
        (GOOD.replace("1 1 1", "1 0x 1"), "no number"),
        (GOOD.replace("1 1 1", "1 nan 1"), "beyond all bounds"),
        (GOOD.replace("1 1 1", "1 1e39 1"), "beyond all bounds"),
        ("DOMAIN_MIN 1 0 0\n" + GOOD, "domain is empty"),
        ("DOMAIN_MIN 0 0\n" + GOOD, "DOMAIN_MIN has to be 3 numbers"),
        ("DOMAIN_MAX 1 inf 1\n" + GOOD, "beyond all bounds"),
        ("LUT_3D_INPUT_RANGE 1 0\n" + GOOD, "domain is empty"),
        (GOOD + "0\n" * 350_000, "far too large"),
        (GOOD + "\n" * 700_000, "far too large"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cube"
    path.write_text(text)
    with pytest.raises(MediaError, match=r"^a\.cube is no LUT that can be used: .*\.$") as refused:
        read_lut(path)
    assert said in str(refused.value) and len(str(refused.value)) < 200


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="There is no file"):
        read_lut(tmp_path / "gone.cube")
    with pytest.raises(MediaError, match="cannot be read"):
        read_lut(tmp_path)
    huge = tmp_path / "huge.cube"
    with huge.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(MediaError, match="far too large"):
        read_lut(huge)
