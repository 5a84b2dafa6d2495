"""A stroke on a reference makes stale only what draws from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.preview import Previewer, PreviewStep
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.media import open_film

LENGTH = 4
SHOTS = tuple(FrameRange(n * LENGTH, (n + 1) * LENGTH) for n in range(3))
TINTS = ((1, 0, -1), (-1, 1, 0), (0.2, -1, 1), (-0.5, 0.5, 0.5))


@pytest.fixture
def previewer(
    tmp_path: Path, voting_weights: Path, scenes: np.ndarray, write_film: Callable[..., Path]
) -> Iterator[Previewer]:
    film = write_film(tmp_path / "film.mkv", np.repeat(scenes, LENGTH, 0))
    with open_film(film) as opened:
        yield Previewer(opened, LoadedNetwork.load(voting_weights, "cpu"), PreviewStores(3 * LENGTH))


def reference(scenes: np.ndarray, shot: int, revision: int = 0, frame: int | None = None) -> Reference:
    tint = np.array(TINTS[(shot + revision) % len(TINTS)], np.float32)
    picture = (255 * (scenes[shot][..., None] + 0.12 * tint)).round().astype(np.uint8)
    return Reference(f"{shot}", f"{shot}:{revision}", lambda: picture, frame)


def asked(scenes: np.ndarray, *revisions: int) -> Guidance:
    """Guide the whole film by a reference of each of the first shots."""
    given = tuple(reference(scenes, shot, revision) for shot, revision in enumerate(revisions))
    settings = Settings(edge=64, restoration=False)
    return Guidance(SHOTS, given, settings)


def previewed(previewer: Previewer, guidance: Guidance) -> set[int]:
    steps = list(previewer.preview(PreviewRequest(guidance, FrameRange(0, 3 * LENGTH), 0), Event()))
    return {frame for step in steps if isinstance(step, PreviewStep) for frame in step.frames}


def stayed(previewer: Previewer, guidance: Guidance) -> set[int]:
    return {frame for each in previewer.reuse(guidance, Event()) for frame in each.frames}


def test_frames_of_other_scenes_stay_and_are_the_same(previewer: Previewer, scenes: np.ndarray) -> None:
    before, after = asked(scenes, 0, 0, 0), asked(scenes, 1, 0, 0)
    previewed(previewer, before)
    assert stayed(previewer, after) == set(range(LENGTH, 3 * LENGTH))
    assert previewed(previewer, after) == set(range(LENGTH))
    assert stayed(previewer, after) == set()
    for frame in (LENGTH, 2 * LENGTH):
        one, two = (
            previewer.stores.results.get(frame, previewer.keys(each).at(frame)) for each in (before, after)
        )
        assert one is two


def test_what_stays_is_what_would_be_made_anew(
    previewer: Previewer, scenes: np.ndarray, voting_weights: Path, tmp_path: Path
) -> None:
    after = asked(scenes, 1, 0, 0)
    previewed(previewer, asked(scenes, 0, 0, 0))
    kept = stayed(previewer, after)
    with open_film(tmp_path / "film.mkv") as film:
        anew = Previewer(film, LoadedNetwork.load(voting_weights, "cpu"), PreviewStores(3 * LENGTH))
        assert previewed(anew, after) == set(range(3 * LENGTH))
        for frame in kept:
            found, expected = (
                each.stores.results.get(frame, each.keys(after).at(frame)) for each in (previewer, anew)
            )
            assert found is not None and expected is not None
            assert np.abs(found.rgb.astype(int) - expected.rgb).max() <= 2


def test_strokes_add_up_and_what_is_undone_is_there_again(previewer: Previewer, scenes: np.ndarray) -> None:
    first, other = asked(scenes, 0, 0, 0), asked(scenes, 1, 0, 0)
    previewed(previewer, first)
    for guidance in (other, asked(scenes, 2, 0, 0), asked(scenes, 3, 0, 0)):
        assert stayed(previewer, guidance) == set(range(LENGTH, 3 * LENGTH))
        drawn = {
            found.drawn.references
            for frame in range(LENGTH, 3 * LENGTH)
            if (found := previewer.stores.results.get(frame, previewer.keys(guidance).at(frame)))
            and found.drawn
        }
        assert drawn == {("0:0", "1:0", "2:0")}, "each is measured against what the frame was made with"
    assert stayed(previewer, first) == set(), "it is there still"
    assert previewed(previewer, first) == set()
    assert stayed(previewer, replace(first, references=first.references[1:])) == set(
        range(LENGTH, 3 * LENGTH)
    )


def test_without_the_former_features_nothing_is_known_to_stay(
    previewer: Previewer, scenes: np.ndarray, voting_weights: Path, tmp_path: Path
) -> None:
    previewed(previewer, asked(scenes, 0, 0, 0))
    with open_film(tmp_path / "film.mkv") as film:
        later = Previewer(film, LoadedNetwork.load(voting_weights, "cpu"), previewer.stores)
        assert stayed(later, asked(scenes, 1, 0, 0)) == set()
        assert stayed(later, asked(scenes, 0, 0)) == set(range(2 * LENGTH)), "what has gone needs no features"


def test_all_is_stale_with_a_reference_more(previewer: Previewer, scenes: np.ndarray) -> None:
    previewed(previewer, asked(scenes, 0, 0))
    assert stayed(previewer, asked(scenes, 0, 0, 0)) == set()


def test_a_reference_of_another_frame_costs_the_shots_where_colours_follow_it(
    previewer: Previewer, scenes: np.ndarray
) -> None:
    def lying(*frames: int | None) -> Guidance:
        given = tuple(reference(scenes, shot, frame=frame) for shot, frame in enumerate(frames))
        return replace(asked(scenes), references=given)

    before = lying(0, LENGTH, 2 * LENGTH)
    previewed(previewer, before)
    assert stayed(previewer, lying(1, LENGTH, 2 * LENGTH)) == set(range(LENGTH, 3 * LENGTH))
    assert stayed(previewer, lying(0, None, 2 * LENGTH)) == {*range(LENGTH), *range(2 * LENGTH, 3 * LENGTH)}
    assert stayed(previewer, lying(0, LENGTH)) == set(range(2 * LENGTH)), "one of them has gone"
    unfollowed = replace(before, settings=replace(before.settings, following=False))
    assert stayed(previewer, unfollowed) == set()
