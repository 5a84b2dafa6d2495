"""Pictures have no rate of their own: that is said, and the film is opened anew with the one that is given."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtWidgets import QInputDialog

from remaster_gui.ui.main_window import MainWindow

WAIT = 300_000


def test_the_rate_of_pictures_can_be_said(qtbot: Any, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "scans" / f"{number}.png"), np.full((48, 64), 60 * number, np.uint8))
    window.open_path(tmp_path / "scans")
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT)
    assert window.session is not None
    message = window.widgets.messages.current
    assert message is not None and "Pictures have no rate of their own" in message.text
    assert message.button is not None
    message.button.press()
    (dialog,) = window.findChildren(QInputDialog)
    dialog.textValueSelected.emit("18")
    dialog.accept()
    qtbot.waitUntil(
        lambda: window.session is not None and window.session.film.info.rate == Fraction(18), timeout=WAIT
    )
