"""What a screen reader says of the window, and what eyes can read of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor
from PySide6.QtWidgets import QApplication, QWidget

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.accessible_roles import use_roles
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.style import theme

NAMED = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.List,
    QAccessible.Role.MenuItem,
    QAccessible.Role.PageTab,
    QAccessible.Role.RadioButton,
    QAccessible.Role.Slider,
    QAccessible.Role.SpinBox,
    QAccessible.Role.Table,
    QAccessible.Role.Tree,
}
"""Roles of what is used, which means nothing without a name."""


def _all_below(top: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield top
    for number in range(top.childCount()):
        child = top.child(number)
        if child is not None and child.isValid():
            yield from _all_below(child)


def _of(widget: QWidget) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def _is_named(interface: QAccessibleInterface) -> bool:
    """By a name of its own or by the label beside it."""
    labels = interface.relations(QAccessible.RelationFlag.Label)
    return bool(interface.text(QAccessible.Text.Name) or labels)


@pytest.fixture
def window(qtbot: Any, film: Path, tmp_path: Path) -> Iterator[MainWindow]:
    """With a film, and with everything in sight that can be."""
    own = tmp_path / "film.mkv"
    own.write_bytes(film.read_bytes())
    window = MainWindow(UserSettings(tmp_path / "settings.json"))
    window.show()
    window.open_path(own)
    qtbot.waitUntil(lambda: window.session is not None and window.session.viewer.shown_frame == 0)
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def test_whatever_is_used_has_a_name(window: MainWindow) -> None:
    nameless = []
    for each in _all_below(_of(window)):
        widget = each.object()
        is_part = each.parent() is not None and each.parent().role() == QAccessible.Role.ComboBox
        if isinstance(widget, QWidget) and not widget.isVisibleTo(window):
            continue
        # Qt's own extension of a tool bar, and the list within a combo box, have none.
        if each.role() in NAMED and not is_part and not _is_named(each):
            nameless.append((each.role().name, type(widget).__name__, widget and widget.objectName()))
    assert [each for each in nameless if each[2] != "qt_toolbar_ext_button"] == []


def test_what_draws_itself_has_a_name(window: MainWindow) -> None:
    drawn = [
        each
        for each in window.findChildren(QWidget)
        if type(each).paintEvent is not QWidget.paintEvent
        and type(each).__module__.startswith("remaster_gui")
        and each.focusPolicy() != each.focusPolicy().NoFocus
    ]
    assert {"Canvas", "Timeline", "SwatchGrid", "ValueBar"} <= {type(each).__name__ for each in drawn}
    assert [type(each).__name__ for each in drawn if not _is_named(_of(each))] == []


@pytest.fixture(scope="session")
def roles(qapp: QApplication) -> None:
    """Screen readers are answered as the program does; Qt keeps that until the process ends."""
    use_roles()


def test_what_draws_itself_says_what_it_is(roles: None, window: MainWindow) -> None:
    role = QAccessible.Role
    expected = {
        "Canvas": role.Canvas,
        "Timeline": role.Chart,
        "ScopeView": role.Chart,
        "ChromaWheel": role.ColorChooser,
        "ColorPair": role.ColorChooser,
        "SwatchGrid": role.ColorChooser,
        "LikelyStrip": role.ColorChooser,
        "ValueBar": role.Slider,
        "HistoryPanel": role.List,
    }
    found: dict[str, set[object]] = {}
    for each in window.findChildren(QWidget):
        if type(each).__name__ in expected:
            interface = _of(each)
            found.setdefault(type(each).__name__, set()).add(interface.role())
            assert interface.text(QAccessible.Text.Name) == each.accessibleName()
    assert found == {name: {each} for name, each in expected.items()}


@pytest.fixture
def far_apart() -> Iterator[None]:
    """As for a system that asks for high contrast."""
    before = [(color, QColor(color)) for color, _ in theme.FAR_APART]
    theme.raise_contrast()
    yield
    for color, was in before:
        color.setRgba(was.rgba())


def test_a_system_that_asks_for_contrast_gets_it_and_pictures_lie_on_the_same_grey(far_apart: None) -> None:
    assert QColor(46, 46, 46) == theme.SURROUND
    for ink in (theme.TEXT, theme.MUTED):
        assert min(_contrast(ink, getattr(theme, ground)) for ground in GROUNDS) >= 7
    assert _contrast(theme.EDGE, theme.WINDOW) >= 3 and _contrast(theme.FAINT, theme.PANEL) >= 4.5
    grounds = [getattr(theme, ground) for ground in GROUNDS]
    assert {color.saturation() for color in grounds} == {0}, "nothing around pictures has a colour"


def _luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS = ("SURROUND", "WINDOW", "PANEL", "FIELD", "RAISED", "HOVER")


@pytest.mark.parametrize(
    ("ink", "grounds"),
    [
        ("TEXT", GROUNDS),
        ("MUTED", GROUNDS),
        ("PLACEHOLDER", ("FIELD",)),
        ("ACCENT_TEXT", ("ACCENT",)),
        ("ACCENT", ("WINDOW", "PANEL", "FIELD")),
        ("FAULT", ("WINDOW", "PANEL", "FIELD")),
        ("STALE", ("WINDOW", "PANEL", "FIELD", "RAISED")),
        ("CURRENT", ("PANEL",)),
    ],
)
def test_text_can_be_read_on_what_it_stands(ink: str, grounds: tuple[str, ...]) -> None:
    found = {ground: _contrast(getattr(theme, ink), getattr(theme, ground)) for ground in grounds}
    assert {ground: ratio for ground, ratio in found.items() if ratio < 4.5} == {}


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert _contrast(QColor("white"), QColor("black")) == pytest.approx(21)
    assert _contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.005)


def _tab_stops(window: MainWindow) -> list[QWidget]:
    return [
        each
        for each in window.findChildren(QWidget)
        if each.isVisibleTo(window)
        and each.isEnabledTo(window)
        and each.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    ]


def test_every_stop_of_the_tab_key_shows_that_it_has_the_focus(qtbot: Any, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    stops, unseen = _tab_stops(window), []
    for stop in stops:
        window.widgets.canvas.setFocus()
        before = stop.grab().toImage()
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        if stop.hasFocus() and stop.grab().toImage() == before:
            unseen.append((type(stop).__name__, stop.accessibleName()))
    assert unseen == [] and len(stops) > 12
