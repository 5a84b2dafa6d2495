"""What changes of settings are called in the list of undo: what was set, to what and where; free of Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.language import percent, tr
from remaster_gui.project.schema import ProjectSettings
from remaster_gui.ui.wording import PROXY_NAMES

_NAMES: Mapping[str, str] = {
    "restoration": tr("Restoration"),
    "colorization": tr("Colour"),
    "luminance": tr("Luminance"),
    "restoration_strength": tr("Restoration"),
    "saturation": tr("Saturation"),
    "vividness": tr("Vividness"),
    "grain": tr("Grain"),
    "dirt_sensitivity": tr("Sensitivity for dirt"),
    "following": tr("Follow motion"),
    "proxy": tr("Size of previews"),
    "edge": tr("Working size"),
}
_LUMINANCES = {
    "restored": tr("restored at full size"),
    "working": tr("restored at working size"),
    "source": tr("of the source"),
}
_GRAINS = {"out": tr("taken out"), "keep": tr("kept"), "measured": tr("as measured")}


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
    return tr("{named} in shot {number}", named=_named(changed(before, after)), number=number)


def _named(said: Mapping[str, object]) -> str:
    if len(said) == 1:
        ((name, value),) = said.items()
        return _NAMES.get(name, tr("Settings")) + _value(name, value)
    return (
        tr("Settings as the film’s")
        if said and all(value is None for value in said.values())
        else tr("Settings")
    )


def _value(name: str, value: object) -> str:
    if value is None:
        return tr(" as the film’s")
    if isinstance(value, bool):
        return tr(" on") if value else tr(" off")
    if isinstance(value, float):
        return f" {percent(value)}"
    if name == "luminance":
        return f" {_LUMINANCES[str(value)]}"
    if name == "grain":
        return f" {_GRAINS[str(value)]}"
    if name == "proxy":
        return f" {PROXY_NAMES[str(value)]}"
    return f" {value}" if name == "edge" else ""
