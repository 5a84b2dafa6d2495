"""The user's settings come back, and nonsense in their file is passed over."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from remaster_gui.document.user_settings import (
    DEFAULT_MEMORY,
    GIBIBYTE,
    MOST_RECENT,
    RecentEntry,
    UserSettings,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "settings.json"


def _settings(file: Path) -> UserSettings:
    return UserSettings(file)


def _picture(color: str) -> QImage:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


def test_everything_comes_back(file: Path) -> None:
    settings = _settings(file)
    settings.changed_keys = {"play": "Ctrl+Space", "wipe": ""}
    settings.memory_budget = 3 * GIBIBYTE
    settings.sound = False
    settings.geometry = QByteArray(b"\0\1geometry\xff")
    settings.layout = QByteArray(b"layout")
    settings.set_folder("film", Path("/films/a b"))
    settings.set_flag("loop", True)
    settings.set_number("brush/size", 42.5)
    settings.sync()
    again = _settings(file)
    assert again.changed_keys == {"play": "Ctrl+Space", "wipe": ""}
    assert again.memory_budget == 3 * GIBIBYTE
    assert again.sound is False
    assert (again.geometry, again.layout) == (QByteArray(b"\0\1geometry\xff"), QByteArray(b"layout"))
    assert again.folder("film", Path("/other/film.mov")) == Path("/films/a b")
    assert again.flag("loop", False)
    assert again.number("brush/size", 10, 1, 500) == 42.5


def test_a_new_user_has_defaults(file: Path) -> None:
    settings = _settings(file)
    assert settings.recent == ()
    assert settings.changed_keys == {}
    assert settings.memory_budget == DEFAULT_MEMORY
    assert settings.sound
    assert settings.geometry.isEmpty()
    assert settings.folder("film") == Path.home()
    assert settings.folder("picture", Path("/films/film.mov")) == Path("/films")
    assert settings.number("brush/size", 10, 1, 500) == 10


def _are_usual(settings: UserSettings) -> bool:
    assert settings.recent == ()
    assert settings.changed_keys == {}
    assert settings.memory_budget == DEFAULT_MEMORY
    assert settings.sound
    assert settings.geometry.isEmpty() and settings.layout.isEmpty()
    assert settings.weights is None
    assert settings.proxy == "half"
    assert settings.folder("film") == Path.home()
    assert settings.folder("picture", Path("/films/film.mov")) == Path("/films")
    assert settings.number("brush/size", 10, 1, 500) == 10
    assert not settings.trusts_weights("5")
    return True


NONSENSE: list[object] = [5, None, "text", [1], {"a": 1}, [[]], [{"path": 5}], "é", "a///", True, -1e300]


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_values_of_other_kinds_are_passed_over(file: Path, value: object) -> None:
    file.parent.mkdir()
    names = ("recent", "window/geometry", "window/layout", "flag/loop", "proxy", "weights", "folder/film",
             "trusted_weights")  # fmt: skip
    file.write_text(json.dumps({name: value for name in names} | {"keys": [value], "memory_budget": [value],
                                "flag/sound": [value], "number/brush/size": [value]}))  # fmt: skip
    settings = _settings(file)
    assert settings.flag("loop", False) in (False, value)
    settings.layout, settings.geometry = QByteArray(), QByteArray()
    assert _are_usual(settings)


def test_numbers_stay_within_their_bounds(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"number/brush/size": 10**11, "memory_budget": 2**60}))
    settings = _settings(file)
    assert settings.number("brush/size", 10, 1, 500) == 500
    assert settings.memory_budget == 1024 * GIBIBYTE


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut short": lambda file: file.write_bytes(b'{"keys": {"a'),
    "deep": lambda file: file.write_bytes(b'{"recent":' + b"[" * 100_000),
    "binary": lambda file: file.write_bytes(bytes(range(256)) * 10),
    "latin": lambda file: file.write_bytes(b'{"weights": "\xe9"}'),
    "list": lambda file: file.write_bytes(b"[]"),
    "huge": lambda file: file.write_bytes(b"[" + b" " * 20_000_000 + b"]"),
    "infinite": lambda file: file.write_bytes(b'{"number/a": NaN}'),
    "folder": lambda file: file.mkdir(),
    "pipe": lambda file: os.mkfifo(file),
    "link to itself": lambda file: file.symlink_to(file),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_kept_aside_and_said_once(
    file: Path, damage: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir()
    damage(file)
    settings = _settings(file)
    assert _are_usual(settings)
    assert len([record for record in caplog.records if "kept as" in record.message]) == 1
    assert os.path.lexists(f"{file}.damaged")
    settings.sound = False
    settings.sync()
    assert not _settings(file).sound
    assert len([record for record in caplog.records if "kept as" in record.message]) == 1


@settings(max_examples=150)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,@\\x0/keysrcnt', max_size=60).map(str.encode))
def test_no_bytes_prevent_a_start(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("settings")
    for name in ("settings.json", "remaster-gui.ini"):
        (folder / name).write_bytes(content)
        _settings(folder / "settings.json").changed_keys  # noqa: B018
        (folder / "settings.json").unlink(missing_ok=True)


def test_the_file_is_for_the_user_alone(file: Path) -> None:
    settings = _settings(file)
    settings.sound = False
    settings.sync()
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_windows_keep_what_the_other_has_set(file: Path) -> None:
    one, other = _settings(file), _settings(file)
    one.sound = False
    one.sync()
    other.memory_budget = 3 * GIBIBYTE
    other.sync()
    again = _settings(file)
    assert (again.sound, again.memory_budget) == (False, 3 * GIBIBYTE)


def test_settings_are_written_soon(qtbot: QtBot, file: Path) -> None:
    settings = _settings(file)
    settings.sound = False
    qtbot.waitUntil(file.exists)
    assert not _settings(file).sound


def test_weights_that_the_user_trusts_are_known_again(file: Path) -> None:
    settings = _settings(file)
    settings.trust_weights("a" * 64)
    settings.trust_weights("b" * 64)
    settings.sync()
    again = _settings(file)
    assert again.trusts_weights("a" * 64) and again.trusts_weights("b" * 64)
    assert not again.trusts_weights("c" * 64)


def test_plain_settings_of_an_earlier_version_are_taken_over(file: Path) -> None:
    file.parent.mkdir()
    old = QSettings(str(file.with_name("remaster-gui.ini")), QSettings.Format.IniFormat)
    for name, text in {
        "recent": json.dumps([{"path": '/p/ä "b", c.remaster', "film": "ä\\", "opened": "2024-01-01"}]),
        "keys": json.dumps({"play": "Ctrl+Space"}),
        "memory_budget": str(3 * GIBIBYTE),
        "flag/sound": "false",
        "number/brush/size": "42.5",
        "folder/film": "/films/ä b",
        "weights": "/w.safetensors",
        "proxy": "full",
    }.items():
        old.setValue(name, text)
    old.setValue("window/geometry", QByteArray(b"\0geometry"))
    old.sync()
    settings = _settings(file)
    assert settings.recent == (RecentEntry(Path('/p/ä "b", c.remaster'), "ä\\", "2024-01-01"),)
    assert settings.changed_keys == {"play": "Ctrl+Space"}
    assert (settings.memory_budget, settings.sound, settings.proxy) == (3 * GIBIBYTE, False, "full")
    assert settings.number("brush/size", 10, 1, 500) == 42.5
    assert (settings.folder("film"), settings.weights) == (Path("/films/ä b"), Path("/w.safetensors"))
    assert settings.geometry.isEmpty()


@pytest.mark.parametrize("name", ["weights", "recent", "window\\geometry", "keys"])
@pytest.mark.parametrize("file_name", ["remaster-gui.ini", "settings.json"])
def test_no_object_is_unpickled(file: Path, tmp_path: Path, name: str, file_name: str) -> None:
    """Qt's own reader would run the command; so does `pickle`, which shows that the object is a live one."""

    class Command:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "was-run",))

    packed = pickle.dumps(Command(), protocol=2)
    text = "".join(f"\\x{byte:x}" if byte < 32 or byte > 126 else chr(byte) for byte in packed)
    size = "".join(f"\\x{byte:x}" for byte in len(packed).to_bytes(4, "big"))
    variant = f"@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\x18PySide::PyObjectWrapper\\0{size}{text})"
    file.parent.mkdir()
    file.with_name(file_name).write_text(f"[General]\n{name}={variant}\n[flag]\nsound=false\n")
    settings = _settings(file)
    _ = settings.weights, settings.recent, settings.geometry, settings.changed_keys
    assert settings.sound == (file_name == "settings.json")
    assert not (tmp_path / "was-run").exists()
    pickle.loads(packed)
    assert (tmp_path / "was-run").exists()


def test_recent_projects_come_once_the_newest_first_with_their_pictures(file: Path) -> None:
    settings = _settings(file)
    for number in range(MOST_RECENT + 3):
        entry = RecentEntry(Path(f"/p/{number}.remaster"), f"film {number}", f"2024-01-{number + 1:02d}")
        settings.add_recent(entry, _picture("#ff0000"))
    settings.add_recent(RecentEntry(Path("/p/5.remaster"), "film 5", "2024-02-01"), _picture("#00ff00"))
    settings.add_recent(RecentEntry(Path("/p/6.remaster"), "film 6", "2024-02-02"))
    settings.sync()
    again = _settings(file)
    assert [entry.film for entry in again.recent[:3]] == ["film 6", "film 5", f"film {MOST_RECENT + 2}"]
    assert len({entry.path for entry in again.recent}) == len(again.recent) == MOST_RECENT
    green, red = again.recent_picture(Path("/p/5.remaster")), again.recent_picture(Path("/p/6.remaster"))
    assert green is not None and QColor(green.pixel(5, 5)).green() > 200
    assert red is not None and QColor(red.pixel(5, 5)).red() > 200
    # No pictures are left behind of projects that fell off the end.
    assert len(list((file.parent / "recent").iterdir())) == MOST_RECENT
    again.forget_recent(Path("/p/5.remaster"))
    assert again.recent_picture(Path("/p/5.remaster")) is None
    assert Path("/p/5.remaster") not in [entry.path for entry in again.recent]


def test_settings_that_cannot_be_written_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("a file where a folder should be")
    settings = _settings(tmp_path / "settings" / "settings.json")
    settings.add_recent(RecentEntry(Path("/p/a.remaster"), "a", "2024"), _picture("#ff0000"))
    assert settings.recent[0].film == "a"
    assert settings.recent_picture(Path("/p/a.remaster")) is None
