"""Films that are written smaller than they are: with their shape, part for part, and said in the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import plan_render, render
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.sizes import Size, delivered_size
from remaster_gui.media import open_film, read_picture


@pytest.mark.parametrize(
    ("film", "height", "size"),
    [
        ((1920, 1080), None, (1920, 1080)),
        ((1920, 1080), 720, (1280, 720)),
        ((1920, 1080), 1080, (1920, 1080)),
        ((720, 576), 1080, (720, 576)),
        ((433, 321), 160, (216, 160)),
        ((20, 4000), 16, (2, 16)),
    ],
)
def test_shapes_are_kept_and_nothing_is_enlarged(
    film: tuple[int, int], height: int | None, size: tuple[int, int]
) -> None:
    assert delivered_size(Size(*film), height) == Size(*size)


@pytest.fixture
def request_(
    tmp_path: Path, weights: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> RenderRequest:
    film = write_film(tmp_path / "film.mkv", two_shots(4, 64, 80))
    return RenderRequest(
        film, tmp_path / "out.mp4", weights=weights, preset="h264-8:30", device="cpu", height=32,
        settings=Settings(edge=64, colorization=False, luminance="source"), shots=(FrameRange(0, 4),),
    )  # fmt: skip


def test_a_smaller_film_of_another_quality_is_written(request_: RenderRequest) -> None:
    complete(render(request_, Event()))
    report = json.loads(request_.output.with_name("out.mp4.report.json").read_text())
    assert report["output"]["size"] == "40x32" and report["output"]["preset"] == "h264-8:30"
    with open_film(request_.output) as film:
        assert (film.info.width, film.info.height, film.info.frame_count) == (40, 32, 4)
    better = replace(request_, preset="h264-8", output=request_.output.with_name("better.mp4"))
    complete(render(better, Event()))
    assert better.output.stat().st_size > request_.output.stat().st_size


def test_colours_are_brought_to_the_smaller_size(request_: RenderRequest) -> None:
    whole = replace(
        request_, preset="png16", height=None, output=request_.output.with_name("whole"),
        settings=Settings(edge=64, luminance="source"),
    )  # fmt: skip
    small = replace(whole, height=32, output=request_.output.with_name("small"))
    for each in (whole, small):
        complete(render(each, Event()))
    large, little = (
        read_picture(next(iter(sorted(each.output.iterdir())))).astype(float) for each in (whole, small)
    )
    assert little.shape == (32, 40, 3)
    shrunk = large.reshape(32, 2, 40, 2, 3).mean((1, 3))
    assert np.abs(shrunk - little).mean() < 0.02 * 65535


def test_a_job_says_how_large_it_is_written(request_: RenderRequest) -> None:
    job, _ = complete(plan_render(request_, Event()))
    assert RenderJob.from_dict(job.as_dict()) == job and job.height == 32
    assert job.identity != replace(job, height=None).identity


def test_no_picture_has_so_few_lines(request_: RenderRequest) -> None:
    with pytest.raises(SettingsError, match="too small"):
        complete(render(replace(request_, height=3), Event()))
