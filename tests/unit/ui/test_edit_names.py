"""The list of undo says what was set, to what, and where."""

from dataclasses import replace

import pytest

from remaster_gui.base.choices import ShotSettings
from remaster_gui.project.schema import ProjectSettings
from remaster_gui.ui import edit_names


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"saturation": 0.8}, "Saturation 80\N{NO-BREAK SPACE}%"),
        ({"restoration_strength": 0.25}, "Restoration 25\N{NO-BREAK SPACE}%"),
        ({"vividness": 1.0}, "Vividness 100\N{NO-BREAK SPACE}%"),
        ({"restoration": False}, "Restoration off"),
        ({"following": False}, "Follow motion off"),
        ({"luminance": "source"}, "Luminance of the source"),
        ({"proxy": "full"}, "Size of previews full"),
        ({"edge": 480}, "Working size 480"),
        ({"edge": 480, "saturation": 0.5}, "Settings"),
    ],
)
def test_changes_of_the_film(changed: dict[str, object], name: str) -> None:
    before = ProjectSettings()
    assert edit_names.of_film(before, replace(before, **changed)) == name  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (ShotSettings(), ShotSettings(saturation=0.8), "Saturation 80\N{NO-BREAK SPACE}% in shot 3"),
        (
            ShotSettings(saturation=0.8),
            ShotSettings(saturation=0.5),
            "Saturation 50\N{NO-BREAK SPACE}% in shot 3",
        ),
        (ShotSettings(saturation=0.8), ShotSettings(), "Saturation as the film’s in shot 3"),
        (ShotSettings(), ShotSettings(colorization=False), "Colour off in shot 3"),
        (ShotSettings(), ShotSettings(luminance="restored"), "Luminance restored at full size in shot 3"),
        (
            ShotSettings(restoration=False, colorization=False),
            ShotSettings(),
            "Settings as the film’s in shot 3",
        ),
    ],
)
def test_changes_of_a_shot(before: ShotSettings, after: ShotSettings, name: str) -> None:
    assert edit_names.of_shot(before, after, 3) == name
