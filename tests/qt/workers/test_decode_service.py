"""Frames for the screen: the newest request wins, and what lies around a frame is there before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from remaster_gui.media import FilmFile, open_film
from remaster_gui.media.container import ContainerFilm
from remaster_gui.workers.decode_service import READ_AHEAD, READ_BEHIND, DecodeService

from .conftest import Gate

WAIT = 300_000


@pytest.fixture
def reading(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Stands in the way of every frame that is read."""
    read, never = ContainerFilm.read, Event()

    def gated(self: ContainerFilm, *what: Any) -> Any:
        gate.wait(never)
        return read(self, *what)

    monkeypatch.setattr(ContainerFilm, "read", gated)
    return gate


@pytest.fixture
def decoder(qtbot: Any, film: Path) -> Iterator[DecodeService]:
    decoder = DecodeService(FilmFile(film))
    with qtbot.waitSignal(decoder.opened, timeout=WAIT):
        pass
    yield decoder
    decoder.close()


def test_a_frame_comes_with_its_generation_and_the_second_time_at_once(
    qtbot: Any, decoder: DecodeService, film: Path
) -> None:
    with qtbot.waitSignal(decoder.frame_ready, timeout=WAIT) as ready:
        decoder.request(30, 7)
    frame, pixels, generation = ready.args
    assert (frame, generation) == (30, 7)
    with open_film(film) as opened:
        np.testing.assert_array_equal(pixels, opened.read(30).pixels)
    with qtbot.waitSignal(decoder.frame_ready, timeout=0) as ready:
        decoder.request(30, 8)
    assert ready.args[1] is pixels and ready.args[2] == 8


def test_the_newest_request_wins(qtbot: Any, decoder: DecodeService, reading: Gate) -> None:
    answers: list[int] = []
    reading.hold()
    decoder.frame_ready.connect(lambda frame, _pixels, _generation: answers.append(frame))
    for number, frame in enumerate((40, 5, 33, 12, 46), 1):
        decoder.request(frame, number)
    reading.open()
    qtbot.waitUntil(lambda: 46 in answers, timeout=WAIT)
    assert len(answers) <= 2, "only what was under way and the last one"


def test_around_a_frame_that_is_looked_at_others_are_decoded(qtbot: Any, decoder: DecodeService) -> None:
    decoder.request(24, 1)
    around = {*range(24 - READ_BEHIND, 24 + READ_AHEAD + 1)}
    qtbot.waitUntil(lambda: set(np.flatnonzero(decoder.held)) == around, timeout=WAIT)


def test_stepping_decodes_in_the_direction_of_travel(
    qtbot: Any, decoder: DecodeService, reading: Gate
) -> None:
    reading.hold()
    decoder.request(24, 1)
    decoder.request(23, 2)
    reading.open()
    before = {*range(23 - READ_AHEAD, 23 + 1)}
    qtbot.waitUntil(lambda: before <= set(np.flatnonzero(decoder.held)), timeout=WAIT)
    assert not decoder.holds(26)


def test_what_cannot_be_opened_is_one_sentence(qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no film")
    decoder = DecodeService(FilmFile(path))
    with qtbot.waitSignal(decoder.failed, timeout=WAIT) as failed:
        pass
    assert failed.args[0] == -1 and "notes.mp4" in failed.args[1]
    decoder.close()
