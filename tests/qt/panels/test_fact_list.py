from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QVBoxLayout, QWidget

from remaster_gui.ui.panels.fact_list import FactList

FACTS = (
    ("Frame", "134"),
    ("Timecode", "00:00:04:18"),
    ("Shot", "3 of 4 · frames 134–298"),
    ("State", "decoded, not remastered yet"),
)


@pytest.mark.parametrize("width", range(200, 310, 10))
def test_whatever_breaks_is_seen_whole_and_moves_nothing_else(qapp: QApplication, width: int) -> None:
    facts, page, area = FactList(), QWidget(), QScrollArea()
    column = QVBoxLayout(page)
    column.addWidget(facts)
    column.addStretch(1)
    area.setWidgetResizable(True)
    area.setWidget(page)
    area.resize(width, 300)
    area.show()
    facts.set_facts(tuple((name, "0") for name, _ in FACTS))
    qapp.processEvents()
    facts.set_facts(FACTS)
    qapp.processEvents()
    values = [each for each in facts.findChildren(QLabel) if each.text() in dict(FACTS).values()]
    assert len(values) == len(FACTS)
    assert [each.height() for each in values] == [each.heightForWidth(each.width()) for each in values]
    area.close()


def test_lines_come_and_go(qapp: QApplication) -> None:
    facts = FactList()
    facts.set_facts(FACTS)
    facts.set_facts(FACTS[:2])
    assert facts.facts() == FACTS[:2]
    facts.set_facts(FACTS)
    assert facts.facts() == FACTS
