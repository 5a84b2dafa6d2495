"""Files appear complete or not at all, and nothing is ever written through a link that somebody has laid."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from remaster_gui.base import files
from remaster_gui.base.errors import StorageError
from remaster_gui.base.locks import FileLock, Holder
from remaster_gui.media.output import check_output


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "precious.txt"
    path.parent.mkdir()
    path.write_text("precious")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "here"
    path.mkdir()
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_is_replaced_whole_or_not_at_all(folder: Path) -> None:
    path = folder / "report.json"
    files.replace_text(path, "first")
    with pytest.raises(RuntimeError), files.replacing(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_text() == "first"
    files.replace_text(path, "second", private=True)
    assert path.read_text() == "second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(folder) == {"report.json"}


def test_new_files_have_the_permissions_that_the_user_wants(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        files.replace_bytes(folder / "a", b"")
    finally:
        os.umask(before)
    assert (folder / "a").stat().st_mode & 0o777 == 0o640


def test_a_link_under_the_final_name_is_replaced_and_not_followed(folder: Path, precious: Path) -> None:
    (folder / "report.json").symlink_to(precious)
    files.replace_text(folder / "report.json", "new")
    assert precious.read_text() == "precious"
    assert not (folder / "report.json").is_symlink()


def test_names_of_temporary_files_cannot_be_foreseen(folder: Path) -> None:
    lent = set()
    for _ in range(3):
        with files.Draft(folder / "a") as draft:
            lent.add(draft.path.name)
            assert draft.path.parent == folder and draft.path.name.startswith(".a.")
    assert names(folder) == set()
    assert len(lent) == 3


def test_what_is_there_is_never_opened_as_a_new_file(folder: Path, precious: Path) -> None:
    (folder / "link").symlink_to(precious)
    (folder / "dangling").symlink_to(folder / "absent")
    for name in ("link", "dangling"):
        with pytest.raises(FileExistsError):
            files.create(folder / name)
    assert precious.read_text() == "precious" and not (folder / "absent").exists()
    with pytest.raises(OSError):
        files.open_for_appending(folder / "link")


@pytest.mark.parametrize("lay", ["link", "hard link", "pipe"])
def test_a_lock_is_not_reached_through_what_somebody_has_laid_there(
    lay: str, folder: Path, precious: Path
) -> None:
    path = folder / ".film.lock"
    {"link": path.symlink_to, "hard link": path.hardlink_to, "pipe": lambda _: os.mkfifo(path)}[lay](precious)
    lock = FileLock.acquire(path)
    assert isinstance(lock, FileLock)
    assert path.is_file() and not path.is_symlink()
    lock.release()
    assert precious.read_text() == "precious"
    assert names(folder) == set()


def test_a_lock_says_who_has_it_and_is_free_again_afterwards(folder: Path) -> None:
    path = folder / ".film.lock"
    lock = FileLock.acquire(path)
    assert isinstance(lock, FileLock)
    holder = FileLock.acquire(path)
    assert isinstance(holder, Holder) and holder.process == os.getpid()
    assert str(holder).startswith(f"process {os.getpid()}, since ")
    lock.release()
    again = FileLock.acquire(path)
    assert isinstance(again, FileLock)
    again.release()
    assert names(folder) == set()


HOLD = """
import sys, pathlib
from remaster_gui.base.files import replacing
from remaster_gui.base.locks import FileLock
path = pathlib.Path(sys.argv[1])
lock = FileLock.acquire(path.with_name(".lock"))
with replacing(path) as file:
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(folder: Path) -> None:
    path = folder / "report.json"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        files.replace_text(path, "ours")
        assert len(names(folder)) == 3
        assert isinstance(FileLock.acquire(folder / ".lock"), Holder)
        process.kill()
    assert len(names(folder)) == 3
    files.replace_text(path, "again")
    lock = FileLock.acquire(folder / ".lock")
    assert isinstance(lock, FileLock)
    lock.release()
    assert names(folder) == {"report.json"}


def test_devices_that_the_user_names_are_written_as_they_are() -> None:
    files.hand_out(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["x" * 251 + ".mov", "é" * 125 + ".mov", "\udce9" * 250 + ".mov"])
def test_companions_of_long_names_fit_and_differ(name: str, folder: Path) -> None:
    path = folder / name
    path.touch()
    other = folder / (name[:-5] + "y.mov")
    for ending in ("report.json", "remaster", "mka"):
        companion = files.with_ending(path, ending, hidden=ending == "remaster")
        companion.touch()
        assert companion != files.with_ending(other, ending, hidden=ending == "remaster")
    with files.replacing(path) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"


def test_short_names_keep_their_look(folder: Path) -> None:
    assert files.with_ending(folder / "o.mkv", "report.json") == folder / "o.mkv.report.json"
    assert files.with_ending(folder / "o.mkv", "remaster", hidden=True) == folder / ".o.mkv.remaster"


def test_names_that_are_no_text_can_be_printed() -> None:
    assert files.printable("gr\udcfc\udcdfe.mkv") == "gr\\xfc\\xdfe.mkv"
    assert files.printable(Path("/a/grüße.mkv")) == "/a/grüße.mkv"
    assert files.printable("\ud800.mkv") == "\\ud800.mkv"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stores any surrogate in a name")
@pytest.mark.parametrize("path", [Path("a", "\ud800.mkv"), Path("\ud800", "a.mkv")])
def test_names_that_no_file_can_have(path: Path) -> None:
    with pytest.raises(StorageError, match=r"No file can have the name .*\\ud800"):
        files.with_ending(path, "remaster")
    with pytest.raises(StorageError, match=r"No file can have the name .*\\ud800"):
        check_output(path, Path("film.mkv"))


def _nothing(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "lay",
    [
        lambda path: path.write_bytes(b"["[:1] * 200_000),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"1" * 5000),
        lambda path: os.truncate(path, 2**40) if path.write_bytes(b"1") else None,
        os.mkfifo,
        _nothing,
    ],
    ids=["deep", "no text", "empty", "digits", "sparse", "pipe", "link"],
)
def test_records_of_any_shape_are_refused(lay: Callable[[Path], object], folder: Path) -> None:
    path = folder / "job.json"
    lay(path)
    with pytest.raises(ValueError):
        files.read_record(path)


def test_a_folder_takes_the_place_of_an_empty_one_only(folder: Path) -> None:
    for name in ("empty", "full"):
        (folder / name).mkdir()
    (folder / "full" / "mine.png").touch()
    for name in ("full", "empty"):
        with files.Draft(folder / name, is_folder=True) as draft:
            (draft.path / "000000.png").touch()
            with pytest.raises(OSError) if name == "full" else contextlib.nullcontext():
                draft.publish()
    assert names(folder) == {"empty", "full"}
    assert names(folder / "empty") == {"000000.png"} and names(folder / "full") == {"mine.png"}


def test_records_come_back(folder: Path) -> None:
    files.replace_text(folder / "a", json.dumps({"a": [1, None]}))
    assert files.read_record(folder / "a") == {"a": [1, None]}
