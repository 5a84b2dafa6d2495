"""Where the files lie that come with the program: icons, theme, demo; free of Qt."""

from __future__ import annotations

from pathlib import Path

import remaster_gui


def resources_folder() -> Path:
    """Return the folder ``resources``: inside an installed package, else beside it in a checkout."""
    package = Path(remaster_gui.__file__).parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"
