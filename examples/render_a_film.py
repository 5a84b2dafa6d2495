"""Remaster a film from Python: ``python examples/render_a_film.py FILM REFERENCES OUTPUT``.

REFERENCES is a folder of colour pictures. A run that was stopped goes on where it was, to the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from remaster_gui import api


def tell(update: api.Update) -> None:
    """Print how far the work is, and what there is to say of it."""
    if isinstance(update, api.Notice):
        print(update.text)
    elif update.total:
        print(f"{update.done} of {update.total} frames")


def main(film: Path, references: Path, output: Path, weights: Path | None = None, edge: int = 320) -> None:
    """Render `film` with the colours of `references`."""
    settings = api.Settings(edge=edge, luminance="working")
    request = api.RenderRequest(film, output, references=references, weights=weights, settings=settings)
    report = api.remaster(request, tell)
    print(f"{output}: {report.frames} frames in {len(report.shots)} shots")


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:4]))
    except api.RemasterError as error:
        sys.exit(str(error))
