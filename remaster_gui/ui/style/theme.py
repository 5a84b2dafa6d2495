"""How the editor looks: neutral dark greys, which leave the eye's judgement of colour alone, and one accent."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from remaster_gui.ui.style.resources import resources_folder


def _grey(level: int) -> QColor:
    return QColor(level, level, level)


SURROUND = _grey(46)
"""Around the picture; a little lighter than black so that shadows can be judged."""
WINDOW = _grey(38)
PANEL = _grey(44)
FIELD = _grey(30)
RAISED = _grey(56)
HOVER = _grey(66)
LINE = _grey(24)
EDGE = _grey(74)
TEXT = _grey(218)
MUTED = _grey(174)
"""Of what is said beside the main thing; as easily read as WCAG 2 asks, on every ground."""
PLACEHOLDER = _grey(136)
FAINT = _grey(104)
"""Of what cannot be used now."""
ACCENT = QColor(240, 150, 50)
"""Amber: the playhead, what is chosen, what is switched on."""
ACCENT_TEXT = _grey(16)
FAULT = QColor(235, 110, 100)

DECODED = _grey(112)
"""Strip: the frame is decoded in memory."""
CURRENT = QColor(92, 176, 108)
"""Strip: the remastered frame is up to date."""
DRAFT = QColor(64, 112, 84)
"""Strip: a draft is there; the frame itself is being remastered."""
STALE = QColor(206, 172, 72)
"""Strip: the remastered frame belongs to an earlier state of the references or settings."""

MARKERS = {
    "red": QColor(224, 88, 80),
    "yellow": QColor(222, 196, 72),
    "green": QColor(92, 184, 104),
    "cyan": QColor(80, 196, 206),
    "blue": QColor(92, 142, 236),
    "magenta": QColor(208, 104, 206),
}
"""Colours of markers by their names."""

SPACE = 8
"""Distance between things, in logical pixels; half and double of it are used too."""


def apply_theme(application: QApplication) -> None:
    """Give the application its look; call once, before windows are made.

    It is dark whatever the system's is, since a light surround changes how colours are seen; a system that asks for
    high contrast gets it.
    """
    # The hints belong to the application's style hints, which PySide has to hold meanwhile.
    hints = application.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        raise_contrast()
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(_palette())
    font = QFont(application.font())
    font.setPointSizeF(max(9.0, min(font.pointSizeF(), 10.0)))
    application.setFont(font)
    application.setStyleSheet(_style())


def raise_contrast() -> None:
    """Set texts, edges and grounds farther apart, before anything is drawn; what pictures lie on stays as it is."""
    for color, level in FAR_APART:
        color.setRgb(level, level, level)


def digits_font(widget_font: QFont) -> QFont:
    """Return a font whose digits all have one width, for timecode."""
    font = QFont(widget_font)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFamilies(["DejaVu Sans Mono", "Menlo", "Consolas", "monospace"])
    return font


FAR_APART = (
    (TEXT, 255), (MUTED, 235), (PLACEHOLDER, 190), (FAINT, 150), (EDGE, 160), (LINE, 0), (FIELD, 8), (WINDOW, 16),
    (PANEL, 20), (RAISED, 32), (HOVER, 62),
)  # fmt: skip
"""Levels of greys for a system that asks for high contrast."""


def _palette() -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: WINDOW,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Base: FIELD,
        QPalette.ColorRole.AlternateBase: PANEL,
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.PlaceholderText: PLACEHOLDER,
        QPalette.ColorRole.Button: RAISED,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.BrightText: FAULT,
        QPalette.ColorRole.ToolTipBase: FIELD,
        QPalette.ColorRole.ToolTipText: TEXT,
        QPalette.ColorRole.Highlight: ACCENT,
        QPalette.ColorRole.HighlightedText: ACCENT_TEXT,
        QPalette.ColorRole.Link: ACCENT,
        QPalette.ColorRole.LinkVisited: ACCENT,
        QPalette.ColorRole.Light: EDGE,
        QPalette.ColorRole.Midlight: HOVER,
        QPalette.ColorRole.Mid: RAISED,
        QPalette.ColorRole.Dark: LINE,
        QPalette.ColorRole.Shadow: _grey(12),
        QPalette.ColorRole.Accent: ACCENT,
    }
    for role, color in roles.items():
        palette.setColor(role, color)
    disabled = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)
    for role in disabled:
        palette.setColor(QPalette.ColorGroup.Disabled, role, FAINT)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, RAISED)
    return palette


def _style() -> str:
    names = {
        "window": WINDOW,
        "panel": PANEL,
        "field": FIELD,
        "raised": RAISED,
        "hover": HOVER,
        "line": LINE,
        "edge": EDGE,
        "text": TEXT,
        "muted": MUTED,
        "faint": FAINT,
        "accent": ACCENT,
        "accent_text": ACCENT_TEXT,
    }
    style = _STYLE
    for name, color in names.items():
        style = style.replace(f"@{name};", f"{color.name()};")
    # Colours inside a gradient stand before commas, not semicolons.
    style = style.replace("@ink", ACCENT.name()).replace("@hole", FIELD.name())
    for name in ("check", "chevron", "chevron_up"):
        style = style.replace(f"@{name}.svg", (resources_folder() / "icons" / f"{name}.svg").as_posix())
    return style


_STYLE = """
QToolTip { color: @text; background-color: @field; border: 1px solid @edge; padding: 4px; }
QMainWindow::separator { background: @line; width: 3px; height: 3px; }
QMainWindow::separator:hover { background: @accent; }
QMenuBar { background: @window; }
QMenuBar::item { padding: 4px 9px; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @panel; border: 1px solid @edge; padding: 4px; }
QMenu::item { padding: 4px 26px 4px 22px; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 6px; }
QMenu::icon { padding-left: 4px; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @line; spacing: 2px; padding: 3px 4px; }
QToolBar::separator { background: @line; width: 1px; margin: 4px 5px; }
QToolButton { border: 1px solid transparent; border-radius: 3px; padding: 3px; }
QToolButton[role="worded"] { background: @raised; border: 1px solid @edge; padding: 3px 6px; }
QToolButton:hover { background: @hover; }
QToolButton[role="worded"]:hover { background: @hover; }
QToolButton:pressed { background: @field; }
QToolButton:checked { background: @raised; border: 1px solid @accent; }
QToolButton[role="worded"]:pressed, QToolButton[role="worded"]:checked { background: @field; }
QToolButton[role="worded"]:checked { border: 1px solid @accent; }
QToolButton[role="worded"]:focus { border: 1px solid @accent; }
QToolButton[role="worded"]:checked:focus { border: 1px solid @text; }
QToolButton[role="worded"]:disabled { color: @faint; background: @panel; border: 1px solid @edge; }
QToolButton:focus { border: 1px solid @accent; }
QToolButton:checked:focus { border: 1px solid @text; }
QPushButton { background: @raised; border: 1px solid @edge; border-radius: 3px; padding: 4px 12px; min-height: 16px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @field; }
QPushButton:checked { border: 1px solid @accent; }
QPushButton:default { border: 1px solid @accent; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:checked:focus, QPushButton:default:focus { border: 1px solid @text; }
QPushButton:disabled { color: @faint; background: @panel; border: 1px solid @edge; }
QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit { background: @field; border: 1px solid @edge;
    border-radius: 3px; padding: 2px 4px; selection-background-color: @accent; selection-color: @accent_text; }
QLineEdit:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus { border: 1px solid @accent; }
QSpinBox { padding: 2px 20px 2px 4px; }
QSpinBox QLineEdit { border: none; padding: 0; background: transparent; }
QSpinBox:disabled { color: @faint; background: @panel; }
QSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 20px; height: 12px;
    border: none; }
QSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 20px; height: 12px;
    border: none; }
QSpinBox::up-arrow { image: url("@chevron_up.svg"); width: 9px; height: 9px; }
QSpinBox::down-arrow { image: url("@chevron.svg"); width: 9px; height: 9px; }
QSpinBox::up-button:hover, QSpinBox::down-button:hover { background: @hover; }
QComboBox { background: @raised; border: 1px solid @edge; border-radius: 3px; padding: 2px 8px; min-height: 18px; }
QComboBox:hover { background: @hover; }
QComboBox:focus { border: 1px solid @accent; }
QComboBox:disabled { color: @faint; background: @panel; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("@chevron.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @edge; padding: 3px;
    selection-background-color: @hover; selection-color: @text; }
QCheckBox::indicator, QRadioButton::indicator { width: 13px; height: 13px; background: @field;
    border: 1px solid @edge; border-radius: 3px; }
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border: 1px solid @muted; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 1px solid @accent; }
QCheckBox::indicator:checked { background: @accent; border: 1px solid @accent; image: url("@check.svg"); }
QRadioButton::indicator:checked { border: 1px solid @accent;
    background: qradialgradient(cx:0.5, cy:0.5, radius:0.5, fx:0.5, fy:0.5,
    stop:0 @ink, stop:0.5 @ink, stop:0.62 @hole); }
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus { border: 1px solid @text; }
QCheckBox::indicator:checked:disabled { background: @faint; border: 1px solid @faint; }
QRadioButton::indicator:checked:disabled { border: 1px solid @faint; }
QListView, QTreeView, QTableView { background: @field; border: 1px solid @line; outline: none; }
QListView:focus, QTreeView:focus, QTableView:focus { border: 1px solid @accent; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: @hover; color: @text; }
QUndoView::item { padding: 3px 8px; }
QTreeView::item { padding: 2px 0; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QHeaderView::section { background: @panel; border: none; border-bottom: 1px solid @line;
    padding: 4px 6px; color: @muted; }
QDockWidget { color: @muted; }
QDockWidget::title { background: @panel; padding: 5px 8px; border-bottom: 1px solid @line; }
QTabBar::tab { background: @window; color: @muted; padding: 5px 4px; border: none; }
QTabBar::tab:selected { background: @panel; color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected:focus { color: @accent; }
QTabWidget::pane { border: 1px solid @line; }
QStatusBar { background: @window; color: @muted; border-top: 1px solid @line; }
QStatusBar::item { border: none; }
QGroupBox { border: 1px solid @edge; border-radius: 3px; margin-top: 9px; padding-top: 6px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; color: @muted; }
QProgressBar { background: @field; border: 1px solid @edge; border-radius: 3px; text-align: center; height: 14px; }
QProgressBar::chunk { background: @accent; }
QProgressBar::chunk:disabled { background: @faint; }
QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: @window; width: 11px; margin: 0; }
QScrollBar:horizontal { background: @window; height: 11px; margin: 0; }
QScrollBar::handle { background: @raised; border-radius: 4px; min-width: 24px; min-height: 24px; margin: 2px; }
QScrollBar::handle:hover { background: @edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="heading"] { font-size: 15pt; color: @text; }
QLabel[role="own"] { color: @accent; }
QLabel[role="title"] { font-weight: bold; color: @text; }
QSlider::groove:horizontal { height: 4px; background: @field; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @edge; border-radius: 2px; }
QSlider::handle:horizontal { background: @text; width: 10px; margin: -4px 0; border-radius: 5px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @accent; }
"""
