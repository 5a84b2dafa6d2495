from __future__ import annotations

from typing import Any

from remaster_gui.benchmarks.spreading import measure_spreading


def test_spreading_as_one_paints_is_measured(qapp: Any) -> None:
    first, alone = measure_spreading(strokes=1, others=0)
    assert first.times == alone.times == 1 and first.median > 0 and alone.median > 0
