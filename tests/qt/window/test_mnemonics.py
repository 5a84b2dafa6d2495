"""Menus by keyboard: letters of their own for titles and lines, in any language."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from remaster_gui.base.language import LANGUAGES, speak, spoken
from remaster_gui.ui import action_table, actions
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.mnemonics import with_letters
from remaster_gui.ui.widgets.menus import give_letters


def _letters(texts: list[str]) -> list[str]:
    return [QKeySequence.mnemonic(text).toString().removeprefix("Alt+") for text in texts]


def _lettered(menu: QMenu) -> Iterator[tuple[str, list[str]]]:
    """The title of a menu and of each one in it, with its lines' letters."""
    yield menu.title(), _letters([each.text() for each in menu.actions() if not each.isSeparator()])
    for below in menu.findChildren(QMenu):
        yield from _lettered(below)


@pytest.fixture(params=LANGUAGES)
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The table of actions as it is imported where a language is spoken."""
    spec = importlib.util.spec_from_file_location("table_of_a_language", action_table.__file__)
    assert spec is not None
    assert spec.loader is not None
    module, before = importlib.util.module_from_spec(spec), spoken()
    monkeypatch.setitem(sys.modules, spec.name, module)
    speak(request.param)
    spec.loader.exec_module(module)
    monkeypatch.setattr(actions, "ACTIONS", module.ACTIONS)
    monkeypatch.setattr(actions, "MENUS", module.MENUS)
    yield module
    speak(before)


def test_every_menu_and_line_has_a_letter_of_its_own(qtbot: Any, table: ModuleType) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made, bar = Actions(window), QMenuBar(window)
    menus = made.fill(bar)
    panels = menus["View"].addMenu("Panels")
    for name in ("Stills", "Shot", "Scopes"):
        panels.addAction(name)
    made.give_letters()
    titles = _letters([each.text() for each in bar.actions()])
    assert len(titles) == len(table.MENUS)
    assert all(titles)
    assert len(set(titles)) == len(titles)
    assert not {"C", "M"} & set(titles), "Alt with these cuts a shot and deletes a marker"
    lettered = [each for menu in menus.values() for each in _lettered(menu)]
    assert len(lettered) == len(menus) + 1
    assert [title for title, letters in lettered if not all(letters)] == [], "a line without a letter"
    assert [title for title, letters in lettered if len(set(letters)) < len(letters)] == [], "a letter twice"
    made.set_keys({"play": f"Alt+{titles[0]}"})
    assert titles[0] not in _letters([each.text() for each in bar.actions()])


def test_a_menu_of_the_moment_has_letters(qtbot: Any) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    for text in ("Rename…", "", "Remove"):
        menu.addAction(text).setSeparator(not text)
    give_letters(menu)
    assert [each.text() for each in menu.actions()] == ["&Rename…", "", "R&emove"]
    give_letters(menu)
    assert [each.text() for each in menu.actions()] == ["&Rename…", "", "R&emove"]


@pytest.mark.parametrize(
    ("texts", "taken", "marked"),
    [
        (["Ansicht", "Bild", "Ändern"], "a", ["A&nsicht", "&Bild", "&Ändern"]),
        (["ab", "a", "b c"], "", ["a&b", "&a", "b &c"]),
        (["aa", "a"], "", ["&aa", "a"]),
        (["Black & white", "表示"], "b", ["Black && &white", "&表示"]),
        (["…"], "", ["…"]),
    ],
)
def test_letters_are_shared_out(texts: list[str], taken: str, marked: list[str]) -> None:
    assert with_letters(texts, taken) == marked
