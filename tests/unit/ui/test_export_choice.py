import dataclasses
from fractions import Fraction
from pathlib import Path

import pytest

from remaster_gui.base.choices import LUMINANCES
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, FilmInfo
from remaster_gui.ui.dialogs.export_choice import (
    GROUPS,
    LUMINANCE_NAMES,
    PRESET_HINTS,
    ExportChoice,
    describe_estimate,
    describe_span,
    find_fault,
    find_note,
    fitted_output,
    usual_output,
)


@pytest.fixture
def film(tmp_path: Path, film_info: FilmInfo) -> FilmInfo:
    path = tmp_path / "film.mov"
    path.write_bytes(b"film")
    return dataclasses.replace(film_info, path=path)


def choice(film: FilmInfo, **changes: object) -> ExportChoice:
    usual = ExportChoice(FrameRange(0, 240), usual_output(film.path, PRESETS["prores-hq"]))
    return dataclasses.replace(usual, **changes)  # type: ignore[arg-type]


def test_every_preset_is_offered_once_and_explained() -> None:
    offered = [key for _, keys in GROUPS for key in keys]
    assert sorted(offered) == sorted(PRESETS) == sorted(PRESET_HINTS)
    assert set(LUMINANCE_NAMES) == set(LUMINANCES)


def test_the_usual_export_can_be_done_and_writes_nothing(film: FilmInfo) -> None:
    assert find_fault(film, choice(film)) == ""
    assert [path.name for path in film.path.parent.iterdir()] == ["film.mov"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"output": Path()}, "Choose where"),
        ({"output": Path("film2.mov")}, "Choose where"),
        ({"output": Path("/nowhere/at/all.mov")}, "does not exist"),
        ({"edge": 16}, "out of range"),
        ({"preset": "ffv1-10"}, "ends in .mkv"),
    ],
)
def test_each_fault_is_one_sentence(film: FilmInfo, changes: dict[str, object], words: str) -> None:
    fault = find_fault(film, choice(film, **changes))
    assert words in fault and fault.endswith(".") and "\n" not in fault


def test_never_over_the_source_nor_over_another_export(film: FilmInfo, tmp_path: Path) -> None:
    assert "film itself" in find_fault(film, choice(film, output=film.path))
    link = tmp_path / "other.mov"
    link.symlink_to(film.path)
    assert "film itself" in find_fault(film, choice(film, output=link))
    taken = choice(film)
    assert "Another export" in find_fault(film, taken, frozenset({taken.output}))


def test_small_films_and_full_folders(film: FilmInfo, tmp_path: Path) -> None:
    small = dataclasses.replace(film, width=160, height=112)
    assert "at least 256×120" in find_fault(small, choice(film, preset="dnxhr-hqx"))
    folder = tmp_path / "frames"
    folder.mkdir()
    pictures = choice(film, preset="png16", output=folder)
    assert find_fault(film, pictures) == ""
    (folder / "0.png").write_bytes(b"")
    assert "already holds files" in find_fault(film, pictures)


def test_what_does_not_fit_on_the_disk_is_refused(film: FilmInfo) -> None:
    endless = dataclasses.replace(film, frame_count=10**12)
    assert "free" in find_fault(endless, choice(endless, span=FrameRange(0, 10**12)))


def test_replacing_and_odd_sizes_are_worth_a_note(film: FilmInfo) -> None:
    output = film.path.with_name("there.mov")
    assert find_note(film, choice(film, output=output)) == ""
    output.write_bytes(b"")
    assert "will be replaced" in find_note(film, choice(film, output=output))
    odd = dataclasses.replace(film, width=641)
    assert "even sizes" in find_note(odd, choice(odd))


@pytest.mark.parametrize(
    ("name", "preset", "fitted"),
    [
        ("a.mov", "h264-8", "a.mov"),
        ("a.mov", "ffv1-10", "a.mkv"),
        ("a.mov", "png16", "a"),
        ("a", "prores-hq", "a.mov"),
        ("v1.2", "prores-hq", "v1.2.mov"),
        ("v1.2.mp4", "tiff16", "v1.2"),
    ],
)
def test_names_follow_the_format(name: str, preset: str, fitted: str) -> None:
    assert fitted_output(Path("/x") / name, PRESETS[preset]) == Path("/x") / fitted


def test_estimates(film: FilmInfo) -> None:
    text = describe_estimate(film, choice(film), 0.5)
    assert text == "about 42 MB · about 8 minutes"
    assert "known once" in describe_estimate(film, choice(film), None)
    assert describe_span(FrameRange(0, 240), Fraction(24)) == "240 frames · 0:10"
