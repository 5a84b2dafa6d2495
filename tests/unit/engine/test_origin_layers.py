"""Layers that say where the colours of a picture come from: what is in them, when, and when they are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import OpenImageIO
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Notice, complete
from remaster_gui.engine.messages import FrameAttention, Reference, RemasteredFrame, Settings
from remaster_gui.engine.origin_layers import CERTAINTY, INDEX, LAYERS, SHARES, origin_layers
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.session import CancelledError
from remaster_gui.engine.sizes import Size
from remaster_gui.media import read_picture

FRAMES, CUT = 4, 2
SIZE = Size(60, 44)


def given(name: str, frame: int | None = None) -> Reference:
    """A reference whose upper half strokes have painted."""
    strokes = np.repeat(np.array([255, 0], np.uint8), 32)[:, None].repeat(96, axis=1)
    return Reference(name, name, lambda: np.zeros((64, 96, 3), np.uint8), frame, load_strokes=lambda: strokes)


def made(index: int, attention: FrameAttention | None = None) -> RemasteredFrame:
    """A frame of 24x16 pixels whose left half is carried and whose right half is not."""
    share = np.zeros((16, 24), np.float32)
    share[:, :12] = 1.0
    plane = np.full((16, 24), 0.5, np.float32)
    return RemasteredFrame(index, plane, np.full((16, 24, 2), 0.5, np.float32), share, attention)


def test_shares_are_as_large_as_the_picture_and_make_up_the_whole() -> None:
    references = [given("a", 3)]
    carried, painted = (origin_layers(made(index), references, SIZE) for index in (4, 3))
    assert tuple(carried) == LAYERS
    for planes in (carried, painted):
        assert {plane.shape for plane in planes.values()} == {(44, 60)}
        assert {plane.dtype for plane in planes.values()} == {np.dtype(np.float32)}
        np.testing.assert_allclose(sum(planes[name] for name in SHARES), 1.0, atol=1e-6)
        assert not planes[INDEX].any() and not planes[CERTAINTY].any(), "nobody has traced it"
    left, right = np.s_[:, :25], np.s_[:, 35:]
    assert (carried["origin.carried"][left] == 1).all() and (carried["origin.guessed"][right] == 1).all()
    grey = origin_layers(replace(made(4), chrominance=None, share=None), references, SIZE)
    assert tuple(grey) == LAYERS and not any(plane.any() for plane in grey.values())
    assert (painted["origin.painted"][:20, :25] == 1).all() and (
        painted["origin.carried"][24:, :25] == 1
    ).all()
    assert not painted["origin.painted"][24:].any() and (painted["origin.guessed"][right] == 1).all()


def test_references_are_told_by_their_number_in_whole_numbers() -> None:
    shares = np.zeros((2, 3, 2), np.float32)
    shares[:, 0, 0] = shares[:, 1:, 1] = 1.0
    traced = FrameAttention(shares, np.full((2, 3), 0.75, np.float32))
    planes = origin_layers(made(5, traced), [given("a"), given("b")], SIZE)
    assert np.unique(planes[INDEX]).tolist() == [1.0, 2.0]
    assert (planes[INDEX][:, :19] == 1).all() and (planes[INDEX][:, 21:] == 2).all()
    np.testing.assert_allclose(planes[CERTAINTY], 0.75)


@pytest.fixture
def request_(two_scenes: Callable[..., RenderRequest]) -> RenderRequest:
    return two_scenes(
        "out", FRAMES, ("ref_000001.png", "ref_000003.png"), painted=64, preset="exr", layers=True
    )


def layers_of(path: Path) -> dict[str, np.ndarray]:
    picture = OpenImageIO.ImageInput.open(str(path))
    planes, names = picture.read_image("float"), picture.spec().channelnames
    picture.close()
    return dict(zip(names, np.moveaxis(planes, -1, 0), strict=True))


def pictures(request: RenderRequest) -> list[Path]:
    complete(render(request, Event()))
    return sorted(request.output.iterdir())


def test_a_render_writes_them_beside_colours_that_are_as_without(request_: RenderRequest) -> None:
    files = pictures(request_)
    plain = pictures(replace(request_, layers=False, output=request_.output.with_name("plain")))
    assert len(files) == len(plain) == FRAMES
    for number, (path, other) in enumerate(zip(files, plain, strict=True)):
        planes = layers_of(path)
        assert set(planes) == {"R", "G", "B", *LAYERS} and set(layers_of(other)) == {"R", "G", "B"}
        assert np.abs(read_picture(path).astype(int) - read_picture(other)).max() < 40, "of 65535"
        np.testing.assert_allclose(sum(planes[name] for name in SHARES), 1.0, atol=2e-3)
        assert planes["origin.painted"].any() == (number == 1)
        assert planes[INDEX].min() >= 1 and planes[INDEX].max() <= 2


def test_a_run_that_was_stopped_goes_on_to_the_same_pictures(request_: RenderRequest) -> None:
    whole = [path.read_bytes() for path in pictures(request_)]
    again = replace(request_, output=request_.output.with_name("again"))
    cancel = Event()
    with pytest.raises(CancelledError):
        for step in render(again, cancel):
            if not isinstance(step, Notice) and step.done:
                cancel.set()
    assert not again.output.exists()
    assert [path.read_bytes() for path in pictures(again)] == whole


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"preset": "png16"}, "choose the preset exr"),
        ({"preset": "ffv1-16", "output": Path("out.mkv")}, "choose the preset exr"),
        ({"settings": Settings(colorization=False)}, "a film without colours lacks"),
        ({"settings": Settings(authors_scheme=True)}, "the authors' scheme does not tell"),
    ],
)
def test_where_there_is_nothing_to_hold_or_tell_them_they_are_refused(
    request_: RenderRequest, change: dict[str, object], said: str
) -> None:
    before = sorted(request_.output.parent.iterdir())
    with pytest.raises(SettingsError, match=said):
        complete(render(replace(request_, **change), Event()))  # type: ignore[arg-type]
    assert sorted(request_.output.parent.iterdir()) == before


def test_without_the_prior_nothing_is_known_and_that_is_said(request_: RenderRequest, shipped: Path) -> None:
    next(shipped.glob("remaster-prior*")).unlink()
    with pytest.raises(SettingsError, match=r"remaster-prior.*nothing to say in layers"):
        complete(render(request_, Event()))
    assert not request_.output.exists()
