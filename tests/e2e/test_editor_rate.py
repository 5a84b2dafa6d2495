"""Pictures have no rate of their own: it is asked for, kept with the project, and used for the export."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QInputDialog

from remaster_gui.media import open_film
from remaster_gui.ui.dialogs.export_choice import ExportChoice

from .hands import Hand


@pytest.fixture
def scans(hand: Hand, weights: Path, tmp_path: Path) -> Path:
    hand.settings.weights = weights
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(6):
        assert cv2.imwrite(str(folder / f"s_{number:04d}.png"), np.full((64, 80), 30 * number, np.uint8))
    return folder


def answer(hand: Hand, text: str) -> None:
    dialog = hand.dialog(QInputDialog)
    dialog.setTextValue(text)
    dialog.accept()


def test_scans_play_and_are_exported_at_the_rate_they_were_shot_at(hand: Hand, scans: Path) -> None:
    hand.window.open_path(scans)
    film = hand.film()
    assert film.info.rate == 24 and film.info.is_sequence
    message = hand.widgets.messages.current
    assert message is not None and "are shown at 24 fps" in message.text and message.button is not None
    message.button.press()
    answer(hand, "sixteen")
    hand.wait(lambda: "is not a frame rate" in str(hand.widgets.messages.current))
    hand.window.actions_["film_rate"].trigger()
    answer(hand, "16")
    hand.wait(lambda: hand.window.session is not None and hand.film().info.rate == 16)
    film = hand.film()
    assert film.document.project.film.rate == 16 and film.decoder.times[4] == Fraction(1, 4)
    path = film.document.path
    hand.window.opening.close()
    for each in (scans, path):
        hand.window.open_path(each)
        assert hand.film().info.rate == 16 and hand.film().document.path == path
        hand.window.opening.close()
    hand.window.open_path(scans)
    output = scans.parent / "out.mkv"
    span = hand.film().document.project.segment
    hand.session.export.add(ExportChoice(span, output, "ffv1-16", 64, "source"))
    hand.wait(output.exists)
    with open_film(output) as made:
        assert made.info.frame_count == 6 and made.info.rate == 16


def test_a_film_file_keeps_its_own_rate(
    hand: Hand, weights: Path, tmp_path: Path, write_quick_film, two_shots
) -> None:
    hand.settings.weights = weights
    hand.window.open_path(write_quick_film(tmp_path / "film.mkv", two_shots(6, 64, 80)))
    assert not hand.film().info.is_sequence
    assert not hand.window.actions_["film_rate"].isEnabled()
