"""Edits share what they leave alone, keep values sensible, and never give a revision twice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.project import edits
from remaster_gui.project.schema import (
    FilmIdentity,
    Palette,
    Project,
    ProjectSettings,
    ReferenceRecord,
    Swatch,
)


@pytest.fixture
def project() -> Project:
    return Project(FilmIdentity(Path("/films/a.mp4"), 1000, "", Fraction(24000, 1001), 100, 64, 48))


def _marked(
    project: Project, frame: int | None = 3, name: str = "Frame 3"
) -> tuple[Project, ReferenceRecord]:
    record = edits.new_reference(project, "painted", frame, name, 64, 48, colored=False)
    return edits.with_reference(project, record), record


def test_cuts_become_shots_that_cover_the_film(project: Project) -> None:
    assert project.shots == (FrameRange(0, 100),)
    cut = edits.with_cuts(project, [70, 30, 30, 0, 100, 500, -4])
    assert cut.cuts == (0, 30, 70)
    assert cut.shots == (FrameRange(0, 30), FrameRange(30, 70), FrameRange(70, 100))
    assert edits.with_cuts(cut, None).cuts is None


@pytest.mark.parametrize(
    ("points", "segment"),
    [
        ((None, None), (0, 100)),
        ((10, None), (10, 100)),
        ((None, 40), (0, 40)),
        ((-5, 1000), (0, 100)),
        ((40, 40), (0, 100)),
        ((99, 100), (99, 100)),
    ],
)
def test_segment_lies_within_the_film(
    project: Project, points: tuple[int | None, int | None], segment: tuple[int, int]
) -> None:
    assert edits.with_segment(project, *points).segment == FrameRange(*segment)


def test_an_end_that_the_user_has_set_makes_a_segment(project: Project) -> None:
    assert not project.has_segment
    assert edits.with_segment(project, None, 40).has_segment
    assert edits.with_segment(project, 10, None).has_segment


def test_the_network_is_given_what_is_coloured_and_not_switched_off(project: Project) -> None:
    for name, colored in (("b", True), ("a", True), ("c", False), ("d", True)):
        record = edits.new_reference(project, "imported", None, name, 64, 48, colored=colored)
        project = edits.with_reference(project, replace(record, enabled=name != "d"))
    assert [record.name for record in project.used_references] == ["a", "b"]


def test_a_point_moved_across_the_other_drops_it(project: Project) -> None:
    segment = edits.with_segment(project, 20, 40)
    assert edits.with_in_point(segment, 60).segment == FrameRange(60, 100)
    assert edits.with_out_point(segment, 10).segment == FrameRange(0, 10)
    assert edits.with_in_point(segment, 39).segment == FrameRange(39, 40)
    assert edits.with_out_point(segment, 21).segment == FrameRange(20, 21)


def test_references_have_names_and_colours_of_their_own(project: Project) -> None:
    for _ in range(len(edits.OWN_COLORS)):
        project, _ = _marked(project)
    assert len({r.name for r in project.references}) == len(project.references)
    assert len({r.color for r in project.references}) == len(project.references)
    assert project.references[1].name == "Frame 3 2"
    again = edits.renamed(project, project.references[1].id, "Frame 3")
    assert again.references[1].name == "Frame 3 2"
    assert edits.renamed(project, project.references[0].id, "two\nlines\t").references[0].name == "two lines"
    assert len(edits.renamed(project, project.references[0].id, "x" * 999).references[0].name) < 200


def test_edits_of_one_reference_share_the_others(project: Project) -> None:
    project, first = _marked(project)
    project, second = _marked(project, None, "Sky")
    off = edits.enabled(project, second.id, False)
    assert off.references[0] is first
    assert off.reference(second.id) is not None and not off.reference(second.id).enabled
    assert edits.enabled(off, second.id, False) is off
    assert edits.without_reference(off, first.id).references == (off.references[1],)
    assert edits.enabled(off, "gone", True) is off


def test_undo_gives_no_revision_back_and_keeps_what_was_found(project: Project) -> None:
    before, record = _marked(project)
    after = edits.repainted(before, record.id, before.last_revision + 1, True)
    assert (after.references[0].revision, after.last_revision) == (2, 2)
    known = edits.relinked(after, FilmIdentity(Path("/b.mp4"), 1000, "0" * 32, Fraction(24), 100, 64, 48))
    known = edits.with_recent_color(edits.with_cuts(known, [50]), "#AABBCC")
    undone = edits.brought_back(before, known, known.cuts)
    assert edits.brought_back(before, known).cuts is None
    assert undone.references == before.references
    assert undone.last_revision == 2
    assert undone.film == known.film
    assert undone.cuts == (0, 50)
    assert undone.recent_colors == ("#aabbcc",)


def test_recent_colors_come_once_and_the_newest_first(project: Project) -> None:
    for value in [*range(30), 20]:
        project = edits.with_recent_color(project, f"#0000{value:02x}")
    assert project.recent_colors[:2] == ("#000014", "#00001d")
    assert len(project.recent_colors) == len(set(project.recent_colors)) == edits.MOST_RECENT_COLORS


def test_palettes_and_settings_are_replaced(project: Project) -> None:
    palette = Palette("Faces", (Swatch("Cheek", "#d0a080"),))
    settings = ProjectSettings(edge=480, proxy="full")
    changed = edits.with_settings(edits.with_palettes(project, [palette]), settings)
    assert (changed.palettes, changed.settings) == ((palette,), settings)


@pytest.mark.parametrize(
    "change",
    [
        {"cuts": (0, 0)},
        {"cuts": (5, 100)},
        {"in_point": 50, "out_point": 50},
        {"out_point": 101},
        {"recent_colors": ("red",)},
        {"last_revision": -1},
        {"last_revision": 2**60},
    ],
)
def test_nonsense_is_refused(project: Project, change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^not (a|the) "):
        Project(project.film, **change)  # type: ignore[arg-type]
