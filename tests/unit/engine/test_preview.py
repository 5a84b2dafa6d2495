"""Previews are what an export would give, and cost no more than what has changed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeVar

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.base.arrays import Float
from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.errors import DeviceError
from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.compose import compose
from remaster_gui.engine.drawn import LIMITS
from remaster_gui.engine.frame_store import CURRENT, DRAFT, STALE, FrameStore
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.luminance import READ_AHEAD, LuminanceSource
from remaster_gui.engine.messages import Reference, RemasteredWindow, Settings
from remaster_gui.engine.preview import FULL, Previewer, PreviewStep
from remaster_gui.engine.preview_picture import FullSizeLook, full_size_picture
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest
from remaster_gui.engine.preview_results import LuminanceKey, PreviewedFrame, PreviewStores, to_float
from remaster_gui.engine.session import CancelledError, Session
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.engine.stream import Pass, walk
from remaster_gui.media import Film, open_film
from remaster_gui.model.blocks import ConvUnit

Kind = TypeVar("Kind", PreviewStep, Notice)

FRAMES, HEIGHT, WIDTH = 60, 96, 128
LONG_SHOTS = (FrameRange(0, 14), FrameRange(14, 30), FrameRange(30, 46), FrameRange(46, FRAMES))
SHOTS = (FrameRange(0, 18), FrameRange(18, 30), FrameRange(30, FRAMES))
EDGE = 64
WORKING = Size(80, 64)
MARKS = ((27, (SpotMark("reject", 10, 10, 30, 20),)), (30, (SpotMark("repair", 50, 40, 16, 12),)))
"""One in the middle of a shot, one where another begins."""


def drifting(count: int, seed: int) -> np.ndarray:
    """A cloudy picture that drifts ``(T, H, W)`` in [0, 1], in which no place is like another.

    Where a pattern repeats, several places match equally well, and the last digit of a sum chooses among them.
    """
    rng = np.random.default_rng(seed)
    height, width = HEIGHT + count, WIDTH + count
    clouds = np.zeros((height, width), np.float32)
    for size, share in ((32, 0.5), (12, 0.3), (5, 0.2)):
        coarse = rng.random((height // size + 2, width // size + 2)).astype(np.float32)
        clouds += share * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    frames = [clouds[step // 2 :, step:][:HEIGHT, :WIDTH] for step in range(count)]
    return np.stack(frames).clip(0, 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, write_film: Callable[..., Path]) -> Path:
    film = np.concatenate([drifting(30, 0) * 0.8, 1 - drifting(FRAMES - 30, 9) * 0.8])
    return write_film(tmp_path_factory.mktemp("film") / "film.mkv", film)


@pytest.fixture
def film(path: Path) -> Iterator[Film]:
    with open_film(path) as film:
        yield film


@pytest.fixture
def loaded(request: pytest.FixtureRequest) -> LoadedNetwork:
    """A network that only restores and colours, or one with `EVERY_PART`."""
    weights: Path = request.getfixturevalue(getattr(request, "param", "weights"))
    return LoadedNetwork.load(weights, "cpu")


EVERY_PART = pytest.mark.parametrize("loaded", ["full_weights"], indirect=True)
"""For what each part of a network has a share in; what is computed, and when, does not depend on them."""


def reference(seed: int, revision: int = 0) -> Reference:
    """Colours a frame of the first or the second shot; every revision in other colours."""
    # What is to be seen nowhere in the film matches many places equally well, and rounding chooses among them.
    grey = drifting(30, 0)[15] * 0.8 if seed == 1 else 1 - drifting(30, 9)[15] * 0.8
    small = cv2.resize(grey, (80, 64), interpolation=cv2.INTER_AREA)
    tint = np.random.default_rng([seed, revision]).uniform(0.5, 1, 3)
    picture = (255 * small[..., None] * tint).astype(np.uint8)
    return Reference(f"{seed}", f"{seed}:{revision}", lambda: picture)


TWO = (reference(1), reference(2))
FRAME_BYTES = WORKING.pixels * (3 + 4 + 2) + len(TWO) * 4 * (1 + LIMITS)


def request(start: int, stop: int, playhead: int, **settings: object) -> PreviewRequest:
    chosen = Settings(edge=EDGE, **settings)  # type: ignore[arg-type]
    return PreviewRequest(Guidance(SHOTS, TWO, chosen), FrameRange(start, stop), playhead)


def guided(wanted: PreviewRequest, **changes: object) -> PreviewRequest:
    """Return a request for the same frames, remastered by something else."""
    return replace(wanted, guidance=replace(wanted.guidance, **changes))  # type: ignore[arg-type]


def previewed(previewer: Previewer, wanted: PreviewRequest) -> list[int]:
    return [frame for step in steps_of(previewer, wanted, PreviewStep) for frame in step.frames]


def steps_of(previewer: Previewer, wanted: PreviewRequest, kind: type[Kind]) -> list[Kind]:
    return [step for step in previewer.preview(wanted, Event()) if isinstance(step, kind)]


def result(previewer: Previewer, wanted: PreviewRequest, frame: int) -> PreviewedFrame:
    found = previewer.stores.results.get(frame, previewer.keys(wanted.guidance).at(frame))
    assert found is not None
    return found


def assert_alike(found: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    """Where two places match almost equally well rounding may tip the balance: in one value of a thousand."""
    off = np.abs(found.astype(np.float64) - expected) > tolerance
    assert off.mean() <= 1e-3


@pytest.fixture
def previewer(film: Film, loaded: LoadedNetwork) -> Previewer:
    return Previewer(film, loaded, PreviewStores(FRAMES))


def count_frames(network: torch.nn.Module) -> list[int]:
    """Count the frames that go into the first layer of a network from now on, call by call."""
    counts: list[int] = []
    first = next(module for module in network.modules() if isinstance(module, ConvUnit))
    first.register_forward_hook(lambda module, inputs, output: counts.append(inputs[0].shape[1]))
    return counts


@pytest.mark.parametrize(
    ("loaded", "stop", "settings"),
    [
        # Of both shots a part; what lies farther away than a network sees is left out.
        ("full_weights", 34, {"luminance": "working"}),
        ("full_weights", 30, {"luminance": "source"}),
        ("full_weights", 30, {"restoration": False}),
        ("full_weights", 30, {"luminance": "working", "colorization": False}),
        # What comes after the network, whatever its parts.
        ("weights", 34, {"luminance": "working", "restoration_strength": 0.3, "saturation": 1.4}),
    ],
    indirect=["loaded"],
    ids=str,
)
def test_a_preview_shows_what_an_export_writes(
    previewer: Previewer, film: Film, loaded: LoadedNetwork, stop: int, settings: dict[str, object]
) -> None:
    wanted = guided(request(26, stop, 28, **settings), shots=LONG_SHOTS, marks=MARKS)
    assert sorted(previewed(previewer, wanted)) == list(wanted.span)
    features = previewer.features(wanted.guidance, 0)
    session = Session(
        loaded.network, features, film_size=Size(WIDTH, HEIGHT),
        settings=wanted.guidance.settings, plan=previewer.plan(wanted.guidance),
    )  # fmt: skip
    for shot in wanted.guidance.shots:
        span = shot.intersection(wanted.span)
        for window in session.remaster(film.frames, shot, span, Event(), wanted.guidance.marks):
            assert isinstance(window, RemasteredWindow)
            for frame in window.frames:
                found = result(previewer, wanted, frame.index)
                # Restored at working size and enlarged, or the film's own: at full size it is what is written.
                look = FullSizeLook(wanted.guidance.settings.luminance, wanted.guidance.settings.edge)
                near = [n for n in (frame.index - 1, frame.index + 1) if n in shot]
                around = [film.read(n).pixels for n in near] if found.finish.needs_neighbours else []
                seen = full_size_picture(found, film.read(frame.index).pixels, look, around)
                assert_alike(seen, compose(frame, Size(WIDTH, HEIGHT)) * 255, 0.75)
                # What is kept is of working size.
                small = replace(frame, luminance=resize(frame.luminance, WORKING))
                expected = compose(small, WORKING) * 255
                # The preview's luminance is rounded to 16 bits before it is coloured, its picture to 8 in the end.
                assert_alike(found.rgb, expected, 0.75)
                if frame.chrominance is None:
                    assert found.chrominance is None
                elif wanted.guidance.settings.saturation == 1:
                    assert found.chrominance is not None
                    assert_alike(found.chrominance / 65535, frame.chrominance, 1e-3)


@pytest.mark.parametrize("restoration", [True, False])
def test_strength_and_saturation_cost_no_work_of_the_network(
    previewer: Previewer, film: Film, loaded: LoadedNetwork, restoration: bool
) -> None:
    plain = request(0, 12, 4, luminance="working", restoration=restoration)
    strong = guided(
        plain, settings=replace(plain.guidance.settings, saturation=1.6, restoration_strength=0.5)
    )
    marks = ((7, (SpotMark("reject", 4, 4, 30, 20), SpotMark("repair", 40, 30, 12, 10))),)
    stronger = guided(
        plain, settings=replace(plain.guidance.settings, saturation=1.8, grain="out"), marks=marks
    )
    previewed(previewer, plain)
    first = result(previewer, plain, 7)
    counts = count_frames(previewer.network)
    for wanted in (strong, stronger):
        assert sorted(previewed(previewer, wanted)) == list(range(12))
    assert counts == []
    assert result(previewer, plain, 7) is first
    for wanted in (strong, stronger):
        anew = Previewer(film, loaded, PreviewStores(FRAMES))
        previewed(anew, wanted)
        assert_alike(result(previewer, wanted, 7).rgb, result(anew, wanted, 7).rgb, 1)
        assert not np.array_equal(result(previewer, wanted, 7).rgb, first.rgb)


OWN = (
    (0, ShotSettings(restoration=False, saturation=0.5)),
    (18, ShotSettings(colorization=False)),
    (30, ShotSettings(restoration_strength=0.4)),
)


def test_each_shot_is_previewed_by_its_own_settings(
    previewer: Previewer, film: Film, loaded: LoadedNetwork
) -> None:
    wanted = guided(request(15, 33, 20, luminance="working"), own=OWN)
    assert sorted(previewed(previewer, wanted)) == list(range(15, 33))
    for shot in SHOTS:
        alone = Previewer(film, loaded, PreviewStores(FRAMES))
        as_film = guided(
            replace(wanted, span=shot.intersection(wanted.span)),
            settings=wanted.guidance.settings_of(shot), own=(),
        )  # fmt: skip
        previewed(alone, replace(as_film, playhead=as_film.span.start))
        for frame in as_film.span:
            # Runs begin elsewhere.
            assert_alike(result(previewer, wanted, frame).rgb, result(alone, as_film, frame).rgb, 1)
    assert result(previewer, wanted, 20).chrominance is None
    assert result(previewer, wanted, 16).chrominance is not None


@pytest.mark.parametrize(
    ("changed", "is_free"),
    [
        (ShotSettings(saturation=1.5, restoration_strength=0.2), True),
        (ShotSettings(restoration=False), False),
    ],
    ids=str,
)
def test_a_changed_shot_costs_no_other_and_its_look_no_network(
    previewer: Previewer, changed: ShotSettings, is_free: bool
) -> None:
    before = request(14, 33, 20, luminance="working")
    previewed(previewer, before)
    others = [(frame, result(previewer, before, frame)) for frame in (14, 32)]
    after = guided(before, own=((18, changed),))
    states = previewer.stores.states(previewer.keys(after.guidance))
    assert (states[18:30] == STALE).all()
    assert (states[14:18] == CURRENT).all() and (states[30:33] == CURRENT).all()
    counts = count_frames(previewer.network.colorization)
    assert sorted(previewed(previewer, after)) == list(range(18, 30))
    assert (sum(counts) == 0) == is_free
    assert all(result(previewer, after, frame) is found for frame, found in others)
    assert previewer.missing(before) == 0, "what was there comes back with the settings"


def test_a_full_store_keeps_what_is_near_whatever_the_settings_of_its_shot(
    film: Film, loaded: LoadedNetwork
) -> None:
    previewer = Previewer(film, loaded, PreviewStores(FRAMES, results=12 * FRAME_BYTES))
    wanted = guided(request(10, 30, 18, luminance="working"), own=((18, ShotSettings(saturation=0.5)),))
    steps = steps_of(previewer, wanted, Notice)
    assert [notice.text for notice in steps] == [FULL]
    held = np.flatnonzero(previewer.stores.held(previewer.keys(wanted.guidance)))
    assert len(held) == 12 and held[0] > 10 and held[-1] < 26


def test_frames_come_from_the_playhead_outwards(previewer: Previewer) -> None:
    wanted = request(0, FRAMES, 12)
    came = previewed(previewer, wanted)
    assert sorted(came) == list(range(FRAMES))
    window = previewer.plan(wanted.guidance).window
    assert came[:window] == list(range(12, 12 + window))
    # The twelve frames before the playhead are one run, and come before what is much farther away.
    assert came.index(0) < came.index(30 + window)


@pytest.mark.parametrize(
    ("loaded", "settings"),
    [
        ("full_weights", {}),
        ("full_weights", {"restoration": False}),
        ("weights", {"luminance": "source"}),
    ],
    indirect=["loaded"],
    ids=str,
)
def test_a_draft_of_the_frame_in_sight_comes_first(
    previewer: Previewer,
    film: Film,
    loaded: LoadedNetwork,
    settings: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is what the frame would be if its neighbours were all of the shot, in the tones of the whole shot."""
    shot, short = FrameRange(0, 10), FrameRange(4, 9)
    wanted = guided(request(0, 10, 6, **settings), shots=(shot, FrameRange(10, FRAMES)))
    steps = previewer.preview(wanted, Event())
    first = next(step for step in steps if isinstance(step, PreviewStep))
    assert (first.draft, first.frames) == (6, ())
    latest = previewer.stores.results.latest(6)
    assert latest is not None
    assert previewer.stores.states(previewer.keys(wanted.guidance))[6] == DRAFT
    assert previewer.stores.result(6, previewer.keys(wanted.guidance)) == (latest, DRAFT)
    assert previewer.stores.result(6, None) == (latest, STALE)
    alone = Previewer(film, loaded, PreviewStores(FRAMES))
    monkeypatch.setattr(alone.luminance, "look", lambda *_: previewer.luminance.look(shot, WORKING))
    shots = (FrameRange(0, 4), short, FrameRange(9, FRAMES))
    previewed(alone, guided(replace(wanted, span=short), shots=shots))
    expected = result(alone, wanted, 6)
    # The five frames are restored and coloured in one go, without rounding between.
    assert_alike(latest.rgb, expected.rgb, 1)
    list(steps)
    found = previewer.stores.results.latest(6)
    assert found is result(previewer, wanted, 6)
    assert not np.array_equal(found.rgb, latest.rgb)
    assert previewer.stores.states(previewer.keys(wanted.guidance))[6] == CURRENT
    assert previewer.stores.result(6, previewer.keys(wanted.guidance)) == (found, CURRENT)


def test_no_draft_of_what_is_there_or_out_of_range(previewer: Previewer) -> None:
    previewed(previewer, request(5, 15, 7))
    for wanted in (request(0, 15, 7), request(16, 20, 7)):
        assert all(step.draft is None for step in steps_of(previewer, wanted, PreviewStep))


def test_only_what_is_missing_is_computed(previewer: Previewer) -> None:
    previewed(previewer, request(5, 15, 5))
    assert previewed(previewer, request(5, 15, 9)) == []
    assert previewer.missing(request(0, 20, 9)) == 10
    assert sorted(previewed(previewer, request(0, 20, 9))) == [0, 1, 2, 3, 4, 15, 16, 17, 18, 19]


@EVERY_PART
def test_parts_come_out_as_within_the_whole(film: Film, loaded: LoadedNetwork) -> None:
    whole, parts = (Previewer(film, loaded, PreviewStores(FRAMES)) for _ in range(2))
    previewed(whole, request(18, 30, 18))
    for start, stop, playhead in ((26, 30, 27), (18, 22, 21), (18, 30, 23)):
        previewed(parts, request(start, stop, playhead))
    for frame in SHOTS[1]:
        found, expected = (result(each, request(18, 30, 18), frame).rgb for each in (parts, whole))
        assert_alike(found, expected, 1)


def test_a_changed_reference_costs_no_restoration(previewer: Previewer, loaded: LoadedNetwork) -> None:
    before = request(0, 18, 10)
    at_first = count_frames(loaded.network.restoration)
    previewed(previewer, before)
    assert sum(at_first) >= 18
    restored, colored = count_frames(loaded.network.restoration), count_frames(loaded.network.colorization)
    after = guided(before, references=(reference(1), reference(2, revision=1)))
    assert len(previewed(previewer, after)) == 18
    assert restored == []
    assert sum(colored) >= 18
    assert loaded.references.encoded == 3
    assert not np.array_equal(result(previewer, after, 3).rgb, result(previewer, before, 3).rgb)
    # Going back to the references of before costs nothing at all.
    colored.clear()
    assert previewed(previewer, before) == []
    assert colored == []


def test_nothing_is_restored_for_luminance_that_is_there(previewer: Previewer, loaded: LoadedNetwork) -> None:
    previewed(previewer, request(0, 18, 15, colorization=False))
    restored = count_frames(loaded.network.restoration)
    previewed(previewer, request(0, 18, 15))
    assert restored == []


def test_cancel_ends_within_one_window(previewer: Previewer, loaded: LoadedNetwork) -> None:
    wanted, cancel = request(0, 18, 0), Event()
    steps = previewer.preview(wanted, cancel)
    next(step for step in steps if isinstance(step, PreviewStep) and step.frames)
    pushed = count_frames(loaded.network.restoration), count_frames(loaded.network.colorization)
    cancel.set()
    with pytest.raises(CancelledError):
        list(steps)
    window = previewer.plan(wanted.guidance).window
    assert all(sum(counts) <= window for counts in pushed)


def test_cancel_before_the_first_frame(previewer: Previewer) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(CancelledError):
        list(previewer.preview(request(0, 18, 0), cancel))
    assert not previewer.stores.held(previewer.keys(request(0, 18, 0).guidance)).any()


@EVERY_PART
def test_running_out_of_memory_goes_on_in_smaller_pieces(
    film: Film, loaded: LoadedNetwork, previewer: Previewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = request(20, 28, 24)
    expected = Previewer(film, loaded, PreviewStores(FRAMES))
    previewed(expected, wanted)
    forward = type(loaded.network.colorization).forward

    def greedy(self: torch.nn.Module, luminance: torch.Tensor, *rest: object) -> object:
        if luminance.shape[1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, luminance, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(loaded.network.colorization), "forward", greedy)
    steps = list(previewer.preview(wanted, Event()))
    assert Notice("warning", "Memory ran out; going on with windows of 2 frames.") in steps
    frames = [frame for step in steps if isinstance(step, PreviewStep) for frame in step.frames]
    assert sorted(frames) == list(range(20, 28))
    assert [step for step in steps if isinstance(step, Progress)][-1].done == 8
    for frame in wanted.span:
        found, whole = (result(each, wanted, frame).rgb for each in (previewer, expected))
        assert_alike(found, whole, 1)


def test_without_any_memory_a_sentence_says_so(
    loaded: LoadedNetwork, previewer: Previewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(self: object, *rest: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(type(loaded.network.colorization), "forward", greedy)
    with pytest.raises(DeviceError, match=r"^[^\n]+\.$"):
        previewed(previewer, request(0, 12, 6))


def test_a_full_store_keeps_the_nearest_and_says_so(film: Film, loaded: LoadedNetwork) -> None:
    stores = PreviewStores(FRAMES, results=12 * FRAME_BYTES, luminance=8 * WORKING.pixels * 2)
    previewer = Previewer(film, loaded, stores)
    wanted = request(0, FRAMES, 14)
    assert steps_of(previewer, wanted, Notice) == [Notice("warning", FULL)]
    held = np.flatnonzero(stores.held(previewer.keys(wanted.guidance)))
    assert len(held) == 12
    assert np.abs(held - 14).max() <= 6
    assert stores.results.nbytes <= 12 * FRAME_BYTES


@pytest.mark.parametrize("restored", [False, True])
def test_luminance_comes_in_order_in_windows_however_little_is_kept(
    film: Film, loaded: LoadedNetwork, previewer: Previewer, restored: bool
) -> None:
    plan = previewer.plan(request(0, 18, 0).guidance)
    for budget in (2**30, 3 * WORKING.pixels * 2):
        source = LuminanceSource(film, loaded.network, FrameStore(FRAMES, budget))
        key = LuminanceKey(WORKING, loaded.digest if restored else "")
        windows = list(source.windows(SHOTS[0], FrameRange(3, 17), key, plan, Event()))
        assert [len(window) <= plan.window for window in windows] == [True] * len(windows)
        frames = [picture for window in windows for picture in window]
        assert len(frames) == 14
        if budget == 2**30:
            expected = frames
    for found, before in zip(frames, expected, strict=True):
        assert np.abs(found.astype(int) - before).max() <= 2
        assert not found.flags.writeable


def test_two_places_of_a_film_do_not_seek_for_every_window(
    film: Film, loaded: LoadedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = LuminanceSource(film, loaded.network, FrameStore(FRAMES, 2**30))
    read: list[int] = []
    real = film.read
    monkeypatch.setattr(film, "read", lambda index: read.append(index) or real(index))
    for step in range(READ_AHEAD):
        source.source(step, WORKING, 30)
        source.source(30 + step, WORKING, FRAMES)
    assert read == [*range(READ_AHEAD), *range(30, 30 + READ_AHEAD)]


@EVERY_PART
def test_a_shot_is_looked_at_once_and_restored_as_when_it_is_exported(
    film: Film, loaded: LoadedNetwork, previewer: Previewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, shot = previewer.plan(request(0, 18, 0).guidance), SHOTS[0]
    source = LuminanceSource(film, loaded.network, FrameStore(FRAMES, 2**30))
    key, span = LuminanceKey(WORKING, loaded.digest), FrameRange(shot.start + 9, shot.start + 12)
    found = [picture for window in source.windows(shot, span, key, plan, Event()) for picture in window]

    def windows(needed: FrameRange) -> Generator[Float]:
        for index in needed:
            yield to_float(source.source(index, WORKING))[None]

    work = Pass(loaded.network, (), WORKING, WORKING, colorization=False)
    exported = [each for frames in walk(work, shot, span, windows) for each in frames]
    for previewed, frame in zip(found, exported, strict=True):
        # Windows of other lengths add up in another order.
        assert np.abs(to_float(previewed) - frame.luminance).max() < 1e-3
    monkeypatch.setattr(film, "read", None)
    assert source.look(shot, WORKING) is source.look(shot, WORKING)


def test_a_network_that_judges_no_shot_reads_none(
    film: Film, loaded: LoadedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "read", None)
    source = LuminanceSource(film, loaded.network, FrameStore(FRAMES, 2**30))
    assert source.look(SHOTS[0], WORKING) is None


def test_cancel_ends_between_two_references(previewer: Previewer, loaded: LoadedNetwork) -> None:
    cancel = Event()

    def picture() -> np.ndarray:
        cancel.set()
        return np.full((64, 80, 3), 90, np.uint8)

    many = [Reference(f"{number}", f"slow:{number}", picture) for number in range(5)]
    with pytest.raises(CancelledError):
        list(previewer.preview(guided(request(0, 18, 0), references=tuple(many)), cancel))
    assert loaded.references.encoded == 1


@EVERY_PART
def test_looking_at_a_shot_can_be_stopped(film: Film, loaded: LoadedNetwork) -> None:
    def check() -> None:
        raise CancelledError

    source = LuminanceSource(film, loaded.network, FrameStore(FRAMES, 2**30))
    with pytest.raises(CancelledError):
        source.look(SHOTS[0], WORKING, check)
