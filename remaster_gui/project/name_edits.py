"""Edits of named colours: pure functions from one project to the next, as in `edits`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from remaster_gui.base.arrays import Mask
from remaster_gui.base.named_colors import LONGEST_NAME, MOST_NAMES, MOST_REGIONS, Chroma, NamedRegion
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.region import mean_chroma
from remaster_gui.project.edits import clean_name
from remaster_gui.project.schema import Project


def with_named_region(project: Project, name: str, id_: str, region: bytes, color: Chroma) -> Project:
    """Give a part of a reference a name, in place of what has had it there; `color`: its mean a and b.

    Nothing happens where there is no such reference or no room for more names.
    """
    name = clean_name(name)[:LONGEST_NAME]
    others = tuple(each for each in project.named if (each.name, each.reference) != (name, id_))
    is_new = name not in project.names
    if not name or project.reference(id_) is None or len(others) >= MOST_REGIONS:
        return project
    if is_new and len(project.names) >= MOST_NAMES:
        return project
    return replace(project, named=(*others, NamedRegion(name, id_, region, color)))


def with_named_part(project: Project, name: str, id_: str, mask: Mask, raster: Raster) -> Project:
    """Give the part of a reference's `raster` that a mask ``(h, w)`` bool over all of it takes in a name.

    At most 640 wide and high; none of it takes the name away from the reference.
    """
    if not mask.any():
        return without_name(project, name, id_)
    region = pack_region(mask)
    return with_named_region(project, name, id_, region, mean_chroma(raster, region))


def without_name(project: Project, name: str, id_: str = "") -> Project:
    """Take a name away, from one reference or from all."""
    left = tuple(each for each in project.named if each.name != name or id_ not in ("", each.reference))
    wanted = tuple(each for each in project.wanted if each[0] in {one.name for one in left})
    return replace(project, named=left, wanted=wanted)


def with_name_changed(project: Project, name: str, other: str) -> Project:
    """Call something otherwise, unless that name is taken."""
    other = clean_name(other)[:LONGEST_NAME]
    if not other or other in project.names:
        return project
    named = tuple(replace(each, name=other) if each.name == name else each for each in project.named)
    wanted = tuple((other if each == name else each, color) for each, color in project.wanted)
    return replace(project, named=named, wanted=wanted)


def with_wanted_color(project: Project, name: str, color: Chroma | None) -> Project:
    """Let a name have another colour than on references; None: its own again."""
    wanted = tuple(each for each in project.wanted if each[0] != name)
    if color is None or name not in project.names:
        return replace(project, wanted=wanted)
    return replace(project, wanted=(*wanted, (name, color)))


def with_colors_of_names(project: Project, id_: str, measure: Callable[[bytes], Chroma]) -> Project:
    """Say which colours a reference has now where it has names; `measure` tells the mean of a region."""
    if not any(each.reference == id_ for each in project.named):
        return project
    named = tuple(
        replace(each, color=measure(each.region)) if each.reference == id_ else each for each in project.named
    )
    return replace(project, named=named)
