"""``remaster-gui edit``, and ``remaster-gui`` alone: the editor."""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
from pathlib import Path

from remaster_gui.base.language import ENVIRONMENT, LANGUAGES, first_known, speak

EXAMPLES = """\
examples:
  remaster-gui
  remaster-gui film.mp4
  remaster-gui edit scans/
  remaster-gui edit film.remaster
"""

_WINDOWLESS = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}
"""Platforms of Qt that need no display server."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "edit",
        help="open the editor (also what remaster-gui alone, or with a film, does)",
        description="Open the editor: mark and paint references on the timeline of a film, see the film remastered "
        "around the playhead, and export it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="FILM|PROJECT",
        help="film, folder of pictures, or .remaster project",
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    choose_language()
    check_display()
    from remaster_gui.app import run_editor

    return run_editor(args.path)


def choose_language() -> None:
    """Speak the language that the environment, the user's settings or the system say, in this order."""
    if os.environ.get(ENVIRONMENT) in LANGUAGES:
        return
    from remaster_gui.document.settings_file import LANGUAGE_KEY, SettingsFile, own_settings

    chosen = SettingsFile(own_settings()).get(LANGUAGE_KEY)
    if chosen not in LANGUAGES:
        from PySide6.QtCore import QLocale

        chosen = first_known(QLocale.system().uiLanguages())
    speak(chosen)


def check_display() -> None:
    """Raise `DisplayError` where Qt would end the process because it finds no screen or lacks a system library."""
    from remaster_gui.base.errors import DisplayError

    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if not sys.platform.startswith("linux") or platform in _WINDOWLESS or platform.startswith("wayland"):
        return
    if os.environ.get("WAYLAND_DISPLAY") and platform != "xcb":
        return
    display = os.environ.get("DISPLAY")
    if not display:
        raise DisplayError(
            "There is no display to open the editor on; start it from a desktop, or use 'remaster-gui render', "
            "which needs none."
        )
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError as error:
        raise DisplayError(
            f"A library of the window system is missing ({error}); on Debian or Ubuntu type as root: "
            "apt-get install -y libxcb-cursor0"
        ) from error
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        raise DisplayError(
            f"The display {display} cannot be reached; start the editor from a desktop, or use 'remaster-gui render', "
            "which needs none."
        )
