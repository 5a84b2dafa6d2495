"""Timecode tracks of QuickTime files that count otherwise than their ticks or their pictures."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from remaster_gui.media import open_film


def _film(path: Path, rate: Fraction, first: str, labels: int, ticks: tuple[int, int]) -> Path:
    """Write a film of which the timecode track counts `labels` a second, and `ticks` (scale, duration of one)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        stream.metadata["timecode"] = first
        frame = av.VideoFrame.from_ndarray(np.full((64, 96), 90, np.uint8), "gray")
        container.mux([*stream.encode(frame.reformat(format="yuvj420p")), *stream.encode(None)])
    data = bytearray(path.read_bytes())
    entry = data.index(b"tmcd", data.index(b"stsd", data.index(b"gmhd")))
    struct.pack_into(">IIB", data, entry + 20, *ticks, labels)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("rate", "first", "labels", "ticks", "expected"),
    [
        pytest.param(Fraction(60), "01:00:00:10", 30, (60, 1), "02:00:00:10", id="ticks of pictures"),
        pytest.param(Fraction(60000, 1001), "01:00:00;10", 30, (60000, 1001), "02:00:00;10", id="dropping"),
        pytest.param(Fraction(120), "00:30:00:10", 30, (120, 1), "02:00:00:10", id="three digits"),
        pytest.param(Fraction(50), "01:00:00:10", 50, (25, 1), "01:00:00:10", id="slower ticks"),
        pytest.param(
            Fraction(30000, 1001), "01:00:00:10", 29, (30000, 1001), "01:00:00:10", id="29.97 is 29"
        ),
        pytest.param(Fraction(50), "01:00:00:10", 30, (50, 1), None, id="between the frames"),
    ],
)
def test_first_label(
    rate: Fraction, first: str, labels: int, ticks: tuple[int, int], expected: str | None, tmp_path: Path
) -> None:
    """The number of the first label is what the track holds: 216,010 is ten behind two hours where it counts 30."""
    with open_film(_film(tmp_path / "film.mov", rate, first, labels, ticks)) as film:
        assert film.info.timecode == expected
        assert any("timecode" in problem for problem in film.problems) == (expected is None)
