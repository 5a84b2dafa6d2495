from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.suggestions import suggest_frames
from remaster_gui.media import FilmFile, open_film
from remaster_gui.workers.suggestion_service import SuggestionService

WAIT = 300_000
SHOTS = (FrameRange(0, 24), FrameRange(24, 48))


@pytest.fixture
def suggestions(film: Path, qapp: object) -> Iterator[SuggestionService]:
    controller = SuggestionService(FilmFile(film))
    yield controller
    controller.close()


def test_frames_are_found(qtbot: Any, suggestions: SuggestionService) -> None:
    with qtbot.waitSignal(suggestions.suggestions_found, timeout=WAIT) as found:
        suggestions.search(SHOTS)
    frames = found.args[0]
    assert len({frame // 24 for frame in frames}) == 2
    assert not suggestions.is_running
    assert [each.frame for each in suggestions.suggestions] == list(frames)


def test_the_newest_search_wins(qtbot: Any, suggestions: SuggestionService, film: Path) -> None:
    came: list[tuple[int, ...]] = []
    suggestions.suggestions_found.connect(came.append)
    suggestions.search(SHOTS)
    suggestions.search(SHOTS, colored=[5])
    qtbot.waitUntil(lambda: not suggestions.is_running, timeout=WAIT)
    with open_film(film) as opened:
        found, _ = complete(suggest_frames(opened, SHOTS, [5], cancel=Event()))
    expected = tuple(each.frame for each in found)
    assert came == [expected]


def test_stopping_is_silent(qtbot: Any, suggestions: SuggestionService) -> None:
    came: list[tuple[int, ...]] = []
    suggestions.suggestions_found.connect(came.append)
    suggestions.search(SHOTS)
    suggestions.stop()
    assert not suggestions.is_running
    suggestions.search(SHOTS[:1])
    qtbot.waitUntil(lambda: not suggestions.is_running, timeout=WAIT)
    assert [{frame // 24 for frame in frames} for frames in came] == [{0}]


def test_a_missing_film_is_told(qtbot: Any, tmp_path: Path) -> None:
    suggestions = SuggestionService(FilmFile(tmp_path / "gone.mkv"))
    with qtbot.waitSignal(suggestions.failed, timeout=WAIT) as failed:
        suggestions.search(SHOTS)
    assert "gone.mkv" in failed.args[0]
    assert not suggestions.is_running
    suggestions.close()
