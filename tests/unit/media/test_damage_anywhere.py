"""What stands in for a damaged frame is the same, however one came to it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import open_film

FRAMES = 48
DAMAGED = (6, 10, 26)
"""Packets of the frames of the same numbers; the frames before these are such as no other is made from."""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """H.264 with pictures that none is made from between others, some packets of which are written over."""
    path = tmp_path_factory.mktemp("damaged") / "film.mkv"
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 255, (12, 40), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as container:
        options = {"g": "24", "bf": "3", "preset": "medium"}
        stream = container.add_stream("libx264", rate=Fraction(24), options=options)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(scene[:, index : index + 128]), "gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(container.streams.video[0]) if p.size]
    content = bytearray(path.read_bytes())
    for number in DAMAGED:
        start, size = places[number]
        content[start + 8 : start + size] = b"\xff" * (size - 8)
    path.write_bytes(content)
    return path


def test_jumping_shows_what_playing_shows(film: Path) -> None:
    with open_film(film) as opened:
        count = opened.info.frame_count
        played = [frame.pixels for frame in opened.frames(FrameRange(0, count))]
        problems = opened.problems
    assert len(problems) == len(DAMAGED)
    for number in DAMAGED:
        np.testing.assert_array_equal(played[number], played[number - 1])
    for index in range(count):
        with open_film(film) as opened:
            np.testing.assert_array_equal(opened.read(index).pixels, played[index], err_msg=str(index))
