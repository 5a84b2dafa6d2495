"""Prepare a project for the editor, and export it, without a window.

Run as ``python examples/headless_project.py FILM PICTURE``.

The cuts are found, a colour picture becomes a reference that is tied to the first frame of the longest shot, and that
shot is rendered. The editor opens the project as if it had made it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from remaster_gui import api


def prepare(film: Path, picture: Path) -> Path:
    """Make a project beside `film`; return its path."""
    path = film.with_suffix(".remaster")
    with api.open_film(film) as opened:
        shots = api.detect_shots(opened)
    longest = max(shots, key=len)
    with api.ProjectFile.create(path, film) as file:
        project = api.edits.with_cuts(file.project, [shot.start for shot in shots])
        file.edit(api.edits.with_segment(project, longest.start, longest.stop))
        file.add_reference(api.read_picture(picture), picture.stem, frame=longest.start)
    return path


def export(project: Path, output: Path, **changes: object) -> api.RenderReport:
    """Render what lies between in point and out point; `changes` replace what the project says."""
    with api.ProjectFile.open(project, read_only=True) as file:
        return api.remaster(file.request(output, **changes))


if __name__ == "__main__":
    try:
        made = prepare(*map(Path, sys.argv[1:3]))
        print(made, export(made, made.with_suffix(".mov")).frames)
    except api.RemasterError as error:
        sys.exit(str(error))
