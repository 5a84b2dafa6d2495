"""The methods that tables name: the systems that the paper compares with, and its own network in several forms.

Their weights lie in ``model_weights/rivals``; they are read here when a method is asked for by name, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

from remaster_gui.base.choices import Grain
from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.shipped_weights import resolve_weights, weights_folder
from remaster_gui.evaluation.methods import METHODS, EvaluationTask, Method
from remaster_gui.evaluation.network import NetworkMethod
from remaster_gui.evaluation.rival_methods import Remembering, method_of, one_after_the_other
from remaster_gui.model import load_model, read_metadata
from remaster_gui.model.precision import FULL
from remaster_gui.model.rivals import systems
from remaster_gui.model.rivals.systems import SYSTEMS

FOLDER = "rivals"
"""Of the weights, in the folder of weights."""
NETWORK = "network"
"""The product's own network."""
SHIPPED_TRAINING = "about 4 h"
"""What the model card says of the weights that ship."""

_FORMS = {
    "narrow": "narrow",
    "narrow-joint": "narrow-joint",
    "narrow-without-skip": "narrow-without-skip-and-temporal",
    "narrow-without-temporal": "narrow-without-skip-and-temporal",
    "narrow-without-self-attention": "narrow-without-self-attention",
}
"""The paper's own network in several forms, each by its file; one file holds halves of two of them."""
_FORM_TASKS: Mapping[str, tuple[EvaluationTask, ...]] = {
    "narrow": ("restoration", "colorization", "remastering"),
    "narrow-joint": ("restoration", "colorization", "remastering"),
    "narrow-without-skip": ("restoration",),
    "narrow-without-temporal": ("colorization",),
    "narrow-without-self-attention": ("colorization",),
}


def rival_names(task: EvaluationTask) -> tuple[str, ...]:
    """Return the names of the systems, and forms of the paper's network, that do a task; pairs are joined by a plus."""
    restorers, colorers = (
        [name for name, system in SYSTEMS.items() if system.half == half]
        for half in ("restoration", "colorization")
    )
    found = {
        "restoration": restorers,
        "colorization": colorers,
        "remastering": [f"{first}+{second}" for second in colorers for first in restorers],
    }[task]
    return (*found, *(name for name, tasks in _FORM_TASKS.items() if task in tasks))


@dataclass
class RivalMethods:
    """Reads weights once each, and hands out methods by name."""

    device: torch.device
    folder: Path = field(default_factory=lambda: weights_folder() / FOLDER)
    _read: dict[str, Method] = field(default_factory=dict)

    def method(self, task: EvaluationTask, name: str) -> Method:
        """Return a method; raises `SettingsError` for a name that the task does not have, `WeightsError`."""
        if name in METHODS[task]:
            return METHODS[task][name]
        if name == NETWORK:
            return self._once(NETWORK, lambda: _as_rendered(resolve_weights(None), self.device))
        if name not in rival_names(task):
            known = ", ".join((NETWORK, *METHODS[task], *rival_names(task)))
            raise SettingsError(f"There is no method “{name}” for {task}; choose from {known}.")
        if name in _FORMS:
            path = self._path(_FORMS[name])
            return self._once(_FORMS[name], lambda: NetworkMethod(load_model(path, self.device)))
        first, _, second = name.partition("+")
        return (
            one_after_the_other(self._system(first), self._system(second)) if second else self._system(first)
        )

    def training(self, task: EvaluationTask, name: str) -> str:
        """Say for how long the networks of a method learned for a task; '' for methods that do not learn.

        Where two halves learned apart, each file says how long either of them did.
        """
        if name == NETWORK:
            return SHIPPED_TRAINING
        files = [_FORMS[name]] if name in _FORMS else [part for part in name.split("+") if part in SYSTEMS]
        minutes = [_minutes(self._path(file)) for file in files]
        if not minutes or None in minutes:
            return ""
        halves = 2 if task == "remastering" and name == "narrow" else 1
        return f"{halves * sum(filter(None, minutes)):g} min"

    def _system(self, name: str) -> Method:
        path = self._path(name)

        def load() -> Method:
            method = method_of(systems.load_rival(path, self.device))
            return Remembering(method) if SYSTEMS[name].half == "restoration" else method

        return self._once(name, load)

    def _once(self, key: str, make: Callable[[], Method]) -> Method:
        if key not in self._read:
            self._read[key] = make()
        return self._read[key]

    def _path(self, name: str) -> Path:
        path = self.folder / f"{name}.safetensors"
        if not path.is_file():
            raise WeightsError(
                f"The weights {path} are missing; they are part of the source, not of an installed package. Train them "
                "with `remaster-gui train`, or leave those methods out."
            )
        return path


def weights_method(
    path: Path, device: torch.device, task: EvaluationTask, grain: Grain = "out", *, follows: bool = True
) -> Method:
    """Return what a weight file holds as a method: a network of ours, or a system to compare with.

    Where a network is ours: what becomes of grain as it restores, and whether colours follow the motion as well.

    Raises `WeightsError`, and `SettingsError` for a system that does not do the task.
    """
    if not systems.is_rival(path):
        return _as_rendered(path, device, grain, follows=follows)
    network = systems.load_rival(path, device)
    half = systems.system_of(network.config).half
    if half != task:
        does = "restores" if half == "restoration" else "colours"
        raise SettingsError(f"{path.name} holds a system that only {does}; use it with --task {half}.")
    return method_of(network)


def _as_rendered(
    weights: Path, device: torch.device, grain: Grain = "out", *, follows: bool = True
) -> NetworkMethod:
    """Return a network as films are rendered with it, in float32 on every device."""
    loaded = LoadedNetwork.load(weights, device, precision=FULL)
    return NetworkMethod(loaded.network, loaded.prior, grain, follows=follows)


def _minutes(path: Path) -> float | None:
    """Return the minutes of processor time that a file says its networks learned for."""
    read = systems.RIVAL_FORMAT.metadata if systems.is_rival(path) else read_metadata
    metrics = read(path).get("metrics", {})
    value = metrics.get("processor_minutes") if isinstance(metrics, dict) else None
    return float(value) if isinstance(value, int | float) else None
