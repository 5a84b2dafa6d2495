"""The public interface: what programs may build on. Everything else may change from one version to the next.

Reading films, at exact frames:

>>> from remaster_gui import api
>>> with api.open_film(film) as opened:
...     print(opened.info.frame_count, opened.info.rate, opened.read(3, "luma").pixels.shape)
12 24 (64, 80)

Remastering one, to a file that appears when it is complete:

>>> report = api.remaster(api.RenderRequest(film, folder / "out.mkv", weights=weights, settings=api.Settings(edge=64)))
>>> report.frames, (folder / "out.mkv").is_file()
(12, True)

Colouring one picture, by guess or after hints (see `Colorist.color`):

>>> import numpy as np
>>> api.Colorist.load("cpu").color(np.full((48, 64), 0.5, np.float32)).shape
(48, 64, 2)

Whatever the user can put right is a `RemasterError` with one sentence:

>>> api.open_film(folder / "no film.mkv")
Traceback (most recent call last):
...
remaster_gui.base.errors.MediaError: .../no film.mkv does not exist; check the path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.closable import Closable
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.notices import Notice, Progress, Update, followed
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.colorist import Colorist
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport
from remaster_gui.engine.restorer import Restorer
from remaster_gui.engine.session import CancelledError
from remaster_gui.media import (
    PRESETS,
    Film,
    FilmInfo,
    Frame,
    find_shots,
    open_film,
    read_picture,
    write_picture,
)
from remaster_gui.media.sequences import is_pattern
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits, name_edits
from remaster_gui.project.film_identity import identify
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.project.store import ProjectStore, packed

__all__ = [
    "PRESETS",
    "CancelledError",
    "Colorist",
    "Film",
    "FilmInfo",
    "Frame",
    "FrameRange",
    "Notice",
    "Progress",
    "Project",
    "ProjectFile",
    "Raster",
    "Reference",
    "ReferenceRecord",
    "RemasterError",
    "RenderReport",
    "RenderRequest",
    "Restorer",
    "Settings",
    "Update",
    "detect_shots",
    "edits",
    "name_edits",
    "open_film",
    "read_picture",
    "remaster",
    "render",
    "write_picture",
]


def remaster(
    request: RenderRequest,
    told: Callable[[Update], object] = lambda _: None,
    cancel: Event | None = None,
) -> RenderReport:
    """Render a film to its end and return what there is to say of it.

    `told` is called with each `Progress` and `Notice` on the calling thread. `cancel` ends the work within one temporal
    window with `CancelledError`; what is finished is kept, and the same request goes on from there. `render` does the
    same step by step. Raises a `RemasterError` for whatever the user can put right.
    """
    return followed(render(request, cancel or Event()), told)


def detect_shots(
    film: Film, told: Callable[[Progress], object] = lambda _: None, cancel: Event | None = None
) -> list[FrameRange]:
    """Find the shots of a film, in order; together they cover every frame once.

    `told` is called with each `Progress`. `cancel` ends the search within one frame: what was found so far is returned,
    the last shot reaching to the end.
    """
    return followed(find_shots(film, cancel or Event()), told)


class ProjectFile(Closable):
    """A project of the editor, without the editor: its film, cuts and references, and their pixels.

    To be closed; a context manager. One program at a time may change a project: in others it is `read_only`.

    >>> with api.ProjectFile.create(folder / "film.remaster", film) as file:
    ...     id_ = file.add_reference(picture, "A guess at the colours", frame=3)
    ...     file.edit(api.edits.with_cuts(file.project, [6]))
    ...     [(each.name, each.frame) for each in file.references()]
    [('A guess at the colours', 3)]
    """

    def __init__(self, store: ProjectStore) -> None:
        """Take charge of an open file; `create` and `open` make one."""
        self._store = store
        self.project = store.load()
        """What is saved, apart from pixels."""

    @classmethod
    def create(cls, path: Path, film: Path) -> ProjectFile:
        """Make a project for a film, in place of a file that is there. Raises a `RemasterError`."""
        with open_film(film) as opened:
            project = Project(identify(opened.info))
        return cls(ProjectStore.create(path, project))

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> ProjectFile:
        """Open a project that is there. Raises `ProjectError`."""
        return cls(ProjectStore.open(path, read_only))

    @property
    def read_only(self) -> bool:
        """Whether it can only be looked at."""
        return self._store.read_only

    def edit(self, project: Project) -> None:
        """Save a changed project; the functions of `edits` and `name_edits` make them. Raises a `RemasterError`."""
        self._store.save(project)
        self.project = project

    def add_reference(self, picture: Pixels, name: str, frame: int | None = None) -> str:
        """Add a colour reference and return its id.

        picture: gamma-coded sRGB ``(H, W, 3)``, uint8 or uint16. `frame` is the frame of the film that it shows, to
        which it is aligned; without one it stands free. Raises a `RemasterError`.
        """
        luma = None
        if frame is not None:
            film = self.project.film
            with open_film(film.path, deinterlace=film.deinterlace) as opened:
                luma = opened.read(frame, "luma").pixels
        raster = Raster.of_picture(picture, luma)
        record = edits.new_reference(
            self.project, "imported", frame, name, raster.width, raster.height, colored=True
        )
        project = edits.with_reference(self.project, record)
        self._store.save(project, packed(record.id, raster))
        self.project = project
        return record.id

    def pixels(self, id_: str) -> Raster:
        """Read the pixels of a reference. Raises `ProjectError`."""
        return self._store.load_raster(id_)[0]

    def references(self) -> tuple[Reference, ...]:
        """Return those that colour the film, as a render takes them and in the order in which the editor gives them.

        Their pixels are read when they are needed: the file has to stay open meanwhile.
        """
        used = self.project.used_references
        return tuple(
            Reference.of(
                record,
                partial(self._picture, record.id),
                partial(self._strokes, record.id),
                self.project.named,
            )
            for record in used
        )

    def request(self, output: Path, **changes: Any) -> RenderRequest:
        """Return how the editor would render the film of this project, between its in point and its out point.

        `changes`: fields of the request that are to be others.
        """
        film, settings, segment = self.project.film, self.project.settings, self.project.segment
        request = RenderRequest(
            film.path,
            output,
            references=self.references(),
            span=segment,
            weights=settings.weights,
            settings=Settings.of(settings),
            shots=None if self.project.cuts is None else self.project.shots,
            own=self.project.own_settings,
            marks=self.project.marks,
            recolorings=self.project.recolorings,
            deinterlace=film.deinterlace,
            rate=film.rate if film.path.is_dir() or is_pattern(film.path) else None,
        )
        return replace(request, **changes)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._store.close()

    def _picture(self, id_: str) -> Pixels:
        return self.pixels(id_).rgb()

    def _strokes(self, id_: str) -> Bytes:
        return self.pixels(id_).strokes()
