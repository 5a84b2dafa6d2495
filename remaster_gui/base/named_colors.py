"""Named colours: regions of references that have a name, and names whose colour is to be another one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.packed_regions import region_as_text, region_of_text
from remaster_gui.base.validity import LONGEST_REGION

LONGEST_NAME = 80
MOST_NAMES = 32
"""Of one film: each costs the network a little."""
MOST_REGIONS = 1000
"""Of one film."""
MOST_CHROMA = 200.0
"""Of a and of b."""

Chroma = tuple[float, float]
"""a and b of CIE Lab."""


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """A part of a reference, known by its id, that has a name; several parts may have the same one.

    region: as `packed_regions` packs it; b'' for all of the picture. color: mean a and b within it.
    """

    name: str
    reference: str
    region: bytes
    color: Chroma

    def __post_init__(self) -> None:
        """Raise `ValueError` for what makes no sense."""
        check_name(self.name)
        check_chroma(self.color)
        if len(self.region) > LONGEST_REGION:
            raise ValueError(f"a region of {len(self.region)} bytes")

    def as_data(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "name": self.name,
            "reference": self.reference,
            "region": region_as_text(self.region),
            "color": list(self.color),
        }

    @staticmethod
    def of_data(data: Any) -> NamedRegion:
        """Read what `as_data` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        return NamedRegion(
            plain_data.text(said["name"]),
            plain_data.text(said["reference"]),
            region_of_text(said["region"], LONGEST_REGION),
            _chroma(said["color"]),
        )


@dataclass(frozen=True, slots=True)
class Recoloring:
    """What has a name is to have another colour: `before` becomes `after`, and what is near it comes along."""

    name: str
    before: Chroma
    after: Chroma

    def __post_init__(self) -> None:
        """Raise `ValueError` for what makes no sense."""
        check_name(self.name)
        check_chroma(self.before)
        check_chroma(self.after)

    def as_data(self) -> dict[str, Any]:
        """Return plain data."""
        return {"name": self.name, "before": list(self.before), "after": list(self.after)}

    @staticmethod
    def of_data(data: Any) -> Recoloring:
        """Read what `as_data` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        return Recoloring(plain_data.text(said["name"]), _chroma(said["before"]), _chroma(said["after"]))


def names_of(regions: Iterable[NamedRegion]) -> tuple[str, ...]:
    """Return all names, each once, in the order of the alphabet."""
    return tuple(sorted({each.name for each in regions}))


def identity_of(named: Sequence[Sequence[NamedRegion]]) -> str:
    """Return what mattes depend on of the regions of several references, in their order; '' without any."""
    if not any(named):
        return ""
    digest = hashlib.blake2b(digest_size=8)
    for place, regions in enumerate(named):
        for each in regions:
            digest.update(f"{place}\0{each.name}\0{len(each.region)}\0".encode() + each.region)
    return digest.hexdigest()


def check_name(name: str) -> None:
    """Raise `ValueError` for what is no name."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise ValueError(f"not a name: {name!r}"[:200])


def check_chroma(color: Chroma) -> None:
    """Raise `ValueError` for what is no colour."""
    if len(color) != 2 or not all(abs(each) <= MOST_CHROMA for each in color):
        raise ValueError(f"not a colour: {color}"[:200])


def _chroma(value: Any) -> Chroma:
    a, b = (plain_data.number(each, -MOST_CHROMA, MOST_CHROMA) for each in plain_data.listed(value))
    return a, b
