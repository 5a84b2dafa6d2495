"""Folders of pictures: which of them are the film, what their numbers mean, and what stands in for damaged ones."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, Segment, SegmentWriter, assemble, content_hash, open_film


def write(folder: Path, *names: str, width: int = 64) -> Path:
    """Pictures whose grey is 10 times their place in the list, plus 10."""
    folder.mkdir(exist_ok=True)
    for place, name in enumerate(names):
        assert cv2.imwrite(str(folder / name), np.full((48, width), 10 * place + 10, np.uint8))
    return folder


def greys(path: Path, span: FrameRange | None = None) -> list[int]:
    with open_film(path) as film:
        span = span or FrameRange(0, film.info.frame_count)
        return [int(frame.pixels[0, 0]) for frame in film.frames(span)]


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


class TestNames:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (["reel1.0000.png", "reel1.0001.png"], ["reel1_proxy.0000.png", "reel1_proxy.0001.png"]),
            (["reel1.0000.png", "reel1.0001.png", "reel1.0002.png"], ["reel2.0000.png", "reel2.0001.png"]),
            (["0000_out.png", "0001_out.png"], ["0000_in.png", "0001_in.png"]),
            (["a_1_x.png", "a_2_x.png"], ["b_1_x.png", "b_2_x.png"]),
            (["a_0001.png", "a_0002.png", "a_0010.png"], ["a_1.png", "a_2.png"]),
        ],
    )
    def test_two_sequences_are_told_apart(self, one: list[str], other: list[str], tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", *one, *other)
        with pytest.raises(MediaError) as caught:
            open_film(folder)
        text = str(caught.value)
        assert "2 sequences" in text and "name the one" in text and text.endswith(".")
        # What the sentence proposes is one of them.
        proposed = text.removesuffix(".").rpartition(" for instance ")[2]
        every = [10 * place + 10 for place in range(len(one) + len(other))]
        assert greys(Path(proposed)) in (every[: len(one)], every[len(one) :])
        with pytest.raises(MediaError):
            content_hash(folder)

    @pytest.mark.parametrize(
        "names",
        [
            ["s_9.png", "s_10.png", "s_11.png"],
            ["0000_out.png", "0001_out.png", "0002_out.png"],
            ["r1_0001_v2.png", "r1_0002_v2.png", "r1_0003_v2.png"],
            ["a1.png", "b2.png", "c9.png", "d.png"],
            ["1²2.png", "1²3.png"],
            ["2024-01-02 10.00.01.png", "2024-01-02 10.00.02.png", "2024-01-02 10.01.03.png"],
        ],
    )
    def test_one_sequence(self, names: list[str], tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", *names)
        assert greys(folder) == [10 * place + 10 for place in range(len(names))]

    def test_a_stray_is_said(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", "s.0001.png", "s.0002.png", "s.0003.png", "title.png")
        with open_film(folder) as film:
            assert film.info.frame_count == 4
            assert "title.png" in film.problems[0]
        with open_film(folder / "s.####.png") as film:
            assert film.info.frame_count == 3 and film.problems == ()

    @pytest.mark.parametrize(
        ("names", "between"),
        [
            (["0000_out", "0001_out", "0002_out", "0005_out"], ("0002_out", "0005_out")),
            (["r1_0001_v2", "r1_0002_v2", "r1_0004_v2", "r1_0005_v2"], ("r1_0002_v2", "r1_0004_v2")),
            (["f9", "f10", "f11", "f13"], ("f11", "f13")),
            (["874_x2_out", "875_x2_out", "878_x2_out"], ("875_x2_out", "878_x2_out")),
            (["x0010y", "x0020y", "x0030y"], None),
        ],
    )
    def test_gaps_of_every_naming(
        self, names: list[str], between: tuple[str, str] | None, tmp_path: Path
    ) -> None:
        folder = write(tmp_path / "scans", *(f"{name}.png" for name in names))
        with open_film(folder) as film:
            assert len(film.problems) == (between is not None)
            assert all(f"{name}.png" in film.problems[0] for name in between or ())

    @pytest.mark.parametrize(
        "name", ["s.%0999999999999999999999d.png", f"s.%0{'9' * 6000}d.png", f"s.{'#' * 99}.png"]
    )
    def test_digits_without_end(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(MediaError, match=r"digits|too long") as caught:
            open_film(write(tmp_path / "scans", "s.1.png") / name)
        assert str(caught.value).endswith(".")

    def test_pictures_of_kinds_that_are_not_read_are_said(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", *(f"f_{number}.png" for number in range(4)))
        (folder / "f_4.tga").write_bytes(b"x")
        with open_film(folder) as film:
            assert film.info.frame_count == 4
            assert film.problems == (
                f"f_4.tga is of a kind that is not read and left out of {folder}; save pictures as PNG, TIFF, JPEG, "
                "DPX, EXR, WebP or BMP.",
            )
        (folder / "f_5.TGA").write_bytes(b"x")
        with open_film(folder) as film:
            assert film.problems[0].startswith("f_4.tga and 1 more are of a kind")
        with open_film(folder / "f_#.png") as film:
            assert film.problems == ()

    def test_numbers_grow_out_of_their_digits(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", "s.98.png", "s.99.png", "s.100.png")
        for name in ("s.%02d.png", "s.##.png", "s.%d.png", "s.#.png"):
            assert greys(folder / name) == [10, 20, 30]
        write(folder, "s.0101.png")
        with open_film(folder / "s.##.png") as film:
            assert film.info.frame_count == 3


class TestNumbers:
    def test_pictures_know_their_numbers(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", "reel_0086400.png", "reel_0086401.png", "reel_0086403.png")
        for path in (folder, folder / "reel_%07d.png"):
            with open_film(path) as film:
                assert film.info.numbers == (86400, 86401, 86403)

    def test_names_without_numbers_have_none(self, tmp_path: Path) -> None:
        with open_film(write(tmp_path / "scans", "a1.png", "b.png")) as film:
            assert film.info.numbers is None
        with open_film(write(tmp_path / "more", "a1.png", "a01.png")) as film:
            assert film.info.numbers is None


class TestDamage:
    @pytest.fixture
    def scans(self, tmp_path: Path) -> Path:
        """Sixty pictures: more than are looked at on opening."""
        folder = tmp_path / "scans"
        folder.mkdir()
        for number in range(60):
            cv2.imwrite(str(folder / f"f_{number:04d}.png"), np.full((48, 64), number * 4, np.uint8))
        return folder

    @pytest.mark.parametrize("damaged", [[31], [30, 31, 32], [0], [0, 1], [59], [17, 40]])
    def test_the_picture_before_stands_in(self, damaged: list[int], scans: Path) -> None:
        for number in damaged:
            spoil(scans / f"f_{number:04d}.png")
        good = [number for number in range(60) if number not in damaged]
        expected = [max((n for n in good if n <= at), default=good[0]) * 4 for at in range(60)]
        with open_film(scans) as film:
            played = [int(frame.pixels[0, 0]) for frame in film.frames(FrameRange(0, 60))]
            assert played == expected
            assert len(film.problems) == len(damaged)
            for number in damaged:
                assert any(f"f_{number:04d}.png" in text and "cut short" in text for text in film.problems)
        for number in (*damaged, 33):
            with open_film(scans) as film:
                assert int(film.read(number).pixels[0, 0]) == expected[number]

    @pytest.mark.parametrize("other", ["size", "kind", "nothing"])
    def test_what_is_no_picture_of_this_film(self, other: str, scans: Path) -> None:
        path = scans / "f_0031.png"
        if other == "size":
            cv2.imwrite(str(path), np.zeros((48, 80), np.uint8))
        elif other == "kind":
            path.write_text("a note")
        else:
            path.write_bytes(b"")
        with open_film(scans) as film:
            assert film.info.frame_count == 60
            assert int(film.read(31).pixels[0, 0]) == 30 * 4
            assert (
                len(film.problems) == 1
                and "f_0031.png" in film.problems[0]
                and "stands in" in film.problems[0]
            )

    def test_other_depths_and_kinds_within_the_film(self, scans: Path) -> None:
        cv2.imwrite(str(scans / "f_0031.png"), np.full((48, 64, 3), 31 * 4 * 257, np.uint16))
        with open_film(scans) as film:
            assert [int(film.read(at).pixels[0, 0]) for at in (30, 31, 32)] == [120, 124, 128]
            assert film.read(31).pixels.dtype == np.uint8 and film.problems == ()

    def test_a_file_too_large_for_a_picture(self, scans: Path) -> None:
        with (scans / "f_0031.png").open("r+b") as file:
            file.truncate(2**40)
        before = content_hash(scans)
        with open_film(scans) as film:
            assert int(film.read(31).pixels[0, 0]) == 30 * 4
            assert "1,099.5 GB" in film.problems[0]
        (scans / "f_0031.png").unlink()
        assert content_hash(scans) != before

    def test_found_on_opening(self, scans: Path) -> None:
        spoil(scans / "f_0000.png")
        with open_film(scans) as film:
            assert len(film.problems) == 1 and not film.info.complete

    def test_nothing_readable(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "scans", *(f"s{number}.png" for number in range(5)))
        for path in folder.iterdir():
            spoil(path)
        with pytest.raises(MediaError, match=r"s0\.png"):
            open_film(folder)

    def test_a_disk_that_is_gone_is_no_still(self, tmp_path: Path) -> None:
        folder = tmp_path / "scans"
        folder.mkdir()
        for number in range(300):
            cv2.imwrite(str(folder / f"f_{number:04d}.png"), np.zeros((16, 16), np.uint8))
        with open_film(folder) as film:
            for number in range(100, 300):
                (folder / f"f_{number:04d}.png").unlink()
            film.read(150)
            with pytest.raises(MediaError, match=r"f_0250\.png"):
                film.read(250)


class TestOutput:
    def test_pictures_keep_the_numbers_of_the_source(self, tmp_path: Path) -> None:
        names = [f"reel_00864{number:02d}.png" for number in (0, 1, 3, 4, 5)]
        folder = write(tmp_path / "scans", *names)
        with SegmentWriter(tmp_path / "part", PRESETS["png16"], 64, 48, Fraction(24)) as writer:
            for at in range(3):
                writer.write(np.full((48, 64, 3), at / 10, np.float32), Fraction(at, 24))
        segment = Segment(tmp_path / "part", 3)
        with open_film(folder) as film:
            joining = assemble(
                tmp_path / "out",
                [segment],
                PRESETS["png16"],
                rate=Fraction(24),
                source=film,
                span=FrameRange(1, 4),
            )
            assert list(joining) == []
        written = sorted(path.name for path in (tmp_path / "out").iterdir())
        assert written == ["out.086401.png", "out.086403.png", "out.086404.png"]
