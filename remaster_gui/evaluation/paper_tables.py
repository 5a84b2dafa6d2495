"""Tables 4, 5 and 6 of the paper: what it compares, what it measured, and what the same comparison gives here.

Table 4 restores and colours, Table 5 restores, Table 6 colours. Rows that the paper has not say what
the product does and what the input is worth.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from remaster_gui.base.notices import Update
from remaster_gui.evaluation.film_frames import read_frames
from remaster_gui.evaluation.measuring import Degrade, Measurement, Row, RunCount
from remaster_gui.evaluation.methods import EvaluationTask, Method
from remaster_gui.evaluation.protocols import LONG, SHORT, Case, Protocol, whole_clip

NARROW = "the paper's network, a quarter as wide"
SHIPPED = "Remaster as it ships"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: `method` as `remaster_gui.evaluation.comparison` knows it; `paper`: PSNR in dB there, by protocol."""

    approach: str
    method: str
    paper: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the paper: by which protocols it measures what."""

    number: int
    title: str
    task: EvaluationTask
    protocols: tuple[Protocol, ...]
    entries: tuple[Entry, ...]


def _both(short: float, long: float) -> dict[str, float]:
    return {SHORT.name: short, LONG.name: long}


TABLES: Mapping[int, Table] = {
    table.number: table
    for table in (
        Table(
            4,
            "Remastering: restored, then coloured",
            "remastering",
            (SHORT, LONG),
            (
                Entry("Zhang et al. 2017b and Zhang et al. 2017a", "dncnn+zhang", _both(27.13, 27.31)),
                Entry("Yu et al. 2018 and Zhang et al. 2017a", "wdsr+zhang", _both(26.43, 26.59)),
                Entry("Zhang et al. 2017b and Vondrick et al. 2018", "dncnn+vondrick", _both(26.43, 26.60)),
                Entry("Yu et al. 2018 and Vondrick et al. 2018", "wdsr+vondrick", _both(26.85, 26.89)),
                Entry(f"{NARROW}, halves trained apart", "narrow", _both(29.07, 29.23)),
                Entry(f"{NARROW}, trained jointly", "narrow-joint", _both(30.83, 31.14)),
                Entry("damaged and grey", "input+grey"),
                Entry("non-local means and optical flow", "nlm+flow"),
                Entry(SHIPPED, "network"),
            ),
        ),
        Table(
            5,
            "Restoration",
            "restoration",
            (LONG,),
            (
                Entry("Zhang et al. 2017b", "dncnn", {LONG.name: 25.08}),
                Entry("Yu et al. 2018", "wdsr", {LONG.name: 24.49}),
                Entry(f"{NARROW}, without skip connection", "narrow-without-skip", {LONG.name: 24.73}),
                Entry(NARROW, "narrow", {LONG.name: 26.13}),
                Entry("damaged", "input"),
                Entry("non-local means", "nlm"),
                Entry(SHIPPED, "network"),
            ),
        ),
        Table(
            6,
            "Colourisation",
            "colorization",
            (SHORT, LONG),
            (
                Entry("Zhang et al. 2017a", "zhang", _both(31.28, 31.16)),
                Entry("Vondrick et al. 2018", "vondrick", _both(31.55, 31.70)),
                Entry(
                    f"{NARROW}, without temporal convolution",
                    "narrow-without-temporal",
                    _both(28.46, 28.51),
                ),
                Entry(
                    f"{NARROW}, without self-attention",
                    "narrow-without-self-attention",
                    _both(29.00, 28.72),
                ),
                Entry(NARROW, "narrow", _both(34.94, 36.26)),
                Entry("grey", "grey"),
                Entry("optical flow", "flow"),
                Entry(SHIPPED, "network"),
            ),
        ),
    )
}


@dataclass(frozen=True)
class ProtocolResult:
    """What one protocol gave: for each entry, in order, a row for each clip; and the true films' own rows."""

    protocol: Protocol
    rows: tuple[tuple[Row, ...], ...]
    truth: tuple[Row, ...]

    def references(self) -> int:
        """Return the largest number of references that a clip had."""
        return max(row.references for row in self.rows[0])

    def longest(self) -> int:
        """Return the frames of the longest clip."""
        return max(row.frames for row in self.rows[0])

    def won(self, entry: int, other: int) -> int:
        """Return on how many clips an entry reached more than another one, in PSNR."""
        pairs = zip(self.rows[entry], self.rows[other], strict=True)
        return sum(mine.psnr > theirs.psnr for mine, theirs in pairs)


@dataclass(frozen=True)
class Comparison:
    """A table measured on a set of films. `training`: what each entry's networks learned for, '' for none."""

    table: Table
    results: tuple[ProtocolResult, ...]
    training: tuple[str, ...]
    size: int
    films: tuple[str, ...]


def measure(
    table: Table,
    films: Sequence[Path],
    methods: Mapping[str, Method],
    training: Mapping[str, str],
    *,
    size: int,
    degrade: Degrade | None,
) -> Generator[Update, None, Comparison]:
    """Run all entries of a table on films; memory holds the frames of one of them.

    `methods` holds the entries' methods by name. Where a film is too short for the protocols to differ, what one gave
    counts for both.
    """
    runs = RunCount(len(films) * len(table.protocols) * len(table.entries))
    columns: dict[str, list[list[Row]]] = {protocol.name: [] for protocol in table.protocols}
    for film in films:
        frames = read_frames(film, max(protocol.frames for protocol in table.protocols), size)
        seen: dict[tuple[int, tuple[int, ...]], list[Row]] = {}
        for protocol in table.protocols:
            case = whole_clip(film.name, frames, protocol)
            key = (len(case.rgb), case.references)
            if key not in seen:
                seen[key] = yield from _rows(case, table, methods, degrade, runs)
            else:
                runs.ended(len(table.entries))
            columns[protocol.name].append(seen[key])
    results = []
    for protocol in table.protocols:
        entries = tuple(zip(*columns[protocol.name], strict=True))
        results.append(ProtocolResult(protocol, entries[:-1], entries[-1]))
    learned = tuple(training.get(entry.method, "") for entry in table.entries)
    return Comparison(table, tuple(results), learned, size, tuple(film.name for film in films))


def _rows(
    case: Case, table: Table, methods: Mapping[str, Method], degrade: Degrade | None, runs: RunCount
) -> Generator[Update, None, list[Row]]:
    """Return the row of each entry on one clip, then the true film's."""
    measurement = Measurement(case, table.task, degrade)
    rows = []
    for entry in table.entries:
        yield runs.begins(f"{case.name}: {entry.approach}")
        rows.append(measurement.run(entry.approach, methods[entry.method]))
        runs.ended()
    return [*rows, measurement.run_truth()]


def mean_and_error(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the mean PSNR over clips and its standard error (0 for a single clip)."""
    values = [row.psnr for row in rows]
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return float(np.mean(values)), spread / math.sqrt(len(values))


def mean_of(rows: Sequence[Row], measure: str) -> float:
    """Return the mean of one measure over clips."""
    return float(np.mean([getattr(row, measure) for row in rows]))


def pairs(count: int) -> list[tuple[int, int]]:
    """Return all pairs of entries, each once."""
    return list(itertools.combinations(range(count), 2))
