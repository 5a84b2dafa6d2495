"""Mattes by name as the Cryptomatte specification has them (Psyop, version 1.2.0): ids and coverages, in ranks.

A name is known by the MurmurHash3 of its text, whose 32 bits stand in the picture as those of a float. Every pixel has
the ids of what covers it, most first, each with its coverage; two of these ranks make a layer of R, G, B and A. The
manifest in the header says which id is which name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.media.layered_pictures import LayerFacts

LAYER = "RemasterNames"
"""Of the mattes, as compositing programs list it."""
RANKS = 6
"""How many names a pixel can have: the usual depth."""
_CHANNELS = "RGBA"
CHANNELS = tuple(f"{LAYER}{pair:02d}.{channel}" for pair in range(RANKS // 2) for channel in _CHANNELS)


def murmur3(data: bytes) -> int:
    """Return the MurmurHash3 of bytes, its x86 variant of 32 bits with a seed of 0 (A. Appleby, public domain)."""
    mask, found = 0xFFFFFFFF, 0
    whole = len(data) // 4 * 4

    def mixed(block: int) -> int:
        block = block * 0xCC9E2D51 & mask
        return (block << 15 | block >> 17) * 0x1B873593 & mask

    for at in range(0, whole, 4):
        found ^= mixed(int.from_bytes(data[at : at + 4], "little"))
        found = ((found << 13 | found >> 19) * 5 + 0xE6546B64) & mask
    found ^= mixed(int.from_bytes(data[whole:], "little"))
    found ^= len(data)
    found = (found ^ found >> 16) * 0x85EBCA6B & mask
    found = (found ^ found >> 13) * 0xC2B2AE35 & mask
    return found ^ found >> 16


def id_of(name: str) -> int:
    """Return the bits by which a name is known; read as a float they are neither tiny, infinite nor no number."""
    bits = murmur3(name.encode())
    return bits ^ 1 << 23 if bits >> 23 & 255 in (0, 255) else bits


def ids_as_floats(names: Iterable[str]) -> Float:
    """Return the bits of names as they stand in pictures."""
    return np.array([id_of(name) for name in names], np.uint32).view(np.float32)


def ranked(mattes: Mapping[str, Float], height: int, width: int) -> Mapping[str, Float]:
    """Return the planes (H, W) of `CHANNELS` for mattes (H, W) in [0, 1] by name.

    Where names overlap, coverages of a pixel may sum up to more than 1: each matte is as it was.
    """
    empty = np.zeros((height, width), np.float32)
    planes = dict.fromkeys(CHANNELS, empty)
    if not mattes:
        return planes
    ids = ids_as_floats(mattes)
    coverage = np.stack(list(mattes.values()))
    order: NDArray[np.intp] = np.argsort(-coverage, axis=0, kind="stable")
    for rank in range(min(RANKS, len(ids))):
        which = order[rank]
        covered = np.take_along_axis(coverage, which[None], axis=0)[0]
        id_name, coverage_name = CHANNELS[2 * rank : 2 * rank + 2]
        planes[id_name] = np.where(covered > 0, ids[which], np.float32(0))
        planes[coverage_name] = covered
    return planes


def facts_of(names: Sequence[str]) -> LayerFacts:
    """Return what the header says of the mattes of a film with these names, and that ids are exact."""
    key = f"cryptomatte/{murmur3(LAYER.encode()):08x}"[: len("cryptomatte/") + 7]
    manifest = json.dumps({name: f"{id_of(name):08x}" for name in names}, ensure_ascii=False)
    return LayerFacts(
        frozenset(CHANNELS),
        {
            f"{key}/name": LAYER,
            f"{key}/hash": "MurmurHash3_32",
            f"{key}/conversion": "uint32_to_float32",
            f"{key}/manifest": manifest,
        },
    )
