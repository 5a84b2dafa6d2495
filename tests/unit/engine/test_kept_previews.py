"""Previews on disk come back as they were; what is wrong with the disk costs at most the previews."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import kept_previews
from remaster_gui.engine.drawn import Drawn, Draws
from remaster_gui.engine.finish import Finish
from remaster_gui.engine.kept_previews import KeptFrame, KeptPreviews, clear, film_name, kept_bytes
from remaster_gui.engine.packed_previews import pack_preview, unpack_preview
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.media import FilmFile

SHOTS = (FrameRange(0, 10), FrameRange(10, 40))
BUDGET = 10 * 2**20

FINISH = Finish(0.25, "keep", 0.5, (SpotMark("reject", 1, 2, 3, 4),))


def frame(index: int, *, color: bool = True, side: int = 16) -> PreviewedFrame:
    rng = np.random.default_rng(index)

    def numbers(*more: int, kind: type = np.uint16) -> np.ndarray:
        return rng.integers(0, np.iinfo(kind).max, (side, side + 4, *more), kind, endpoint=True)

    chrominance, share = (numbers(2), numbers(kind=np.uint8)) if color else (None, None)
    drawn = Drawn(("a", "b"), Draws(np.float32([0.3, 0.7]), np.float32([[-1.5] * 4, [-99, 0, -2, 0]])))
    return PreviewedFrame(
        index, numbers(3, kind=np.uint8), chrominance, share, numbers(), FINISH, 1.5, drawn if color else None
    )


def kept(index: int, key: str = "now", shot: FrameRange = SHOTS[0]) -> KeptFrame:
    return KeptFrame(key, shot, frame(index))


def alike(one: PreviewedFrame, other: PreviewedFrame) -> bool:
    pairs = [
        (getattr(one, name), getattr(other, name)) for name in PreviewedFrame.__slots__ if name != "drawn"
    ]
    drawn = [None if each.drawn is None else each.drawn.as_dict() for each in (one, other)]
    if drawn[0] != drawn[1]:
        return False
    return all(
        np.array_equal(a, b) and getattr(a, "dtype", None) == getattr(b, "dtype", None) for a, b in pairs
    )


def loaded(
    store: KeptPreviews, shots: Sequence[FrameRange] = SHOTS, *, stale: bool = True
) -> list[tuple[int, str]]:
    return [(each.frame.index, each.key) for each in store.load(shots, lambda _: "now", 5, stale=stale)]


@pytest.fixture
def store(tmp_path: Path) -> KeptPreviews:
    return KeptPreviews(tmp_path / "previews", "film", BUDGET, least_free=0)


@pytest.mark.parametrize("color", [True, False])
def test_a_frame_is_unpacked_as_it_was(color: bool) -> None:
    before = frame(7, color=color)
    after = unpack_preview(7, pack_preview(before))
    assert alike(before, after)
    assert not after.rgb.flags.writeable and not after.restored.flags.writeable


def test_what_is_not_a_packed_frame_is_refused() -> None:
    packed = pack_preview(frame(1))
    for wrong in (
        b"",
        packed[:3],
        packed[:40],
        packed[:-9],
        b"\xff" * 90,
        packed.replace(b"[20, 16]", b"[21, 16]"),
    ):
        with pytest.raises(ValueError, match=r"."):
            unpack_preview(1, wrong)


def test_frames_come_back_the_nearest_and_those_up_to_date_first(store: KeptPreviews, tmp_path: Path) -> None:
    store.put([kept(1), kept(5), kept(6, "before"), kept(4, "before"), kept(4), kept(20, shot=SHOTS[1])])
    again = KeptPreviews(tmp_path / "previews", "film", BUDGET)
    assert loaded(again) == [(5, "now"), (4, "now"), (1, "now"), (20, "now"), (6, "before")]
    assert loaded(again, stale=False) == [(5, "now"), (4, "now"), (1, "now"), (20, "now")]
    (found,) = (each for each in again.load(SHOTS, lambda _: "now", 5, stale=True) if each.frame.index == 4)
    assert alike(found.frame, frame(4)) and found.shot == SHOTS[0]
    assert loaded(KeptPreviews(tmp_path / "previews", "another", BUDGET)) == []


def test_what_was_made_in_another_shot_does_not_come_back(store: KeptPreviews) -> None:
    store.put([kept(1), kept(20, shot=SHOTS[1])])
    assert loaded(store, (FrameRange(0, 7), FrameRange(7, 10), SHOTS[1])) == [(20, "now")]


def test_of_a_frame_the_two_newest_results_stay(store: KeptPreviews) -> None:
    for key in ("now", "second", "third"):
        store.put([kept(1, key)])
    assert loaded(store) == [(1, "third")]
    store.put([kept(1)])
    assert loaded(store) == [(1, "now")]


def test_facts_are_noted(store: KeptPreviews) -> None:
    assert store.fact("network") == ""
    store.note("network", "a")
    store.note("network", "b")
    assert store.fact("network") == "b"


@pytest.mark.parametrize("wrong", ["text", "cut", "version", "foreign", "folder", "content"])
def test_a_file_that_cannot_be_used_is_passed_over_with_a_line_of_the_log(
    store: KeptPreviews, wrong: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put([kept(index) for index in range(10)])
    if wrong == "text":
        store.path.write_bytes(b"what is this? " * 999)
    elif wrong == "cut":
        os.truncate(store.path, store.path.stat().st_size // 2)
    elif wrong == "version":
        monkeypatch.setattr(kept_previews, "VERSION", "later")
    elif wrong == "foreign":
        store.path.unlink()
        with sqlite3.connect(store.path) as other:
            other.execute("CREATE TABLE facts (name TEXT)")
        other.close()
    elif wrong == "folder":
        store.path.unlink()
        store.path.mkdir()
    else:
        with sqlite3.connect(store.path) as own:
            own.execute("UPDATE frames SET content = zeroblob(300)")
        own.close()
    with caplog.at_level(logging.WARNING):
        assert loaded(store) == []
    assert str(store.path) in caplog.text
    store.put([kept(3)])
    assert loaded(store) == ([] if wrong == "folder" else [(3, "now")])


def test_a_journal_that_is_a_pipe_is_not_waited_for(
    store: KeptPreviews, caplog: pytest.LogCaptureFixture
) -> None:
    store.put([kept(3)])
    os.mkfifo(store.path.with_name(f"{store.path.name}-journal"))
    with caplog.at_level(logging.WARNING):
        assert loaded(store) == []
    assert "-journal is not a file" in caplog.text


@pytest.mark.parametrize("ending", ["", "-journal"])
def test_links_are_not_followed(store: KeptPreviews, ending: str, tmp_path: Path) -> None:
    link = store.path.with_name(f"{store.path.name}{ending}")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "victim")
    store.put([kept(3)])
    assert loaded(store) == [] and link.is_symlink() and not (tmp_path / "victim").exists()


def test_the_films_that_were_open_longest_ago_make_room(tmp_path: Path) -> None:
    films = {}
    for age, name in ((30, "oldest"), (20, "older"), (0, "own")):
        films[name] = KeptPreviews(tmp_path, name, BUDGET, least_free=0)
        films[name].put([kept(index) for index in range(10)])
        when = films[name].path.stat().st_mtime - age
        os.utime(films[name].path, (when, when))
    size = films["own"].path.stat().st_size
    KeptPreviews(tmp_path, "own", int(2.5 * size), least_free=0).put([kept(11, shot=SHOTS[1])])
    assert [films[name].path.exists() for name in films] == [False, True, True]
    assert len(loaded(films["own"])) == 11


def test_of_the_film_itself_the_frames_made_first_make_room(tmp_path: Path) -> None:
    most = 160 * 2**10
    store = KeptPreviews(tmp_path, "film", most, least_free=0)
    for index in range(10, 40):
        store.put([KeptFrame("now", SHOTS[1], frame(index, side=32))])
    assert store.path.stat().st_size < 2 * most
    there = sorted(index for index, _ in loaded(store))
    assert there == list(range(there[0], 40)) and 5 < len(there) < 20


def test_nothing_is_written_on_a_disk_that_is_nearly_full_or_without_a_budget(tmp_path: Path) -> None:
    for number, (budget, least_free) in enumerate([(BUDGET, 2**62), (0, 0), (10, 0)]):
        store = KeptPreviews(tmp_path / "previews", f"{number}", budget, least_free)
        store.put([kept(1)])
        assert loaded(store) == []


def test_previews_are_counted_and_cleared_while_they_are_open(store: KeptPreviews) -> None:
    folder = store.path.parent
    assert kept_bytes(folder) == 0
    store.put([kept(1)])
    (folder / "mine.txt").write_text("not a preview")
    assert kept_bytes(folder) == store.path.stat().st_size > 0
    clear(folder)
    assert kept_bytes(folder) == 0 and loaded(store) == [] and (folder / "mine.txt").exists()
    store.put([kept(2)])
    assert loaded(store) == [(2, "now")]


def test_two_windows_write_the_same_film(store: KeptPreviews, tmp_path: Path) -> None:
    other = KeptPreviews(tmp_path / "previews", "film", BUDGET, least_free=0)
    for index in range(0, 10, 2):
        store.put([kept(index)])
        other.put([kept(index + 1)])
    assert sorted(index for index, _ in loaded(store)) == list(range(10))


_KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE frames SET content = zeroblob(400000)")
os.kill(os.getpid(), 9)
"""


def test_a_process_killed_while_it_writes_leaves_what_was_there(store: KeptPreviews) -> None:
    store.put([kept(index) for index in range(10)])
    subprocess.run([sys.executable, "-c", _KILLED, str(store.path)], check=False, timeout=300)
    assert store.path.with_name(f"{store.path.name}-journal").exists(), "it was in the middle of writing"
    assert sorted(index for index, _ in loaded(store)) == list(range(10))


def test_a_film_that_has_changed_has_another_name(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    film.write_bytes(b"1234")
    before = film_name(FilmFile(film))
    assert film_name(FilmFile(film, deinterlace=True)) != before, "its frames are other ones"
    assert film_name(FilmFile(film)) == before
    os.utime(film, (1, 1))
    assert film_name(FilmFile(film)) != before
