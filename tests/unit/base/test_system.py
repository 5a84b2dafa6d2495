"""What systems do differently: names and paths of Windows, memory, and files that other programs have open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from remaster_gui.base import system
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.plain_data import path as stored_path
from remaster_gui.media.faults import disk_sentence, storage_sentence
from remaster_gui.media.output import check_output


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rules of Windows hold, as far as they are ours."""
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    monkeypatch.setattr(system, "RETRY_SECONDS", (0.0, 0.0))


@pytest.mark.parametrize("name", ["CON", "con.mov", "Nul.tar.gz", "COM1.mp4", "lpt9", "COM².mov", "aux .mkv"])
def test_names_of_devices_cannot_be_files(name: str) -> None:
    assert "device" in system.windows_name_fault(name)


@pytest.mark.parametrize("name", ["film.", "film.mov ", "a:b.mov", "what?.mov", "a|b", 'a"b', "tab\t.mov"])
def test_strange_names_cannot_be_files(name: str) -> None:
    assert system.windows_name_fault(name)


@pytest.mark.parametrize(
    "name", ["film.mov", "CONtact.mov", "COM10.mp4", "Ä ö.mkv", "a.b.c", ".hidden", "%06d.png"]
)
def test_usual_names_can(name: str) -> None:
    assert system.windows_name_fault(name) == ""


def test_an_output_is_refused_by_its_name_where_the_system_would(tmp_path: Path, windows: None) -> None:
    with pytest.raises(SettingsError, match="keeps this name for a device; choose another one"):
        check_output(tmp_path / "aux.mov")
    check_output(tmp_path / "film.mov")


def test_here_any_name_can_be_an_output(tmp_path: Path) -> None:
    if not system.IS_WINDOWS:
        check_output(tmp_path / "aux.mov")


@pytest.mark.parametrize(
    ("text", "name", "kept"),
    [
        (r"C:\films\a film.mp4", "a film.mp4", "/C:/films/a film.mp4"),
        ("d:/films/a.mp4", "a.mp4", "/d:/films/a.mp4"),
        (r"\\server\share\reels\a.mp4", "a.mp4", "//server/share/reels/a.mp4"),
        ("/films/C:\\a.mp4", "C:\\a.mp4", "/films/C:\\a.mp4"),
        ("/films/a.mp4", "a.mp4", "/films/a.mp4"),
    ],
)
def test_paths_noted_under_windows_keep_their_names(text: str, name: str, kept: str) -> None:
    path = stored_path(text)
    assert path.is_absolute() and (path.name, str(path)) == (name, kept)
    assert stored_path(str(path)) == path


def test_windows_finds_its_files_again(windows: None) -> None:
    assert str(system.from_any_system("/C:/films/a.mp4")) == "C:/films/a.mp4"
    assert str(system.from_any_system("/films/a.mp4")) == "/films/a.mp4"


def test_a_file_that_another_program_looks_at_is_tried_again(windows: None) -> None:
    tries: list[int] = []

    def remove() -> str:
        tries.append(len(tries))
        if len(tries) < 3:
            raise PermissionError(13, "is open")
        return "gone"

    assert system.patiently(remove) == "gone"
    with pytest.raises(PermissionError):
        system.patiently(lambda: (_ for _ in ()).throw(PermissionError(13, "is open")))


def test_what_is_open_elsewhere_is_said(tmp_path: Path) -> None:
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = 32  # type: ignore[attr-defined]
    for sentence in (storage_sentence(tmp_path / "a.mov", error), disk_sentence(tmp_path / "a.mov", error)):
        assert "a.mov is open in another program; close it there" in sentence


def test_paths_that_are_too_long_are_said(tmp_path: Path, windows: None) -> None:
    path = tmp_path.joinpath(*["a long name"] * 30, "film.mov")
    assert "longer than Windows takes" in storage_sentence(path, FileNotFoundError(2, "No such file"))
    assert "longer than Windows takes" in disk_sentence(path, FileNotFoundError(2, "No such file"))


def test_a_folder_takes_the_place_of_an_empty_one(tmp_path: Path, windows: None) -> None:
    for name in ("new", "empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "a.png").touch()
    with pytest.raises(OSError):
        system.put_in_place(tmp_path / "new", tmp_path / "full")
    system.put_in_place(tmp_path / "new", tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full"]


def test_memory_is_known() -> None:
    assert system.free_memory() > 2**20
    system.forget_peak()
    assert 2**20 < system.used_memory() <= 1.05 * system.peak_memory()
    assert 1 <= system.usable_cores() <= (os.cpu_count() or 1)
