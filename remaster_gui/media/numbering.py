"""The numbers in the names of pictures: which pictures make one sequence, and which of them are missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr

MOST_DIGITS = 18
"""Digits of a number in a name; more are no number of a frame."""

_PLACEHOLDER = re.compile(r"%0?(\d*)d|(#+)", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Pictures of a sequence in their order, and their numbers; None where their names hold no number of their own."""

    files: tuple[Path, ...]
    numbers: tuple[int, ...] | None
    strays: tuple[Path, ...] = ()
    """Those of the files whose names do not belong to the numbers."""


def is_pattern(path: Path) -> bool:
    """Whether a name stands for numbered pictures: ``name.%06d.ext`` or ``name.######.ext``."""
    return _PLACEHOLDER.search(path.name) is not None and not path.exists()


def pattern_expression(name: str) -> re.Pattern[str]:
    """Return what fits a pattern, its number in group 1; raises `MediaError` for more digits than a number has."""
    match = _PLACEHOLDER.search(name)
    assert match is not None
    text = match[1] or ""
    digits = len(match[2]) if match[2] else int(text[:4] or 1)
    if digits > MOST_DIGITS:
        raise MediaError(
            tr(
                "The name {name} asks for numbers of {text} digits; {most_digits} is the most.",
                name=name,
                text=text or digits,
                most_digits=MOST_DIGITS,
            )
        )
    # A longer number has grown out of its digits.
    number = (
        rf"(\d{{{digits}}}|[1-9]\d{{{digits},{MOST_DIGITS - 1}}})" if digits < MOST_DIGITS else r"(\d{18})"
    )
    return re.compile(re.escape(name[: match.start()]) + number + re.escape(name[match.end() :]), re.ASCII)


def in_order(files: Sequence[Path], expression: re.Pattern[str]) -> Numbered:
    """Sort the pictures that fit an expression by the number in its group 1."""
    pairs = sorted((int(match[1]), file) for file in files if (match := expression.fullmatch(file.name)))
    return _unique(pairs)


def arranged(folder: Path, files: Sequence[Path]) -> Numbered:
    """Put all pictures of a folder in the order of a film; raises `MediaError` where they are several sequences."""
    ordered = sorted(files, key=_natural_key)
    runs = [run for run in _runs(ordered) if len(run.pairs) > 1]
    if len(runs) > 1:
        raise MediaError(_several(folder, runs))
    if not runs:
        return Numbered(tuple(ordered), None)
    members = {file for _, file in runs[0].pairs}
    strays = tuple(file for file in ordered if file not in members)
    if strays:
        return Numbered(tuple(ordered), None, strays)
    return _unique(sorted(runs[0].pairs))


def gap(numbered: Numbered) -> tuple[Path, Path] | None:
    """Return the pictures before and after the first gap in otherwise evenly numbered ones."""
    if numbered.numbers is None or len(numbered.numbers) < 3:
        return None
    steps = [after - before for before, after in pairwise(numbered.numbers)]
    usual = sorted(steps)[(len(steps) - 1) // 2]
    first = next((at for at, step in enumerate(steps) if step > usual), None)
    return None if first is None else (numbered.files[first], numbered.files[first + 1])


@dataclass(frozen=True, slots=True)
class _Run:
    """Pictures whose names differ in one number alone, the `column`-th of them, and those numbers."""

    column: int
    pairs: list[tuple[int, Path]]

    @property
    def pattern(self) -> str:
        """A pattern that fits the first name and those like it."""
        file = min(self.pairs)[1]
        match = list(_NUMBER.finditer(file.stem))[self.column]
        return f"{file.name[: match.start()]}{'#' * len(match[0])}{file.name[match.end() :]}"


def _runs(files: Sequence[Path]) -> list[_Run]:
    runs: dict[tuple[str | int, ...], _Run] = {}
    for shape, members in _by_shape(files).items():
        column = _counting_column(members)
        for numbers, file in members:
            key: tuple[str | int, ...] = (*shape, *numbers[:column], -1, *numbers[column + 1 :])
            run = runs.setdefault(key, _Run(column, []))
            run.pairs.append((numbers[column] if numbers else 0, file))
    return [part for run in runs.values() for part in _apart(run)]


def _apart(run: _Run) -> list[_Run]:
    """Part pictures of which some have the same number by how they are named: ``f_1`` and ``f_0001`` are of two."""
    if len({number for number, _ in run.pairs}) == len(run.pairs):
        return [run]
    parts: dict[tuple[int, str], _Run] = {}
    for number, file in run.pairs:
        digits = _NUMBER.findall(file.stem)[run.column : run.column + 1]
        padded = len(digits[0]) if digits and digits[0] != "0" and digits[0].startswith("0") else 0
        parts.setdefault((padded, file.suffix), _Run(run.column, [])).pairs.append((number, file))
    return list(parts.values())


def _by_shape(files: Sequence[Path]) -> dict[tuple[str, ...], list[tuple[tuple[int, ...], Path]]]:
    """Group names that differ in their numbers alone; the suffix, whose digits count nothing, is part of the shape."""
    shapes: dict[tuple[str, ...], list[tuple[tuple[int, ...], Path]]] = defaultdict(list)
    for file in files:
        parts = (*_NUMBER.split(file.stem), file.suffix.lower())
        shapes[parts].append((tuple(int(number) for number in _NUMBER.findall(file.stem)), file))
    return shapes


def _counting_column(members: Sequence[tuple[tuple[int, ...], Path]]) -> int:
    """Which of the numbers in names of one shape counts frames: the one with most values, the last of equals."""
    columns = list(zip(*(numbers for numbers, _ in members), strict=True))
    if not columns:
        return 0
    return max(range(len(columns)), key=lambda column: (len(set(columns[column])), column))


def _unique(pairs: list[tuple[int, Path]]) -> Numbered:
    numbers = tuple(number for number, _ in pairs)
    is_unique = len(set(numbers)) == len(numbers) and max(numbers, default=0) < 10**MOST_DIGITS
    return Numbered(tuple(file for _, file in pairs), numbers if is_unique else None)


def _several(folder: Path, runs: list[_Run]) -> str:
    runs = sorted(runs, key=lambda run: (-len(run.pairs), run.pattern))
    named = [tr("{pattern} ({count} pictures)", pattern=run.pattern, count=len(run.pairs)) for run in runs]
    shown = (
        tr(" and ").join(named)
        if len(named) < 4
        else tr("{named} and {count} more", named=", ".join(named[:3]), count=len(named) - 3)
    )
    return tr(
        "{folder} holds {count} sequences of pictures: {shown}; name the one that is meant, for instance "
        "{folder2}.",
        folder=folder,
        count=len(runs),
        shown=shown,
        folder2=folder / runs[0].pattern,
    )


def _natural_key(path: Path) -> list[tuple[int, int | str]]:
    """Key by which 9.png comes before 10.png."""
    parts = re.split(r"(\d+)", path.name, flags=re.ASCII)
    return [(0, int(part)) if at % 2 else (1, part) for at, part in enumerate(parts)]
