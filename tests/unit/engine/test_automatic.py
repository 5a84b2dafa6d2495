"""Without references one frame of each look is guessed and guides the film; with references nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest

from remaster_gui.base.color import luma_to_lightness, rgb_to_lab, to_unit
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Notice, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine.automatic import GUESSED, automatic_references
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, Settings, guiding
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.session import CancelledError
from remaster_gui.engine.shipped_weights import PRIOR_NAME
from remaster_gui.evaluation.methods import Problem
from remaster_gui.evaluation.network import NetworkMethod
from remaster_gui.media import open_film

FRAMES, CUT = 8, 4


@pytest.fixture
def film(tmp_path: Path, write_film: Callable[..., Path]) -> Path:
    """Two shots of different things."""
    rng = np.random.default_rng(0)
    scenes = [cv2.resize(rng.random((5, 6)).astype(np.float32), (96, 64)) for _ in range(2)]
    return write_film(tmp_path / "film.mkv", np.stack([scenes[t // CUT] for t in range(FRAMES)]))


@pytest.fixture
def request_(film: Path, own: Path, shipped: Path, tmp_path: Path) -> RenderRequest:
    return RenderRequest(
        film, tmp_path / "out.mkv", weights=own, preset="ffv1-16", device="cpu",
        settings=Settings(edge=64, restoration=False, luminance="source"),
        shots=(FrameRange(0, CUT), FrameRange(CUT, FRAMES)),
    )  # fmt: skip


def rendered(request: RenderRequest) -> tuple[bytes, list[Notice], list[dict[str, object]]]:
    _, notices = complete(render(request, Event()))
    report = json.loads(Path(f"{request.output}.report.json").read_text())
    return request.output.read_bytes(), notices, report["references"]


def chroma(path: Path, frame: int = 0) -> float:
    with open_film(path) as film:
        return float(rgb_to_lab(to_unit(film.read(frame, "rgb").pixels))[1].std(axis=(0, 1)).max())


def test_one_frame_of_each_look_guides_the_film(request_: RenderRequest) -> None:
    _, notices, references = rendered(request_)
    assert notices == [GUESSED]
    frames = [each["frame"] for each in references]
    assert sorted(int(str(frame)) // CUT for frame in frames) == [0, 1]
    assert all(each["guessed"] for each in references)
    assert min(chroma(request_.output, frame) for frame in (0, FRAMES - 1)) > 1e-3


def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(request_: RenderRequest) -> None:
    whole = rendered(request_)[0]
    request_.output.unlink()
    cancel, kept = Event(), 0
    with pytest.raises(CancelledError):
        for step in render(request_, cancel):
            if not isinstance(step, Notice) and step.done:
                kept = step.done
                cancel.set()
    assert 0 < kept < FRAMES
    assert rendered(request_)[0] == whole


def test_work_of_another_vividness_is_not_taken_up(request_: RenderRequest) -> None:
    vivid = replace(request_, settings=replace(request_.settings, vividness=1.0))
    first = rendered(request_)
    second = rendered(vivid)
    assert first[0] != second[0]
    assert not {str(each["hash"]) for each in first[2]} & {str(each["hash"]) for each in second[2]}


def test_nothing_is_guessed_beside_references(request_: RenderRequest, tmp_path: Path) -> None:
    picture = np.full((64, 96, 3), (40, 90, 200), np.uint8)
    cv2.imwrite(str(tmp_path / "given.png"), picture)
    _, notices, references = rendered(replace(request_, references=tmp_path / "given.png"))
    assert not notices
    assert [(each["name"], each["guessed"]) for each in references] == [("given.png", False)]


def test_without_the_prior_everything_else_works_and_it_is_said(
    request_: RenderRequest, shipped: Path
) -> None:
    (shipped / PRIOR_NAME).unlink()
    _, [notice], references = rendered(request_)
    assert PRIOR_NAME in notice.text and not references


def test_guesses_are_told_apart_and_made_when_they_are_loaded(
    own: Path, shipped: Path, textured: Callable[..., np.ndarray]
) -> None:
    prior = LoadedNetwork.load(own, "cpu").prior
    assert prior is not None
    luma = np.rint(textured(1, 768, 1000)[0] * 65535).astype(np.uint16)
    read: list[int] = []

    def guesses(film: str, prior_name: str, vividness: float) -> list[str]:
        def frame(index: int) -> np.ndarray:
            read.append(index)
            return luma

        references = automatic_references((3, 7), film, prior_name, vividness, frame, lambda: prior)
        assert [each.frame for each in references] == [3, 7] and not read
        picture = references[0].load()
        assert read == [3]
        read.clear()
        assert picture.dtype == np.uint8 and picture.shape == (720, 938, 3)
        seen = cv2.resize(luma_to_lightness(luma), (938, 720), interpolation=cv2.INTER_AREA)
        assert np.abs(rgb_to_lab(to_unit(picture))[0] - seen).mean() < 0.02
        np.testing.assert_array_equal(references[0].load(), picture)
        read.clear()
        return [each.digest for each in references]

    made = [guesses("f", "p", 0.4), guesses("g", "p", 0.4), guesses("f", "q", 0.4), guesses("f", "p", 0.5)]
    assert len({digest for digests in made for digest in digests}) == 8
    assert guesses("f", "p", 0.4) == made[0]


@pytest.mark.parametrize("more", [["--references", "."], ["--no-colorization"], ["--compat", "authors"]])
def test_a_vividness_of_nothing_is_refused(
    film: Path, tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["render", str(film), "-o", str(tmp_path / "out.mkv"), "--vividness", "0.5", *more]
    assert main(arguments) == 2
    assert f"leave out {more[0]}" in " ".join(capsys.readouterr().err.split())
    for beyond in (-0.1, 1.5, float("nan")):
        with pytest.raises(SettingsError, match="between 0 and 1"):
            Settings(vividness=beyond)


def test_what_is_measured_without_references_is_guessed_as_well(
    own: Path, shipped: Path, textured: Callable[..., np.ndarray]
) -> None:
    loaded = LoadedNetwork.load(own, "cpu")
    problem = Problem("colorization", textured(3, 64, 96), {}, (FrameRange(0, 3),))
    alone, guessed = (
        [picture.chrominance for picture in NetworkMethod(loaded.network, prior)(problem)]
        for prior in (None, loaded.prior)
    )
    assert len(alone) == len(guessed) == 3
    assert all(np.abs(one - other).max() > 1e-3 for one, other in zip(alone, guessed, strict=True))  # type: ignore[operator]


def test_a_shot_may_have_its_guesses_more_vivid() -> None:
    """They are the same guesses as those of a film that is as vivid throughout; references that are none stay."""

    def guesses(vividness: float) -> tuple[Reference, ...]:
        return automatic_references(
            (3, 7), "film", "prior", vividness, lambda _: _nothing(), lambda: _nothing()
        )

    given = Reference("given", "a:1", lambda: _nothing())
    guided = guiding((*guesses(0.5), given), Settings(vividness=1.0))
    assert guided == (*guesses(1.0), given) != (*guesses(0.5), given)
    assert guiding(guesses(0.5), Settings(vividness=0.5)) == guesses(0.5)
    assert guiding(guesses(0.5), Settings(colorization=False)) == ()


def _nothing() -> Any:
    raise AssertionError("nobody asks for pictures here")
