from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from remaster_gui import demo
from remaster_gui.base.errors import StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import open_film

SHOTS, CUTS = demo.SHOTS, demo.CUTS
"""Of the demo that users get."""


@pytest.fixture(scope="module", autouse=True)
def short_shots() -> Iterator[None]:
    """Let shots have a third of their frames, each of which takes long to age."""
    shots = tuple(replace(shot, frames=shot.frames // 3) for shot in SHOTS)
    cuts = (0, *accumulate(shot.frames for shot in shots[:-1]))
    chosen = [bisect(CUTS, frame) - 1 for frame in demo.REFERENCE_FRAMES]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "SHOTS", shots)
        patch.setattr(demo, "CUTS", cuts)
        patch.setattr(demo, "REFERENCE_FRAMES", tuple(cuts[n] + shots[n].frames // 2 for n in chosen))
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> demo.DemoProject:
    return demo.make_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def old(project: demo.DemoProject) -> list[demo.Picture]:
    return read_luma(project.film)


@pytest.fixture(scope="module")
def clean() -> list[demo.Picture]:
    return list(demo.clean_frames())


def read_luma(path: Path) -> list[demo.Picture]:
    with open_film(path) as film:
        return [frame.pixels for frame in film.frames(FrameRange(0, film.info.frame_count))]


def test_the_film_is_ten_seconds_of_academy_format_with_sound(project: demo.DemoProject) -> None:
    with open_film(project.film) as film:
        info = film.info
    assert sum(shot.frames for shot in SHOTS) == 10 * demo.RATE
    assert (info.frame_count, info.rate) == (sum(shot.frames for shot in demo.SHOTS), Fraction(24))
    assert Fraction(info.width, info.height) * info.pixel_aspect == Fraction(4, 3)
    assert info.has_audio
    assert info.complete


def test_the_film_has_no_colour(project: demo.DemoProject) -> None:
    with open_film(project.film) as film:
        pixels = film.read(18, "rgb").pixels
    assert np.ptp(pixels.astype(int), axis=2).max() <= 1


def test_it_is_made_alike_every_time(tmp_path: Path, few_frames: None) -> None:
    first, second = demo.make_demo(tmp_path / "first"), demo.make_demo(tmp_path / "second")
    assert first.film.read_bytes() == second.film.read_bytes()


def test_the_film_is_damaged_but_shows_the_clean_frames(
    old: list[demo.Picture], clean: list[demo.Picture]
) -> None:
    luma = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clean]).astype(np.float32)
    aged = np.stack(old).astype(np.float32)
    assert 18 < 10 * math.log10(255**2 / np.mean((luma - aged) ** 2)) < 26
    assert np.corrcoef(luma.ravel(), aged.ravel())[0, 1] > 0.9


def test_references_are_clean_frames_one_for_each_look(
    project: demo.DemoProject, clean: list[demo.Picture]
) -> None:
    names = sorted(path.name for path in project.references.iterdir())
    assert names == [f"ref_{index:06d}.png" for index in demo.REFERENCE_FRAMES]
    for name, index in zip(names, demo.REFERENCE_FRAMES, strict=True):
        picture = cv2.cvtColor(cv2.imread(str(project.references / name)), cv2.COLOR_BGR2RGB)
        assert np.array_equal(picture, clean[index])
    shown = {_look_at(index) for index in demo.REFERENCE_FRAMES}
    assert len(names) == len(shown) == len({shot.look for shot in demo.SHOTS}) < len(demo.SHOTS)


def test_the_camera_moves_smoothly_between_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "SHOTS", SHOTS)
    steps = [np.mean(cv2.absdiff(before, after)) for before, after in pairwise(demo.clean_frames())]
    at_cuts = [steps[cut - 1] for cut in CUTS[1:]]
    within = [step for number, step in enumerate(steps) if number + 1 not in CUTS]
    assert min(within) > 0
    assert max(within) < min(at_cuts) / 2


def test_the_camera_never_sees_past_the_edge_of_a_photograph() -> None:
    for shot in demo.SHOTS:
        height, width = shot.look.photograph().shape[:2]
        for view in (shot.start, shot.end):
            half = (view.height * height * demo.WIDTH / demo.HEIGHT / 2, view.height * height / 2)
            turn = math.radians(view.degrees)
            reach_x = half[0] * math.cos(turn) + half[1] * abs(math.sin(turn))
            reach_y = half[1] * math.cos(turn) + half[0] * abs(math.sin(turn))
            assert reach_x <= min(view.x, 1 - view.x) * width
            assert reach_y <= min(view.y, 1 - view.y) * height


def test_every_look_sounds_its_own_note(project: demo.DemoProject) -> None:
    samples = np.concatenate(list(_decoded_sound(project.film)))
    for cut, shot in zip(demo.CUTS, demo.SHOTS, strict=True):
        start, stop = (int(frame * demo.AUDIO_RATE / demo.RATE) for frame in (cut, cut + shot.frames))
        spectrum = np.abs(np.fft.rfft(samples[start:stop]))
        loudest = np.fft.rfftfreq(stop - start, 1 / demo.AUDIO_RATE)[spectrum.argmax()]
        assert loudest == pytest.approx(shot.look.note, abs=2)


def test_what_is_complete_stays_and_what_is_not_is_made_anew(tmp_path: Path, few_frames: None) -> None:
    project = demo.make_demo(tmp_path)
    made = project.film.stat().st_mtime_ns
    assert demo.make_demo(tmp_path) == project
    assert project.film.stat().st_mtime_ns == made
    lost = next(project.references.iterdir())
    lost.unlink()
    demo.make_demo(tmp_path)
    assert lost.exists()


def test_an_interrupted_making_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> Iterator[demo.Picture]:
        yield from ()
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "clean_frames", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo.make_demo(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        demo.make_demo(tmp_path / "file")


@pytest.fixture
def few_frames(monkeypatch: pytest.MonkeyPatch, clean: list[demo.Picture]) -> None:
    monkeypatch.setattr(demo, "clean_frames", lambda: iter(clean[:12]))
    monkeypatch.setattr(demo, "REFERENCE_FRAMES", (0, 1))


def _look_at(index: int) -> demo.Look:
    number = max(number for number, cut in enumerate(demo.CUTS) if cut <= index)
    return demo.SHOTS[number].look


def _decoded_sound(film: Path) -> Iterator[np.ndarray]:
    with av.open(str(film)) as container:
        for frame in container.decode(audio=0):
            yield frame.to_ndarray()[0]
