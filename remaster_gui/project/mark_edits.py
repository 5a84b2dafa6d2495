"""Edits of what is decided about single spots: pure functions from one project to the next."""

from __future__ import annotations

from dataclasses import replace

from remaster_gui.base.errors import ProjectError
from remaster_gui.base.language import tr
from remaster_gui.base.spot_marks import Marks, SpotMark, marks_size
from remaster_gui.project.schema import MOST_MARK_BYTES, Project


def with_mark(project: Project, frame: int, mark: SpotMark) -> Project:
    """Decide about a spot of a frame; raises `ProjectError` where the project holds as many marks as it can."""
    if marks_size(project.marks) + mark.nbytes > MOST_MARK_BYTES:
        raise ProjectError(
            tr(
                "The project holds as many single repairs as it can; take some back, or let the sensitivity "
                "for dirt do it."
            )
        )
    return _with_marks(project, frame, (*project.marks_at(frame), mark))


def without_mark(project: Project, frame: int, mark: SpotMark) -> Project:
    """Take back what was decided about a spot."""
    return _with_marks(project, frame, tuple(each for each in project.marks_at(frame) if each != mark))


def without_marks(project: Project, frame: int) -> Project:
    """Take back all that was decided about spots of a frame."""
    return _with_marks(project, frame, ())


def _with_marks(project: Project, frame: int, marks: Marks) -> Project:
    others = dict(project.marks)
    others.pop(frame, None)
    if marks:
        others[frame] = marks
    return replace(project, marks=tuple(sorted(others.items())))
