"""Which systems there are, what each does, and their weight files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.base.language import tr
from remaster_gui.model.config import parsed
from remaster_gui.model.rivals.dncnn import DnCNN, DnCNNConfig
from remaster_gui.model.rivals.vondrick import Vondrick, VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSR, WDSRConfig
from remaster_gui.model.rivals.zhang import Zhang, ZhangConfig
from remaster_gui.model.weight_files import WeightFormat
from remaster_gui.model.weights import usable_device

RivalConfig = DnCNNConfig | WDSRConfig | VondrickConfig | ZhangConfig
RivalNetwork = DnCNN | WDSR | Vondrick | Zhang
Half = Literal["restoration", "colorization"]

_LARGEST_NUMBER = 4096


@dataclass(frozen=True, slots=True)
class System:
    """One system: its name in tables, which half of remastering it does, and what builds it."""

    name: str
    title: str
    half: Half
    config: type[Any]
    network: type[Any]


SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (
        System("dncnn", "Zhang et al. 2017b (DnCNN)", "restoration", DnCNNConfig, DnCNN),
        System("wdsr", "Yu et al. 2018 (WDSR)", "restoration", WDSRConfig, WDSR),
        System("vondrick", "Vondrick et al. 2018", "colorization", VondrickConfig, Vondrick),
        System("zhang", "Zhang et al. 2017a", "colorization", ZhangConfig, Zhang),
    )
}


def system_of(config: RivalConfig) -> System:
    """Return the system that a configuration belongs to."""
    return next(system for system in SYSTEMS.values() if isinstance(config, system.config))


def build(config: RivalConfig) -> RivalNetwork:
    """Build the network of a configuration, with random weights."""
    network: RivalNetwork = system_of(config).network(config)
    return network


def changed(config: RivalConfig, settings: Iterable[str]) -> RivalConfig:
    """Return the configuration with settings like ``width=0.5`` applied; raises `SettingsError`."""
    for setting in settings:
        name, _, value = (part.strip() for part in setting.partition("="))
        if name not in {item.name for item in dataclasses.fields(config)}:
            raise SettingsError(
                tr(
                    "“{setting}” is no setting of {name}; write for example width=0.5.",
                    setting=setting,
                    name=system_of(config).name,
                )
            )
        try:
            values: dict[str, Any] = {name: parsed(value, getattr(config, name))}
            config = dataclasses.replace(config, **values)
        except ValueError as error:
            raise SettingsError(
                tr("The network cannot have {setting}: {error}.", setting=setting, error=error)
            ) from error
    return config


def as_dict(config: RivalConfig) -> dict[str, Any]:
    """Return plain data for a file's metadata."""
    return {"system": system_of(config).name, **dataclasses.asdict(config)}


def from_dict(data: Any) -> RivalConfig:
    """Read what `as_dict` wrote; raise `WeightsError` for anything else."""
    try:
        said = dict(plain_data.table(data))
        name = plain_data.text(said.pop("system", ""))
        if name not in SYSTEMS:
            raise ValueError(f"{name[:40]!r} is no system")
        usual = SYSTEMS[name].config()
        known = {item.name for item in dataclasses.fields(usual)}
        if not said.keys() <= known:
            raise ValueError("it has unknown settings")
        values: dict[str, Any] = {key: _value(value, getattr(usual, key)) for key, value in said.items()}
        config: RivalConfig = dataclasses.replace(usual, **values)
    except ValueError as error:
        raise WeightsError(
            tr(
                "The weight file describes a system unknown to this version ({error}); update the application.",
                error=error,
            )
        ) from error
    return config


def _value(value: Any, usual: object) -> bool | int | float:
    if isinstance(usual, bool):
        return plain_data.switch(value)
    if isinstance(usual, int):
        return plain_data.whole(value, 0, _LARGEST_NUMBER)
    return plain_data.number(value, 0, _LARGEST_NUMBER)


RIVAL_FORMAT = WeightFormat(
    "remaster-rival-1",
    "system to compare with",
    as_dict,
    from_dict,
    build,
    {"luminance": "L*/100", "chrominance": "(ab + 128) / 255"},
)


def is_rival(path: Path) -> bool:
    """Whether a file says of itself that it holds one of these systems."""
    try:
        RIVAL_FORMAT.metadata(path)
    except WeightsError:
        return False
    return True


def load_rival(path: Path, device: str | torch.device = "cpu") -> RivalNetwork:
    """Load a system for inference onto `device`; raises `WeightsError`, and `DeviceError`."""
    network: RivalNetwork = RIVAL_FORMAT.read(path).to(usable_device(device))
    network.requires_grad_(False)
    return in_channels_last(network)


def in_channels_last(network: RivalNetwork) -> RivalNetwork:
    """Lay the weights of image convolutions out as they compute fastest; returns the same network."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network
