"""Palettes of named swatches: chosen, added to, renamed, put in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.painting.color_values import describe, hex_of_lab
from remaster_gui.project.schema import LONGEST_NAME, Palette, Swatch
from remaster_gui.ui.paint.swatches import SwatchGrid
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.choice_box import ChoiceBox
from remaster_gui.ui.widgets.menus import give_letters


def starter_palette() -> Palette:
    """Return colours that most films have, for a project that has no palette yet."""
    colors = (
        (tr("light skin"), "#d9ab8c"),
        (tr("ruddy skin"), "#bf8060"),
        (tr("dark skin"), "#7b4f38"),
        (tr("lips"), "#a8575a"),
        (tr("fair hair"), "#b59a63"),
        (tr("brown hair"), "#5b4030"),
        (tr("sky"), "#8fb3d6"),
        (tr("deep sky"), "#4f7fb5"),
        (tr("foliage"), "#5f7a3c"),
        (tr("dry grass"), "#a39a58"),
        (tr("earth"), "#86684a"),
        (tr("sand"), "#c9b189"),
        (tr("stone"), "#8e8a80"),
        (tr("brick"), "#8c4a38"),
        (tr("wood"), "#75522f"),
        (tr("olive drab"), "#62603c"),
        (tr("navy"), "#2c3a5e"),
        (tr("water"), "#4a7a80"),
    )
    return Palette(tr("Film"), tuple(Swatch(name, color) for name, color in colors))


class PaletteBox(QWidget):
    """Shows the project's palettes, one at a time, and says how the user wishes them to be."""

    palettes_edited = Signal(object, str)
    """tuple[Palette, ...] as they should be, and the change's name for the menu."""

    def __init__(self, settings: ToolSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._palettes: tuple[Palette, ...] = ()
        self._shown = 0
        self._naming: Callable[[str], None] | None = None
        self._editable = True
        self._choice = ChoiceBox(most=120)
        self._choice.setToolTip(tr("<b>Palettes</b><br>Saved with the project"))
        self._choice.setAccessibleName(tr("Palette"))
        self._choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._choice.activated.connect(self._show)
        self._add = _button("plus", tr("<b>Add swatch</b><br>Put the colour at hand into this palette"))
        self._add.clicked.connect(self._add_swatch)
        self._more = _button("more", tr("<b>Palettes</b><br>New, rename, delete"))
        self._more.clicked.connect(self._show_palette_menu)
        self.grid = SwatchGrid(can_edit=True)
        self.grid.setAccessibleName(tr("Swatches of the palette"))
        self.grid.chosen.connect(self._on_chosen)
        self.grid.hovered.connect(self._on_hovered)
        self.grid.moved.connect(self._on_moved)
        self.grid.remove_requested.connect(self._remove_swatch)
        self.grid.rename_requested.connect(self._rename_swatch)
        self.grid.menu_requested.connect(self._show_swatch_menu)
        self._name = QLabel()
        self._name.setProperty("role", "muted")
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self.field = QLineEdit(maxLength=LONGEST_NAME)
        self.field.setPlaceholderText(tr("Name"))
        self.field.setAccessibleName(tr("Name of the palette or swatch"))
        self.field.editingFinished.connect(self._take_name)
        self.field.installEventFilter(self)
        self._line = QStackedWidget()
        self._line.addWidget(self._name)
        self._line.addWidget(self.field)
        self._line.setFixedHeight(self.field.sizeHint().height())
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self._choice, 1)
        top.addWidget(self._add)
        top.addWidget(self._more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(top)
        column.addWidget(self.grid)
        column.addWidget(self._line)
        self.set_palettes(())

    def set_palettes(self, palettes: Sequence[Palette]) -> None:
        """Show the project's palettes."""
        current = self.grid.current
        self._palettes = tuple(palettes)
        self._shown = min(max(self._shown, 0), max(0, len(self._palettes) - 1))
        self._choice.clear()
        self._choice.addItems([palette.name for palette in self._palettes])
        if not self._palettes:
            self._choice.addItem(tr("No palette yet"))
        self._choice.setEnabled(bool(self._palettes))
        self._choice.setCurrentIndex(self._shown)
        swatches = self._palette.swatches
        self.grid.set_swatches(swatches, current if current < len(swatches) else -1)
        self._on_hovered(-1)

    def set_editable(self, editable: bool) -> None:
        """Allow changes, or only the use of what there is."""
        self._editable = editable
        self._add.setEnabled(editable)
        self._more.setEnabled(editable)
        self.grid.set_editable(editable)

    @property
    def _palette(self) -> Palette:
        return self._palettes[self._shown] if self._palettes else Palette(tr("Palette"))

    def _show(self, number: int) -> None:
        self._shown = number
        self.grid.set_swatches(self._palette.swatches)
        self._on_hovered(-1)

    # Swatches

    def _on_chosen(self, place: int) -> None:
        self._settings.set_foreground_hex(self._palette.swatches[place].color)
        self._on_hovered(place)

    def _on_hovered(self, place: int) -> None:
        place = place if place >= 0 else self.grid.current
        swatches = self._palette.swatches
        if 0 <= place < len(swatches):
            self._name.setText(swatches[place].name)
        else:
            self._name.setText("" if swatches else tr("Empty: + adds the colour at hand"))

    def _add_swatch(self) -> None:
        color = self._settings.foreground
        swatches = (*self._palette.swatches, Swatch(describe(color), hex_of_lab(color)))
        self._change(swatches, tr("Add swatch"))
        self.grid.set_swatches(self._palette.swatches, len(self._palette.swatches) - 1)
        if self._palette.swatches:
            self._rename_swatch(len(self._palette.swatches) - 1)

    def _remove_swatch(self, place: int) -> None:
        swatches = self._palette.swatches
        self._change((*swatches[:place], *swatches[place + 1 :]), tr("Delete swatch"))

    def _on_moved(self, place: int, target: int) -> None:
        swatches = list(self._palette.swatches)
        swatches.insert(target, swatches.pop(place))
        self._change(tuple(swatches), tr("Move swatch"))
        self.grid.set_swatches(self._palette.swatches, target)

    def _rename_swatch(self, place: int) -> None:
        def take(name: str) -> None:
            swatches = list(self._palette.swatches)
            if place < len(swatches):
                swatches[place] = replace(swatches[place], name=name)
                self._change(tuple(swatches), tr("Rename swatch"))

        self._ask(self._palette.swatches[place].name, take)

    def _show_swatch_menu(self, place: int, position: QPoint) -> None:
        menu = QMenu(self)
        if place >= 0:
            menu.addAction(tr("Rename…")).triggered.connect(lambda: self._rename_swatch(place))
            menu.addAction(icon("trash"), tr("Delete")).triggered.connect(lambda: self._remove_swatch(place))
            menu.addSeparator()
        menu.addAction(icon("plus"), tr("Add the colour at hand")).triggered.connect(self._add_swatch)
        give_letters(menu)
        menu.exec(position)
        menu.deleteLater()

    def _change(self, swatches: tuple[Swatch, ...], text: str) -> None:
        changed = replace(self._palette, swatches=swatches)
        palettes = list(self._palettes) or [changed]
        palettes[self._shown] = changed
        self._say(tuple(palettes), text)

    # Palettes

    def _show_palette_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(icon("plus"), tr("New palette")).triggered.connect(self.add_palette)
        menu.addAction(tr("Add palette of film colours")).triggered.connect(self._add_starter)
        rename, delete = (
            menu.addAction(tr("Rename palette…")),
            menu.addAction(icon("trash"), tr("Delete palette")),
        )
        rename.triggered.connect(self.rename_palette)
        delete.triggered.connect(self.remove_palette)
        for action in (rename, delete):
            action.setEnabled(bool(self._palettes))
        give_letters(menu)
        menu.exec(self._more.mapToGlobal(QPoint(0, self._more.height())))
        menu.deleteLater()

    def add_palette(self) -> None:
        """Wish for a new palette, and let it be named."""
        self._append(Palette(self._free_name(tr("Palette"))))
        self.rename_palette()

    def rename_palette(self) -> None:
        """Let the palette shown be named anew."""
        number = self._shown

        def take(name: str) -> None:
            if number < len(self._palettes):
                palettes = list(self._palettes)
                palettes[number] = replace(palettes[number], name=name)
                self._say(tuple(palettes), tr("Rename palette"))

        if self._palettes:
            self._ask(self._palette.name, take)

    def remove_palette(self) -> None:
        """Wish the palette shown away."""
        palettes = list(self._palettes)
        if palettes:
            del palettes[self._shown]
            self._say(tuple(palettes), tr("Delete palette"))

    def _add_starter(self) -> None:
        starter = starter_palette()
        self._append(replace(starter, name=self._free_name(starter.name)))

    def _append(self, palette: Palette) -> None:
        self._shown = len(self._palettes)
        self._say((*self._palettes, palette), tr("Add palette"))

    def _free_name(self, name: str) -> str:
        taken, number, free = {palette.name for palette in self._palettes}, 2, name
        while free in taken:
            number, free = number + 1, f"{name} {number}"
        return free

    def _say(self, palettes: tuple[Palette, ...], text: str) -> None:
        if palettes != self._palettes:
            self.palettes_edited.emit(palettes, text)

    # Names

    def _ask(self, name: str, take: Callable[[str], None]) -> None:
        """Let a name be typed where names are shown."""
        if not self._editable:
            return
        self._naming = take
        self.field.setText(name)
        self.field.selectAll()
        self._line.setCurrentWidget(self.field)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_name(self) -> None:
        take, self._naming = self._naming, None
        self._line.setCurrentWidget(self._name)
        name = "".join(c if c.isprintable() else " " for c in self.field.text()).strip()
        if take is not None and name:
            take(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc leaves the name as it was."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._naming = None
                self._line.setCurrentWidget(self._name)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take_name()
                return True
        return False


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(16, 16))
    button.setToolTip(tip)
    button.setAccessibleName(tip.split("<br>")[0].removeprefix("<b>").removesuffix("</b>"))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
