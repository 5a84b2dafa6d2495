"""A LUT that is baked in: what colours become, that it is part of what a render is, and that the report says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.notices import Notice, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.baked_lut import KeptLut, apply_lut
from remaster_gui.engine.kept_parts import work_folder
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import assemble_job, plan_render, render
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.workplace import Workplace
from remaster_gui.media import read_picture
from remaster_gui.media.cube_lut import parse_lut, screen_table

NEGATIVE = "LUT_3D_SIZE 2\n" + "\n".join(
    f"{1 - r} {1 - g} {1 - b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)
)


def odd_cube(side: int = 5) -> str:
    rng = np.random.default_rng(3)
    rows = rng.uniform(-0.1, 1.1, (side**3, 3)).round(4)
    return f"DOMAIN_MIN 0 0.1 0\nLUT_3D_SIZE {side}\n" + "\n".join(
        " ".join(map(str, row)) for row in rows.tolist()
    )


@pytest.mark.parametrize("text", [odd_cube(), "LUT_1D_SIZE 3\n0 0.1 1\n0.9 0.4 0\n1 1 0.5\n"])
def test_it_is_baked_as_it_is_seen(text: str) -> None:
    lut = parse_lut("a.cube", text.encode())
    codes = np.random.default_rng(0).integers(0, 256, (7, 11, 3), np.uint8)
    baked = apply_lut(lut, codes.astype(np.float32) / np.float32(255))
    assert baked.dtype == np.float32 and baked.shape == (7, 11, 3) and 0 <= baked.min() <= baked.max() <= 1
    index = codes.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    seen = screen_table(lut)[index]
    channels = np.stack([seen >> 16 & 255, seen >> 8 & 255, seen & 255], -1)
    np.testing.assert_allclose(baked * 255, channels, atol=0.51)


def test_values_between_those_of_a_screen_are_kept_apart() -> None:
    lut = parse_lut("a.cube", NEGATIVE.encode())
    picture = np.linspace(0, 1, 4096, dtype=np.float32).reshape(1, -1, 1).repeat(3, 2)
    np.testing.assert_allclose(apply_lut(lut, picture), 1 - picture, atol=1e-5)


@pytest.fixture
def request_(
    tmp_path: Path, weights: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> RenderRequest:
    film = write_film(tmp_path / "film.mkv", two_shots(4, 64, 80))
    (tmp_path / "negative.cube").write_text(NEGATIVE)
    return RenderRequest(
        film, tmp_path / "out", weights=weights, preset="png16", device="cpu", lut=tmp_path / "negative.cube",
        settings=Settings(edge=64, colorization=False, luminance="source"), shots=(FrameRange(0, 4),),
    )  # fmt: skip


def test_a_render_bakes_it_and_says_so(request_: RenderRequest) -> None:
    said, steps = [], render(request_, Event())
    for step in steps:
        if isinstance(step, Notice):
            said.append(step.text)
    assert "The LUT negative.cube is baked into the pictures." in said
    plain = replace(request_, lut=None, output=request_.output.with_name("plain"))
    complete(render(plain, Event()))
    for number in range(4):
        baked, usual = (
            read_picture(each.output / f"{each.output.name}.{number:06d}.png") for each in (request_, plain)
        )
        assert usual.std() > 1000
        np.testing.assert_allclose(baked.astype(int), 65535 - usual.astype(int), atol=4)
    reports = [
        json.loads(each.output.with_name(f"{each.output.name}.report.json").read_text())
        for each in (request_, plain)
    ]
    assert reports[0]["lut"]["name"] == "negative.cube" and "lut" not in reports[1]
    assert "The LUT negative.cube is baked into the pictures." in reports[0]["notes"]


def test_parts_are_made_by_the_copy_that_was_planned(request_: RenderRequest) -> None:
    whole = replace(request_, output=request_.output.with_name("whole"))
    complete(render(whole, Event()))
    job, _ = complete(plan_render(request_, Event()))
    folder = work_folder(request_.output)
    assert RenderJob.from_dict(job.as_dict()) == job and job.lut is not None
    assert job.identity != replace(job, lut=None).identity
    assert request_.lut is not None
    request_.lut.unlink()
    with Workplace() as place:
        complete(place.make(folder, 0, Event()))
    complete(assemble_job(folder, Event()))
    names = sorted(path.name.rpartition(".")[0][-6:] for path in whole.output.iterdir())
    assert names == [f"{number:06d}" for number in range(4)]
    for path in whole.output.iterdir():
        twin = request_.output / path.name.replace("whole", "out")
        assert twin.read_bytes() == path.read_bytes()


def test_another_table_than_was_planned_is_refused(tmp_path: Path) -> None:
    lut = KeptLut.of(parse_lut("a.cube", NEGATIVE.encode()))
    lut.path(tmp_path).write_text(odd_cube())
    with pytest.raises(SettingsError, match=r"a\.cube has become another one"):
        lut.read(tmp_path)


def test_a_file_that_is_none_is_refused_before_any_work(request_: RenderRequest) -> None:
    assert request_.lut is not None
    request_.lut.write_text("no table")
    before = sorted(request_.output.parent.iterdir())
    with pytest.raises(MediaError, match=r"negative\.cube is no LUT"):
        complete(render(request_, Event()))
    assert sorted(request_.output.parent.iterdir()) == before
