"""Where this program keeps what belongs to its user."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path, user_config_path, user_data_path, user_log_path

from remaster_gui.base.errors import StorageError
from remaster_gui.base.language import tr

PROGRAM = "remaster-gui"
"""What the program is called by the system: its command, its folders, its entry in the menu of the desktop."""

_FOLDERS = {
    "cache": user_cache_path,
    "config": user_config_path,
    "data": user_data_path,
    "log": user_log_path,
}


def user_folder(kind: Literal["cache", "config", "data", "log"]) -> Path:
    """Return a folder of this user's, which may not be there yet; `StorageError` for a user without a home."""
    try:
        path = _FOLDERS[kind](PROGRAM, appauthor=False)
    except RuntimeError:  # there is no home folder that could be made out
        path = Path()
    if not path.is_absolute():
        raise StorageError(
            tr(
                "This user has no home folder to keep {kind} files in; set the environment variable HOME to a folder.",
                kind=kind,
            )
        )
    return path


def spelled_out(path: Path) -> Path:
    """Return a path whose ``~`` is the home folder; where nobody has that home it is a name like any other."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def log_file() -> Path:
    """Return where this user's log is written; raises as `user_folder` does."""
    return user_folder("log") / f"{PROGRAM}.log"
