"""What a training run tells: a live line, a table of losses, TensorBoard logs, pictures of held-out frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from torch.utils.tensorboard import SummaryWriter

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import open_for_appending, replace_bytes, replacing

COLUMNS = ("stage", "iteration", "rate", "total", "luminance", "chrominance", "carried")
LOSSES = "losses.csv"


class TrainingReport:
    """Writes into the run's folder and, if `live`, on the terminal. A context manager."""

    def __init__(self, folder: Path, live: bool = True) -> None:
        """Nothing is written before the first `begin`."""
        self._folder = folder
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
        self._progress = Progress(
            *columns, TimeRemainingColumn(), TextColumn("{task.fields[losses]}"),
            console=Console(stderr=True), disable=not live,
        )  # fmt: skip
        self._task = self._progress.add_task("preparing", total=None, losses="")
        self._board: SummaryWriter | None = None
        self._rows: io.TextIOBase | None = None
        self._passed = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if self._board:
            self._board.close()
        if self._rows:
            self._rows.close()

    def begin(self, stage: str, iteration: int, passed: int) -> None:
        """Start (or go on with) a stage at `iteration`; `passed` iterations of earlier stages lie behind."""
        self._passed = passed
        self._progress.reset(self._task, total=1.0, description=f"{stage} {iteration}", losses="")
        if self._board is None:
            self._board = SummaryWriter(str(self._folder), purge_step=passed + iteration)
            self._rows = _open_rows(self._folder / LOSSES, passed + iteration)

    def preparing(self, done: int, total: int, name: str) -> None:
        """Show that films are being decoded, or samples made."""
        self._progress.update(self._task, completed=done, total=total, description=f"preparing {name}")

    def iteration(
        self, stage: str, number: int, progress: float, rate: float, losses: Mapping[str, float]
    ) -> None:
        """Note the losses of iteration `number` (from 1) of a stage; `progress` in [0, 1] is how far it is."""
        assert self._board is not None and self._rows is not None
        for name, value in losses.items():
            self._board.add_scalar(f"loss/{name}", value, self._passed + number)
        self._board.add_scalar("rate", rate, self._passed + number)
        cells = {"stage": stage, "iteration": number, "rate": rate, **losses}
        csv.DictWriter(self._rows, COLUMNS, extrasaction="ignore").writerow(cells)
        self._rows.flush()
        text = "  ".join(f"{name} {value:.4f}" for name, value in losses.items() if name in COLUMNS)
        self._progress.update(self._task, completed=progress, description=f"{stage} {number}", losses=text)

    def speed(self, stage: str, number: int, samples: float, waits: Mapping[str, float]) -> None:
        """Note the samples a second since the last time, and which share of the time went into waiting for what."""
        assert self._board is not None
        self._board.add_scalar("speed/samples a second", samples, self._passed + number)
        for name, share in waits.items():
            self._board.add_scalar(f"speed/{name}", share, self._passed + number)
        shares = ", ".join(f"{name} {share:.0%}" for name, share in waits.items())
        self._progress.console.print(
            f"{stage} {number}: {samples:.2f} samples/s; waited for {shares}", highlight=False
        )

    def validation(self, stage: str, number: int, reached: Mapping[str, float], best: bool) -> None:
        """Note what a validation after iteration `number` has reached, in dB."""
        assert self._board is not None
        for name, value in reached.items():
            self._board.add_scalar(f"validation/{name} psnr", value, self._passed + number)
        self._board.flush()
        values = ", ".join(f"{name} {value:.2f}" for name, value in reached.items())
        self._progress.console.print(
            f"{stage} {number}: {values} dB{' (best)' if best else ''}", highlight=False
        )

    def contact_sheet(self, stage: str, number: int, picture: bytes) -> None:
        """Write a PNG of held-out frames as the network makes them now."""
        path = self._folder / f"frames-{stage}-{number:06d}.png"
        try:
            replace_bytes(path, picture)
        except OSError as error:
            raise StorageError(
                f"The picture {path} cannot be written ({error.strerror}); make room."
            ) from error


def _open_rows(path: Path, passed: int) -> io.TextIOBase:
    """Open the table of losses for appending, without the rows after the first `passed` iterations."""
    lines = path.read_text().splitlines(keepends=True) if path.is_file() else []
    kept = lines[1 : passed + 1]
    with replacing(path) as whole, io.TextIOWrapper(whole, newline="") as text:
        csv.writer(text).writerow(COLUMNS)
        text.writelines(kept)
    return io.TextIOWrapper(open_for_appending(path), newline="")
