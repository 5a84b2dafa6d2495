"""Edits share what they leave alone, keep values sensible, and never give a revision twice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.timebase import FrameRange
from remaster_gui.project import edits
from remaster_gui.project.schema import (
    LONGEST_NOTES,
    MOST_MARKERS,
    FilmIdentity,
    FrameMarker,
    Palette,
    Project,
    ProjectSettings,
    ReferenceRecord,
    ShotRecord,
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


# --- shots ---

FRAMES = 100
_SETTINGS = st.builds(
    ShotSettings,
    restoration=st.none() | st.booleans(),
    saturation=st.none() | st.sampled_from((0.25, 0.5, 2.0)),
    luminance=st.none() | st.sampled_from(("source", "working")),
)


@st.composite
def cut_projects(draw: st.DrawFn) -> Project:
    """Films with cuts, of some of whose shots something is said."""
    film = FilmIdentity(Path("/films/a.mp4"), 1000, "", Fraction(24), FRAMES, 64, 48)
    project = edits.with_cuts(Project(film), draw(st.lists(st.integers(1, FRAMES - 1), max_size=8)))
    for number, shot in enumerate(project.shots):
        project = edits.with_shot_settings(project, shot.start, draw(st.just(ShotSettings()) | _SETTINGS))
        if draw(st.booleans()):
            project = edits.with_shot_notes(project, shot.start, f"note {number}")
    return project


def _looks(project: Project) -> list[ProjectSettings]:
    """How each frame is remastered."""
    return [project.settings_of(shot.start) for shot in project.shots for _ in shot]


def _notes(project: Project) -> list[str]:
    return [line for record in project.shot_records for line in record.notes.split("\n") if line]


@given(cut_projects(), st.integers(0, FRAMES - 1))
def test_every_frame_lies_in_one_shot(project: Project, frame: int) -> None:
    shot = project.shot_at(frame)
    assert frame in shot and shot == project.shots[project.shot_number(frame)]


def test_without_a_cut_at_its_beginning_a_film_has_a_first_shot_all_the_same(project: Project) -> None:
    for cuts in (None, (), (30,)):
        cut = replace(project, cuts=cuts)
        for frame in (0, 29, 30, 99):
            assert cut.shot_at(frame) == cut.shots[cut.shot_number(frame)] and frame in cut.shot_at(frame)


@given(cut_projects(), st.integers(1, FRAMES - 1))
def test_a_new_cut_changes_no_picture_and_goes_without_a_trace(project: Project, frame: int) -> None:
    split = edits.with_cut(project, frame)
    assert frame in (split.cuts or ())
    assert _looks(split) == _looks(project)
    assert _notes(split) == _notes(project)
    assert edits.with_cut(split, frame) == split
    if frame not in (project.cuts or ()):
        assert edits.without_cut(split, frame) == project


@given(cut_projects(), st.data())
def test_a_removed_cut_changes_no_picture_of_the_longer_shot_nor_of_others(
    project: Project, data: st.DataObject
) -> None:
    cut = data.draw(st.sampled_from(project.cuts or ()))
    joined = edits.without_cut(project, cut)
    if not cut:
        assert joined == project
        return
    number = project.shot_number(cut)
    one, other = project.shots[number - 1], project.shots[number]
    kept = one if len(one) >= len(other) else other
    before, after = _looks(project), _looks(joined)
    assert all(after[frame] == before[kept.start] for shot in (one, other) for frame in shot)
    assert all(
        after[frame] == before[frame] for frame in range(FRAMES) if frame not in one and frame not in other
    )
    assert _notes(joined) == _notes(project)


@given(cut_projects(), st.data(), st.integers(0, FRAMES - 1))
def test_a_cut_is_moved_between_its_neighbours_and_back(
    project: Project, data: st.DataObject, to: int
) -> None:
    cut = data.draw(st.sampled_from(project.cuts or ()))
    moved = edits.with_cut_moved(project, cut, to)
    if not cut:
        assert moved == project
        return
    number = project.shot_number(cut)
    begin = moved.shots[number].start
    low, high = project.shots[number - 1].start + 1, project.shots[number].stop - 1
    assert begin == min(max(to, low), high)
    # What is said of a shot stays with it, however short it becomes.
    for before, after in zip(project.shots, moved.shots, strict=True):
        said, says = project.shot_record(before.start), moved.shot_record(after.start)
        assert (said.settings, said.notes) == (says.settings, says.notes)
    assert edits.with_cut_moved(moved, begin, cut) == project


@given(cut_projects(), st.lists(st.integers(1, FRAMES - 1), max_size=8))
def test_other_cuts_lose_no_note_and_no_shot_that_stays(project: Project, cuts: list[int]) -> None:
    assert edits.with_cuts(project, project.cuts) == project
    other = edits.with_cuts(project, cuts)
    assert sorted(_notes(other)) == sorted(_notes(project))
    for shot in set(project.shots) & set(other.shots):
        assert other.settings_of(shot.start) == project.settings_of(shot.start)
        assert set(project.shot_record(shot.start).notes.split()) <= set(
            other.shot_record(shot.start).notes.split()
        )


def test_what_is_as_the_film_has_it_is_not_a_shots_own(project: Project) -> None:
    project = edits.with_cuts(project, [30])
    own = edits.with_shot_settings(project, 30, ShotSettings(saturation=0.5, restoration=True))
    assert own.own_settings == ((30, ShotSettings(saturation=0.5)),)
    assert own.settings_of(30).saturation == 0.5 and own.settings_of(0).saturation == 1.0
    film = edits.with_settings(own, ProjectSettings(saturation=1.5, edge=480))
    assert (film.settings_of(30).saturation, film.settings_of(30).edge) == (0.5, 480)
    assert edits.with_shot_settings(own, 30, ShotSettings()) == project
    assert edits.with_shot_settings(project, 31, ShotSettings(saturation=0.5)) == project
    assert edits.with_cuts(own, None).shot_records == ()


def test_notes_are_printable_lines_of_limited_length(project: Project) -> None:
    noted = edits.with_shot_notes(edits.with_cuts(project, [30]), 30, " a\r\nb\x00\x1b" + "ä" * 5000)
    notes = noted.shot_record(30).notes
    assert notes.startswith("a\nb  ä") and len(notes) == LONGEST_NOTES
    joined = edits.without_cut(edits.with_shot_notes(noted, 0, "first"), 30)
    assert (
        joined.shot_record(0).notes.startswith("first\na\nb")
        and len(joined.shot_record(0).notes) == LONGEST_NOTES
    )


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
        {"shot_records": (ShotRecord(0, notes="no cuts"),)},
        {"cuts": (0, 30), "shot_records": (ShotRecord(20, notes="no shot"),)},
        {"cuts": (0, 30), "shot_records": (ShotRecord(30, notes="a"), ShotRecord(0, notes="b"))},
        {"cuts": (0, 30), "shot_records": (ShotRecord(30),)},
        {"markers": (FrameMarker(30), FrameMarker(20))},
        {"markers": (FrameMarker(30), FrameMarker(30, "twice"))},
        {"markers": (FrameMarker(100),)},
    ],
)
def test_nonsense_is_refused(project: Project, change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^not (a|the) "):
        Project(project.film, **change)  # type: ignore[arg-type]


# --- markers ---


def test_frames_are_marked_once_each_in_their_order(project: Project) -> None:
    marked = edits.with_markers(
        project, [FrameMarker(70), FrameMarker(5, "a"), FrameMarker(100), FrameMarker(5, "b")]
    )
    assert marked.markers == (FrameMarker(5, "b"), FrameMarker(70)), (
        "no frame of the film, and one marker to a frame"
    )
    assert marked.marker(5) == FrameMarker(5, "b") and marked.marker(6) is None
    assert edits.without_marker(marked, 5).markers == (FrameMarker(70),)
    assert edits.without_marker(marked, 6) == marked


def test_there_are_never_more_markers_than_a_project_holds(project: Project) -> None:
    count = MOST_MARKERS + 5
    long = replace(project, film=replace(project.film, frame_count=count))
    full = edits.with_markers(long, map(FrameMarker, range(count)))
    assert len(full.markers) == MOST_MARKERS
    renamed = edits.with_markers(full, [FrameMarker(3, "still")])
    assert renamed.marker(3) == FrameMarker(3, "still"), "one that is there can be written anew"


@pytest.mark.parametrize(
    "said",
    [{"name": "a\nb"}, {"name": "x" * 201}, {"note": "x" * 4001}, {"note": "\x07"}, {"color": "mauve"}],
)
def test_markers_that_make_no_sense_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not "):
        FrameMarker(3, **said)


def test_names_and_notes_are_made_to_stand() -> None:
    assert edits.clean_name("  a\nb\x07 ") == "a b" and edits.clean_name("\n") == ""
    assert edits.clean_notes("a\r\nb\x07\r") == "a\nb"
