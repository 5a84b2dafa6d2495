"""Training states on disk that survive being killed at any moment.

A checkpoint is written under a temporary name, flushed to the disk and renamed, so that a file with its final name is
always complete; the last two are kept, in case the newest is damaged by something else.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import torch

from remaster_gui.base.errors import RemasterError, StorageError
from remaster_gui.base.files import replacing
from remaster_gui.base.notices import Notice
from remaster_gui.model.saved import load_saved

KEPT = 2
_DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, OverflowError)
_NAME = re.compile(r"checkpoint-(\d{8})\.pt")

_log = logging.getLogger(__name__)


def save_checkpoint(folder: Path, number: int, state: dict[str, Any]) -> Path:
    """Write a state (tensors and plain data) as checkpoint `number`; remove all but the last `KEPT`.

    Raises `StorageError` when the disk is full or the folder cannot be written; what was there stays.
    """
    target = folder / f"checkpoint-{number:08d}.pt"
    try:
        with replacing(target) as file:
            torch.save(state, file)
        _remove(checkpoints(folder)[:-KEPT])
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        reason = getattr(error, "strerror", None) or "the disk may be full"
        raise StorageError(
            f"The training state cannot be saved in {folder} ({reason}); make room and go on with --resume."
        ) from error
    return target


def checkpoints(folder: Path) -> list[Path]:
    """Return the complete checkpoints of a run, oldest first."""
    return sorted(path for path in folder.glob("checkpoint-*.pt") if _NAME.fullmatch(path.name))


def load_checkpoint(folder: Path, restore: Callable[[dict[str, Any]], None]) -> Generator[Notice]:
    """Hand the newest state that can be read to `restore`; only tensors and plain data are ever unpickled.

    What makes `restore` fail with anything but a `RemasterError` is no state of this run: then the one before is tried,
    which a notice says. Raises `StorageError` when there is none.
    """
    passed_over: list[str] = []
    for path in reversed(checkpoints(folder)):
        try:
            state = load_saved(path)
            if not isinstance(state, dict):
                raise ValueError("it holds no table")
            restore(state)
        except RemasterError:
            raise
        except _DAMAGE as error:
            _log.warning("%s cannot be used (%s); trying the one before", path, error, exc_info=True)
            passed_over.append(path.name)
            continue
        if passed_over:
            text = (
                f"{', '.join(passed_over)} cannot be used; the run goes on from {path.name}, which is older."
            )
            yield Notice("warning", text)
        _clear_before(path)
        return
    raise StorageError(
        f"There is no checkpoint in {folder} that can be read to go on from; leave out --resume and choose another "
        "folder to start anew."
    )


def _clear_before(path: Path) -> None:
    """Remove what a run that was killed had no time to remove: all but the last `KEPT` states up to this one."""
    older = [each for each in checkpoints(path.parent) if each <= path]
    try:
        _remove(older[:-KEPT])
    except OSError:
        _log.warning("Old states in %s cannot be removed", path.parent, exc_info=True)


def _remove(states: Iterable[Path]) -> None:
    for old in states:
        old.unlink(missing_ok=True)
