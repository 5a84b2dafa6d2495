"""One file for each shot: which frames it holds, how it is called, and that it is made like any render."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import fastjsonschema
import numpy as np
import pytest

from remaster_gui.base.errors import RemasterError, SettingsError
from remaster_gui.base.notices import Progress, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.archive import archive
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.parts import parts_of
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.session import CancelledError
from remaster_gui.media import PRESETS, FilmInfo, open_film

ROOT = Path(__file__).resolve().parents[3]
FRAMES = 12
SHOTS = (FrameRange(0, 5), FrameRange(5, 7), FrameRange(7, FRAMES))
HELD = (FrameRange(0, 8), FrameRange(2, 10), FrameRange(4, FRAMES))
"""With handles of three frames: the shot in the middle is shorter than they are."""


@pytest.fixture
def request_(tmp_path: Path, two_shots: Callable, write_film: Callable, weights: Path) -> RenderRequest:
    film = write_film(tmp_path / "film.mkv", two_shots(FRAMES, 64, 80))
    settings = Settings(edge=64, colorization=False, luminance="working")
    return RenderRequest(
        film, tmp_path / "out", weights=weights, preset="ffv1-10", settings=settings, device="cpu", shots=SHOTS,
        delivery=Delivery(3, "{reel}_{shot:02}_{timecode}", "R1"),
    )  # fmt: skip


def frames_of(path: Path) -> np.ndarray:
    with open_film(path) as film:
        return np.stack([film.read(at).pixels for at in range(film.info.frame_count)])


def test_each_shot_becomes_a_file_with_handles_of_its_neighbours(request_: RenderRequest) -> None:
    report, _ = complete(render(request_, Event()))
    names = ["R1_01_00-00-00-00.mkv", "R1_02_00-00-00-05.mkv", "R1_03_00-00-00-07.mkv"]
    assert sorted(each.name for each in request_.output.iterdir()) == names
    # The same parts, joined into one film.
    edges = request_.delivery.edges(SHOTS) if request_.delivery else []
    pieces = tuple(
        part.span for part in parts_of(SHOTS, FrameRange(0, FRAMES), lambda _: request_.settings, edges)
    )
    assert {0, 2, 4, 5, 7, 8, 10} == {piece.start for piece in pieces}
    films = [frames_of(request_.output / name) for name in names]
    whole = np.concatenate([films[0][:5], films[1][3:5], films[2][3:]])
    for held, film in zip(HELD, films, strict=True):
        np.testing.assert_array_equal(film, whole[held.start : held.stop])
    data = json.loads(Path(f"{request_.output}.report.json").read_text())
    fastjsonschema.compile(json.loads((ROOT / "docs" / "report.schema.json").read_text()))(data)
    assert data["files"] == [
        {"name": name, "shot": str(shot), "range": str(held)}
        for name, shot, held in zip(names, SHOTS, HELD, strict=True)
    ]
    assert sorted(each.name for each in request_.output.parent.iterdir() if "out" in each.name) == [
        "out", "out.report.json",
    ]  # fmt: skip
    written, notices = complete(archive(request_, report))
    assert not notices and len(written) == 5
    lines = (request_.output / f"{names[1]}.framemd5").read_text().splitlines()
    assert len([line for line in lines if not line.startswith("#")]) == len(HELD[1])


def test_a_delivery_goes_on_where_it_was_stopped(request_: RenderRequest) -> None:
    cancel, ends = Event(), []
    with pytest.raises(CancelledError):
        for step in render(request_, cancel):
            if isinstance(step, Progress) and step.done >= 4:
                cancel.set()
    assert not request_.output.exists()
    for step in render(request_, Event()):
        if isinstance(step, Progress):
            ends.append(step)
    assert any("earlier run" in step.doing for step in ends)
    other = replace(request_, output=request_.output.with_name("other"))
    complete(render(other, Event()))
    for path in sorted(request_.output.iterdir()):
        assert path.read_bytes() == (other.output / path.name).read_bytes()


def test_pictures_are_delivered_in_a_folder_for_each_shot(request_: RenderRequest) -> None:
    request_ = replace(request_, preset="png16", delivery=Delivery(0, "{shot}"), span=FrameRange(3, 9))
    complete(render(request_, Event()))
    assert {path.name: len(list(path.iterdir())) for path in request_.output.iterdir()} == {
        "001": 2,
        "002": 2,
        "003": 2,
    }


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{film}", "gives all shots the same name"),
        ("{shoot}", r"asks for {shoot}; there are {film}, "),
        ("{shot", "bracket without its other half"),
        ("{reel}_{shot}", "name the reel"),
    ],
)
def test_patterns_that_mean_nothing_are_refused(pattern: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Delivery(0, pattern)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a/{shot}", "cannot hold '/'"),
        ("a?{shot}", r"cannot hold '\?'"),
        (".{shot}", "is hidden"),
        ("{shot}" * 100, "longer than names can be"),
    ],
)
def test_names_that_no_file_may_have_are_refused_before_the_work(
    pattern: str, why: str, request_: RenderRequest
) -> None:
    with pytest.raises(RemasterError, match=why):
        complete(render(replace(request_, delivery=Delivery(0, pattern)), Event()))
    assert not request_.output.exists() and not list(request_.output.parent.glob(".out*"))


def test_two_shots_of_one_name_are_refused(film_info: FilmInfo) -> None:
    numbers = replace(film_info, frame_count=FRAMES, timecode=None)
    shots = [FrameRange(0, 0), *SHOTS]
    assert len(Delivery(0, "{frame}").clips(shots, FrameRange(0, FRAMES), numbers, PRESETS["ffv1-10"])) == 3
    same = replace(numbers, numbers=(7,) * FRAMES)
    with pytest.raises(SettingsError, match=r"the shots 2 and 3 the same name, 7\.mkv"):
        Delivery(0, "{frame}").clips(shots, FrameRange(0, FRAMES), same, PRESETS["ffv1-10"])


def test_what_does_not_go_together_is_refused(request_: RenderRequest) -> None:
    for changes, why in (
        ({"preset": None}, "needs a preset"),
        ({"overlay": "origin"}, "An overlay is one film"),
        ({"settings": replace(request_.settings, authors_scheme=True)}, "knows no shots"),
    ):
        with pytest.raises(SettingsError, match=why):
            complete(render(replace(request_, **changes), Event()))
    with pytest.raises(SettingsError, match="Handles of -1 frames"):
        Delivery(-1)
