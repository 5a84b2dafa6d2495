"""Menus by keyboard: letters of their own for titles and lines, in any language."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget

from remaster_gui.ui.action_table import ACTIONS
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.mnemonics import with_letters


def _letters(texts: list[str]) -> list[str]:
    return [QKeySequence.mnemonic(text).toString().removeprefix("Alt+") for text in texts]


def test_every_menu_and_line_has_a_letter_of_its_own(qtbot: Any) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions, bar = Actions(window), QMenuBar(window)
    menus = actions.fill(bar)
    panels = menus["View"].addMenu("Panels")
    actions.give_letters()
    titles = _letters([each.text() for each in bar.actions()])
    assert all(titles) and len(set(titles)) == len(titles)
    assert not {"C", "M"} & set(titles), "Alt with these cuts a shot and deletes a marker"
    assert _letters([panels.title()]) != [""]
    keyed = {row.id for row in ACTIONS if row.keys}
    for menu in menus.values():
        lines = [each for each in menu.actions() if not each.isSeparator()]
        letters = [each for each in _letters([line.text() for line in lines]) if each]
        assert len(set(letters)) == len(letters), menu.title()
        without = {line.objectName() for line in lines if not QKeySequence.mnemonic(line.text()).toString()}
        assert len(lines) > 26 or not without, menu.title()
        assert without <= keyed, "letters have run out, but a key does it"
    actions.set_keys({"play": "Alt+F"})
    assert "F" not in _letters([each.text() for each in bar.actions()])


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
