"""What changes of settings are called in the list of undo: what was set, to what and where; free of Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from remaster_gui.base.choices import ShotSettings
from remaster_gui.project.schema import ProjectSettings

_NAMES: Mapping[str, str] = {
    "restoration": "Restoration",
    "colorization": "Colour",
    "luminance": "Luminance",
    "restoration_strength": "Restoration",
    "saturation": "Saturation",
    "vividness": "Vividness",
    "grain": "Grain",
    "dirt_sensitivity": "Sensitivity for dirt",
    "proxy": "Size of previews",
    "edge": "Working size",
}
_LUMINANCES = {
    "restored": "restored at full size",
    "working": "restored at working size",
    "source": "of the source",
}
_GRAINS = {"out": "taken out", "keep": "kept", "measured": "as measured"}


def changed(
    before: ProjectSettings | ShotSettings, after: ProjectSettings | ShotSettings
) -> dict[str, object]:
    """Return the settings that are other ones than before, by name."""
    values = {field.name: getattr(after, field.name) for field in fields(after)}
    return {name: value for name, value in values.items() if value != getattr(before, name)}


def of_film(before: ProjectSettings, after: ProjectSettings) -> str:
    """Name a change of the film's settings: ``Saturation 80 %``."""
    return _named(changed(before, after))


def of_shot(before: ShotSettings, after: ShotSettings, number: int) -> str:
    """Name a change of what a shot has otherwise, the shot counted from 1: ``Saturation 80 % in shot 3``."""
    return f"{_named(changed(before, after))} in shot {number}"


def _named(said: Mapping[str, object]) -> str:
    if len(said) == 1:
        ((name, value),) = said.items()
        return f"{_NAMES.get(name, 'Settings')}{_value(name, value)}"
    return "Settings as the film’s" if said and all(value is None for value in said.values()) else "Settings"


def _value(name: str, value: object) -> str:
    if value is None:
        return " as the film’s"
    if isinstance(value, bool):
        return " on" if value else " off"
    if isinstance(value, float):
        return f" {value:.0%}".replace("%", " %")
    if name == "luminance":
        return f" {_LUMINANCES[str(value)]}"
    if name == "grain":
        return f" {_GRAINS[str(value)]}"
    return f" {value}" if name in ("proxy", "edge") else ""
