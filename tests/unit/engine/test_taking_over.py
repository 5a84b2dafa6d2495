"""A reference is repainted between two renders: what draws nothing from it is kept, to the byte, and not made again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from remaster_gui.base.named_colors import NamedRegion, Recoloring
from remaster_gui.base.notices import Notice, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.parts import Part
from remaster_gui.engine.references import find_references
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.repainted import TOLERANCE
from remaster_gui.engine.report import RenderReport, report_path
from remaster_gui.engine.workplace import planned_job
from remaster_gui.media import open_film, preset_for

LENGTH = 4
SHOTS = tuple(FrameRange(n * LENGTH, (n + 1) * LENGTH) for n in range(3))


def paint(folder: Path, name: str, grey: np.ndarray, tint: tuple[float, float, float]) -> None:
    folder.mkdir(exist_ok=True)
    picture = 255 * (grey[..., None] + 0.12 * np.array(tint, np.float32)).clip(0, 1)
    cv2.imwrite(str(folder / f"{name}.png"), picture[..., ::-1].round().astype(np.uint8))


@pytest.fixture
def request_(
    tmp_path: Path, voting_weights: Path, scenes: np.ndarray, write_film: Callable[..., Path]
) -> RenderRequest:
    """A film of three shots, the last of which has no reference of its own, and references of the first two."""
    film = write_film(tmp_path / "film.mkv", np.repeat(scenes, LENGTH, 0))
    colors = tmp_path / "colors"
    paint(colors, "a", scenes[0], (1, 0, -1))
    paint(colors, "b", scenes[1], (-1, 1, 0))
    (tmp_path / "out").mkdir()
    return RenderRequest(
        film, tmp_path / "out" / "out.mkv", colors, weights=voting_weights, preset="ffv1-16", device="cpu", shots=SHOTS,
        settings=Settings(edge=64, restoration=False, luminance="working"), keeps_parts=True,
    )  # fmt: skip


def finish(request: RenderRequest) -> tuple[RenderReport, list[str]]:
    report, notices = complete(render(request, Event()))
    return report, [notice.text for notice in notices if isinstance(notice, Notice)]


def parts_of(request: RenderRequest) -> dict[Part, bytes]:
    """The parts that lie in the work folder, by what they are of."""
    work = WorkFolder(request.output, preset_for(request.output, request.preset))
    job, _, work, _ = planned_job(work.path)
    found = {part: work.finished(part) for part in job.parts}
    return {part: segment.path.read_bytes() for part, segment in found.items() if segment is not None}


def frames_of(path: Path) -> np.ndarray:
    with open_film(path) as film:
        return np.stack([frame.pixels for frame in film.frames(FrameRange(0, film.info.frame_count), "rgb")])


def test_a_repainted_reference_makes_anew_what_draws_from_it(
    request_: RenderRequest, scenes: np.ndarray
) -> None:
    assert isinstance(request_.references, Path)
    finish(request_)
    before = parts_of(request_)
    assert len(before) == 3
    paint(request_.references, "a", scenes[0], (-1, 1, 0.5))
    report, said = finish(request_)
    after = parts_of(request_)
    first, second = (next(part for part in before if part.shot == shot) for shot in SHOTS[:2])
    assert after[second] == before[second] and after[first] != before[first]
    assert 0 < report.reused_frames < report.frames and report.reused_frames % LENGTH == 0
    (sentence,) = (each for each in said if "a.png" in each)
    assert f"1/{round(1 / TOLERANCE)}" in sentence and "--exact" in sentence
    kept = frames_of(request_.output)
    exact, said = finish(dataclasses.replace(request_, exact=True))
    assert exact.reused_frames == report.frames - report.reused_frames, "what was made with these is exact"
    assert not any("a.png" in each for each in said)
    apart = np.abs(frames_of(request_.output).astype(int) - kept).max() / 65535
    assert apart <= 4 * TOLERANCE, "the way through the network may enlarge it a little"
    assert finish(dataclasses.replace(request_, exact=True))[0].reused_frames == report.frames


def test_what_was_kept_is_measured_against_what_it_was_made_with(
    request_: RenderRequest, scenes: np.ndarray
) -> None:
    """Small changes one after another add up."""
    assert isinstance(request_.references, Path)
    finish(request_)
    for tint in ((0.5, 0.5, -1), (-1, 1, 0.5)):
        paint(request_.references, "a", scenes[0], tint)
        report, said = finish(request_)
        assert report.reused_frames > 0 and any("a.png" in each for each in said)
    job, _, work, _ = planned_job(WorkFolder(request_.output, preset_for(request_.output, None)).path)
    assert len(job.former) == 1, "the second one was never drawn from by anything that is kept"
    used = {f.drawn.references for part in job.parts if (f := work.facts_of(part)) and f.drawn}
    assert len(used) == 2 and all(pair[1] == job.references[1].digest for pair in used)
    assert job.former[0].reference(work.references).load().shape == (64, 80, 3)


def test_a_reference_that_goes_costs_what_drew_from_it_and_a_new_one_everything(
    request_: RenderRequest, scenes: np.ndarray
) -> None:
    assert isinstance(request_.references, Path)
    paint(request_.references, "c", scenes[2], (1, 1, -1))
    finish(request_)
    (request_.references / "a.png").unlink()
    report, _ = finish(request_)
    assert report.reused_frames == 2 * LENGTH
    carried = json.loads(report_path(request_.output).read_text())["references"]
    assert [each["name"] for each in carried] == ["b.png", "c.png"]
    paint(request_.references, "d", scenes[2], (0, 1, 1))
    assert finish(request_)[0].reused_frames == 0


def test_a_reference_of_another_frame_costs_the_shot_where_colours_follow_it(
    request_: RenderRequest, scenes: np.ndarray
) -> None:
    assert isinstance(request_.references, Path)
    tied = [request_.references / f"ref_{frame:06}.png" for frame in (0, 1, LENGTH)]
    (request_.references / "a.png").rename(tied[0])
    (request_.references / "b.png").rename(tied[2])
    finish(request_)
    tied[0].rename(tied[1])
    assert finish(request_)[0].reused_frames == 2 * LENGTH
    tied[2].unlink()
    assert finish(request_)[0].reused_frames == LENGTH, "of what is left one shot drew from it"


def test_without_keeping_parts_nothing_stays(request_: RenderRequest) -> None:
    plain = dataclasses.replace(request_, keeps_parts=False)
    finish(plain)
    assert sorted(path.name for path in plain.output.parent.iterdir()) == ["out.mkv", "out.mkv.report.json"]
    finish(request_)
    assert len(parts_of(request_)) == 3
    finish(plain)
    assert sorted(path.name for path in plain.output.parent.iterdir()) == ["out.mkv", "out.mkv.report.json"]


def test_parts_that_were_not_joined_yet_are_kept_where_they_are_as_well(
    request_: RenderRequest, scenes: np.ndarray
) -> None:
    """What was set aside is whole: with the former reference the former run goes on."""
    assert isinstance(request_.references, Path)
    former = (request_.references / "a.png").read_bytes()
    work = WorkFolder(request_.output, preset_for(request_.output, None))
    steps = render(request_, Event())
    while sum(path.suffix == ".mkv" for path in work.path.glob("*")) < 2:
        next(steps)
    steps.close()
    paint(request_.references, "a", scenes[0], (-1, 1, 0.5))
    assert finish(request_)[0].reused_frames == LENGTH
    (request_.references / "a.png").write_bytes(former)
    assert finish(request_)[0].reused_frames == 2 * LENGTH


def test_another_color_of_a_name_makes_anew_only_where_that_is(request_: RenderRequest) -> None:
    assert isinstance(request_.references, Path)
    named = (NamedRegion("hat", "a", b"", (12.0, 4.0)),)
    found = complete(find_references(request_.references, 3 * LENGTH))[0]
    references = tuple(
        dataclasses.replace(each, names=("hat",), named=named if each.name == "a.png" else ())
        for each in found
    )
    request = dataclasses.replace(request_, references=references)
    finish(request)
    before = parts_of(request)
    work = WorkFolder(request.output, preset_for(request.output, request.preset))
    job, _, work, _ = planned_job(work.path)
    facts = {part: work.facts_of(part) for part in job.parts}
    with_it = {part for part, each in facts.items() if each is not None and each.origins.names}
    assert with_it and len(with_it) < len(before)
    recolored = (Recoloring("hat", (12.0, 4.0), (-20.0, 30.0)),)
    report, said = finish(dataclasses.replace(request, recolorings=recolored))
    after = parts_of(request)
    assert {part for part in before if after[part] != before[part]} == with_it
    assert report.reused_frames == LENGTH * (len(before) - len(with_it))
    assert any("the colour of hat changed, which is nowhere there" in each for each in said)
