"""Cryptomatte: written, read back, and picked from by name as compositing programs do."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest

from remaster_gui.media.cryptomatte import (
    CHANNELS,
    LAYER,
    RANKS,
    facts_of,
    id_of,
    ids_as_floats,
    murmur3,
    ranked,
)
from remaster_gui.media.layered_pictures import layered_picture, write_layered


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("", 0),
        ("a", 0x3C2569B2),
        ("hello", 0x248BFA47),
        ("hello, world", 0x149BBB7F),
        ("The quick brown fox jumps over the lazy dog", 0x2E4FF723),
    ],
)
def test_hashes_are_those_that_are_published(text: str, known: int) -> None:
    assert murmur3(text.encode()) == known


def test_ids_are_plain_numbers() -> None:
    # Some names in a few thousand have bits that are none.
    names = [f"name {n}" for n in range(3000)]
    assert any(murmur3(name.encode()) >> 23 & 255 in (0, 255) for name in names)
    floats = ids_as_floats(names)
    assert np.isfinite(floats).all() and (np.abs(floats) >= np.finfo(np.float32).tiny).all()
    assert floats.view(np.uint32).tolist() == [id_of(name) for name in names]


def test_a_name_is_picked_by_its_hash_from_what_is_read_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    names = ["sky", "Ärmel", *(f"n{n}" for n in range(RANKS))]
    mattes = {
        name: rng.random((5, 7), np.float32).round(2) * (rng.random((5, 7)) > 0.3) for name in names[:4]
    }
    mattes = {name: matte.astype(np.float32) for name, matte in mattes.items()}
    picture = layered_picture(np.full((5, 7, 3), 0.5, np.float32), ranked(mattes, 5, 7), facts_of(names))
    write_layered(picture, tmp_path / "p.exr", Fraction(1))
    file = OpenImageIO.ImageInput.open(str(tmp_path / "p.exr"))
    spec, samples = file.spec(), file.read_image("float")
    file.close()
    header = {each.name: each.value for each in spec.extra_attribs}
    channels = {name: np.ascontiguousarray(samples[..., n]) for n, name in enumerate(spec.channelnames)}
    formats = dict(zip(spec.channelnames, map(str, spec.channelformats), strict=True))
    assert formats["R"] == "half" and {formats[name] for name in CHANNELS} == {"float"}
    (name_key,) = [key for key, value in header.items() if value == LAYER]
    key = name_key.removesuffix("/name")
    assert key == f"cryptomatte/{murmur3(LAYER.encode()):08x}"[:19]
    assert header[f"{key}/hash"] == "MurmurHash3_32" and header[f"{key}/conversion"] == "uint32_to_float32"
    manifest = json.loads(header[f"{key}/manifest"])
    assert list(manifest) == names
    for name, matte in mattes.items():
        wanted, found = int(manifest[name], 16), np.zeros((5, 7), np.float32)
        for pair in range(RANKS // 2):
            for which, covered in (("R", "G"), ("B", "A")):
                bits = channels[f"{LAYER}{pair:02d}.{which}"].view(np.uint32)
                found += np.where(bits == wanted, channels[f"{LAYER}{pair:02d}.{covered}"], 0)
        np.testing.assert_array_equal(found, matte)
    ranks = np.stack([channels[name] for name in CHANNELS[1::2]])
    assert (np.diff(ranks, axis=0) <= 0).all(), "what covers most comes first"


def test_of_more_names_than_ranks_the_faintest_are_left_out() -> None:
    mattes = {f"n{n}": np.full((1, 1), n / 16, np.float32) for n in range(1, RANKS + 3)}
    planes = ranked(mattes, 1, 1)
    assert tuple(planes) == CHANNELS
    kept = [float(planes[name][0, 0]) for name in CHANNELS[1::2]]
    assert kept == [n / 16 for n in range(RANKS + 2, 2, -1)]
    assert not any(plane.any() for plane in ranked({}, 2, 2).values())
