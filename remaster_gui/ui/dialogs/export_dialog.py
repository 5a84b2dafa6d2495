"""The export dialog: which frames, in which format, to where, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.counting import counted
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.media import PRESETS, FilmInfo, Preset, find_preset
from remaster_gui.media.own_presets import BESIDE_THE_FILM, OwnPreset, OwnPresets
from remaster_gui.media.presets import WORST_QUALITY
from remaster_gui.ui.dialogs import export_formats as formats
from remaster_gui.ui.dialogs.export_choice import (
    PRESET_HINTS,
    ExportChoice,
    describe_estimate,
    find_faults,
    find_note,
    fitted_output,
    pattern_of,
    usual_output,
)
from remaster_gui.ui.dialogs.export_tips import TIPS
from remaster_gui.ui.dialogs.file_dialogs import ask_export_name
from remaster_gui.ui.dialogs.preset_bar import PresetBar
from remaster_gui.ui.dialogs.shot_files import ShotFiles
from remaster_gui.ui.dialogs.span_picker import SpanPicker
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.file_field import FileField
from remaster_gui.ui.widgets.number_box import NumberBox
from remaster_gui.ui.widgets.validation_line import ValidationLine
from remaster_gui.workers.background_tasks import BackgroundTask, BackgroundTasks

_NARROWEST = 390
"""Of the fields: of the dialog itself it would undo the least size that its texts need."""
_CHECK_MILLISECONDS = 120
"""Quiet time after a change before the disk is asked."""


class ExportDialog(QDialog):
    """Puts an `ExportChoice` together, and one more for each preset that is ticked.

    Only what can be done leaves it, and nothing is written here but presets.

    `choice`: what was chosen the last time, None for the usual. `rates`: frames a second by shorter edge of the
    working size, as far as known. `taken`: outputs of exports that wait or run. `tasks`: where disks are waited for.
    `lut`: that of the viewer, which can be baked in. `own`: where the user's presets are kept. `farm` and
    `signing`: what the preferences name. `has_names`: whether there are named colours.
    """

    export_requested = Signal(object)
    """An `ExportChoice`, once for each; the dialog closes."""

    def __init__(
        self,
        film: FilmInfo,
        choice: ExportChoice | None = None,
        *,
        segment: FrameRange | None = None,
        tasks: BackgroundTasks,
        rates: Mapping[int, float] | None = None,
        taken: frozenset[Path] = frozenset(),
        lut: Path | None = None,
        has_names: bool = False,
        own: OwnPresets | None = None,
        farm: FarmPlace | None = None,
        signing: SigningFiles | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export film"))
        self._film, self._rates, self._taken = film, dict(rates or {}), taken
        self.span = SpanPicker(film, segment)
        self._own = own
        self.presets = PresetBar()
        self.format = QComboBox()
        self.quality = NumberBox()
        self.height_ = QComboBox()
        formats.fill_formats(self.format)
        self.shots = ShotFiles()
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self.output = FileField(
            lambda path: ask_export_name(self, path, self._kind(), per_shot=self.shots.ticked.isChecked())
        )
        self.output.edit.setAccessibleName(tr("Output"))
        self.output.setMinimumWidth(_NARROWEST)
        self.edge = QComboBox()
        self.luminance, self.grain = QComboBox(), QComboBox()
        self.sound = QComboBox()
        self.layers = QCheckBox(tr("Where colours come from, as layers"))
        self._has_names = has_names
        self.mattes = QCheckBox(tr("Mattes of named colours"))
        self._lut = lut
        named = tr("the viewing LUT") if lut is None else printable(lut.name)
        self.lut = QCheckBox(
            self.fontMetrics().elidedText(
                tr("Bake in {named}", named=named), Qt.TextElideMode.ElideMiddle, _NARROWEST - 30
            )
        )
        self.lut.setEnabled(lut is not None)
        self.maker = QComboBox()
        self.maker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._farm = farm
        self.parts = QCheckBox(tr("Kept for the next export to this name"))
        self.archives = QCheckBox(tr("Page and checksums"))
        self._signing = signing
        self.signed = QCheckBox(tr("Signed"))
        self.signed.setEnabled(signing is not None)
        self._fill_settings()
        self.estimate = QLabel()
        self.validation = ValidationLine()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self._buttons.addButton(tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        # Before, it is no button of this dialog.
        self.export.setDefault(True)
        self._tasks = tasks
        self._looking: BackgroundTask | None = None
        self._asking = QTimer(self, singleShot=True, interval=_CHECK_MILLISECONDS)
        self._asking.timeout.connect(self._ask)
        self._show_presets()
        self._show(choice or self._usual())
        self._connect()
        self._on_changed()

    def choice(self) -> ExportChoice:
        """Return what the dialog shows; `span` is the last valid one while another is being typed."""
        return ExportChoice(
            span=self.span.span(),
            output=self.output.path(),
            preset=self._kind().key,
            edge=int(self.edge.currentData()),
            luminance=self.luminance.currentData(),
            grain=self.grain.currentData(),
            sound=self.sound.currentData(),
            layers=self.layers.isEnabled() and self.layers.isChecked(),
            mattes=self.mattes.isEnabled() and self.mattes.isChecked(),
            lut=self._lut if self.lut.isChecked() else None,
            height=self.height_.currentData(),
            farm=self._farm if self.maker.currentIndex() else None,
            keeps_parts=self.parts.isChecked(),
            delivery=self.shots.delivery(),
            archives=self.archives.isChecked(),
            signing=self._signing if self.signed.isChecked() else None,
        )

    def _usual(self) -> ExportChoice:
        preset = PRESETS["prores-hq"]
        return ExportChoice(self.span.span(), usual_output(self._film.path, preset))

    def choices(self) -> tuple[ExportChoice, ...]:
        """Return what the dialog shows, and the same as each preset that is ticked has it."""
        choice = self.choice()
        return (choice, *(choice.by(preset, self._film) for preset in self.presets.more()))

    def _preset(self) -> str:
        return str(self.format.currentData())

    def _kind(self) -> Preset:
        """Return what is chosen, with its quality."""
        usual = PRESETS[self._preset()]
        if usual.quality is None:
            return usual
        return find_preset(f"{usual.key}:{self.quality.value()}") or usual

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(theme.SPACE)
        rows: tuple[tuple[str, QWidget, int], ...] = (
            (tr("Frames"), self.span, 8),
            (tr("Preset"), self.presets, 0),
            (tr("Format"), self.format, 0),
            ("", self._hint, 0),
            (tr("Quality"), self.quality, 0),
            (tr("Size"), self.height_, 0),
            (tr("Shots"), self.shots, 8),
            (tr("Output"), self.output, 8),
            (tr("Colours computed at"), self.edge, 0),
            (tr("Luminance"), formats.in_a_row(self.luminance, self.grain, stretch=1), 0),
            (tr("Sound"), self.sound, 0),
            (tr("Pictures"), self.layers, 0),
            ("", self.mattes, 0),
            ("", self.lut, 8),
            (tr("Made on"), self.maker, 0),
            (tr("Parts"), self.parts, 0),
            (tr("Archive"), formats.in_a_row(self.archives, self.signed), 8),
            (tr("Estimate"), self.estimate, 0),
        )
        for text, widget, gap in rows:
            form.addRow(text, widget)
            if gap:
                spacer = QWidget()
                spacer.setFixedHeight(1)
                form.addRow(spacer)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column.setSpacing(theme.SPACE)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(self.validation)
        column.addWidget(self._buttons)

    def _fill_settings(self) -> None:
        formats.fill_edges(self.edge, self._film)
        self.quality.setRange(0, WORST_QUALITY)
        self.quality.setPrefix("CRF ")
        self.quality.setAccessibleName(tr("Quality"))
        formats.fill_heights(self.height_, self._film)
        formats.fill_luminances(self.luminance)
        formats.fill_grains(self.grain)
        formats.fill_sounds(self.sound, self._film)
        self.maker.addItem(tr("This machine"))
        if self._farm is not None:
            self.maker.addItem(tr("The farm {address}", address=printable(self._farm.address)))
        self.maker.setEnabled(self._farm is not None)
        for name, widget in (
            ("edge", self.edge), ("quality", self.quality), ("luminance", self.luminance), ("sound", self.sound),
            ("maker", self.maker), ("parts", self.parts), ("archives", self.archives), ("signed", self.signed),
            ("lut", self.lut), ("grain", self.grain), ("layers", self.layers), ("mattes", self.mattes),
        ):  # fmt: skip
            widget.setToolTip(TIPS[name])

    def _show(self, choice: ExportChoice) -> None:
        self.span.set_span(choice.span)
        self._show_kind(choice.kind, choice.height)
        formats.show_edge(self.edge, self._film, choice.edge)
        self.luminance.setCurrentIndex(self.luminance.findData(choice.luminance))
        self.grain.setCurrentIndex(self.grain.findData(choice.grain))
        self.sound.setCurrentIndex(max(0, self.sound.findData(choice.sound)))
        self.layers.setChecked(choice.layers)
        self.mattes.setChecked(choice.mattes)
        self.lut.setChecked(choice.lut is not None and choice.lut == self._lut)
        self.output.set_path(choice.output)
        self.maker.setCurrentIndex(1 if choice.farm is not None and choice.farm == self._farm else 0)
        self.parts.setChecked(choice.keeps_parts)
        self.archives.setChecked(choice.archives)
        self.signed.setChecked(choice.signing is not None and choice.signing == self._signing)
        self.shots.set_delivery(choice.delivery)

    def _show_kind(self, kind: Preset, height: int | None) -> None:
        self.format.setCurrentIndex(max(1, self.format.findData(kind.key.partition(":")[0])))
        self.quality.setValue(kind.quality or 0)
        formats.show_height(self.height_, self._film, height)

    def _show_presets(self, current: str = "") -> None:
        if self._own is not None:
            self.presets.set_presets(self._own.load(), current)
        self.presets.setEnabled(self._own is not None)

    def _on_preset_chosen(self, preset: OwnPreset) -> None:
        self._show_kind(preset.preset, preset.height)
        self.output.set_path(self._place_of(preset))
        self.presets.show_current(preset.name)

    def _place_of(self, preset: OwnPreset) -> Path:
        return fitted_output(preset.output(self._film.path), preset.preset, self.shots.delivery())

    def _on_keep_requested(self, name: str) -> None:
        """Keep what is shown under a name, and where it goes as that place is to be found for other films."""
        assert self._own is not None, "without a place there are no presets to keep"
        name, choice = name.strip(), self.choice()
        there = self._own.find(name)
        destination = BESIDE_THE_FILM if there is None else there.destination
        if not there or choice.output != self._place_of(there):
            destination = pattern_of(choice.output, self._film.path, name)
        try:
            self._own.put(OwnPreset(name, choice.preset, choice.height, destination))
        except RemasterError as error:
            self.validation.say(fault=str(error))
        else:
            self._show_presets(name)

    def _on_removal_requested(self, name: str) -> None:
        assert self._own is not None, "without a place there are no presets to remove"
        try:
            self._own.remove(name)
        except RemasterError as error:
            self.validation.say(fault=str(error))
        self._show_presets()

    def _connect(self) -> None:
        self.presets.chosen.connect(self._on_preset_chosen)
        self.presets.keep_requested.connect(self._on_keep_requested)
        self.presets.removal_requested.connect(self._on_removal_requested)
        self.presets.also_changed.connect(self._on_changed)
        self.span.changed.connect(self._on_changed)
        self.shots.changed.connect(self._on_changed)
        self.shots.ticked.toggled.connect(self._fit_output)
        self.format.currentIndexChanged.connect(self._on_format_changed)
        self.output.path_changed.connect(self._on_changed)
        signals: tuple[Callable[..., object], ...] = (
            self.edge.currentIndexChanged.connect,
            self.luminance.currentIndexChanged.connect,
            self.grain.currentIndexChanged.connect,
            self.sound.currentIndexChanged.connect,
            self.layers.toggled.connect,
            self.mattes.toggled.connect,
            self.lut.toggled.connect,
            self.maker.currentIndexChanged.connect,
            self.parts.toggled.connect,
            self.archives.toggled.connect,
            self.signed.toggled.connect,
            self.quality.valueChanged.connect,
            self.height_.currentIndexChanged.connect,
        )
        for connect in signals:
            connect(self._on_changed)

    def _on_format_changed(self) -> None:
        self._fit_output()
        self.quality.setValue(PRESETS[self._preset()].quality or 0)
        self.presets.show_current("")
        self._on_changed()

    def _fit_output(self) -> None:
        path = self.output.path()
        if path.name:
            self.output.set_path(fitted_output(path, PRESETS[self._preset()], self.shots.delivery()))

    def _on_changed(self) -> None:
        """Show what follows from the fields at once; whether it can be done is asked of the disk."""
        self.layers.setEnabled(PRESETS[self._preset()].holds_layers)
        self.mattes.setEnabled(PRESETS[self._preset()].holds_layers and self._has_names)
        self.grain.setEnabled(self.luminance.currentData() != "source")
        self.quality.setEnabled(PRESETS[self._preset()].quality is not None)
        self.quality.setSpecialValueText("" if self.quality.isEnabled() else "–")
        self._hint.setText(PRESET_HINTS[self._preset()])
        self._show_estimate()
        self.export.setEnabled(False)
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if fault := self.span.fault or self.shots.fault:
            self._asking.stop()
            self.validation.say(fault=fault)
        else:
            self._asking.start()

    def _show_estimate(self) -> None:
        choice = self.choice()
        text = describe_estimate(self._film, choice, self._rates.get(choice.edge))
        more = len(self.presets.more())
        self.estimate.setText(
            tr("{text}, and {exports} more", text=text, exports=counted(more, "export")) if more else text
        )

    def _ask(self) -> None:
        film, choices, taken = self._film, self.choices(), self._taken

        def look(_cancelled: Event) -> tuple[tuple[ExportChoice, ...], str, str]:
            return choices, find_faults(film, choices, taken), find_note(film, choices[0])

        self._looking = self._tasks.start(look, doing=tr("looking at the output"), instead_of="export")
        self._looking.finished.connect(self._on_looked)
        self._looking.failed.connect(self._on_failed)

    def _on_failed(self, sentence: str) -> None:
        self._looking = None
        self.validation.say(fault=sentence)

    def _on_looked(self, answer: tuple[tuple[ExportChoice, ...], str, str]) -> None:
        self._looking = None
        choices, fault, note = answer
        self.validation.say(fault=fault, note="" if fault else note)
        self.export.setEnabled(not fault and choices == self.choices())

    def _on_accepted(self) -> None:
        if self.export.isEnabled():
            for choice in self.choices():
                self.export_requested.emit(choice)
            self.accept()
