"""The demo as a project: the film made on this machine with its coloured frames as references; free of Qt."""

from __future__ import annotations

from pathlib import Path

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.document.project_opening import create_store, open_store
from remaster_gui.media import open_film, read_picture
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.film_identity import identify
from remaster_gui.project.schema import Project


def make_demo_project(folder: Path) -> Path:
    """Return the project of the demo inside `folder`, making film and project first (some seconds) if need be.

    A project that is there is kept as its user left it.
    """
    from remaster_gui.demo import REFERENCE_FRAMES, make_demo

    demo = make_demo(folder)
    path = demo.film.with_suffix(SUFFIX)
    if _is_usable(path):
        return path
    pictures = sorted(demo.references.iterdir())
    rasters = {}
    with open_film(demo.film) as film:
        project = Project(identify(film.info))
        for frame, picture in zip(REFERENCE_FRAMES, pictures, strict=True):
            raster = Raster.of_picture(read_picture(picture), film.read(frame).pixels)
            name = tr("Frame {frame}", frame=frame)
            record = edits.new_reference(
                project, "imported", frame, name, raster.width, raster.height, colored=raster.is_colored
            )
            project = edits.with_reference(project, record)
            rasters[record.id] = raster
    create_store(path, project, rasters.items()).store.close()
    return path


def _is_usable(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        open_store(path, read_only=True).store.close()
    except RemasterError:
        return False
    return True
