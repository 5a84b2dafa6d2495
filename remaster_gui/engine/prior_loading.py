"""The colour prior beside a network that carries colour: found, checked and put in its place when that is loaded."""

from __future__ import annotations

from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.engine.shared_prior import shared_prior
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.model import RemasterNetwork, weights_hash
from remaster_gui.model.carrying import CarriedColor
from remaster_gui.model.filling import Filling
from remaster_gui.model.filling_weights import read_confidence

FILLING_NAME = "remaster-filling.safetensors"


def fill_in(network: RemasterNetwork, weights: str) -> tuple[str, Notice | None]:
    """Let the prior fill what references leave open, if there is one that knows how sure this network's colours are.

    `network` is loaded, its file has the hash `weights`, and nobody uses it yet. Returns what identifies the filling
    ("" if there is none), and what is to be said where it should be there and is not: all else works without.
    """
    path = network.colorization.color_path
    if not isinstance(path, CarriedColor):
        return "", None
    try:
        own = resolve_weights(None, FILLING_NAME)
        confidence, beside = read_confidence(own, network.device)
        if beside != weights:
            return "", None
        prior, prior_hash = shared_prior(network.device)
        path.filling = Filling(prior, confidence)
    except WeightsError as error:
        return "", Notice(
            "warning",
            tr("{error} Without it nothing is guessed: what no reference shows stays pale.", error=error),
        )
    return f"{prior_hash}+{weights_hash(own)}", None
