"""Training states on disk that survive being killed at any moment.

A checkpoint is written under a temporary name, flushed to the disk and renamed, so that a file with its final name is
always complete; the last two are kept, in case the newest is damaged by something else.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import torch

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import replacing

KEPT = 2
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
        for old in checkpoints(folder)[:-KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        reason = getattr(error, "strerror", None) or "the disk may be full"
        raise StorageError(
            f"The training state cannot be saved in {folder} ({reason}); make room and go on with --resume."
        ) from error
    return target


def checkpoints(folder: Path) -> list[Path]:
    """Return the complete checkpoints of a run, oldest first."""
    return sorted(path for path in folder.glob("checkpoint-*.pt") if _NAME.fullmatch(path.name))


def load_checkpoint(folder: Path) -> dict[str, Any]:
    """Return the newest state that can be read; only tensors and plain data are ever unpickled.

    Raises `StorageError` when there is none.
    """
    for path in reversed(checkpoints(folder)):
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # whatever a damaged file makes torch or zipfile say
            _log.warning("%s cannot be read (%s); trying the one before", path, error)
            continue
        return state
    raise StorageError(f"There is no checkpoint in {folder} to go on from; leave out --resume to start anew.")
