"""What became of many inputs: a table, and a line for each finding that tells how to see it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .pool import Result


@dataclass
class Tally:
    """Counts what became of the inputs of one target."""

    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    peak: int = 0

    def add(self, result: Result) -> None:
        """Count one more."""
        self.inputs += 1
        self.outcomes[result.outcome] += 1
        self.slowest = max(self.slowest, result.seconds)
        self.peak = max(self.peak, result.peak)


class Report:
    """All results of a run; findings of one fault count as one."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.findings: dict[str, Result] = {}
        self.seen: Counter[str] = Counter()

    def add(self, result: Result) -> bool:
        """Take a result; True for a finding of a fault that is new."""
        self.tallies.setdefault(result.case.target, Tally()).add(result)
        if result.outcome != "finding":
            return False
        self.seen[result.signature] += 1
        new = result.signature not in self.findings
        if new:
            self.findings[result.signature] = result
        return new

    def table(self) -> str:
        """Return the counts by target."""
        lines = [
            f"{'target':<12}{'inputs':>8}{'findings':>10}{'slowest':>10}{'memory':>9}  what became of them"
        ]
        for name, tally in sorted(self.tallies.items()):
            rest = ", ".join(
                f"{word} {count}" for word, count in tally.outcomes.most_common() if word != "finding"
            )
            lines.append(f"{name:<12}{tally.inputs:>8}{tally.outcomes['finding']:>10}{tally.slowest:>8.1f} s"
                         f"{tally.peak / 2**20:>6.0f} MB  {rest}")  # fmt: skip
        inputs = sum(tally.inputs for tally in self.tallies.values())
        return "\n".join([*lines, f"{inputs} inputs, {len(self.findings)} faults"])

    def faults(self) -> str:
        """Return a line for every fault, the most frequent first."""
        return "\n".join(
            f"{count:>5} x {self.findings[signature].case}  {self.findings[signature].kind}  "
            f"{self.findings[signature].where}"
            for signature, count in self.seen.most_common()
        )
