"""The search itself: it sees every fault that it looks for, names inputs for good, and damages what it should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from .inputs import PRECIOUS, VICTIM, Link, Tree, gather, plant, victims_are_well
from .layouts import layout_of
from .mutations import content
from .pool import Case, Worker, minimised
from .report import Report
from .targets import TARGETS, make
from .targets.faulty import SORTED


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with Worker(tmp_path_factory.mktemp("search") / "worker", seconds=1.0, most=500 * 2**20) as worker:
        yield worker


FAULTS = {
    "crash": "SIGABRT", "exception": "KeyError", "hang": "Hang", "harm": "Harm", "memory": "Memory",
    "raw text": "Sentence",
}  # fmt: skip


@pytest.mark.parametrize("seed", SORTED)
def test_every_fault_is_seen(worker: Worker, seed: str) -> None:
    result = worker.run(Case("faulty", -1 - SORTED.index(seed)))
    assert result.seed == seed
    if seed in FAULTS:
        assert (result.outcome, result.kind) == ("finding", FAULTS[seed])
    else:
        assert result.outcome == seed


def test_findings_of_one_fault_count_once_and_lose_needless_steps(worker: Worker) -> None:
    number = next(n for n in range(1000) if _seed(n) == ("exception", 3))
    report = Report()
    result = worker.run(Case("faulty", number))
    assert report.add(result) and not report.add(result)
    assert str(minimised(result, worker).case) == f"faulty:{number}:"
    assert Case.parse(f"faulty:{number}:0,2") == Case("faulty", number, (0, 2))
    assert "2 inputs, 1 faults" in report.table() and f"faulty:{number}" in report.faults()


def _seed(number: int) -> tuple[str, int]:
    rng = Random(f"faulty:{number}")
    return rng.choice(SORTED), rng.choice((1, 1, 1, 2, 2, 3, 5))


def test_an_input_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("picture", "listing", "settings"):
        trees = [make(TARGETS[name], 3, None, tmp_path / str(n)).tree for n in range(2)]
        assert trees[0] == trees[1]


def test_trees_are_planted_beside_what_links_may_lead_to(tmp_path: Path) -> None:
    tree: Tree = {"a": b"1", "b/c": b"2", "d": Link("../victim/file.txt"), "x" * 300: b"3"}
    plant(tree, tmp_path / "tree")
    assert gather(tmp_path / "tree") == {"a": b"1", "b/c": b"2"}
    assert (tmp_path / "tree" / "d").read_bytes() == PRECIOUS
    assert victims_are_well(tmp_path / "tree")
    (tmp_path / VICTIM / "new").touch()
    assert not victims_are_well(tmp_path / "tree")


@pytest.mark.parametrize("name", ["film", "picture", "project", "weights", "cache"])
def test_formats_are_known_by_their_structure(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    for at, seed in enumerate(sorted(target.seeds)):
        for file, entry in make(target, -1 - at, None, tmp_path).tree.items():
            if not isinstance(entry, bytes) or file.endswith(
                (".safetensors", ".json", ".csv", ".m3u8", ".txt", ".wmv")
            ):
                continue
            layout = layout_of(entry)
            assert len(layout.numbers) >= 5, f"{seed}: {file}"
            damaged = {content(Random(number), file, entry) for number in range(20)}
            assert len(damaged - {entry}) > 10, f"{seed}: {file}"
