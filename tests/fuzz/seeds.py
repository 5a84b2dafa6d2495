"""What several targets are made of."""

from __future__ import annotations

import os
from pathlib import Path


def tiny_weights(folder: Path) -> Path:
    """Return the weights of a tiny network, below the folder of all seeds; made by whoever needs them first."""
    path = folder / "tiny.safetensors"
    if not path.is_file():
        from remaster_gui.model import save_network
        from tests.conftest import TINY_COMPACT, make_network

        folder.mkdir(parents=True, exist_ok=True)
        made = folder / f"tiny-{os.getpid()}.safetensors"
        save_network(make_network(TINY_COMPACT), made, licence="test", metrics={})
        made.replace(path)
    return path
