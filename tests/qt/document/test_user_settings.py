"""The user's settings come back, and nonsense in their file is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QColor, QImage

from remaster_gui.document.user_settings import (
    DEFAULT_MEMORY,
    GIBIBYTE,
    MOST_RECENT,
    RecentEntry,
    UserSettings,
)
from remaster_gui.document.view_state import ViewState


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "remaster.ini"


def _settings(file: Path) -> UserSettings:
    return UserSettings(QSettings(str(file), QSettings.Format.IniFormat))


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
    assert again.folder("film") == Path("/films/a b")
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
    assert settings.number("brush/size", 10, 1, 500) == 10


def test_nonsense_is_passed_over(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(
        "[General]\nrecent=@Invalid()\nkeys=[1]\nmemory_budget=many\n"
        "[window]\ngeometry=text\n[flag]\nsound=perhaps\n[number]\nbrush%2Fsize=1e999\n[folder]\nfilm=relative\n"
    )
    settings = _settings(file)
    assert settings.recent == ()
    assert settings.changed_keys == {}
    assert settings.memory_budget == DEFAULT_MEMORY
    assert settings.sound
    assert settings.geometry.isEmpty()
    assert settings.folder("film") == Path.home()
    assert settings.number("brush/size", 10, 1, 500) == 500


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
    settings = _settings(tmp_path / "settings" / "remaster.ini")
    settings.add_recent(RecentEntry(Path("/p/a.remaster"), "a", "2024"), _picture("#ff0000"))
    assert settings.recent[0].film == "a"
    assert settings.recent_picture(Path("/p/a.remaster")) is None


def test_view_state_says_what_changed(qapp: object) -> None:
    view = ViewState(100)
    told: list[object] = []
    view.playhead_changed.connect(told.append)
    view.selection_changed.connect(told.append)
    view.go(5)
    view.go(5)
    view.go(500)
    view.go(-1)
    view.select("a")
    view.select("a")
    view.select(None)
    assert told == [5, 99, 0, "a", None]
    assert (view.playhead, view.selected_reference) == (0, None)
