"""A short run of every target on inputs that are always the same; ``make fuzz`` tries others for as long as wanted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .pool import Case, Worker
from .targets import TARGETS

INPUTS = 1
"""Damaged inputs of each target, times its share."""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    # `make fuzz` holds inputs to ten seconds; a machine that runs tests may be slower, and hangs do not end at all.
    with Worker(tmp_path_factory.mktemp("fuzz") / "worker", seconds=60.0) as worker:
        yield worker


@pytest.mark.parametrize("name", TARGETS)
def test_whole_inputs_are_taken(worker: Worker, name: str) -> None:
    """Else damage would be tried on what is refused anyway."""
    target = TARGETS[name]
    refused = {}
    for number, seed in list(enumerate(sorted(target.seeds)))[:: 6 if target.slow else 1]:
        result = worker.run(Case(name, -1 - number))
        if result.outcome == "finding" or (result.outcome == "refused" and seed not in target.poor):
            refused[seed] = result.text or result
    assert not refused


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_taken_or_refused_with_a_sentence(worker: Worker, name: str) -> None:
    found = {}
    for number in range(INPUTS * TARGETS[name].share):
        result = worker.run(Case(name, number))
        if result.outcome == "finding":
            found[str(result.case)] = f"{result.kind} {result.where}\n{result.text}"
    assert not found
