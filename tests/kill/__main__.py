"""``python -m tests.kill``: kill work at random and before chosen steps, run it again, and compare the results."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from .scenarios import SCENARIOS, Scenario, emptied
from .steps import run

KILLS_IN_A_ROW = 3
"""Now and then the run that goes on is killed, too."""


@dataclass
class Trial:
    """A scenario, its undisturbed result, and what the kills have shown."""

    name: str
    scenario: Scenario
    materials: Path
    folder: Path
    good: object = None
    steps: int = 0
    seconds: float = 0.0
    kills: int = 0
    missed: int = 0
    faults: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Prepare, and find out what an undisturbed run leaves, how many steps and how long it takes."""
        log = self.folder.with_suffix(".log")
        status, _ = run(lambda: self.scenario.prepare(self.materials) or 0, log)
        assert status == 0, log.read_text()
        began = time.monotonic()
        status, self.steps = run(self._work(), log)
        self.seconds = time.monotonic() - began
        assert status == 0, log.read_text()
        self.good = self.scenario.result(self.folder)

    def _work(self) -> Callable[[], int]:
        return lambda: self.scenario.run(self.materials, self.folder)

    def kill(self, chance: random.Random, number: int) -> None:
        """Kill once or more, every other time before a chosen step, go on, and compare."""
        emptied(self.folder)
        log = self.folder.with_suffix(".log")
        log.unlink(missing_ok=True)
        moments: list[str] = []
        status = -1
        for _ in range(chance.randint(1, KILLS_IN_A_ROW) if number % 4 == 3 else 1):
            last = chance.randint(1, self.steps) if number % 2 else None
            seconds = None if last else chance.uniform(0.0, self.seconds)
            moments.append(f"before step {last} of {self.steps}" if last else f"after {seconds:.3f} s")
            status, _ = run(self._work(), log, last=last, seconds=seconds)
            if status >= 0:
                self.missed += 1
                break
            self.kills += 1
            self._try(moments, lambda: self.scenario.check_killed(self.folder, self.good))
        if status < 0:
            status, _ = run(self._work(), log)
        # A sequence that was finished is not written a second time.
        if status and "already holds files" not in log.read_text():
            self.faults.append(
                f"{self.name}, killed {', '.join(moments)}: status {status}\n{log.read_text()[-3000:]}"
            )
        else:
            self._try(moments, self._compare)

    def _compare(self) -> None:
        found = self.scenario.result(self.folder)
        assert found == self.good, f"{found} is not {self.good}"

    def _try(self, moments: list[str], check: Callable[[], None]) -> None:
        try:
            check()
        except Exception:
            self.faults.append(f"{self.name}, killed {', '.join(moments)}:\n{traceback.format_exc()[-3000:]}")


def main() -> int:
    """Run the command line; returns 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument(
        "--times", type=int, default=100, help="kills of all scenarios together (default: 100)"
    )
    parser.add_argument("--seed", type=int, default=0, help="which moments (default: 0)")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS), metavar="SCENARIO",
                        help=f"of {', '.join(SCENARIOS)} (default: all)")  # fmt: skip
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="remaster-kill-") as home:
        materials = emptied(Path(home) / "materials")
        trials = [Trial(name, SCENARIOS[name], materials, emptied(Path(home) / name)) for name in asked.only]
        for trial in trials:
            trial.begin()
            print(f"{trial.name}: undisturbed in {trial.seconds:.1f} s, {trial.steps} steps", flush=True)
        for number in range(asked.times):
            trial = trials[number % len(trials)]
            before = len(trial.faults)
            trial.kill(chance, number // len(trials))
            for fault in trial.faults[before:]:
                print(fault, flush=True)
    for trial in trials:
        print(f"{trial.name}: {trial.kills} kills, {trial.missed} too late, {len(trial.faults)} faults")
    return 1 if any(trial.faults for trial in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
