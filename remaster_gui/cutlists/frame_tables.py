"""Lists of frames as text: one first frame to a line, or a table (CSV) with a header that names its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cutlists.events import MOST_EVENTS, CutEvent, CutList, ListError, tidy
from remaster_gui.cutlists.exact_times import LATEST

FIRST, LAST = "first_frame", "last_frame"
COLUMNS = ("shot", FIRST, LAST, "frames", "timecode", "name", "note", "markers")
"""What is written; the last frame is one of the shot."""

_FIRST = (FIRST, "first", "start", "start frame", "start_frame", "frame", "cut", "in")
_LAST = (LAST, "last", "end frame", "end_frame")
_BEHIND = ("stop", "end", "out", "stop_frame")
"""Names of columns that hold the frame behind the last one."""
_FROM_ONE = "scene number"
"""A column of PySceneDetect's tables, which count frames from 1."""
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def read_table(text: str) -> CutList:
    """Read frames, counted as the film's are; raises `ListError` for a table without a column of first frames."""
    try:
        rows = _rows(text)
    except csv.Error as error:
        raise ListError(
            tr("The table cannot be read ({error}); save it anew as CSV.", error=error)
        ) from error
    if rows and all(_NUMBER.fullmatch(cell.strip()) for cell in rows[0][:1]):
        header, body = [FIRST], rows
    else:
        header, body = _header(rows)
    first = _column(header, _FIRST)
    if first is None:
        raise ListError(
            tr(
                "The table has no column of first frames; name one first_frame, or write one frame number to a line."
            )
        )
    base = 1 if _FROM_ONE in header else 0
    events = _events(header, body, first, base)
    if not events:
        raise ListError(tr("The table holds no frame; write one frame number to a line."))
    return CutList("", tuple(events), counts="numbers")


def _rows(text: str) -> list[list[str]]:
    line = next((each for each in text.splitlines() if each.strip()), "")
    delimiter = max(",;\t", key=line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [row for row in reader if any(cell.strip() for cell in row)]


def _header(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Find the line that names the columns: the first one, or the second where the first is a list of timecodes."""
    for at, row in enumerate(rows[:2]):
        names = [cell.strip().lower() for cell in row]
        if _column(names, _FIRST) is not None:
            return names, rows[at + 1 :]
    return [], []


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _events(header: Sequence[str], body: Sequence[Sequence[str]], first: int, base: int) -> list[CutEvent]:
    last, behind = _column(header, _LAST), _column(header, _BEHIND)
    name, note = _column(header, ("name",)), _column(header, ("note",))
    if len(body) > MOST_EVENTS:
        raise ListError(
            tr(
                "The table has more than {most_events} lines, which no film has shots.",
                most_events=MOST_EVENTS,
            )
        )
    events = []
    for number, row in enumerate(body, 1):
        start = _frame(row, first, number) - base
        stop = start + 1
        if last is not None and _cell(row, last):
            stop = _frame(row, last, number) - base + 1
        elif behind is not None and _cell(row, behind):
            stop = _frame(row, behind, number) - base
        if not 0 <= start < stop:
            raise ListError(
                tr("Row {number} of the table ends before it begins; correct its frames.", number=number)
            )
        events.append(CutEvent(FrameRange(start, stop), name=_cell(row, name), note=_cell(row, note)))
    return _going_on(events) if last is None and behind is None else events


def _going_on(events: list[CutEvent]) -> list[CutEvent]:
    """Let each shot of a bare list of cuts go on up to the next one."""
    firsts = {event.record.start: event for event in reversed(events)}
    edges = pairwise([*sorted(firsts), LATEST])
    return [replace(firsts[start], record=FrameRange(start, stop)) for start, stop in edges]


def _cell(row: Sequence[str], column: int | None) -> str:
    return tidy(row[column]) if column is not None and column < len(row) else ""


def _frame(row: Sequence[str], column: int, number: int) -> int:
    said = _cell(row, column)
    if not _NUMBER.fullmatch(said):
        raise ListError(
            tr(
                "Row {number} of the table names no frame ({said!r}); write a whole number.",
                number=number,
                said=said[:40],
            )
        )
    return int(said)
