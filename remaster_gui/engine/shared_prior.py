"""The colour prior in memory: one on each device, shared by all that ask it, and gone with the last of them."""

from __future__ import annotations

from threading import Lock
from weakref import WeakValueDictionary

import torch

from remaster_gui.engine.shipped_weights import PRIOR_NAME, resolve_weights
from remaster_gui.model import weights_hash
from remaster_gui.model.prior import ColorPrior
from remaster_gui.model.prior_weights import load_prior

_lock = Lock()
_loaded: WeakValueDictionary[tuple[str, torch.device], ColorPrior] = WeakValueDictionary()


def shared_prior(device: torch.device) -> tuple[ColorPrior, str]:
    """Return the prior that ships, in its inference form on a device, and the hash of its file.

    It never changes: several threads may ask it at once. Raises `WeightsError`.
    """
    path = resolve_weights(None, PRIOR_NAME)
    digest = weights_hash(path)
    with _lock:
        prior = _loaded.get((digest, device))
        if prior is None:
            prior = _loaded[digest, device] = load_prior(path, device)
        return prior, digest
