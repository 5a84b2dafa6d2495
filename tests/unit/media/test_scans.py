"""Films are read through once, however many threads open them."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from remaster_gui.media.fixed_file import FixedFile, OpeningCancelledError
from remaster_gui.media.scans import SharedScans


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "film.mkv"
    path.write_bytes(b"a film")
    return path


def test_who_comes_meanwhile_waits_for_the_first(file: Path) -> None:
    scans: SharedScans[list[int]] = SharedScans()
    begun, go_on = Event(), Event()
    found: list[list[int]] = []

    def slow() -> list[int]:
        begun.set()
        assert go_on.wait(60)
        return [1]

    def never() -> list[int]:
        raise AssertionError("read twice")

    first = Thread(target=lambda: found.append(scans.get(FixedFile(file), slow)))
    first.start()
    assert begun.wait(60)
    second = Thread(target=lambda: found.append(scans.get(FixedFile(file), never)))
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert found[0] is found[1]
    assert scans.get(FixedFile(file), never) is found[0]


def test_a_file_that_has_changed_is_read_again(file: Path) -> None:
    scans: SharedScans[int] = SharedScans()
    assert scans.get(FixedFile(file), lambda: 1) == 1
    file.write_bytes(b"another film")
    assert scans.get(FixedFile(file), lambda: 2) == 2


def test_a_failure_is_not_remembered(file: Path) -> None:
    scans: SharedScans[int] = SharedScans()
    with pytest.raises(ZeroDivisionError):
        scans.get(FixedFile(file), lambda: 1 // 0)
    assert scans.get(FixedFile(file), lambda: 3) == 3


def test_who_waits_can_be_cancelled(file: Path) -> None:
    scans: SharedScans[int] = SharedScans()
    begun, go_on, cancel = Event(), Event(), Event()

    def slow() -> int:
        begun.set()
        assert go_on.wait(60)
        return 1

    first = Thread(target=lambda: scans.get(FixedFile(file), slow))
    first.start()
    assert begun.wait(60)
    cancel.set()
    with pytest.raises(OpeningCancelledError):
        scans.get(FixedFile(file, cancel), lambda: 2)
    go_on.set()
    first.join()


def test_who_waits_scans_where_the_first_is_cancelled(file: Path) -> None:
    scans: SharedScans[int] = SharedScans()
    begun, waiting, found = Event(), Event(), []

    def cancelled() -> int:
        begun.set()
        assert waiting.wait(60)
        raise OpeningCancelledError("no longer wanted")

    def give_up() -> None:
        with pytest.raises(OpeningCancelledError):
            scans.get(FixedFile(file), cancelled)

    first = Thread(target=give_up)
    first.start()
    assert begun.wait(60)
    second = Thread(target=lambda: found.append(scans.get(FixedFile(file), lambda: 2)))
    second.start()
    waiting.set()
    first.join()
    second.join()
    assert found == [2]


def test_the_oldest_films_are_forgotten(tmp_path: Path) -> None:
    scans: SharedScans[int] = SharedScans()
    paths = [tmp_path / f"{number}.mkv" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_bytes(b"x")
        scans.get(FixedFile(path), lambda number=number: number)
    assert scans.get(FixedFile(paths[0]), lambda: 10) == 10
    assert scans.get(FixedFile(paths[4]), lambda: 10) == 4
