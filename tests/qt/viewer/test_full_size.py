"""Full-size pictures come once one looks at a frame, the newest only, and are there at once the next time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QSize

from remaster_gui.engine.finish import PLAIN
from remaster_gui.engine.preview_picture import FullSizeLook
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.ui.viewer.full_size import FullSizePictures
from remaster_gui.workers.background_tasks import BackgroundTasks

LUMA = np.tile(np.arange(64, dtype=np.uint8), (48, 1))
LOOK = FullSizeLook()
PICTURE_BYTES = 64 * 48 * 4


def previewed(index: int) -> PreviewedFrame:
    restored = np.full((16, 16), 20000, np.uint16)
    return PreviewedFrame(index, np.zeros((16, 16, 3), np.uint8), None, None, restored, PLAIN, 1.0)


@pytest.fixture
def pictures(tasks: BackgroundTasks) -> Iterator[FullSizePictures]:
    owner = QObject()
    yield FullSizePictures(tasks, 2 * PICTURE_BYTES, owner)
    owner.deleteLater()


def test_a_picture_of_the_films_size_is_composed_and_kept(qtbot: Any, pictures: FullSizePictures) -> None:
    frame = previewed(3)
    assert pictures.get(frame, LOOK) is None
    with qtbot.waitSignal(pictures.ready, timeout=60_000) as said:
        pictures.want(frame, LOOK, LUMA, at_once=False)
    assert said.args == [frame]
    found = pictures.get(frame, LOOK)
    assert found is not None and found.size() == QSize(64, 48)
    assert pictures.nbytes == PICTURE_BYTES
    assert pictures.get(frame, FullSizeLook("source")) is None, "of another luminance there is none"
    assert pictures.get(previewed(3), LOOK) is None, "nor of the same frame remastered anew"


def test_of_frames_that_are_only_passed_none_is_composed(qtbot: Any, pictures: FullSizePictures) -> None:
    passed, seen = [previewed(index) for index in range(20)], previewed(20)
    with qtbot.waitSignal(pictures.ready, timeout=60_000) as said:
        for frame in (*passed, seen):
            pictures.want(frame, LOOK, LUMA, at_once=False)
    assert said.args == [seen]
    assert all(pictures.get(frame, LOOK) is None for frame in passed)


def test_pictures_take_no_more_than_their_budget(qtbot: Any, pictures: FullSizePictures) -> None:
    frames = [previewed(index) for index in range(3)]
    for frame in frames:
        with qtbot.waitSignal(pictures.ready, timeout=60_000):
            pictures.want(frame, LOOK, LUMA, at_once=True)
    assert [pictures.get(frame, LOOK) is not None for frame in frames] == [False, True, True]
    assert pictures.nbytes == 2 * PICTURE_BYTES
