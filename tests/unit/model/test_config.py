"""Configurations: departures from the paper are switches, each of them changeable by name."""

import dataclasses

import pytest

from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.model import COMPACT, PAPER, ModelConfig
from remaster_gui.model.config import PRESETS


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_a_configuration_survives_metadata(config: ModelConfig) -> None:
    assert ModelConfig.from_dict(config.as_dict()) == config


def test_a_setting_that_an_older_file_has_not_is_the_papers() -> None:
    data = PAPER.as_dict()
    del data["colorization"]["patch_keys"]
    assert ModelConfig.from_dict(data) == PAPER


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_a_switch_that_another_has_taken_over_goes_with_it(config: ModelConfig) -> None:
    data = config.as_dict()
    data["colorization"]["aligned_color"] = config.colorization.carried_color
    assert ModelConfig.from_dict(data) == config
    data["colorization"]["aligned_color"] = not config.colorization.carried_color
    with pytest.raises(WeightsError, match="aligned_color goes with carried_color"):
        ModelConfig.from_dict(data)


def test_a_setting_of_a_newer_version_is_told() -> None:
    data = PAPER.as_dict()
    data["colorization"]["clairvoyance"] = True
    with pytest.raises(WeightsError, match="update the application"):
        ModelConfig.from_dict(data)


def test_settings_change_one_value_each() -> None:
    changed = COMPACT.changed(["colorization.patch_keys=off", "restoration.width=0.5"])
    assert changed == dataclasses.replace(
        COMPACT,
        restoration=dataclasses.replace(COMPACT.restoration, width=0.5),
        colorization=dataclasses.replace(COMPACT.colorization, patch_keys=False),
    )


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("patch_keys=off", "no setting"),
        ("colorization.clairvoyance=on", "no setting"),
        ("name=off", "no setting"),
        ("colorization.patch_keys=0", "on or off"),
        ("colorization.patch_keys", "on or off"),
        ("colorization.attention=dot", "patch keys need cosine"),
        ("colorization.carried_color=off", "steady colour needs carried"),
        ("restoration.width=wide", "wide"),
        ("colorization.width=0", "positive"),
    ],
)
def test_what_cannot_be_set_is_said(setting: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        COMPACT.changed([setting])
