"""Where colours come from: counted, written as a film beside the result, and the same whatever interrupts it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Notice, complete
from remaster_gui.engine.drawn import LIMITS, Draws
from remaster_gui.engine.messages import (
    FrameAttention,
    Reference,
    RemasteredFrame,
    Settings,
)
from remaster_gui.engine.origin import OriginTotals, origin_of
from remaster_gui.engine.overlay_film import overlay_path
from remaster_gui.engine.overlay_pictures import LegendLine, overlay_frame, reference_colors, with_legend
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.session import CancelledError
from remaster_gui.media import open_film

FRAMES, CUT = 8, 4


def given(name: str, frame: int | None = None, *, is_guessed: bool = False) -> Reference:
    return Reference(name, name, lambda: np.zeros((64, 96, 3), np.uint8), frame, is_guessed=is_guessed)


def made(index: int, share: float | None, *attention: float) -> RemasteredFrame:
    """A frame of which a share is carried, from references by these parts."""
    plane = np.full((16, 24), 0.5, np.float32)
    traced = None
    if attention:
        shares = np.broadcast_to(np.array(attention, np.float32), (2, 3, len(attention)))
        traced = FrameAttention(shares, np.ones((2, 3), np.float32))
    return RemasteredFrame(
        index, plane, np.full((16, 24, 2), 0.5, np.float32),
        None if share is None else np.full((16, 24), share, np.float32), traced,
        Draws(np.array(attention, np.float32), np.zeros((len(attention), LIMITS), np.float32)) if attention else None,
    )  # fmt: skip


def test_what_strokes_have_painted_on_a_frame_is_painted_and_the_rest_is_carried_or_guessed() -> None:
    strokes = np.full((64, 96), 255, np.uint8)
    strokes[:, 48:] = 0
    references = [replace(given("a", 3), load_strokes=lambda: strokes), given("b")]
    halves = origin_of(made(3, 0.5), references)
    assert (
        halves is not None and (halves.painted[:, :12] == 0.5).all() and (halves.carried[:, 12:] == 0.5).all()
    )
    assert not halves.painted[:, 12:].any() and not halves.carried[:, :12].any()
    picture = origin_of(made(3, 0.5), [given("a", 3)])
    assert picture is not None and not picture.painted.any(), "a picture that came from elsewhere"
    strokes[:] = 255
    painted, carried = (origin_of(made(index, 0.75, 0.2, 0.8), references) for index in (3, 4))
    assert painted is not None and carried is not None
    assert (painted.painted.mean(), painted.carried.mean(), painted.guessed.mean()) == (0.75, 0, 0.25)
    assert (carried.painted.mean(), carried.carried.mean(), carried.guessed.mean()) == (0, 0.75, 0.25)
    guessed = origin_of(made(3, 0.0, 1.0), [given("a", 3, is_guessed=True)])
    assert guessed is not None and guessed.guessed.mean() == 1
    assert origin_of(made(3, None), references) is None
    totals = OriginTotals().with_frame(painted).with_frame(carried).with_frame(carried)
    assert OriginTotals.from_dict(json.loads(json.dumps(totals.as_dict()))) == totals
    assert totals.shares(references) == {
        "painted": 0.25, "carried": 0.5, "guessed": 0.25, "carried_from": {"a": 0.1, "b": 0.4},
    }  # fmt: skip
    for damaged in (None, {}, {**totals.as_dict(), "painted": -1}, {**totals.as_dict(), "frames": "3"}):
        with pytest.raises(ValueError):
            OriginTotals.from_dict(damaged)


def test_colours_tell_references_and_what_is_guessed_and_the_legend_names_them() -> None:
    references, picture = [given("a"), given("b")], np.full((160, 240, 3), 0.5, np.float32)
    inks = [np.array([int(c[n : n + 2], 16) for n in (1, 3, 5)]) / 255 for c in reference_colors(2)]
    middle = slice(20, 60)

    def shown(frame: RemasteredFrame, kind: str) -> np.ndarray:
        return overlay_frame(frame, picture, references, kind)[middle].mean((0, 1)) - 0.5  # type: ignore[arg-type]

    for index in (0, 1):
        masses = np.eye(2)[index]
        for kind in ("attention", "origin"):
            wash = shown(made(0, 1.0, *masses), kind)
            np.testing.assert_allclose(wash, 0.58 * (inks[index] - 0.5), atol=0.01)
    assert not np.allclose(shown(made(0, 0.0, 1.0, 0.0), "origin"), shown(made(0, 1.0, 1.0, 0.0), "origin"))
    assert np.abs(shown(made(0, None), "attention")).max() < 1e-3, "nothing is washed without attention"
    labelled = with_legend(picture, [LegendLine("#ff0000", "name", 0.9), LegendLine("#00ff00", "none", 0.0)])
    assert np.array_equal(labelled[:80], picture[:80]) and np.array_equal(labelled[:, 200:], picture[:, 200:])
    red = (labelled[..., 0] > 0.9) & (labelled[..., 1:] < 0.1).all(-1)
    assert 8 < red.sum() < 100
    assert not ((labelled[..., 1] > 0.9) & (labelled[..., 0] < 0.1)).any()
    tiny = with_legend(np.zeros((16, 16, 3), np.float32), [LegendLine("#ff0000", "a long name", 1.0)] * 9)
    assert tiny.shape == (16, 16, 3) and tiny.max() > 0.5


@pytest.fixture
def request_(two_scenes: Callable[..., RenderRequest]) -> RenderRequest:
    return two_scenes(
        "out.mkv", FRAMES, ("ref_000001.png", "free.png"), painted=32, preset="ffv1-16", overlay="origin"
    )


def rendered(request: RenderRequest) -> tuple[bytes, bytes, list[dict[str, object]]]:
    report, _ = complete(render(request, Event()))
    assert report.overlay is not None and report.path is not None
    origins = json.loads(report.path.read_text())["origin_of_colors"]
    return request.output.read_bytes(), report.overlay.read_bytes(), origins


def test_the_overlay_lies_beside_a_result_that_is_as_it_would_be_without(request_: RenderRequest) -> None:
    result, _, origins = rendered(request_)
    path = overlay_path(request_.output, "origin")
    with open_film(request_.output) as one, open_film(path) as other:
        assert one.info.frame_count == other.info.frame_count == FRAMES
        facts = [(film.info.width, film.info.height, film.info.rate) for film in (one, other)]
        assert facts[0] == facts[1]
        assert np.abs(one.read(0, "rgb").pixels.astype(float) - other.read(0, "rgb").pixels).mean() > 500
    assert sorted(each.name for each in request_.output.parent.iterdir()) == [
        "film.mkv", "out.mkv", "out.mkv.report.json", "out.origin.mkv", "own.safetensors", "references", "shipped",
    ]  # fmt: skip
    assert [each["shot"] for each in origins] == ["0:4", "4:8"]
    for each in origins:
        assert sum(float(str(each[part])) for part in ("painted", "carried", "guessed")) == pytest.approx(
            1, abs=0.01
        )
    assert 0 < origins[0]["painted"] <= 0.5 / CUT and not origins[1]["painted"]
    request_.output.unlink()
    complete(render(replace(request_, overlay=None), Event()))
    assert request_.output.read_bytes() == result


def test_a_run_that_was_stopped_goes_on_to_the_same_films_and_the_same_sums(request_: RenderRequest) -> None:
    whole = rendered(request_)
    request_.output.unlink()
    overlay_path(request_.output, "origin").unlink()
    cancel = Event()
    with pytest.raises(CancelledError):
        for step in render(request_, cancel):
            if not isinstance(step, Notice) and step.done:
                cancel.set()
    assert not overlay_path(request_.output, "origin").exists()
    assert rendered(request_) == whole


def test_parts_without_an_overlay_are_made_anew_when_one_is_wanted(request_: RenderRequest) -> None:
    whole = rendered(request_)
    request_.output.unlink()
    overlay_path(request_.output, "origin").unlink()
    cancel = Event()
    with pytest.raises(CancelledError):
        for step in render(replace(request_, overlay=None), cancel):
            if not isinstance(step, Notice) and step.done:
                cancel.set()
    assert rendered(request_) == whole


@pytest.mark.parametrize("settings", [Settings(colorization=False), Settings(authors_scheme=True)])
def test_without_colours_to_tell_of_an_overlay_is_refused(
    request_: RenderRequest, settings: Settings
) -> None:
    with pytest.raises(SettingsError, match="leave out --overlay"):
        complete(render(replace(request_, settings=settings), Event()))
    assert not request_.output.exists()
