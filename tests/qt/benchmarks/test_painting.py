from __future__ import annotations

from typing import Any

from remaster_gui.benchmarks.painting import measure_painting


def test_painting_is_measured(qapp: Any) -> None:
    timings = measure_painting(moves=6, spreads=1)
    assert len(timings) == 5
    for timing in timings:
        assert 0 < timing.median <= timing.worst and timing.times >= 1
    work, seen = timings[0], timings[1]
    # Until it is drawn takes longer than the work of the move alone.
    assert work.times == seen.times == 6 and seen.median > work.median
