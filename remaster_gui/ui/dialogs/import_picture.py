"""Importing a coloured picture: aligned to the frame shown, or free-standing, with a look at what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.arrays import Pixels
from remaster_gui.media import read_picture
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.picture_box import PictureBox
from remaster_gui.ui.widgets.validation_line import ValidationLine
from remaster_gui.workers.background_tasks import BackgroundTasks

_PREVIEW_EDGE = 900
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """A picture that is to become a reference; `raster` is ready, of the frame where `aligned`."""

    path: Path
    name: str
    aligned: bool
    raster: Raster


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was made of the picture away from the GUI thread."""

    free: Raster
    aligned: Raster | None
    file_preview: QImage
    aligned_preview: QImage | None


class ImportPictureDialog(QDialog):
    """Reads the picture beside the window.

    `luma`: the frame shown as decoded, ``(H, W)`` uint8 or uint16; None where a picture can only stand free.
    `frame_name`: how the frame is called, such as 'frame 312'.
    """

    import_requested = Signal(object)
    """The `ImportChoice`; the dialog closes."""

    def __init__(
        self,
        path: Path,
        luma: Pixels | None,
        frame_name: str,
        tasks: BackgroundTasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import colour picture")
        self.setMinimumSize(620, 420)
        self._path = path
        self._read: _Reading | None = None
        self.file_box, self.result_box = PictureBox("Reading…"), PictureBox("Reading…")
        self._result_title = QLabel()
        self.name = QLineEdit(path.stem[:_LONGEST_NAME] or "Picture")
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName("Name")
        self.aligned = QRadioButton(f"Belongs to {frame_name or 'the frame shown'}")
        self.aligned.setToolTip(
            "The picture is fitted to the frame: colours come from it, light and dark from the frame"
        )
        self.free = QRadioButton("Stands free")
        self.free.setToolTip("The picture is of something else: the network looks for what is alike")
        (self.free if luma is None else self.aligned).setChecked(True)
        self.aligned.setEnabled(luma is not None)
        self.validation = ValidationLine()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self._buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setDefault(True)
        self.accept_button.setEnabled(False)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self.aligned.toggled.connect(self._show)
        self.name.textChanged.connect(self._show)
        self._lay_out()
        task = tasks.start(partial(_read, path, luma), doing="reading the picture", instead_of="import")
        task.finished.connect(self._on_read)
        task.failed.connect(self._on_failed)
        self._show()

    def _lay_out(self) -> None:
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(theme.SPACE)
        pictures.setVerticalSpacing(4)
        title = QLabel(self._path.name)
        for label in (title, self._result_title):
            label.setProperty("role", "muted")
        title.setToolTip(str(self._path))
        for column, (label, box) in enumerate(
            ((title, self.file_box), (self._result_title, self.result_box))
        ):
            pictures.addWidget(label, 0, column)
            pictures.addWidget(box, 1, column)
            pictures.setColumnStretch(column, 1)
        pictures.setRowStretch(1, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.addRow("Name", self.name)
        form.addRow("", self.aligned)
        form.addRow("", self.free)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column_.setSpacing(theme.SPACE)
        column_.addLayout(pictures, 1)
        column_.addLayout(form)
        column_.addWidget(self.validation)
        column_.addWidget(self._buttons)

    def _on_read(self, read: _Reading) -> None:
        self._read = read
        self.file_box.set_picture(read.file_preview)
        self._show()

    def _on_failed(self, sentence: str) -> None:
        self.validation.say(fault=sentence)
        for box in (self.file_box, self.result_box):
            box.set_picture(None, "no picture")

    def _show(self) -> None:
        aligned = self.aligned.isChecked()
        self._result_title.setText("As reference, aligned" if aligned else "As reference, free-standing")
        if self._read is not None:
            picture = self._read.aligned_preview if aligned else self._read.file_preview
            self.result_box.set_picture(picture)
            raster = self._read.free
            note = f"The reference has the picture’s own size, {raster.width} × {raster.height}."
            self.validation.say(note="" if aligned else note)
        self.accept_button.setEnabled(self._read is not None and bool(self.name.text().strip()))

    def _on_accepted(self) -> None:
        if self._read is None or not self.accept_button.isEnabled():
            return
        aligned = self.aligned.isChecked() and self._read.aligned is not None
        raster = self._read.aligned if aligned and self._read.aligned is not None else self._read.free
        self.import_requested.emit(ImportChoice(self._path, self.name.text().strip(), aligned, raster))
        self.accept()


def _read(path: Path, luma: Pixels | None, _cancelled: Event) -> _Reading:
    """Read the picture and make both kinds of reference of it."""
    rgb = read_picture(path)
    aligned = None if luma is None else Raster.of_picture(rgb, luma)
    return _Reading(
        Raster.of_picture(rgb),
        aligned,
        to_qimage(_small(rgb)),
        None if aligned is None else to_qimage(_small(aligned.rgb())),
    )


def _small(rgb: Pixels) -> NDArray[np.uint8] | NDArray[np.uint16]:
    height, width = rgb.shape[:2]
    scale = min(1.0, _PREVIEW_EDGE / max(height, width))
    if scale == 1.0:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smaller: NDArray[np.uint8] = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), rgb.dtype)
    return smaller
