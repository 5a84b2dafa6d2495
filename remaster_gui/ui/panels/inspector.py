"""The inspector: facts about film, frame and chosen reference, and how the film is remastered."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.engine.sizes import Size
from remaster_gui.media import FilmInfo
from remaster_gui.project.schema import ProjectSettings, ReferenceRecord
from remaster_gui.ui.painters import painting
from remaster_gui.ui.panels.fact_list import FactList
from remaster_gui.ui.panels.facts import (
    Facts,
    InspectedFrame,
    InspectedShot,
    film_facts,
    frame_facts,
    reference_facts,
)
from remaster_gui.ui.panels.settings_box import SettingsBox
from remaster_gui.ui.panels.shot_box import ShotBox, TargetSwitch
from remaster_gui.ui.panels.where_box import WhereBox
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.scrolling import scrolling


class Inspector(QWidget):
    """Shows what it is told and says what the user wishes."""

    settings_requested = Signal(object)
    """The `ProjectSettings` that the user wants."""
    shot_settings_requested = Signal(int, object)
    """First frame of a shot and the `ShotSettings` that the user wants for it."""
    rename_requested = Signal(str, str)
    """Id of a reference and its new name."""
    enable_requested = Signal(bool)
    """Whether what is chosen is to be used."""
    frame_requested = Signal(int)
    """The playhead is to go to the reference's frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate = Fraction(24)
        self._timecode: str | None = None
        self._reference: ReferenceRecord | None = None
        self.film, self.frame = FactList(), FactList()
        self.reference = _ReferenceBox()
        self.reference.name.editingFinished.connect(self._on_name_edited)
        self.reference.used.clicked.connect(self._on_used_clicked)
        self.reference.go.clicked.connect(self._on_go_clicked)
        self.settings = SettingsBox()
        self.settings.changed.connect(self.settings_requested)
        self.settings.shot_changed.connect(self.shot_settings_requested)
        self.target, self.shot = TargetSwitch(), ShotBox()
        self._film_settings = ProjectSettings()
        self._shot: InspectedShot | None = None
        self._by_shot = False
        sections = {
            "frame": (tr("Frame"), self.frame),
            "reference": (tr("Reference"), self.reference),
            "remastering": (
                tr("Remastering"),
                _below_each_other(self.target, self.settings, self.shot),
            ),
            "film": (tr("Film"), self.film),
        }
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(4)
        self._titles: dict[str, QLabel] = {}
        for name, (title, widget) in sections.items():
            label = QLabel(title)
            label.setProperty("role", "title")
            self._titles[name] = label
            column.addWidget(label)
            column.addWidget(widget)
            column.addSpacing(theme.SPACE)
        column.addStretch(1)
        area = scrolling(page)
        self.nothing = QLabel(tr("Nothing is open."))
        self.nothing.setProperty("role", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.nothing, 1)
        whole.addWidget(area, 1)
        self.area = area
        self.setMinimumWidth(210)
        self.set_film(None)
        self.set_reference(None)
        self.set_shot(None, False)

    def set_film(self, info: FilmInfo | None, byte_count: int = 0) -> None:
        """Show the facts of another film; None when none is open."""
        self.nothing.setVisible(info is None)
        self.area.setVisible(info is not None)
        if info is not None:
            self._rate, self._timecode = info.rate, info.timecode
            self.film.set_facts(film_facts(info, byte_count))
            self.film.setToolTip(str(info.path))
            self.settings.set_size(Size(info.width, info.height))

    def set_frame(self, frame: InspectedFrame) -> None:
        """Show where the playhead is."""
        self.frame.set_facts(frame_facts(frame))

    def set_reference(
        self, reference: ReferenceRecord | None, share: float | None = None, count: int = 1
    ) -> None:
        """Show the chosen reference, and the part of the frame shown that it colours; None for none or not known.

        `count`: how many are chosen together with it, for which changes hold as well.
        """
        self._reference = reference
        self.reference.setVisible(reference is not None)
        self._titles["reference"].setVisible(reference is not None)
        self._titles["reference"].setText(
            tr("Reference") if count < 2 else tr("{count} references, changed together", count=count)
        )
        if reference is not None:
            facts = reference_facts(reference, share, self._rate, self._timecode)
            self.reference.show_reference(reference, facts)

    def set_settings(self, settings: ProjectSettings) -> None:
        """Show how the film is remastered."""
        self._film_settings = settings
        self._show_target()

    def set_shot(self, shot: InspectedShot | None, by_shot: bool) -> None:
        """Tell which shot is at the playhead, None while cuts are not known, and whether its settings are shown."""
        if (shot, by_shot) != (self._shot, self._by_shot):
            self._shot, self._by_shot = shot, by_shot
            self._show_target()

    def _show_target(self) -> None:
        shot = self._shot if self._by_shot else None
        self.target.show_target(self._shot, self._by_shot)
        self.shot.show_shot(shot)
        self.shot.setVisible(shot is not None)
        if shot is None:
            self.settings.show_settings(self._film_settings)
        else:
            self.settings.show_shot(shot)

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed."""
        self.settings.setEnabled(not read_only)
        self.shot.set_read_only(read_only)
        self.reference.name.setReadOnly(read_only)
        self.reference.used.setEnabled(not read_only)
        self.reference.where.set_read_only(read_only)

    def _on_name_edited(self) -> None:
        name = self.reference.name.text().strip()
        if self._reference is None:
            return
        if name and name != self._reference.name:
            self.rename_requested.emit(self._reference.id, name)
        else:
            self.reference.name.setText(self._reference.name)
        self.reference.name.clearFocus()

    def _on_used_clicked(self, used: bool) -> None:
        if self._reference is not None:
            self.enable_requested.emit(used)

    def _on_go_clicked(self) -> None:
        if self._reference is not None and self._reference.frame is not None:
            self.frame_requested.emit(self._reference.frame)


def _below_each_other(*widgets: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.SPACE)
    for widget in widgets:
        column.addWidget(widget)
    return whole


class _Spot(QFrame):
    """A patch of a reference's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.color = QColor()
        self.setFixedSize(14, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.color)
            painter.drawRoundedRect(self.rect(), 3, 3)


class _ReferenceBox(QWidget):
    """Name, use and facts of the chosen reference."""

    def __init__(self) -> None:
        super().__init__()
        self._spot = _Spot()
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of the reference"))
        self.name.setMaxLength(120)
        self.go = QToolButton()
        self.go.setIcon(icon("target"))
        self.go.setIconSize(QSize(15, 15))
        self.go.setToolTip(tr("<b>Go to its frame</b>"))
        self.go.setAccessibleName(tr("Go to its frame"))
        self.used = QCheckBox(tr("Used for colouring"))
        self.used.setToolTip(tr("Let the network draw from this reference"))
        self.where = WhereBox()
        self._facts = FactList()
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget in (self._spot, self.name, self.go):
            line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(line)
        column.addWidget(self._facts)
        column.addWidget(self.used)
        column.addWidget(self.where)

    def show_reference(self, reference: ReferenceRecord, facts: Facts) -> None:
        """Show a reference; a name that is being typed is left alone."""
        self._spot.color = QColor(reference.color)
        self._spot.update()
        if not (self.name.hasFocus() and self.name.isModified()):
            self.name.setText(reference.name)
        self.go.setEnabled(reference.frame is not None)
        self.used.setChecked(reference.enabled)
        self.where.show_validity(reference.validity)
        self._facts.set_facts(facts)
