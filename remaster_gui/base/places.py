"""Where this program keeps what belongs to its user."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_log_path


def log_file() -> Path:
    """Return where this user's log is written."""
    return user_log_path("remaster-gui", appauthor=False) / "remaster-gui.log"
