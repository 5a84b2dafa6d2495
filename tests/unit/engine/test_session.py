"""Windows never straddle a cut and leave no seam; a part of a shot comes out as within the whole."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from threading import Event

import numpy as np
import pytest
import torch

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import DeviceError, SettingsError
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import SMALLEST_TILE, Plan, device_faults, is_device_lost, make_plan
from remaster_gui.engine.messages import RemasteredFrame, RemasteredWindow, Settings
from remaster_gui.engine.references import encode_reference
from remaster_gui.engine.session import CancelledError, FrameReader, Session
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.model import RemasterNetwork

FRAMES, HEIGHT, WIDTH = 34, 64, 80
WINDOWS = (5, 8, 16)


def _session(network: RemasterNetwork, plan: Plan | None = None, **settings: object) -> Session:
    rng = np.random.default_rng(2)
    references = [encode_reference(network, rng.random((64, 64, 3), np.float32)) for _ in range(2)]
    return Session(
        network,
        references,
        film_size=Size(WIDTH, HEIGHT),
        settings=Settings(edge=64, **settings),  # type: ignore[arg-type]
        plan=plan or Plan(5, None, 2**22),
    )


def _frames(steps: Iterable[RemasteredWindow | Notice]) -> list[RemasteredFrame]:
    return [frame for step in steps if isinstance(step, RemasteredWindow) for frame in step.frames]


def _run(
    session: Session, read: FrameReader, shot: FrameRange, span: FrameRange
) -> tuple[np.ndarray, np.ndarray]:
    frames = _frames(session.remaster(read, shot, span, Event()))
    assert [f.index for f in frames] == list(span)
    return np.stack([f.luminance for f in frames]), np.stack([f.chrominance for f in frames])


Film = Callable[..., FrameReader]
WHOLE_CLIP = FrameRange(0, FRAMES)


@pytest.fixture
def film(textured, reader):  # type: ignore[no-untyped-def]
    """Make a film in memory: ``film(frames, height, width)``."""
    return lambda count=FRAMES, height=HEIGHT, width=WIDTH: reader(textured(count, height, width))


@pytest.mark.parametrize("window", WINDOWS)
def test_windows_of_any_length_give_what_one_piece_gives(
    film: Film, network: RemasterNetwork, window: int
) -> None:
    luma = film()
    one_piece = _run(_session(network, Plan(FRAMES, None, 2**22)), luma, WHOLE_CLIP, WHOLE_CLIP)
    windows = _run(_session(network, Plan(window, None, 2**22)), luma, WHOLE_CLIP, WHOLE_CLIP)
    for whole, cut in zip(one_piece, windows, strict=True):
        np.testing.assert_allclose(cut, whole, atol=2e-5)


def test_steps_of_colour_across_windows_are_no_larger_than_elsewhere(
    film: Film, network: RemasterNetwork
) -> None:
    _, chrominance = _run(_session(network), film(), WHOLE_CLIP, WHOLE_CLIP)
    steps = np.abs(np.diff(chrominance, axis=0)).mean((1, 2, 3))
    across = steps[4::5]
    assert across.mean() <= 1.1 * np.delete(steps, np.arange(4, len(steps), 5)).mean()


def test_a_part_of_a_shot_comes_out_as_within_the_whole(film: Film, network: RemasterNetwork) -> None:
    count = 70
    luma, shot, span = film(count), FrameRange(0, count), FrameRange(31, 36)
    whole = _run(_session(network), luma, shot, shot)
    part = _run(_session(network), luma, shot, span)
    for expected, found in zip(whole, part, strict=True):
        np.testing.assert_allclose(found, expected[span.start : span.stop], atol=2e-5)


def test_nothing_beyond_a_cut_has_influence(two_shots, reader, network: RemasterNetwork) -> None:  # type: ignore[no-untyped-def]
    luma, shot = two_shots(20, HEIGHT, WIDTH), FrameRange(0, 10)
    changed = luma.copy()
    changed[10:] = 0.1
    for before, after in zip(
        _run(_session(network), reader(luma), shot, shot),
        _run(_session(network), reader(changed), shot, shot),
        strict=True,
    ):
        np.testing.assert_array_equal(after, before)


def test_tiles_cannot_be_seen(film: Film, network: RemasterNetwork) -> None:
    height, width = 150, 210
    luma = film(6, height, width)
    span = FrameRange(0, 6)
    found = []
    for edge in (None, 96):
        session = Session(
            network, (), film_size=Size(width, height),
            settings=Settings(edge=64, colorization=False), plan=Plan(3, edge, 2**22),
        )  # fmt: skip
        windows = session.remaster(luma, span, span, Event())
        found.append(np.stack([frame.luminance for frame in _frames(windows)]))
    assert found[0].shape == (6, height, width)
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)


def test_source_luminance_stays_untouched(film: Film, network: RemasterNetwork) -> None:
    luma = film(3)
    span = FrameRange(0, 3)
    source, _ = _run(_session(network, luminance="source"), luma, span, span)
    kept, _ = _run(_session(network, restoration=False), luma, span, span)
    restored, _ = _run(_session(network), luma, span, span)
    np.testing.assert_array_equal(source, kept)
    assert np.abs(source - restored).max() > 0.01


@pytest.mark.parametrize("luminance", ["restored", "working"])
def test_restoration_has_the_share_that_it_is_given(
    luminance: str, film: Film, network: RemasterNetwork
) -> None:
    span, luma = FrameRange(0, 3), film(3)
    own, _ = _run(_session(network, restoration=False), luma, span, span)
    restored, colors = _run(_session(network, luminance=luminance), luma, span, span)
    half, same_colors = _run(
        _session(network, luminance=luminance, restoration_strength=0.25, grain="out"), luma, span, span
    )
    own = np.stack([resize(frame, Size(*restored.shape[:0:-1])) for frame in own])
    np.testing.assert_allclose(half, 0.75 * own + 0.25 * restored, atol=1e-6)
    np.testing.assert_array_equal(colors, same_colors)
    none, _ = _run(_session(network, luminance=luminance, restoration_strength=0.0), luma, span, span)
    source, _ = _run(_session(network, luminance="source"), luma, span, span)
    np.testing.assert_array_equal(none, source)


def test_saturation_moves_colours_away_from_grey(film: Film, network: RemasterNetwork) -> None:
    span = FrameRange(0, 3)
    luminance, colors = _run(_session(network), film(3), span, span)
    same, strong = _run(_session(network, saturation=1.5), film(3), span, span)
    _, none = _run(_session(network, saturation=0.0), film(3), span, span)
    np.testing.assert_array_equal(same, luminance)
    np.testing.assert_allclose(strong, (NEUTRAL + 1.5 * (colors - NEUTRAL)).clip(0, 1), atol=1e-6)
    np.testing.assert_allclose(none, NEUTRAL, atol=1e-7)


@pytest.mark.parametrize(
    "wrong", [{"restoration_strength": 1.1}, {"saturation": -0.1}, {"saturation": float("nan")}]
)
def test_strengths_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="out of range"):
        Settings(**wrong)


def test_cancel_ends_within_one_window(film: Film, network: RemasterNetwork) -> None:
    cancel, delivered = Event(), 0
    with pytest.raises(CancelledError):
        for window in _session(network).remaster(film(), WHOLE_CLIP, WHOLE_CLIP, cancel):
            assert isinstance(window, RemasteredWindow)
            delivered += len(window.frames)
            assert not cancel.is_set()
            cancel.set()
    assert 0 < delivered <= 5


def test_cancel_does_not_wait_for_all_that_the_end_of_a_shot_sets_free(
    film: Film, network: RemasterNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, calls = Event(), 0
    forward = type(network.colorization).forward

    def counted(self: torch.nn.Module, *rest: object) -> object:
        nonlocal calls
        calls += 1
        cancel.set()
        return forward(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(network.colorization), "forward", counted)
    # So short a shot comes free of restoration with its last window, and is several windows for colourisation.
    span = FrameRange(0, 12)
    with pytest.raises(CancelledError):
        list(_session(network).remaster(film(12), span, span, cancel))
    assert calls == 1


def test_running_out_of_memory_halves_the_plan_and_goes_on(
    film: Film, network: RemasterNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    luma = film()
    expected = _run(_session(network), luma, WHOLE_CLIP, WHOLE_CLIP)
    session = _session(network, Plan(16, None, 2**22))
    forward = type(network.colorization).forward

    def greedy(self: torch.nn.Module, luminance: torch.Tensor, *rest: object) -> object:
        if luminance.shape[1] > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, luminance, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(network.colorization), "forward", greedy)
    steps = list(session.remaster(luma, WHOLE_CLIP, WHOLE_CLIP, Event()))
    assert session.plan.window <= 4
    notices = [step for step in steps if isinstance(step, Notice)]
    assert notices and all(notice.text.startswith("Memory ran out") for notice in notices)
    found = _frames(steps)
    for luminance, chrominance, frame in zip(*expected, found, strict=True):
        np.testing.assert_allclose(frame.luminance, luminance, atol=2e-5)
        np.testing.assert_allclose(frame.chrominance, chrominance, atol=2e-5)


def test_a_plan_for_little_memory_gives_what_one_for_plenty_gives(
    film: Film, network: RemasterNetwork
) -> None:
    size, luma, shot = Size(WIDTH, HEIGHT), film(10), FrameRange(0, 10)

    def plan(free: float) -> Plan:
        return make_plan(network.config, size, size, Settings(edge=64), torch.device("cpu"), int(free))

    plenty, little = plan(2**34), plan(3e6)
    least = little
    while least.tile_edge != SMALLEST_TILE:
        least = least.halved()
    assert least.window <= little.window < plenty.window
    whole = _run(_session(network, plenty), luma, shot, shot)
    for smaller in (little, least):
        parts = _run(_session(network, smaller), luma, shot, shot)
        for one, other in zip(whole, parts, strict=True):
            np.testing.assert_allclose(other, one, atol=2e-5)


@pytest.mark.cuda
def test_a_card_that_is_nearly_full_gives_what_an_empty_one_gives(
    film: Film, network: RemasterNetwork, cuda: torch.device
) -> None:
    on_card = copy.deepcopy(network).to(cuda).fold()
    luma, shot, plan = film(24, 512, 640), FrameRange(0, 24), Plan(16, None, 2**26)
    size = Size(640, 512)

    def remastered() -> list[RemasteredWindow | Notice]:
        session = Session(on_card, (), film_size=size, settings=Settings(edge=256), plan=plan)
        return list(session.remaster(luma, shot, shot, Event()))

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    held, whole = torch.cuda.memory_allocated(), remastered()
    room = held + (torch.cuda.max_memory_allocated() - held) // 2
    torch.cuda.empty_cache()
    try:
        torch.cuda.set_per_process_memory_fraction(room / torch.cuda.mem_get_info()[1])
        parts = remastered()
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert any(isinstance(step, Notice) and step.text.startswith("Memory ran out") for step in parts)
    for one, other in zip(_frames(whole), _frames(parts), strict=True):
        assert one.index == other.index
        np.testing.assert_allclose(other.luminance, one.luminance, atol=1e-3)
        np.testing.assert_allclose(other.chrominance, one.chrominance, atol=1e-3)  # type: ignore[arg-type]


def test_a_gpu_that_fails_in_the_middle_is_told_in_a_sentence(
    film: Film, network: RemasterNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward, calls = type(network.colorization).forward, 0

    def failing(self: torch.nn.Module, *rest: object) -> object:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise RuntimeError(
                "CUDA error: unspecified launch failure\nKernel errors might be reported later"
            )
        return forward(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(network.colorization), "forward", failing)
    with pytest.raises(DeviceError, match=r"^[^\n]+same command goes on[^\n]+\.$"):
        list(_session(network).remaster(film(), WHOLE_CLIP, WHOLE_CLIP, Event()))


@pytest.mark.parametrize(
    "text", ["CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED", "shape"]
)
def test_other_faults_are_not_taken_for_a_lost_gpu(text: str) -> None:
    assert not is_device_lost(RuntimeError(text))
    assert is_device_lost(RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"))


def test_a_lost_gpu_is_said_wherever_it_is_lost() -> None:
    with (
        pytest.raises(DeviceError, match=r"GPU stopped working amid the film.*--device cpu"),
        device_faults(),
    ):
        raise RuntimeError("CUDA error: unspecified launch failure")
    with pytest.raises(RuntimeError, match="shape"), device_faults():
        raise RuntimeError("shape")
