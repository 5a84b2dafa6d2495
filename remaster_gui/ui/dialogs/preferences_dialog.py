"""Preferences: language, memory, previews, sound, weights and keys; the user's own, for all projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.choices import PROXIES, Proxy
from remaster_gui.base.language import LANGUAGES, tr
from remaster_gui.document.user_settings import DEFAULT_MEMORY, DEFAULT_PREVIEW_DISK
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.ui.dialogs.file_dialogs import ask_folder, ask_pem, ask_weights
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.file_field import FileField
from remaster_gui.ui.wording import byte_size

_STEP = 256 * 2**20
_LEAST_STEPS = 2
_SHARE = 0.75
"""Part of the machine's memory that caches may be given at most; the rest is for networks and other programs."""
_GIBIBYTE = 2**30
_DISK_SIZES = (0, 1, 2, 4, 8, 16, 32, 64)
"""Gibibytes that previews may take on the disk."""
_PROXIES: dict[Proxy, str] = {
    "quarter": tr("Quarter of the working size, fastest"),
    "half": tr("Half of the working size"),
    "full": tr("Full working size"),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """The user's choices. memory_budget: bytes of all caches. weights: None for those that come with the program.

    preview_disk: bytes of previews on the disk; 0 for none.
    """

    memory_budget: int = DEFAULT_MEMORY
    proxy: Proxy = "half"
    sound: bool = True
    weights: Path | None = None
    preview_disk: int = DEFAULT_PREVIEW_DISK
    farm: FarmPlace | None = None
    """The farm that exports may be made on."""
    signing: SigningFiles | None = None
    """What exports may be signed with."""
    language: str = ""
    """Code of the language from the next start on; '' for the system's."""


@dataclass(frozen=True, slots=True)
class WeightsOption:
    """Weights that are offered. Those with `path` None come with the program."""

    name: str
    path: Path | None = None


class PreferencesDialog(QDialog):
    """Shows preferences and emits those that the user wants, at OK.

    `total_memory`: bytes that the machine has. `weights`: what is offered beside a file of the user's own.
    """

    preferences_requested = Signal(object)
    """The `Preferences`; the dialog closes."""
    clear_requested = Signal()
    """Previews are to be removed from the disk; `set_kept` shows what is left."""
    keys_requested = Signal()
    """The shortcut sheet is to be shown."""

    def __init__(
        self,
        preferences: Preferences,
        *,
        total_memory: int,
        weights: Sequence[WeightsOption] = (WeightsOption(tr("Those that come with Remaster")),),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Preferences"))
        self._total = total_memory
        self.language = QComboBox()
        self.language.addItem(tr("System language"), "")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.memory = QSlider(Qt.Orientation.Horizontal)
        most = max(int(total_memory * _SHARE) // _STEP, preferences.memory_budget // _STEP, _LEAST_STEPS)
        self.memory.setRange(_LEAST_STEPS, most)
        self.memory.setPageStep(4)
        self.memory.setAccessibleName(tr("Memory"))
        self.memory_text = QLabel()
        self.memory_text.setMinimumWidth(self.fontMetrics().horizontalAdvance("00.00 of 000 GB "))
        self.memory.valueChanged.connect(self._show_memory)
        self.disk = QComboBox()
        for size in sorted({*_DISK_SIZES, preferences.preview_disk // _GIBIBYTE}):
            self.disk.addItem(tr("{size} GB", size=size) if size else tr("Nothing"), size)
        self.disk.setAccessibleName(tr("Previews on disk"))
        self.disk_text = QLabel()
        self.clear_disk = QPushButton(tr("Clear"))
        self.clear_disk.setAutoDefault(False)
        self.clear_disk.setToolTip(
            tr("Remove the previews of all films from the disk; they can be made again")
        )
        self.clear_disk.clicked.connect(self.clear_requested)
        self.proxy = QComboBox()
        for proxy in PROXIES:
            self.proxy.addItem(_PROXIES[proxy], proxy)
        self.sound = QCheckBox(tr("Play the film’s sound"))
        self.weights = QComboBox()
        self.weights.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for option in weights:
            self._add_weights(option)
        self.weights.insertSeparator(self.weights.count())
        self.weights.addItem(tr("Another file…"))
        self.weights.activated.connect(self._on_weights_activated)
        self.farm = QLineEdit()
        self.farm.setPlaceholderText(tr("local:2 or tls://studio:8786"))
        self.farm.setAccessibleName(tr("Farm"))
        self.farm_files = FileField(lambda path: ask_folder(self, tr("TLS files of the farm"), path))
        self.farm_files.edit.setPlaceholderText(tr("Folder with ca.pem, cert.pem and key.pem"))
        self.farm_files.edit.setAccessibleName(tr("TLS files of the farm"))
        self.certificates = FileField(lambda path: ask_pem(self, tr("Certificates to sign with"), path))
        self.certificates.edit.setPlaceholderText(tr("Chain of certificates (PEM)"))
        self.certificates.edit.setAccessibleName(tr("Certificates to sign with"))
        self.signing_key = FileField(lambda path: ask_pem(self, tr("Key to sign with"), path))
        self.signing_key.edit.setPlaceholderText(tr("Its key (PEM)"))
        self.signing_key.edit.setAccessibleName(tr("Key to sign with"))
        self.keys = QPushButton(tr("Keyboard shortcuts…"))
        self.keys.setAutoDefault(False)
        self.keys.clicked.connect(self.keys_requested)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        restore = self.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.setText(tr("Restore defaults"))
        restore.clicked.connect(lambda: self._show(Preferences()))
        self._lay_out()
        self._show(preferences)

    def preferences(self) -> Preferences:
        """Return what the dialog shows."""
        return Preferences(
            self.memory.value() * _STEP,
            self.proxy.currentData(),
            self.sound.isChecked(),
            self.weights.currentData(),
            self.disk.currentData() * _GIBIBYTE,
            self._farm(),
            self._signing(),
            self.language.currentData(),
        )

    def _farm(self) -> FarmPlace | None:
        address, files = self.farm.text().strip(), self.farm_files.path()
        return FarmPlace(address, files if files.name else None) if address else None

    def _signing(self) -> SigningFiles | None:
        certificates, key = self.certificates.path(), self.signing_key.path()
        return SigningFiles(certificates, key) if certificates.name and key.name else None

    def set_kept(self, nbytes: int) -> None:
        """Show how much previews take on the disk."""
        self.disk_text.setText(tr("{size} now", size=byte_size(nbytes)))
        self.clear_disk.setEnabled(nbytes > 0)

    def _lay_out(self) -> None:
        memory = QHBoxLayout()
        memory.setSpacing(theme.SPACE)
        memory.addWidget(self.memory, 1)
        memory.addWidget(self.memory_text)
        disk = QHBoxLayout()
        disk.setSpacing(theme.SPACE)
        disk.addWidget(self.disk)
        disk.addWidget(self.disk_text, 1)
        disk.addWidget(self.clear_disk)
        keys = QHBoxLayout()
        keys.addWidget(self.keys)
        keys.addStretch(1)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(5)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        language = QHBoxLayout()
        language.setSpacing(theme.SPACE)
        language.addWidget(self.language)
        later = _hint(tr("From the next start on."))
        later.setContentsMargins(0, 0, 0, 0)  # it stands beside its field, not below
        language.addWidget(later, 1)
        form.addRow(tr("Language"), language)
        form.addRow(tr("Memory"), memory)
        form.addRow("", _hint(tr("For decoded frames, previews and rasters; more means less waiting.")))
        form.addRow(tr("Previews on disk"), disk)
        form.addRow(
            "",
            _hint(
                tr("At most; they are there at once when a film is opened again. The oldest films go first.")
            ),
        )
        form.addRow(tr("Previews"), self.proxy)
        form.addRow("", _hint(tr("Of new projects; the inspector changes it for the present one.")))
        form.addRow(tr("Weights"), self.weights)
        form.addRow("", _hint(tr("The trained network that new projects use.")))
        form.addRow(tr("Farm"), self.farm)
        form.addRow("", self.farm_files)
        form.addRow(
            "", _hint(tr("Its processes, here or on other machines, can make exports; beyond here with TLS."))
        )
        signing = QHBoxLayout()
        signing.setSpacing(theme.SPACE)
        signing.addWidget(self.certificates)
        signing.addWidget(self.signing_key)
        form.addRow(tr("Signing"), signing)
        form.addRow(
            "", _hint(tr("Certificates of your own and their key, with which exports can be signed (C2PA)."))
        )
        form.addRow(tr("Sound"), self.sound)
        form.addRow(tr("Keys"), keys)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column.setSpacing(theme.SPACE * 2)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _show(self, preferences: Preferences) -> None:
        self.language.setCurrentIndex(max(0, self.language.findData(preferences.language)))
        self.memory.setValue(preferences.memory_budget // _STEP)
        self._show_memory()
        self.disk.setCurrentIndex(self.disk.findData(preferences.preview_disk // _GIBIBYTE))
        self.proxy.setCurrentIndex(self.proxy.findData(preferences.proxy))
        self.sound.setChecked(preferences.sound)
        farm = preferences.farm
        self.farm.setText("" if farm is None else farm.address)
        self.farm_files.set_path(Path() if farm is None or farm.files is None else farm.files)
        signing = preferences.signing
        self.certificates.set_path(Path() if signing is None else signing.certificates)
        self.signing_key.set_path(Path() if signing is None else signing.key)
        self._choose_weights(preferences.weights)

    def _show_memory(self) -> None:
        budget = self.memory.value() * _STEP / _GIBIBYTE
        self.memory_text.setText(
            tr("{budget:g} of {total:.0f} GB", budget=budget, total=self._total / _GIBIBYTE)
        )

    def _add_weights(self, option: WeightsOption, at: int | None = None) -> None:
        place = self.weights.count() if at is None else at
        self.weights.insertItem(place, option.name, option.path)
        tip = str(option.path) if option.path else ""
        self.weights.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)

    def _weights_at(self, path: Path | None) -> int:
        places = range(self.weights.count() - 2)
        return next((place for place in places if self.weights.itemData(place) == path), -1)

    def _choose_weights(self, path: Path | None) -> None:
        if self._weights_at(path) < 0 and path is not None:
            self._add_weights(WeightsOption(path.name, path), self.weights.count() - 2)
        self._chosen_weights = max(0, self._weights_at(path))
        self.weights.setCurrentIndex(self._chosen_weights)

    def _on_weights_activated(self, place: int) -> None:
        if place < self.weights.count() - 1:
            self._chosen_weights = place
            return
        self.weights.setCurrentIndex(self._chosen_weights)
        before = self.weights.currentData()
        path = ask_weights(self, before.parent if isinstance(before, Path) else Path.home())
        if path is not None:
            self._choose_weights(path)

    def _on_accepted(self) -> None:
        self.preferences_requested.emit(self.preferences())
        self.accept()


def _hint(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setContentsMargins(0, 0, 0, theme.SPACE)
    return label
