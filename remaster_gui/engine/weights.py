"""Which weights are used when the user names none."""

from __future__ import annotations

from pathlib import Path

import remaster_gui
from remaster_gui.base.errors import WeightsError

DEFAULT_NAME = "remaster-compact.safetensors"
AUTHORS_NAME = "remasternet.pth.tar"


def weights_folder() -> Path:
    """Return the folder ``model_weights``: inside an installed package, else beside it in a checkout."""
    package = Path(remaster_gui.__file__).parent
    installed = package / "model_weights"
    return installed if installed.is_dir() else package.parent / "model_weights"


def resolve_weights(path: Path | None) -> Path:
    """Return the weight file to use: `path`, or the one that ships; raises `WeightsError` when there is none."""
    if path is not None:
        return path
    default = weights_folder() / DEFAULT_NAME
    if not default.is_file():
        raise WeightsError(
            f"The weights {default} are missing; install the application again or name a file with --weights."
        )
    return default
