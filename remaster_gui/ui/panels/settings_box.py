"""How the film is remastered: steps, size of previews, working size and luminance, in a narrow panel."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from remaster_gui.base.choices import DEFAULT_EDGE, EDGES, LUMINANCES, MOST_SATURATION, PROXIES, Proxy
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.project.schema import ProjectSettings
from remaster_gui.ui.panels.fact_list import muted, narrow_form
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.percent_slider import PercentSlider

_LUMINANCE = {
    "restored": "Restored, full size",
    "working": "Restored, working size",
    "source": "The source’s own",
}
_PROXIES: dict[Proxy, str] = {"quarter": "Quarter, fastest", "half": "Half", "full": "Full working size"}


class SettingsBox(QWidget):
    """The project's settings; every change is emitted as whole `ProjectSettings`."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._settings = ProjectSettings()
        self._size = Size(4, 3)
        self.proxy, self.edge, self.luminance = QComboBox(), QComboBox(), QComboBox()
        for proxy in PROXIES:
            self.proxy.addItem(_PROXIES[proxy], proxy)
        for luminance in LUMINANCES:
            self.luminance.addItem(_LUMINANCE[luminance], luminance)
        self.restoration = QCheckBox("Restore")
        self.colorization = QCheckBox("Colour")
        self.strength = PercentSlider("Strength of restoration")
        self.saturation = PercentSlider("Saturation", round(100 * MOST_SATURATION))
        tips = {
            self.proxy: "<b>Size of previews</b><br>Smaller ones come sooner; exports are not touched",
            self.edge: "<b>Working size</b><br>Colours are computed at this size; "
            "larger finds colours of smaller things and takes longer",
            self.luminance: "<b>Luminance</b><br>Where light and dark of the result come from",
            self.strength: "<b>Strength of restoration</b><br>Less lets the film’s own grain and detail through; "
            "double-click for 100 %",
            self.saturation: "<b>Saturation</b><br>How strong all colours are; double-click for 100 %",
            self.restoration: "<b>Restoration</b><br>Take away scratches, dust and noise",
            self.colorization: "<b>Colourisation</b><br>Give the film the references’ colours",
        }
        for widget, tip in tips.items():
            widget.setToolTip(tip)
        form = narrow_form(self)
        form.setVerticalSpacing(5)
        steps = QHBoxLayout()
        steps.setSpacing(theme.SPACE * 2)
        steps.addWidget(self.restoration)
        steps.addWidget(self.colorization)
        steps.addStretch(1)
        form.addRow(muted("Steps"), steps)
        form.addRow(muted("Preview", self.proxy), self.proxy)
        form.addRow(muted("Colours at", self.edge), self.edge)
        form.addRow(muted("Luminance", self.luminance), self.luminance)
        form.addRow(muted("Restored"), self.strength)
        form.addRow(muted("Saturation"), self.saturation)
        for box in (self.proxy, self.edge, self.luminance):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.activated.connect(self._on_changed)
        for check in (self.restoration, self.colorization):
            check.clicked.connect(self._on_changed)
        self.strength.changed.connect(self._on_changed)
        self.saturation.changed.connect(self._on_changed)
        self._fill_edges()

    def set_size(self, size: Size) -> None:
        """Name working sizes for a film of this size."""
        self._size = size
        self._fill_edges()

    def show_settings(self, settings: ProjectSettings) -> None:
        """Show settings without emitting anything."""
        self._settings = settings
        self._fill_edges()
        self.proxy.setCurrentIndex(self.proxy.findData(settings.proxy))
        self.luminance.setCurrentIndex(self.luminance.findData(settings.luminance))
        self.restoration.setChecked(settings.restoration)
        self.colorization.setChecked(settings.colorization)
        self.strength.show_share(settings.restoration_strength)
        self.saturation.show_share(settings.saturation)
        self._keep_one_step()

    def _fill_edges(self) -> None:
        self.edge.clear()
        for edge in sorted({*EDGES, self._settings.edge}):
            size = working_size(self._size, edge)
            self.edge.addItem(
                f"{size.width} × {size.height}" + (", usual" if edge == DEFAULT_EDGE else ""), edge
            )
        self.edge.setCurrentIndex(self.edge.findData(self._settings.edge))

    def _keep_one_step(self) -> None:
        """With neither step nothing would be left to do: the last one cannot be switched off."""
        self.restoration.setEnabled(self.colorization.isChecked() or not self.restoration.isChecked())
        self.colorization.setEnabled(self.restoration.isChecked() or not self.colorization.isChecked())
        self.luminance.setEnabled(self.restoration.isChecked())
        is_restored = self.restoration.isChecked() and self.luminance.currentData() != "source"
        self.strength.setEnabled(is_restored)
        self.saturation.setEnabled(self.colorization.isChecked())

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
            saturation=self.saturation.share(),
        )
        if wanted != self._settings:
            self._settings = wanted
            self.changed.emit(wanted)
