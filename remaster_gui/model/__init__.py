"""The networks of DeepRemaster (SIGGRAPH Asia 2019): torch only, nothing of files but weights."""

from remaster_gui.model.config import (
    COMPACT,
    NARROW,
    PAPER,
    PRESETS,
    ColorizationConfig,
    ModelConfig,
    RestorationConfig,
)
from remaster_gui.model.remaster import RemasterNetwork
from remaster_gui.model.weights import load_model, read_metadata, read_network, save_network, weights_hash

__all__ = [
    "COMPACT",
    "NARROW",
    "PAPER",
    "PRESETS",
    "ColorizationConfig",
    "ModelConfig",
    "RemasterNetwork",
    "RestorationConfig",
    "load_model",
    "read_metadata",
    "read_network",
    "save_network",
    "weights_hash",
]
