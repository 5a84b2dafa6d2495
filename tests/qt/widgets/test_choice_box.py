"""Lists to choose from: wide enough for their texts, up to a bound."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from remaster_gui.ui.widgets.choice_box import ChoiceBox

SHORT, LONG, ENDLESS = "Half", "Restored at working size", "words without end " * 9


@pytest.mark.parametrize(
    ("texts", "is_wrapped", "is_whole"),
    [((SHORT,), False, True), ((SHORT, LONG), True, True), ((SHORT, ENDLESS), True, False)],
)
def test_a_text_is_seen_whole_or_ends_in_an_ellipsis(
    qtbot: Any, texts: tuple[str, ...], is_wrapped: bool, is_whole: bool
) -> None:
    page, name, box = QWidget(), QLabel("Luminance"), ChoiceBox()
    qtbot.addWidget(page)
    box.addItems(list(texts))
    box.setCurrentIndex(len(texts) - 1)
    form = QFormLayout(page)
    form.setHorizontalSpacing(0)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    form.addRow(name, box)
    page.resize(240, 300)
    page.grab()
    assert (box.y() >= name.geometry().bottom()) == is_wrapped
    assert box.geometry().right() < page.width()
    assert (box.seen == texts[-1]) == is_whole
    assert is_whole or box.seen.endswith("…")
