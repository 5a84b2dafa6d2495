"""How many slices pictures have is read from the film, and decides what is decoded beside each other."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.codec.context import ThreadType

from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.index import scan_packets
from remaster_gui.media.slices import choose_threads
from remaster_gui.media.streams import PictureInput

from .conftest import FILMS, Clips, Kind, barcode, write_film

SIZE = 160
"""Ten rows of macroblocks: room for four slices, in each of two fields as well."""


def x264(suffix: str, parameters: str, container: str | None = None) -> Kind:
    return Kind(suffix, "libx264", options={"x264-params": parameters}, container=container)


@pytest.mark.parametrize("suffix, container", [(".mp4", None), (".ts", None), (".h264", "h264")])
@pytest.mark.parametrize(
    "parameters, slices",
    [("slices=1", 1), ("slices=4", 4), ("slices=4:interlaced=1", 4), ("slices=3:bframes=0", 3)],
)
def test_slices_are_counted(
    tmp_path: Path, suffix: str, container: str | None, parameters: str, slices: int
) -> None:
    path = tmp_path / f"film{suffix}"
    parameters = f"sliced-threads=0:{parameters}"
    write_film(path, x264(suffix, parameters, container), [barcode(n, SIZE, SIZE) for n in range(6)])
    with PictureInput(FixedFile(path)) as film:
        assert scan_packets(film).index.slices == slices


def test_other_codecs_count_as_whole(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    write_film(path, FILMS["ffv1-mkv"], [barcode(n) for n in range(3)])
    with PictureInput(FixedFile(path)) as film:
        assert scan_packets(film).index.slices == 1


@pytest.mark.parametrize("name", ["h264-sliced-mp4", "prores-mov"])
def test_slices_beside_each_other_give_the_same_pictures(clips: Clips, name: str) -> None:
    path = clips.film(name)
    found = []
    for slices in (1, 4):
        with PictureInput(FixedFile(path)) as film:
            choose_threads(film.stream, slices)
            assert (film.stream.thread_type == ThreadType.SLICE) == (slices == 4 or name == "prores-mov")
            found.append([picture.to_ndarray() for picture in film.container.decode(film.stream)])
    with av.open(str(path)) as plain:
        plain.streams.video[0].codec_context.thread_count = 1
        found.append([picture.to_ndarray() for picture in plain.decode(video=0)])
    assert len(found[0]) > 20
    assert np.array_equal(found[0], found[2]) and np.array_equal(found[1], found[2])
