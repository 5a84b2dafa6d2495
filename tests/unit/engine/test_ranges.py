"""References that count for a range of frames, so much, and with a part of their picture: in sessions and renders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from remaster_gui.base.notices import Notice, Progress, complete
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.engine.automatic import GUESSED_BETWEEN
from remaster_gui.engine.device import Plan
from remaster_gui.engine.kept_references import KeptReference
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, RemasteredFrame, RemasteredWindow, Settings
from remaster_gui.engine.preview_plan import Guidance
from remaster_gui.engine.preview_results import ResultKeys, result_keys
from remaster_gui.engine.references import partial_picture
from remaster_gui.engine.render import render
from remaster_gui.engine.render_plan import WHOLE
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.session import FrameReader, Session
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stretches import Stretch, stretches

SIZE = Size(80, 64)
SHOT = FrameRange(0, 40)


def valid(*ends: tuple[int, int], strength: float = 1.0) -> Validity:
    return Validity(tuple(FrameRange(*each) for each in ends), strength)


def colored(name: str, validity: Validity = EVERYWHERE, *, is_guessed: bool = False) -> Reference:
    """A picture in colours of its own."""
    picture = tinted(cv2.resize(np.random.default_rng(5).random((9, 11)).astype(np.float32), (80, 64)), name)
    digest = f"{name}:{validity.identity}"
    return Reference(name, digest, lambda: picture, is_guessed=is_guessed, validity=validity)


def tinted(grey: np.ndarray, name: str) -> np.ndarray:
    tint = np.random.default_rng(sum(map(ord, name))).uniform(0.3, 1.0, 3)
    return (grey[..., None] * tint * 255).astype(np.uint8)


def test_a_shot_falls_into_stretches_that_the_same_references_guide() -> None:
    shots = [FrameRange(0, 10), FrameRange(10, 30), FrameRange(30, 40)]
    found = list(stretches(shots, [EVERYWHERE, valid((5, 12)), valid((12, 15), (25, 40)), valid((30, 40))]))
    assert [(str(each.frames), each.places) for each in found] == [
        ("0:5", (0,)), ("5:10", (0, 1)), ("10:12", (0, 1)), ("12:15", (0, 2)), ("15:25", (0,)), ("25:30", (0, 2)),
        ("30:40", (0, 2, 3)),
    ]  # fmt: skip
    assert [each.shot for each in found[2:6]] == [shots[1]] * 4
    assert list(stretches([shots[1]], [valid((3, 30)), valid((5, 9))])) == [Stretch(shots[1], shots[1], (0,))]
    assert [each.places for each in stretches(shots, [])] == [(), (), ()]


Colors = Callable[..., list[RemasteredFrame]]
"""Colours frames `span` of a film of one shot: ``colors(references, span, shot)``."""


def _colors(loaded: LoadedNetwork, read: FrameReader) -> Colors:
    def run(
        references: list[Reference],
        span: FrameRange = SHOT,
        shot: FrameRange = SHOT,
        window: int = 5,
        **more: bool,
    ) -> list[RemasteredFrame]:
        session = Session(
            loaded.network, loaded.references.all_features(references, SIZE), film_size=SIZE, given=references,
            settings=Settings(edge=64, restoration=more.get("restoration", False)), plan=Plan(window, None, 2**22),
            traces=more.get("traces", False),
        )  # fmt: skip
        steps = session.remaster(read, shot, span, Event())
        frames = [frame for step in steps if isinstance(step, RemasteredWindow) for frame in step.frames]
        assert [frame.index for frame in frames] == list(span)
        return frames

    return run


@pytest.fixture
def colors(weights: Path, textured: Callable[..., np.ndarray], reader: Callable[..., FrameReader]) -> Colors:
    """By a network without those parts in which rounding may choose among alike places."""
    return _colors(LoadedNetwork.load(weights, "cpu"), reader(textured(40, 64, 80)))


@pytest.fixture
def filled_colors(
    own: Path, shipped: Path, textured: Callable[..., np.ndarray], reader: Callable[..., FrameReader]
) -> Colors:
    """By a network that carries colours, and a prior that fills in."""
    return _colors(LoadedNetwork.load(own, "cpu"), reader(textured(40, 64, 80)))


def _stacked(frames: list[RemasteredFrame]) -> np.ndarray:
    return np.stack([frame.chrominance for frame in frames if frame.chrominance is not None])


@pytest.mark.parametrize("window", [3, 16])
def test_a_range_is_honoured_to_the_frame(colors: Colors, window: int) -> None:
    """Colours end and begin where a range does, as at a cut; restoration goes on."""
    references = [
        colored("one", valid((0, 13))),
        colored("two", valid((13, 17))),
        colored("three", valid((17, 40))),
    ]
    found = colors(references, window=window, restoration=True)
    luminance = [frame.luminance for frame in colors([], window=window, restoration=True)]
    np.testing.assert_allclose([frame.luminance for frame in found], luminance, atol=1e-5)
    plain = _stacked(colors(references, window=window))
    for each, part in zip(
        references, (FrameRange(0, 13), FrameRange(13, 17), FrameRange(17, 40)), strict=True
    ):
        alone = _stacked(colors([replace(each, validity=EVERYWHERE)], part, part))
        np.testing.assert_allclose(plain[part.start : part.stop], alone, atol=2e-5)
    assert np.abs(plain[12].mean((0, 1)) - plain[13].mean((0, 1))).max() > 1e-3


def test_a_part_with_ranges_is_as_within_the_whole(colors: Colors) -> None:
    references = [colored("one", valid((0, 20))), colored("two", valid((12, 40)))]
    whole = _stacked(colors(references))
    for start, stop in ((10, 15), (15, 25), (20, 22)):
        part = _stacked(colors(references, FrameRange(start, stop), window=4))
        np.testing.assert_allclose(part, whole[start:stop], atol=2e-5)


def test_where_no_reference_is_valid_nothing_is_carried(filled_colors: Colors) -> None:
    found = filled_colors(
        [colored("one", valid((0, 8))), colored("guess", valid((20, 40)), is_guessed=True)], traces=True
    )
    shares = [float(frame.share.max()) for frame in found if frame.share is not None]
    assert min(shares[:8]) > 0 and max(shares[8:]) == 0
    assert found[10].attention is None
    first, last = found[0].attention, found[30].attention
    assert first is not None and last is not None
    assert np.allclose(first.shares[..., 0], 1) and not first.shares[..., 1].any()
    assert np.allclose(last.shares[..., 1], 1) and not last.shares[..., 0].any()


def test_half_the_strength_is_half_of_the_color(filled_colors: Colors) -> None:
    span = FrameRange(0, 1)
    full, half, none = (
        filled_colors([colored("one", Validity(strength=strength))], span, span)[0]
        for strength in (1.0, 0.5, 0.0)
    )
    nothing = filled_colors([], span, span)[0]
    assert full.share is not None and half.share is not None and none.share is not None
    np.testing.assert_allclose(half.share, full.share / 2, atol=1e-3)
    assert not none.share.any()
    np.testing.assert_allclose(_stacked([none]), _stacked([nothing]), atol=1e-3)


def test_pixels_at_the_edge_of_a_region_have_the_colour_within() -> None:
    picture = np.zeros((64, 80, 3), np.uint8)
    picture[:, :37] = (200, 60, 60)
    picture[:, 37:] = (40, 40, 250)
    mask = np.arange(80)[None].repeat(64, 0) < 37
    small, share = partial_picture(picture, mask, Size(20, 16))
    assert share[0].tolist() == [1.0] * 9 + [0.25] + [0.0] * 10
    within = small[:, :10] * 255
    assert np.abs(within[..., 0] - within[..., 1] - 140).max() < 3
    assert np.ptp(small[:, 10:], axis=2).max() < 0.01


@pytest.fixture
def request_(write_film: Callable[..., Path], own: Path, shipped: Path, tmp_path: Path) -> RenderRequest:
    """Render a film of two shots."""
    rng = np.random.default_rng(0)
    scenes = [cv2.resize(rng.random((5, 6)).astype(np.float32), (80, 64)) for _ in range(2)]
    film = write_film(tmp_path / "film.mkv", np.stack([scenes[t // 4] for t in range(8)]))
    return RenderRequest(
        film, tmp_path / "out.mkv", weights=own, preset="ffv1-16", device="cpu",
        settings=Settings(edge=64, restoration=False, luminance="source"),
        shots=(FrameRange(0, 4), FrameRange(4, 8)), layers=False,
    )  # fmt: skip


def _report(request: RenderRequest) -> tuple[list[Notice], dict[str, object]]:
    _, notices = complete(render(request, Event()))
    return notices, json.loads(Path(f"{request.output}.report.json").read_text())


def test_frames_without_a_valid_reference_are_guessed(request_: RenderRequest) -> None:
    notices, report = _report(replace(request_, references=(colored("one", valid((4, 6))),)))
    assert notices == [GUESSED_BETWEEN]
    first, second = report["origin_of_colors"]  # type: ignore[misc]
    assert first["guessed"] == 1 and 0 < second["carried"] < 1


def test_nothing_is_guessed_where_a_reference_is_valid_in_all_that_is_rendered(
    request_: RenderRequest,
) -> None:
    request = replace(request_, references=(colored("one", valid((4, 8))),), span=FrameRange(4, 8))
    notices, report = _report(request)
    assert notices == [] and [each["name"] for each in report["references"]] == ["one"]  # type: ignore[attr-defined]


def test_another_range_costs_only_the_parts_that_it_touches(request_: RenderRequest) -> None:
    one, two = colored("one"), colored("two", valid((4, 8)))
    cancel = Event()
    for step in render(replace(request_, references=(one, two)), cancel):
        if isinstance(step, Progress) and step.done > 4 and not step.doing:
            cancel.set()
            break
    changed = replace(request_, references=(one, replace(two, validity=valid((5, 7)))))
    steps = [each for each in render(changed, Event()) if isinstance(each, Progress)]
    assert [each.done for each in steps if each.doing == "Taking up an earlier run"] == [4]


def test_a_copy_counts_where_its_reference_does(tmp_path: Path) -> None:
    region = pack_region(np.eye(12, dtype=bool))
    reference = colored("one", Validity((FrameRange(3, 9),), 0.25, region))
    kept = KeptReference.of(reference).kept(reference, tmp_path, {}, ())
    again = KeptReference.from_dict(json.loads(json.dumps(kept.as_dict())))
    assert again == kept and again.reference(tmp_path).validity == reference.validity


def test_the_authors_script_is_given_all_of_each_reference(request_: RenderRequest) -> None:
    settings = replace(request_.settings, authors_scheme=True, luminance="restored")
    references = (colored("one", valid((4, 6), strength=0.5)),)
    notices, _ = _report(replace(request_, references=references, settings=settings))
    assert WHOLE in notices and GUESSED_BETWEEN not in notices


def _keys(references: tuple[Reference, ...], **changes: object) -> ResultKeys:
    shots = (FrameRange(0, 10), FrameRange(10, 30))
    guidance = Guidance(shots, references, Settings(edge=64))
    return result_keys(replace(guidance, **changes), SIZE, "weights")  # type: ignore[arg-type]


def test_a_preview_is_stale_only_where_other_references_guide_than_before() -> None:
    one, two = colored("one"), colored("two", valid((10, 20)))
    before, after = _keys((one, two)), _keys((one, replace(two, validity=valid((10, 25)))))
    same = [before.at(frame) == after.at(frame) for frame in range(30)]
    assert same == [True] * 10 + [False] * 20  # colours of the whole second shot begin and end elsewhere
    assert before.at(5) == _keys((one,)).at(5)
    assert before.at(15).references == (one.digest, two.digest)
    everywhere = _keys((one, replace(two, validity=valid((0, 30)))))
    assert everywhere.at(15) == _keys((one, replace(two, validity=EVERYWHERE))).at(15)
