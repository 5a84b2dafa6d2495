"""What a training run writes down: a table of losses, TensorBoard logs, pictures of held-out frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import open_for_appending, open_plain, replace_bytes, replacing

COLUMNS = ("stage", "iteration", "rate", "total", "luminance", "chrominance", "carried")
LOSSES = "losses.csv"
_LONGEST_ROW = 4096
"""Bytes; rows take about 100."""


class RunLog:
    """Writes into the run's folder. A context manager."""

    def __init__(self, folder: Path, passed: int) -> None:
        """Go on after `passed` iterations of the run; what was written of later ones is dropped."""
        self._folder = folder
        self._rows = _open_rows(folder / LOSSES, passed)
        self._board = SummaryWriter(str(folder), purge_step=passed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._board.close()
        self._rows.close()

    def losses(self, stage: str, number: int, passed: int, rate: float, losses: Mapping[str, float]) -> None:
        """Note the losses of iteration `number` (from 1) of a stage, the `passed`th of the run."""
        for name, value in losses.items():
            self._board.add_scalar(f"loss/{name}", value, passed)
        self._board.add_scalar("rate", rate, passed)
        cells = {"stage": stage, "iteration": number, "rate": rate, **losses}
        csv.DictWriter(self._rows, COLUMNS, extrasaction="ignore").writerow(cells)
        self._rows.flush()

    def speed(self, passed: int, samples: float, waits: Mapping[str, float]) -> None:
        """Note the samples a second until iteration `passed`, and the shares of the time that went into waiting."""
        self._board.add_scalar("speed/samples a second", samples, passed)
        for name, share in waits.items():
            self._board.add_scalar(f"speed/{name}", share, passed)

    def validation(self, passed: int, reached: Mapping[str, float]) -> None:
        """Note what a validation after iteration `passed` has reached, in dB."""
        for name, value in reached.items():
            self._board.add_scalar(f"validation/{name} psnr", value, passed)
        self._board.flush()

    def contact_sheet(self, stage: str, number: int, picture: bytes) -> None:
        """Write a PNG of held-out frames as the network makes them after iteration `number` of a stage."""
        path = self._folder / f"frames-{stage}-{number:06d}.png"
        try:
            replace_bytes(path, picture)
        except OSError as error:
            raise StorageError(
                f"The picture {path} cannot be written ({error.strerror}); make room."
            ) from error


def _open_rows(path: Path, passed: int) -> io.TextIOBase:
    """Open the table of losses for appending, without the rows after the first `passed` iterations."""
    kept = list(islice(_rows(path), passed))
    try:
        with replacing(path) as whole, io.TextIOWrapper(whole, newline="") as text:
            csv.writer(text).writerow(COLUMNS)
            text.writelines(kept)
        return io.TextIOWrapper(open_for_appending(path), newline="")
    except OSError as error:
        raise StorageError(
            f"The table of losses {path} cannot be written ({error.strerror}); make room, or "
            "remove what is in its place."
        ) from error


def _rows(path: Path) -> Iterator[str]:
    """Yield the rows of a table below its head, up to one that is damaged; a missing table has none."""
    try:
        table = open_plain(path)
    except (OSError, ValueError):
        return
    with table:
        table.readline(_LONGEST_ROW)
        while (row := table.readline(_LONGEST_ROW)).endswith(b"\n") and row.isascii():
            yield row.decode("ascii")
