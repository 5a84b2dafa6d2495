"""The measurement of memory, with a film of seconds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from remaster_gui.benchmarks.memory import GROUP, measure_memory, write_long_film
from remaster_gui.media import open_film

MEBIBYTE = 2**20


def test_a_film_made_of_one_group_reads_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    write_long_film(path, 3 * GROUP)
    with open_film(path) as film:
        assert film.info.frame_count == 3 * GROUP
        assert film.info.complete and not film.info.variable_rate
        first, later = film.read(1).pixels, film.read(2 * GROUP + 1).pixels
    assert (first == later).all()


def test_memory_is_measured_part_by_part(qapp: Any, weights: Path) -> None:
    measuring = measure_memory(2 * GROUP, 3, weights=weights, budget=512 * MEBIBYTE)
    uses = [next(measuring) for _ in range(4)]
    measuring.close()
    assert uses[0].name == "the program alone"
    for before, after in pairwise(uses):
        assert 0 < before.now < after.peak + 1
        assert after.seconds > 0
