"""Whether a disk has room for what a render is about to write."""

from __future__ import annotations

import shutil
from pathlib import Path

from remaster_gui.base.errors import StorageError
from remaster_gui.base.language import tr


def check_room(folder: Path, needed: int) -> None:
    """Raise `StorageError` where the disk that holds `folder` has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            tr(
                "The disk that holds {folder} has {free:,.1f} MB free, but the film needs "
                "about {needed:,.1f} MB; free some space or choose another output folder or preset.",
                folder=folder,
                free=free / 1e6,
                needed=needed / 1e6,
            )
        )
