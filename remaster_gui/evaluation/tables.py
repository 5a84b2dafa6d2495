"""A report as text: rows for any table, CSV for programs, Markdown for model cards."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from remaster_gui.base.files import hand_out, printable
from remaster_gui.evaluation.measuring import Report, Row
from remaster_gui.media.faults import writing

COLUMNS = (
    "clip", "method", "frames", "references", "psnr", "ssim", "flicker", "colorfulness", "ms_per_frame", "cdc",
    "detail", "edges", "sharpness",
)  # fmt: skip

_PLANES = {
    "colorization": "chrominance",
    "restoration": "luminance",
    "remastering": "luminance and chrominance",
}


def cells(row: Row) -> tuple[str, ...]:
    """Return the cells of one row in the order of `COLUMNS`, rounded to what is worth comparing."""
    return (
        printable(row.clip),
        printable(row.method),
        str(row.frames),
        str(row.references),
        f"{row.psnr:.3f}",
        f"{row.ssim:.4f}",
        f"{row.flicker:.3f}",
        f"{row.colorfulness:.2f}",
        f"{row.ms_per_frame:.1f}",
        f"{row.cdc:.5f}",
        f"{row.detail:.3f}",
        "" if math.isnan(row.edges) else f"{row.edges:.3f}",
        f"{row.sharpness:.3f}",
    )


def ordered(report: Report) -> list[Row]:
    """Return all rows clip by clip, then the means, method by method."""
    return [*report.rows, *(report.mean(method) for method in report.methods)]


def remarks(report: Report) -> list[str]:
    """Say in sentences what the numbers are and what the true films reach."""
    moving = "luminance" if report.task == "restoration" else "chrominance"
    true = report.true_mean
    notes = list(report.notes)
    if any(name.endswith("flow") for name in report.methods):
        notes.append(
            "What is carried along that very flow, as by the method flow, hardly flickers by construction."
        )
    color = (
        ""
        if report.task == "restoration"
        else f", a colourfulness of {true.colorfulness:.2f} and a CDC (change of the distribution of colours) of "
        f"{true.cdc:.5f}"
    )
    return [
        f"PSNR (dB) and SSIM of {_PLANES[report.task]}; PSNR over {report.judged}, reference frames "
        "included, then the mean over clips; frames and references of the mean are totals.",
        f"Flicker is the mean change of {moving} along optical flow in units of Lab; "
        f"the true films have {true.flicker:.3f}{color}.",
        *_on_edges(report),
        *_on_detail(report),
        *notes,
    ]


def _on_edges(report: Report) -> list[str]:
    if report.task == "restoration":
        return []
    return [
        "Edges is the PSNR (dB) of chrominance around edges of colour that move, where colours bleed; clips without "
        "such edges have none."
    ]


def _on_detail(report: Report) -> list[str]:
    if report.task == "colorization":
        return []
    return [
        "Detail is the share of the true luminance's detail that is left (what the Laplacians have in common), "
        "sharpness the variance of the Laplacian as part of the truth's, noise included."
    ]


def to_csv(report: Report) -> str:
    """Return the report as CSV with the columns of `COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells(row) for row in ordered(report))
    return text.getvalue()


def to_markdown(report: Report, title: str) -> str:
    """Return the report as a Markdown section: means first, then all rows, then remarks."""
    means = [report.mean(method) for method in report.methods]
    parts = [f"## {title}", _markdown_table(means), "### Clip by clip", _markdown_table(report.rows)]
    parts.append("\n".join(f"- {remark}" for remark in remarks(report)))
    return "\n\n".join(parts) + "\n"


def write(path: Path, data: bytes) -> None:
    """Write a table or a picture, complete or not at all; `StorageError` where that fails."""
    with writing(path):
        hand_out(path, data)


def _markdown_table(rows: tuple[Row, ...] | list[Row]) -> str:
    lines = [COLUMNS, ("---", "---", *("---:" for _ in COLUMNS[2:]))]
    lines += [tuple(cell.replace("|", "\\|") for cell in cells(row)) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
