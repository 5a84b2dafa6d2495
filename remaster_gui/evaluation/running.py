"""One whole evaluation: the films of a folder, one after the other, through all methods."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Update
from remaster_gui.evaluation.contact_sheet import ContactSheet
from remaster_gui.evaluation.film_frames import read_frames
from remaster_gui.evaluation.measuring import Degrade, Measurement, Report, Row, RunCount
from remaster_gui.evaluation.methods import METHODS, NEED_REFERENCES, EvaluationTask, Method
from remaster_gui.evaluation.protocols import (
    CUT_SEGMENT,
    CUTS,
    FADES,
    PROTOCOLS,
    Case,
    cut_together,
    whole_clip,
)


class Evaluation:
    """Films, protocol and task. Memory holds the frames of one film at a time (of two for cuts)."""

    def __init__(
        self,
        films: Sequence[Path],
        task: EvaluationTask,
        protocol: str,
        *,
        size: int = 256,
        references: int | None = None,
        degrade: Degrade | None = None,
    ) -> None:
        """Choose the films and how they are run.

        `protocol` is a key of `PROTOCOLS` or `CUTS`; `size` the shorter edge in pixels; `references` the
        largest number of references (None: the protocol's). Restoration and remastering need `degrade`.
        Raises `SettingsError` for fewer films than the protocol needs, or a task that it does not go with.
        """
        if protocol == CUTS and len(films) < 2:
            raise SettingsError(
                "The protocol “cuts” needs two films at least; add one or choose another protocol."
            )
        if protocol == FADES.name and task != "colorization":
            raise SettingsError(
                "The protocol “fades” changes the film's tones, so it measures colour alone; use --task colorization."
            )
        self._films, self._task, self._protocol = films, task, protocol
        self._size, self._references, self._degrade = size, references, degrade
        self._count = (len(films) + 1) // 2 if protocol == CUTS else len(films)

    def run(
        self, methods: Mapping[str, Method], sheet: ContactSheet | None = None
    ) -> Generator[Update, None, Report]:
        """Run all methods on all films; pictures of the last frame of each go to `sheet`."""
        rows: list[Row] = []
        truth: list[Row] = []
        short: list[str] = []
        runs = RunCount(self._count * len(methods))
        for case in self._cases():
            measurement = Measurement(case, self._task, self._degrade)
            keep = sheet.begin(measurement) if sheet else None
            for name, method in methods.items():
                yield runs.begins(f"{case.name}: {name}")
                rows.append(measurement.run(name, method, keep(name) if keep else None))
                runs.ended()
            truth.append(measurement.run_truth())
            short += [case.short] if case.short else []
        report = Report(self._task, tuple(rows), tuple(truth), self._notes(short))
        if self._protocol != CUTS and PROTOCOLS[self._protocol].covered:
            return replace(report, judged="what shows only where the reference is masked")
        return report

    def _notes(self, short: Sequence[str]) -> tuple[str, ...]:
        if not short:
            return ()
        wanted = 2 * CUT_SEGMENT if self._protocol == CUTS else PROTOCOLS[self._protocol].frames
        return (f"Films with fewer than {wanted} frames gave all they have: {', '.join(short)}.",)

    def _cases(self) -> Iterator[Case]:
        if self._protocol == CUTS:
            for first in range(0, len(self._films), 2):
                # The odd film out is cut together with the first one.
                second = (first + 1) % len(self._films)
                yield cut_together(self._read(first), self._read(second), self._references)
            return
        for number in range(len(self._films)):
            yield whole_clip(*self._read(number), PROTOCOLS[self._protocol], self._references)

    def _read(self, number: int) -> tuple[str, Bytes]:
        film = self._films[number]
        count = 2 * CUT_SEGMENT if self._protocol == CUTS else PROTOCOLS[self._protocol].frames
        return film.name, read_frames(film, count, self._size)


def comparison_methods(
    task: EvaluationTask, names: Sequence[str] | None, *, references: bool
) -> dict[str, Method]:
    """Return comparison methods by name, in the order asked for; None: all that fit the task.

    Raises `SettingsError` for a name that the task does not have, or that needs references if there are none.
    """
    known = METHODS[task]
    if names is None:
        return {name: method for name, method in known.items() if references or name not in NEED_REFERENCES}
    for name in names:
        if name not in known:
            raise SettingsError(
                f"There is no method “{name}” for {task}; choose from network, {', '.join(known)}."
            )
        if name in NEED_REFERENCES and not references:
            raise SettingsError(f"The method {name} needs references; leave it out or allow references.")
    return {name: known[name] for name in names}
