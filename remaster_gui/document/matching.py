"""Which project belongs to a film, and which film to a project; for threads that may wait for disks."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

from remaster_gui.base.errors import DamagedProjectError, ProjectError, StorageError
from remaster_gui.base.language import tr
from remaster_gui.base.paths import user_folder
from remaster_gui.document.project_opening import OpenedProject, create_store, open_store
from remaster_gui.media.sequences import is_pattern
from remaster_gui.project import edits
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.film_identity import may_be_same
from remaster_gui.project.schema import FilmIdentity, Project, ProjectSettings

log = logging.getLogger(__name__)

_MOST_TRIES = 20


def open_project_of(film: FilmIdentity, usual: ProjectSettings) -> OpenedProject:
    """Open the film's project, or make one: beside the film where that can be done, else in the user's data folder.

    A new project begins with the `usual` settings. A project beside the film that is about another film is left
    alone; the next free name is taken.
    """
    try:
        return _open_or_create(film.path.parent, _stem(film.path), film, usual)
    except DamagedProjectError:
        raise
    except (StorageError, ProjectError, OSError) as error:
        log.info("no project beside %s: %s", film.path, error)
        if isinstance(error, ProjectError) and beside(film.path).is_file():
            raise
        place = hashlib.blake2b(str(film.path).encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
        return _open_or_create(projects_folder(), f"{_stem(film.path)}-{place}", film, usual)


def projects_folder() -> Path:
    """Return where projects lie whose films are in folders that cannot be written; made where it is missing."""
    folder = user_folder("data") / "projects"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            tr(
                "The folder {folder} cannot be made ({reason}); free some room there.",
                folder=folder,
                reason=error.strerror,
            )
        ) from error
    return folder


def film_of(opened: OpenedProject) -> Path | None:
    """Return where a project's film lies now: where it was, or beside the project; None where it is not found."""
    path = opened.project.film.path
    beside = opened.store.path.parent / path.name
    for each in (path, beside):
        if each.exists() or (is_pattern(each) and each.parent.is_dir()):
            return each
    return None


def suited_to(opened: OpenedProject, film: FilmIdentity) -> OpenedProject | None:
    """Return a project with what is known of its film now; None where `film` is another one."""
    before = opened.project.film
    if not may_be_same(before, film):
        return None
    known = replace(
        film, digest=film.digest or before.digest, rate=before.rate, deinterlace=before.deinterlace
    )
    return replace(opened, project=edits.relinked(opened.project, known))


def _open_or_create(folder: Path, stem: str, film: FilmIdentity, usual: ProjectSettings) -> OpenedProject:
    for number in range(1, _MOST_TRIES + 1):
        path = folder / f"{stem}{'' if number == 1 else f' {number}'}{SUFFIX}"
        if not path.exists():
            return create_store(path, Project(film, settings=usual))
        opened = open_store(path)
        suited = suited_to(opened, film)
        if suited is not None:
            return suited
        opened.store.close()
    raise ProjectError(
        tr(
            "{folder} holds too many projects of the name {stem}; open the right one by its file.",
            folder=folder,
            stem=stem,
        )
    )


def _stem(film: Path) -> str:
    return film.parent.name if is_pattern(film) else film.name if film.is_dir() else film.stem


def beside(film: Path) -> Path:
    """Return where a film's project lies if it can."""
    return film.parent / f"{_stem(film)}{SUFFIX}"
