"""Walk the editor in a language that nobody speaks, and print what is amiss as JSON; a process of its own.

    python -m tests.e2e.language_walk FILM FOLDER

Every text is bracketed and two fifths longer, so that what shows no bracket was forgotten, and what lacks its closing
bracket or its room is cut. Then the same window is turned right to left.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from remaster_gui.base.language import speak_as

OPEN, CLOSE = "⟦", "⟧"
SIZE = (1366, 768)


class Longer(NullTranslations):
    """Says every text in brackets and two fifths longer; markup and places to fill stay as they are."""

    def gettext(self, message: str) -> str:
        """Say a text."""
        padding = "~" * max(1, round(0.4 * len(re.sub(r"<[^<>]*>|\{[^{}]*\}", "", message))))
        words = re.sub(r"(~{6})(?=~)", r"\1 ", padding)
        first = re.match(r"\s*(<b>)?", message)
        assert first is not None
        return f"{first[0]}{OPEN}{message[first.end() :]} {words}{CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Say a text that counts."""
        return self.gettext(msgid1 if n == 1 else msgid2)


speak_as(Longer())

# What follows takes its texts as it is imported.
from PySide6.QtCore import QRect, Qt, QTimer  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDockWidget,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from remaster_gui.app import make_application  # noqa: E402
from remaster_gui.document.user_settings import UserSettings  # noqa: E402
from remaster_gui.ui.main_window import MainWindow  # noqa: E402
from remaster_gui.ui.mnemonics import plain  # noqa: E402
from remaster_gui.ui.widgets.choice_box import ChoiceBox  # noqa: E402
from remaster_gui.ui.widgets.elided_label import ElidedLabel  # noqa: E402

DIALOGS = ("preferences", "shortcuts", "about", "export")
"""Actions that open one."""
_OWN = re.compile(
    r"[\d.]+ (GB|MB|kB)|Remaster|film(\.mkv|\.remaster)?|PCM|H\.26[45].*|CRF \d*|English|Deutsch|Esc|[A-Z]|fine|coarse"
    r"|bt\d+.*|remaster-\w+.*|local:2 or tls.*|cpu|CPU|px|fps|GB|MB|kB|Ctrl.*|Shift.*|Alt.*|F\d+.*|Space|Return|Enter"
    r"|Home|End|PgUp|PgDown|Del.*|Left|Right|Up|Down|/.*|\{.*|0\.\d+\.\d+.*|[0-9a-f]{6,}|lower_\w+|qt_\w+"
)
"""Names, keys and what the user wrote."""


def _is_forgotten(text: str) -> bool:
    bare = re.sub(r"<[^<>]*>", " ", text).replace("&", "").strip()
    return OPEN not in text and re.search(r"[A-Za-z]{2,}", bare) is not None and not _OWN.fullmatch(bare)


def _standard_texts(widget: QWidget) -> bool:
    """Whether a widget bears one of Qt's own texts, which Qt translates."""
    box = widget.parent()
    if isinstance(box, QDockWidget | QTabBar | QKeySequenceEdit):
        return True
    return (
        isinstance(box, QDialogButtonBox)
        and isinstance(widget, QAbstractButton)
        and bool(
            box.standardButton(widget).value  # type: ignore[arg-type]
        )
    )


def _texts(widget: QWidget) -> Iterator[str]:
    yield from (widget.toolTip(), widget.accessibleName(), widget.windowTitle() if widget.isWindow() else "")
    match widget:
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QLineEdit():
            yield widget.placeholderText()
        case QComboBox():
            yield from (widget.itemText(place) for place in range(widget.count()))
        case QDockWidget():
            yield widget.windowTitle()
        case QMenu():
            yield plain(widget.title())
            for action in widget.actions():
                yield from (plain(action.text()), action.toolTip())
        case QTreeWidget():
            head = widget.headerItem()
            yield from (head.text(column) for column in range(widget.columnCount()))


def _below(top: QWidget) -> list[QWidget]:
    return [top, *top.findChildren(QWidget)]


def forgotten(top: QWidget) -> set[str]:
    """Texts in a window that did not go through `tr`."""
    return {
        f"{type(widget).__name__}: {text}"
        for widget in _below(top)
        if not _standard_texts(widget)
        for text in _texts(widget)
        if _is_forgotten(text)
    }


def cut(top: QWidget) -> set[str]:
    """Labels, buttons and lists in sight with less room than their texts need; those that elide are meant to."""
    found = set()
    for widget in _below(top):
        if isinstance(widget, QComboBox) and widget.isVisibleTo(top):
            field = QStyleOptionComboBox()
            widget.initStyleOption(field)
            room = widget.style().subControlRect(
                QStyle.ComplexControl.CC_ComboBox, field, QStyle.SubControl.SC_ComboBoxEditField, widget
            )
            if isinstance(widget, ChoiceBox) and widget.width() >= widget.minimumSizeHint().width():
                continue  # names of the user's may be of any length
            texts = (widget.itemText(place) for place in range(widget.count()))
            found |= {each for each in texts if widget.fontMetrics().horizontalAdvance(each) > room.width()}
        if (
            not widget.isVisibleTo(top)
            or not isinstance(widget, QLabel | QAbstractButton)
            or not widget.text()
        ):
            continue
        if isinstance(widget, ElidedLabel | QToolButton) or _standard_texts(widget):
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            continue  # takes another line
        if widget.width() < widget.minimumSizeHint().width():
            found.add(f"{type(widget).__name__} {widget.width()}x{widget.height()}: {widget.text()}")
    return found


def overlapping(top: QWidget) -> set[str]:
    """Pairs of siblings in sight within a layout that lie upon each other."""
    found = set()
    for parent in _below(top):
        layout = parent.layout()
        if layout is None or isinstance(parent, QMainWindow) or not parent.isVisibleTo(top):
            continue
        widgets = [item.widget() for item in map(layout.itemAt, range(layout.count())) if item is not None]
        shown = [each for each in widgets if each is not None and each.isVisibleTo(top)]
        for at, one in enumerate(shown):
            for other in shown[at + 1 :]:
                if QRect(one.geometry()).intersects(other.geometry()):
                    found.add(f"{type(parent).__name__}: {type(one).__name__} and {type(other).__name__}")
    return found


class Walk:
    """What was found so far."""

    def __init__(self, film: Path, folder: Path) -> None:
        self.found: dict[str, Any] = {"forgotten": set(), "cut": set(), "overlapping": set(), "seen": 0}
        self.application = make_application()
        self.window = MainWindow(UserSettings(folder / "settings.json"))
        self.window.show()
        self.window.setWindowState(Qt.WindowState.WindowNoState)  # on a small screen it takes all of that
        self.window.resize(*SIZE)
        self.look(self.window)
        self.window.open_path(film)
        self.wait(lambda: self.window.session is not None and self.window.session.viewer.shown_frame == 0)

    def wait(self, condition: Callable[[], object]) -> None:
        """Let the window live until something is so."""
        ticking = QTimer(interval=10)
        ticking.start()
        while not condition():
            QApplication.processEvents()

    def look(self, top: QWidget) -> None:
        """Take down what is amiss in a window, once its layouts have come to rest."""
        for _ in range(10):
            QApplication.sendPostedEvents()
            QApplication.processEvents()
        self.found["seen"] += sum(OPEN in text for widget in _below(top) for text in _texts(widget))
        self.found["forgotten"] |= forgotten(top)
        self.found["cut"] |= cut(top)
        self.found["overlapping"] |= overlapping(top)

    def walk(self) -> dict[str, Any]:
        """Look at everything."""
        window = self.window
        for name, dock in window.layout_.docks.items():
            window.layout_.show(name)
            dock.raise_()
            self.look(window)
        window.actions_["mark_reference"].trigger()
        self.wait(lambda: window.session is not None and window.session.references.chosen is not None)
        window.layout_.show("inspector")
        self.look(window)
        for name in DIALOGS:
            if name not in self.actions():
                self.found["forgotten"].add(f"there is no action {name}")
                continue
            window.actions_[name].trigger()
            self.wait(lambda: self.dialogs())
            for dialog in self.dialogs():
                self.look(dialog)
                if dialog.width() > SIZE[0] or dialog.height() > SIZE[1]:
                    self.found["cut"].add(f"{type(dialog).__name__} {dialog.width()}x{dialog.height()}")
                dialog.reject()
            self.wait(lambda: not self.dialogs())
        self.turn()
        return self.found

    def actions(self) -> set[str]:
        """Ids of all actions."""
        return {action.objectName() for action in self.window.actions()}

    def dialogs(self) -> list[QDialog]:
        """Dialogs in sight."""
        return [each for each in self.window.findChildren(QDialog) if each.isVisible()]

    def turn(self) -> None:
        """Look at the window as it is read from right to left, while time goes on to the right."""
        window = self.window
        self.application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.look(window)
        ltr = Qt.LayoutDirection.LeftToRight
        widgets = window.widgets
        self.found["turned"] = [
            type(each).__name__
            for each in (widgets.canvas, widgets.timeline, widgets.transport)
            if each.layoutDirection() != ltr
        ]


def main(film: str, folder: str) -> None:
    """Print what was found."""
    walk = Walk(Path(film), Path(folder))
    found = walk.walk()
    walk.window.leaving.leave(discard=True)
    print(json.dumps({name: sorted(each) if isinstance(each, set) else each for name, each in found.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
