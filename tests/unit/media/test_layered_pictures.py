"""Layers of OpenEXR pictures, read back by the specification, by another library and by the product."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from remaster_gui.base.errors import StorageError
from remaster_gui.base.srgb import to_linear
from remaster_gui.media import PRESETS, SegmentWriter, open_film, read_picture
from remaster_gui.media.layered_pictures import layered_picture

EXR = PRESETS["exr"]
RATE = Fraction(24)
HEIGHT, WIDTH = 24, 33
ONE_STEP = 2**-10
"""Of half floats: the encoder of films cuts off what they cannot hold, where layers' colours are rounded."""


def picture() -> NDArray[np.float32]:
    return np.random.default_rng(3).random((HEIGHT, WIDTH, 3)).astype(np.float32)


def layers() -> dict[str, NDArray[np.float32]]:
    ramp = np.linspace(0, 1, WIDTH, dtype=np.float32)
    return {
        "origin.guessed": np.tile(ramp, (HEIGHT, 1)),
        "origin.painted": np.tile(1 - ramp, (HEIGHT, 1)),
        "reference.index": np.full((HEIGHT, WIDTH), 7, np.float32),
    }


def channels_of(path: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, bytes]]:
    """Read half floats of single lines, as the format's specification has them; and the header."""
    data = path.read_bytes()
    assert data[:4] == b"\x76\x2f\x31\x01"
    at, header = 8, {}
    while data[at]:
        name, kind, rest = data[at:].split(b"\0", 2)
        at += len(name) + len(kind) + 2
        (size,) = struct.unpack_from("<i", data, at)
        header[name.decode()] = data[at + 4 : at + 4 + size]
        at += 4 + size
    names, rest = [], header["channels"]
    while rest[0]:
        name, rest = rest.split(b"\0", 1)
        assert struct.unpack("<i", rest[:4]) == (1,), "half floats"
        names.append(name.decode())
        rest = rest[16:]
    left, top, right, bottom = struct.unpack("<4i", header["dataWindow"])
    lines = []
    offsets = struct.unpack_from(f"<{bottom - top + 1}q", data, at + 1)
    for offset in offsets:
        _, size = struct.unpack_from("<ii", data, offset)
        packed = data[offset + 8 : offset + 8 + size]
        whole = 2 * len(names) * (right - left + 1)
        if size < whole:
            parts = np.frombuffer(zlib.decompress(packed), np.uint8).astype(np.int64)
            parts[1:] -= 128
            parts = np.cumsum(parts).astype(np.uint8)
            half = (len(parts) + 1) // 2
            mixed = np.empty(len(parts), np.uint8)
            mixed[::2], mixed[1::2] = parts[:half], parts[half:]
            packed = mixed.tobytes()
        lines.append(np.frombuffer(packed, np.float16).reshape(len(names), -1))
    planes = np.stack(lines, axis=1).astype(np.float32)
    return dict(zip(names, planes, strict=True)), header


def written(folder: Path, aspect: Fraction = Fraction(1)) -> Path:
    with SegmentWriter(folder, EXR, WIDTH, HEIGHT, RATE, aspect) as writer:
        writer.add(writer.pack(picture(), layers()), Fraction(0))
        writer.add(writer.pack(picture()), 1 / RATE)
    return folder / "000000.exr"


def test_layers_lie_beside_the_colours_under_their_names(tmp_path: Path) -> None:
    planes, header = channels_of(written(tmp_path / "out", Fraction(4, 3)))
    assert set(planes) == {"R", "G", "B", *layers()}
    linear = to_linear(picture())
    for name, wanted in {**layers(), **{c: linear[..., n] for n, c in enumerate("RGB")}}.items():
        np.testing.assert_allclose(planes[name], wanted, atol=6e-4, err_msg=name)
    assert struct.unpack("<f", header["pixelAspectRatio"]) == (pytest.approx(4 / 3),)
    assert header["compression"] == b"\2", "single lines, as without layers"
    assert struct.unpack("<8f", header["chromaticities"]) == pytest.approx(
        (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
    )


def test_colours_are_the_same_with_layers_and_without(tmp_path: Path) -> None:
    first = written(tmp_path / "out")
    second = first.with_name("000001.exr")
    alike, _ = channels_of(second)
    assert set(alike) == {"R", "G", "B"}
    for name, plane in alike.items():
        np.testing.assert_allclose(channels_of(first)[0][name], plane, rtol=ONE_STEP, atol=1e-7)
    difference = read_picture(first).astype(int) - read_picture(second)
    assert abs(difference).max() < 40, "of 65535"
    decoded = []
    for path in (first, second):
        with av.open(str(path)) as container:
            # Threads of the scaler write over each other's lines where widths are odd.
            frame = next(container.decode(video=0)).reformat(format="gbrpf32le", threads=1)
            decoded.append(frame.to_ndarray())
    np.testing.assert_allclose(*decoded, atol=1e-3)
    with open_film(tmp_path / "out") as film:
        assert film.info.frame_count == 2 and not film.problems


def test_the_same_picture_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    odd = tmp_path / "o\udcff\N{SNOWMAN} colon: % d"
    odd.mkdir()
    assert written(tmp_path / "out").read_bytes() == written(odd / "out").read_bytes()


def test_what_does_not_fit_is_no_layer(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        layered_picture(picture(), {"origin.painted": np.zeros((3, 3), np.float32)})
    with (
        pytest.raises(ValueError, match="png16"),
        SegmentWriter(tmp_path / "out", PRESETS["png16"], WIDTH, HEIGHT, RATE) as writer,
    ):
        writer.pack(picture(), layers())
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_gone_is_told_of(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "out", EXR, WIDTH, HEIGHT, RATE)
    (draft,) = tmp_path.glob(".out*")
    draft.rename(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        writer.add(writer.pack(picture(), layers()), Fraction(0))
    (tmp_path / "elsewhere").rename(draft)
    writer.abort()
