"""How the film or a shot is remastered: steps, sizes, luminance and strengths, in a narrow panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QWidget

from remaster_gui.base.choices import (
    DEFAULT_EDGE,
    DEFAULT_VIVIDNESS,
    EDGES,
    GRAINS,
    LUMINANCES,
    MOST_SATURATION,
    MOST_SENSITIVITY,
    PROXIES,
    Grain,
    Proxy,
    ShotSettings,
)
from remaster_gui.base.language import tr
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.project.schema import ProjectSettings
from remaster_gui.ui.panels.fact_list import muted, narrow_form
from remaster_gui.ui.panels.facts import InspectedShot
from remaster_gui.ui.panels.row_name import RowName
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.choice_box import ChoiceBox
from remaster_gui.ui.widgets.percent_slider import PercentSlider

_LUMINANCE = {
    "restored": tr("Restored, full size"),
    "working": tr("Restored, working size"),
    "source": tr("The source’s own"),
}
_PROXIES: dict[Proxy, str] = {
    "quarter": tr("Quarter, fastest"),
    "half": tr("Half"),
    "full": tr("Full working size"),
}


_GRAINS: dict[Grain, str] = {
    "out": tr("Take out"),
    "keep": tr("Keep"),
    "measured": tr("Put back"),
}

_STEPS = ("restoration", "colorization")


class SettingsBox(QWidget):
    """The settings of the film or of one of its shots; every change is emitted as a whole."""

    changed = Signal(object)
    """`ProjectSettings` that the user wants for the film."""
    shot_changed = Signal(int, object)
    """First frame of a shot and the `ShotSettings` that the user wants for it."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = ProjectSettings()
        self._shot: InspectedShot | None = None
        self._size = Size(4, 3)
        self.proxy, self.edge, self.luminance, self.grain = (ChoiceBox() for _ in range(4))
        for proxy in PROXIES:
            self.proxy.addItem(_PROXIES[proxy], proxy)
        for luminance in LUMINANCES:
            self.luminance.addItem(_LUMINANCE[luminance], luminance)
        for grain in GRAINS:
            self.grain.addItem(_GRAINS[grain], grain)
        self.restoration = QCheckBox(tr("Restore"))
        self.colorization = QCheckBox(tr("Colour"))
        self.following = QCheckBox(tr("Colours follow it"))
        self.strength = PercentSlider(tr("Strength of restoration"))
        self.sensitivity = PercentSlider(tr("Sensitivity for dirt"), round(100 * MOST_SENSITIVITY))
        self.saturation = PercentSlider(tr("Saturation"), round(100 * MOST_SATURATION))
        self.vividness = PercentSlider(tr("Vividness of guesses"), usual=round(100 * DEFAULT_VIVIDNESS))
        tips = {
            self.proxy: tr("<b>Size of previews</b><br>Smaller ones come sooner; exports are not touched"),
            self.edge: tr(
                "<b>Working size</b><br>Colours are computed at this size; "
                "larger finds colours of smaller things and takes longer"
            ),
            self.luminance: tr("<b>Luminance</b><br>Where light and dark of the result come from"),
            self.strength: tr(
                "<b>Strength of restoration</b><br>Less lets the film’s own grain and detail through; "
                "double-click for 100 %"
            ),
            self.grain: tr(
                "<b>Grain</b><br>Taken out with all that is as fine; kept wherever no dirt was taken away; "
                "or new grain as strong and as coarse as the film’s was"
            ),
            self.sensitivity: tr(
                "<b>Sensitivity for dirt</b><br>How faint a spot may be that counts as dirt and is taken "
                "away; double-click for 100 %"
            ),
            self.saturation: tr("<b>Saturation</b><br>How strong all colours are; double-click for 100 %"),
            self.vividness: tr(
                "<b>Vividness of guesses</b><br>Of colours where there are no references: less is paler "
                "and right more often; double-click for {default_vividness:.0%}",
                default_vividness=DEFAULT_VIVIDNESS,
            ),
            self.restoration: tr("<b>Restoration</b><br>Take away scratches, dust and noise"),
            self.colorization: tr("<b>Colourisation</b><br>Give the film the references’ colours"),
            self.following: tr(
                "<b>Follow the motion</b><br>Carry colours along the motion as well, from the frames that "
                "references show to those around them: finer between references, and slower"
            ),
        }
        for widget, tip in tips.items():
            widget.setToolTip(tip)
        self._form = form = narrow_form(self)
        form.setVerticalSpacing(5)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        steps = QHBoxLayout()
        steps.setSpacing(theme.SPACE * 2)
        steps.addWidget(self.restoration)
        steps.addWidget(self.colorization)
        steps.addStretch(1)
        self.names = {
            "steps": RowName(tr("Steps")),
            "luminance": RowName(tr("Luminance"), self.luminance),
            "restoration_strength": RowName(tr("Restored")),
            "grain": RowName(tr("Grain"), self.grain),
            "dirt_sensitivity": RowName(tr("Dirt")),
            "following": RowName(tr("Motion")),
            "saturation": RowName(tr("Saturation")),
            "vividness": RowName(tr("Vividness")),
        }
        """What stands before settings that a shot may have of its own, by these."""
        form.addRow(self.names["steps"])
        form.addRow(steps)  # below its name, as below: in other languages there is no room beside it
        of_film = muted(tr("Preview"), self.proxy), muted(tr("Colours at"), self.edge)
        form.addRow(of_film[0], self.proxy)
        form.addRow(of_film[1], self.edge)
        form.addRow(self.names["luminance"], self.luminance)
        form.addRow(self.names["restoration_strength"], self.strength)
        form.addRow(self.names["grain"], self.grain)
        form.addRow(self.names["dirt_sensitivity"], self.sensitivity)
        form.addRow(self.names["saturation"], self.saturation)
        form.addRow(self.names["vividness"], self.vividness)
        form.addRow(self.names["following"])
        form.addRow(self.following)
        for name, row in self.names.items():
            self._lead_back(row, name)
        # Within the names: a form leaves the gap out of account when it looks whether a row is too long.
        gap = form.horizontalSpacing()
        form.setHorizontalSpacing(0)
        widest = max(each.sizeHint().width() for each in (*of_film, *self.names.values()))
        for each in (*of_film, *self.names.values()):
            each.setMinimumWidth(widest + gap)
        for box in (self.proxy, self.edge, self.luminance, self.grain):
            box.activated.connect(self._on_changed)
        for check in (self.restoration, self.colorization, self.following):
            check.clicked.connect(self._on_changed)
        self.strength.changed.connect(self._on_changed)
        self.sensitivity.changed.connect(self._on_changed)
        self.saturation.changed.connect(self._on_changed)
        self.vividness.changed.connect(self._on_changed)
        self._fill_edges()

    def set_size(self, size: Size) -> None:
        """Name working sizes for a film of this size."""
        self._size = size
        self._fill_edges()

    def show_settings(self, settings: ProjectSettings) -> None:
        """Show the film's settings without emitting anything."""
        self._show(settings, None)

    def show_shot(self, shot: InspectedShot) -> None:
        """Show a shot's settings and which of them are its own, without emitting anything."""
        self._show(shot.settings, shot)

    def _show(self, settings: ProjectSettings, shot: InspectedShot | None) -> None:
        self._settings, self._shot = settings, shot
        for widget in (self.proxy, self.edge):
            self._form.setRowVisible(widget, shot is None)
        own = {} if shot is None else shot.record.settings.own
        for name, row in self.names.items():
            row.mark(any(each in own for each in _STEPS) if name == "steps" else name in own)
        self._fill_edges()
        self.proxy.setCurrentIndex(self.proxy.findData(settings.proxy))
        self.luminance.setCurrentIndex(self.luminance.findData(settings.luminance))
        self.restoration.setChecked(settings.restoration)
        self.colorization.setChecked(settings.colorization)
        self.strength.show_share(settings.restoration_strength)
        self.grain.setCurrentIndex(self.grain.findData(settings.grain))
        self.sensitivity.show_share(settings.dirt_sensitivity)
        self.saturation.show_share(settings.saturation)
        self.vividness.show_share(settings.vividness)
        self.following.setChecked(settings.following)
        self._keep_one_step()

    def _fill_edges(self) -> None:
        self.edge.clear()
        for edge in sorted({*EDGES, self._settings.edge}):
            size = working_size(self._size, edge)
            self.edge.addItem(
                f"{size.width} × {size.height}" + (tr(", usual") if edge == DEFAULT_EDGE else ""), edge
            )
        self.edge.setCurrentIndex(self.edge.findData(self._settings.edge))

    def _keep_one_step(self) -> None:
        """Keep the film from having neither step, of which nothing would be left to do; a shot may stay as it was."""
        is_shot = self._shot is not None
        one, other = self.restoration, self.colorization
        one.setEnabled(is_shot or other.isChecked() or not one.isChecked())
        other.setEnabled(is_shot or one.isChecked() or not other.isChecked())
        self.luminance.setEnabled(self.restoration.isChecked())
        is_restored = self.restoration.isChecked() and self.luminance.currentData() != "source"
        for widget in (self.strength, self.grain, self.sensitivity):
            widget.setEnabled(is_restored)
        for colored in (self.saturation, self.vividness, self.following):
            colored.setEnabled(self.colorization.isChecked())

    def _on_changed(self) -> None:
        self._keep_one_step()
        wanted = replace(
            self._settings,
            proxy=self.proxy.currentData(),
            edge=int(self.edge.currentData()),
            luminance=self.luminance.currentData(),
            restoration=self.restoration.isChecked(),
            colorization=self.colorization.isChecked(),
            restoration_strength=self.strength.share(),
            grain=self.grain.currentData(),
            dirt_sensitivity=self.sensitivity.share(),
            saturation=self.saturation.share(),
            vividness=self.vividness.share(),
            following=self.following.isChecked(),
        )
        if wanted == self._settings:
            return
        before, self._settings = self._settings, wanted
        if self._shot is None:
            self.changed.emit(wanted)
            return
        names = (field.name for field in fields(ShotSettings))
        changes = {n: getattr(wanted, n) for n in names if getattr(wanted, n) != getattr(before, n)}
        self._ask(self._shot, changes)

    def _lead_back(self, row: RowName, name: str) -> None:
        row.reset_requested.connect(partial(self._reset, name))

    def _reset(self, name: str) -> None:
        if self._shot is not None:
            self._ask(self._shot, dict.fromkeys(_STEPS if name == "steps" else (name,)))

    def _ask(self, shot: InspectedShot, changes: Mapping[str, Any]) -> None:
        settings = replace(shot.record.settings, **changes)
        self._shot = replace(shot, record=replace(shot.record, settings=settings))
        self.shot_changed.emit(shot.span.start, settings)
