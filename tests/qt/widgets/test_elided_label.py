"""Lines that are longer than their room say so."""

from __future__ import annotations

from typing import Any

from remaster_gui.ui.widgets.elided_label import ElidedLabel


def test_what_has_no_room_is_left_out_in_the_middle(qtbot: Any) -> None:
    label = ElidedLabel("a-bomb_blast_effects_part_of_reel_7.mp4 · 27/11/2026")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.seen == label.text()
    label.resize(label.sizeHint().width() // 2, label.height())
    assert "…" in label.seen
    assert label.seen.startswith("a-bomb") and label.seen.endswith("2026")
    assert label.minimumSizeHint().width() < label.width()
