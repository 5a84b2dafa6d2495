"""Opening and making projects: the part that reads files, for any thread; a `Document` is made of the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from remaster_gui.base.arrays import Bytes
from remaster_gui.document import kept_undo, kept_view
from remaster_gui.document.kept_undo import UndoStep, unpack_undo
from remaster_gui.painting.raster import Raster
from remaster_gui.project.schema import Project
from remaster_gui.project.store import ProjectStore


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """An open project file with what was read from it; whoever gets it closes `store`, or makes a `Document` of it."""

    store: ProjectStore
    project: Project
    thumbnails: Mapping[str, Bytes]
    """Small pictures ``(h, w, 3)`` sRGB of the references by their ids."""
    view: bytes = b""
    """How the film was looked at the last time; see `document.kept_view`."""
    steps: tuple[UndoStep, ...] = ()
    """What undo can take back of the last time."""


def open_store(path: Path, *, read_only: bool = False) -> OpenedProject:
    """Open a project file; raises `ProjectError`, or `DamagedProjectError` for one that can be recovered."""
    store = ProjectStore.open(path, read_only)
    try:
        project = store.load()
        view = store.kept(kept_view.NAME, kept_view.FORM)
        steps = unpack_undo(store.kept(kept_undo.NAME, kept_undo.FORM), project)
        return OpenedProject(store, project, store.thumbnails(project.references), view, steps)
    except BaseException:
        store.close()
        raise


def create_store(path: Path, project: Project, rasters: Iterable[tuple[str, Raster]] = ()) -> OpenedProject:
    """Make a project file, in place of one that is there and that nobody has open."""
    store = ProjectStore.create(path, project, rasters)
    try:
        store.load()
        return OpenedProject(store, project, store.thumbnails(project.references))
    except BaseException:
        store.close()
        raise
