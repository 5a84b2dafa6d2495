"""``python -m tests.fuzz``: try inputs for some minutes, or one input again."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .pool import Case, Result, Worker, minimised
from .report import Report
from .targets import TARGETS


def main() -> int:
    """Run the command line; returns 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to try (default: 10)")
    parser.add_argument("--count", type=int, help="inputs of each target, in place of a time")
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first input of each target (default: 0)"
    )
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS), metavar="TARGET",
                        help=f"what to try, of {', '.join(TARGETS)} (default: all)")  # fmt: skip
    parser.add_argument(
        "--replay", metavar="INPUT", help="try one input again, such as film:1234 or film:1234:0,2"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="copy the input that is tried again into this folder"
    )
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="remaster-fuzz-") as folder,
        Worker(Path(folder) / "worker") as worker,
    ):
        if args.replay:
            return _replay(Case.parse(args.replay), worker, args.keep)
        return _search(worker, args)


def _replay(case: Case, worker: Worker, keep: Path | None) -> int:
    result = worker.run(case, keep)
    print(f"{case} of seed “{result.seed}”: {result.outcome} {result.kind} {result.where}")
    print(f"{result.seconds:.2f} s, {result.peak / 2**20:.0f} MB, {result.steps} steps")
    print(result.text)
    return int(result.outcome == "finding")


def _search(worker: Worker, args: argparse.Namespace) -> int:
    report, began = Report(), time.monotonic()
    for case in _cases(args.targets, args.first):
        if args.count is not None:
            if case.number >= args.first + args.count * TARGETS[case.target].share:
                break
        elif time.monotonic() - began > 60 * args.minutes:
            break
        result = worker.run(case)
        if result.kind == "Hang":
            result = worker.run(case)  # machines are busy
        if report.add(result):
            _tell(minimised(result, worker))
    print(report.table())
    print(report.faults())
    return int(bool(report.findings))


def _cases(targets: Sequence[str], first: int) -> Iterator[Case]:
    """Yield inputs of all targets in turn, those of a larger share more often."""
    for turn in itertools.count():
        for name in targets:
            share = TARGETS[name].share
            for number in range(first + turn * share, first + (turn + 1) * share):
                yield Case(name, number)


def _tell(result: Result) -> None:
    print(f"make fuzz REPLAY={result.case}   # {result.kind} {result.where}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
