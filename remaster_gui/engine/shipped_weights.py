"""Which weights are used when the user names none, and whether they are the ones that shipped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import remaster_gui
from remaster_gui.base import plain_data
from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.model import weights_hash

DEFAULT_NAME = "remaster-compact.safetensors"
PRIOR_NAME = "remaster-prior.safetensors"
AUTHORS_NAME = "remasternet.pth.tar"
MANIFEST = "manifest.json"
"""Beside the weights: file name to its SHA-256 and size in bytes."""


def weights_folder() -> Path:
    """Return the folder ``model_weights``: inside an installed package, else beside it in a checkout."""
    package = Path(remaster_gui.__file__).parent
    installed = package / "model_weights"
    return installed if installed.is_dir() else package.parent / "model_weights"


def resolve_weights(path: Path | None, name: str = DEFAULT_NAME) -> Path:
    """Return the weight file to use: `path`, or the one that ships as `name`.

    Raises `WeightsError` when that one is missing or not as the manifest describes it.
    """
    if path is not None:
        return path
    default = weights_folder() / name
    # Only of the network another file may be named.
    may_be_named = name == DEFAULT_NAME
    if not default.is_file():
        instead = tr(" or name a file with --weights") if may_be_named else ""
        raise WeightsError(
            tr(
                "The weights {default} are missing; install the application again{instead}.",
                default=default,
                instead=instead,
            )
        )
    if weights_hash(default) != read_manifest().get(name, {}).get("sha256"):
        instead = tr(", or name the file with --weights to use it as it is") if may_be_named else ""
        raise WeightsError(
            tr(
                "The weights {default} are not those that shipped, or damaged; install the application again{instead}.",
                default=default,
                instead=instead,
            )
        )
    return default


def read_manifest() -> dict[str, dict[str, str | int]]:
    """Return what the manifest says of each file; raises `WeightsError` when it cannot be read."""
    path = weights_folder() / MANIFEST
    try:
        entries = plain_data.table(plain_data.parse(path.read_bytes()))
        return {name: _entry(plain_data.table(entry)) for name, entry in entries.items()}
    except (OSError, ValueError) as error:
        raise WeightsError(
            tr("The list of weights {path} is missing or damaged; install the application again.", path=path)
        ) from error


def _entry(entry: Mapping[str, Any]) -> dict[str, str | int]:
    return {"sha256": plain_data.text(entry["sha256"]), "bytes": plain_data.whole(entry["bytes"])}
