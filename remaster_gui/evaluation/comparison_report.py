"""A measured table of the paper as text: Markdown for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from remaster_gui.base.files import printable
from remaster_gui.evaluation.paper_tables import Comparison, ProtocolResult, mean_and_error, mean_of, pairs

COLUMNS = (
    "approach", "frames", "references", "paper", "psnr", "error", "ssim", "cdc", "colorfulness", "training",
)  # fmt: skip
"""`paper`: PSNR in the paper; `error`: standard error of ours over clips; `training`: processor time."""


def rows_of(comparison: Comparison, result: ProtocolResult) -> list[tuple[str, ...]]:
    """Return the cells of one protocol in the order of `COLUMNS`, rounded to what is worth comparing."""
    table = comparison.table
    cells: list[tuple[str, ...]] = []
    for entry, rows, training in zip(table.entries, result.rows, comparison.training, strict=True):
        mean, error = mean_and_error(rows)
        paper = (entry.paper or {}).get(result.protocol.name)
        colored = table.task != "restoration"
        cells.append(
            (
                entry.approach,
                str(result.longest()),
                str(result.references()) if colored else "-",
                "-" if paper is None else f"{paper:.2f}",
                f"{mean:.2f}",
                f"{error:.2f}",
                f"{mean_of(rows, 'ssim'):.3f}",
                f"{mean_of(rows, 'cdc'):.4f}" if colored else "-",
                f"{mean_of(rows, 'colorfulness'):.1f}" if colored else "-",
                training or "-",
            )
        )
    return cells


def remarks(comparison: Comparison) -> list[str]:
    """Say what was measured on what."""
    first = comparison.results[0]
    planes = {
        "restoration": "luminance",
        "colorization": "chrominance",
        "remastering": "luminance and chrominance",
    }[comparison.table.task]
    lengths = sorted(row.frames for row in first.rows[0])
    notes = [
        f"PSNR (dB) and SSIM of {planes}, means over {len(comparison.films)} clips of {lengths[0]} to "
        f"{max(result.longest() for result in comparison.results)} frames at {comparison.size} pixels; error: standard "
        "error over clips. The paper measured other films, at full width and after days of training: its column shows "
        "the order there, not what ours should reach.",
        "Training: processor time that learning took, the same for all that the paper compares. Colour references are "
        "given to Zhang et al. 2017a by their histogram, as in the paper; Vondrick et al. 2018 goes on from its own "
        "output.",
    ]
    if comparison.table.task != "restoration":
        notes.append(
            f"CDC: change of the distribution of colours over time; the true films have "
            f"{mean_of(first.truth, 'cdc'):.4f} and a colourfulness of {mean_of(first.truth, 'colorfulness'):.1f}."
        )
    if comparison.table.task != "colorization":
        notes.append("Damage is generated, by the film's name alone, from examples that training never used.")
    for result in comparison.results:
        short = sum(row.frames < result.protocol.frames for row in result.rows[0])
        if short:
            notes.append(
                f"{short} of {len(comparison.films)} clips are shorter than {result.protocol.frames} frames and gave "
                "all they have."
            )
    return notes


def to_markdown(comparison: Comparison) -> str:
    """Return the table, who won how often, and the remarks."""
    table = comparison.table
    parts = [f"## Table {table.number}. {table.title}"]
    for result in comparison.results:
        parts.append(f"### {_protocol(result)}")
        parts.append(_table(COLUMNS, rows_of(comparison, result), left=1))
        heads = ("clips won against", *(str(n + 1) for n in range(len(table.entries))))
        lines = [
            (
                f"{number + 1} {entry.approach}",
                *("" if n == number else str(result.won(number, n)) for n in range(len(table.entries))),
            )
            for number, entry in enumerate(table.entries)
        ]
        parts.append(_table(heads, lines, left=1))
    parts.append("\n".join(f"- {remark}" for remark in remarks(comparison)))
    return "\n\n".join(parts) + "\n"


def to_csv(comparison: Comparison) -> str:
    """Return the table as CSV with the columns of `COLUMNS` behind the protocol's name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("protocol", *COLUMNS))
    for result in comparison.results:
        writer.writerows((result.protocol.name, *cells) for cells in rows_of(comparison, result))
    return text.getvalue()


def to_json(comparison: Comparison) -> str:
    """Return everything that was measured, clip by clip, and the pairs."""
    return json.dumps(
        {
            "table": comparison.table.number,
            "title": comparison.table.title,
            "size": comparison.size,
            "films": [printable(film) for film in comparison.films],
            "protocols": {result.protocol.name: _data(comparison, result) for result in comparison.results},
        },
        indent=1,
    )


def _data(comparison: Comparison, result: ProtocolResult) -> dict[str, Any]:
    entries = comparison.table.entries
    names = [entry.approach for entry in entries]
    rows = []
    for entry, measured, training in zip(entries, result.rows, comparison.training, strict=True):
        mean, error = mean_and_error(measured)
        rows.append(
            {
                "approach": entry.approach,
                "method": entry.method,
                "paper": (entry.paper or {}).get(result.protocol.name),
                "psnr": mean,
                "error": error,
                **{name: mean_of(measured, name) for name in ("ssim", "cdc", "colorfulness", "flicker")},
                "training": training or None,
                "clips": {printable(row.clip): row.psnr for row in measured},
            }
        )
    won = [
        {
            "first": names[first],
            "second": names[second],
            "first_won": result.won(first, second),
            "second_won": result.won(second, first),
        }
        for first, second in pairs(len(entries))
    ]
    return {
        "frames": result.protocol.frames,
        "references": result.references(),
        "rows": rows,
        "pairs": won,
        "true_films": {name: mean_of(result.truth, name) for name in ("cdc", "colorfulness", "flicker")},
    }


def _protocol(result: ProtocolResult) -> str:
    return f"First {result.protocol.frames} frames, every {result.protocol.every}th a reference"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]], left: int) -> str:
    rule = tuple("---" if n < left else "---:" for n in range(len(heads)))
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, rule, *rows))
