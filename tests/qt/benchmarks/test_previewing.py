from __future__ import annotations

from pathlib import Path
from typing import Any

from remaster_gui.benchmarks.previewing import measure_previewing


def test_previews_are_measured(qapp: Any, weights: Path) -> None:
    first, elsewhere, rounds = measure_previewing(weights, others=2)
    assert first.times == 1 and first.median > 0
    assert elsewhere.times == 2 and elsewhere.median > 0
    assert rounds.times > 1 and rounds.worst > 0
