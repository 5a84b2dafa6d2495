"""The page seen while nothing is open: open a film, go on with a project, or look at the demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage, QKeyEvent, QMouseEvent, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.mnemonics import plain
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.elided_label import ElidedLabel

_PICTURE = QSize(208, 130)
_WIDTH = 920
_CARD_HEIGHT = 96
_ACTIONS = (
    ("open_film", tr("Start a project\non a film file")),
    ("open_project", tr("Go on with a\n.remaster project")),
    ("open_demo", tr("A short damaged film,\nmade on this machine")),
)


@dataclass(frozen=True, slots=True)
class RecentProject:
    """A project of the past; `picture` is None where there is none yet, `detail` a short line such as its date."""

    path: Path
    name: str
    detail: str
    picture: QImage | None
    exists: bool


class StartPage(QWidget):
    """Three large buttons and the recent projects."""

    project_chosen = Signal(object)
    """Path of a recent project."""
    project_forgotten = Signal(object)
    """Path of a recent project that is to be listed no longer."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        lines = QVBoxLayout(column)
        lines.setSpacing(theme.SPACE)
        lines.setContentsMargins(24, 36, 24, 24)
        title = _label("Remaster", "heading")
        font = title.font()
        font.setPointSizeF(24)
        title.setFont(font)
        title.setStyleSheet("font-size: 24pt;")
        lines.addWidget(title)
        lines.addWidget(
            _label(tr("Restore and colour vintage film from a few references that you paint."), "muted")
        )
        lines.addSpacing(theme.SPACE * 2)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE * 2)
        for id_, text in _ACTIONS:
            row.addWidget(_Card(actions[id_], text))
        lines.addLayout(row)
        other = _label(
            tr(
                "…or drop a film or a folder of pictures anywhere on this window; the File menu opens folders, too."
            ),
            "muted",
        )
        other.setWordWrap(True)
        lines.addWidget(other)
        lines.addSpacing(theme.SPACE * 3)
        self._heading = _label(tr("Recent projects"), "title")
        lines.addWidget(self._heading)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.SPACE * 2)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        lines.addLayout(self._grid)
        self._empty = _label(tr("Projects appear here once you have opened a film."), "muted")
        lines.addWidget(self._empty)
        lines.addStretch(1)
        page = QWidget()
        centre = QHBoxLayout(page)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addStretch(1)
        centre.addWidget(column, 100)
        centre.addStretch(1)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def set_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show the recent projects, the newest first."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, project in enumerate(projects):
            tile = _RecentTile(project)
            tile.chosen.connect(self.project_chosen)
            tile.forgotten.connect(self.project_forgotten)
            self._grid.addWidget(tile, number // 4, number % 4)
        self._empty.setVisible(not projects)


class _Card(QPushButton):
    """A large button with icon, name and a line of explanation."""

    def __init__(self, action: QAction, text: str) -> None:
        super().__init__()
        self._action, self._detail = action, text
        self.setMinimumWidth(220)
        # The theme's own least height of buttons would win over any that is set otherwise.
        self.setStyleSheet(f"min-height: {_CARD_HEIGHT}px;")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(plain(action.text()))
        self.setToolTip(action.toolTip())
        self.clicked.connect(action.trigger)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button of the theme with our own inside."""
        super().paintEvent(event)
        with painting(self) as painter:
            self._action.icon().paint(painter, 18, 16, 30, 30)
            font = self.font()
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(theme.TEXT)
            name = plain(self._action.text())
            painter.drawText(62, 16, self.width() - 70, 30, int(Qt.AlignmentFlag.AlignVCenter), name)
            painter.setFont(self.font())
            painter.setPen(theme.MUTED)
            painter.drawText(18, 56, self.width() - 30, self.height() - 60, 0, self._detail)


class _RecentTile(QFrame):
    """Picture, name and date of a project."""

    chosen = Signal(object)
    forgotten = Signal(object)

    def __init__(self, project: RecentProject) -> None:
        super().__init__()
        self._project = project
        self.setFixedWidth(_PICTURE.width())
        self.setToolTip(
            str(project.path) if project.exists else tr("{path} is no longer there", path=project.path)
        )
        if project.exists:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{project.name}, {project.detail}")
        picture = QLabel()
        picture.setFixedSize(_PICTURE)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        picture.setStyleSheet(f"background: {theme.FIELD.name()}; color: {theme.PLACEHOLDER.name()};")
        if project.picture is None or project.picture.isNull():
            picture.setText(tr("no picture yet"))
        else:
            picture.setPixmap(_covering(project.picture))
        name = ElidedLabel(
            project.name if project.exists else tr("{project} (missing)", project=project.name), "title"
        )
        forget = QToolButton()
        forget.setText("×")
        forget.setToolTip(tr("List this project no longer; its file stays"))
        forget.clicked.connect(lambda: self.forgotten.emit(project.path))
        line = QHBoxLayout()
        line.addWidget(name, 1)
        line.addWidget(forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(picture)
        column.addLayout(line)
        column.addWidget(ElidedLabel(project.detail))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the project, as buttons do."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._project.path)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the project."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._project.path)


def _covering(picture: QImage) -> QPixmap:
    """Scale and crop a picture to fill its frame with the pixels of the finest screen."""
    density = max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
    frame = _PICTURE * density
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = picture.scaled(frame, mode, Qt.TransformationMode.SmoothTransformation)
    left, top = (scaled.width() - frame.width()) // 2, (scaled.height() - frame.height()) // 2
    pixmap = QPixmap.fromImage(scaled.copy(left, top, frame.width(), frame.height()))
    pixmap.setDevicePixelRatio(density)
    return pixmap


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label
