"""Saving what can be read of a damaged project into a new file; the damaged one is left as it is."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from remaster_gui.base.errors import ProjectError
from remaster_gui.base.language import tr
from remaster_gui.base.system import stored_parts
from remaster_gui.painting.raster import NEUTRAL_BYTE, Raster
from remaster_gui.project import edits
from remaster_gui.project.companions import clear_companions, is_plain_file, journal_of
from remaster_gui.project.database import PAGE
from remaster_gui.project.database_faults import reading_project, writing_project
from remaster_gui.project.encoding import PARTS, decode_part
from remaster_gui.project.raster_tiles import PLANES, all_tiles, unpack
from remaster_gui.project.reading import record
from remaster_gui.project.salvaged import SalvagedRows
from remaster_gui.project.schema import FilmIdentity, Project, ReferenceRecord
from remaster_gui.project.store import ProjectStore

_LOST = {
    "cuts": tr("The cuts are lost; they will be searched for again."),
    "shots": tr("The settings and notes of single shots are lost."),
    "markers": tr("The markers are lost."),
    "marks": tr("The repairs that were rejected or made by hand are lost."),
    "segment": tr("The in and out points are lost."),
    "palettes": tr("The palettes are lost."),
    "recent_colors": tr("The recent colours are lost."),
    "settings": tr("The settings are lost; the usual ones are set."),
    "names": tr("The named colours are lost."),
}
_WITHOUT = {
    "shots": (1, 2),
    "markers": (1, 2, 3),
    "marks": (1, 2, 3, 4, 5),
    "names": (1, 2, 3, 4, 5, 6),
}
"""Versions of the file that say nothing of single shots, of markers, of marks, or of named colours."""
_GREY = {"luminance": 128, "chrominance": NEUTRAL_BYTE, "coverage": 0}


def recover(path: Path, into: Path, film: FilmIdentity | None = None) -> list[str]:
    """Write what can be read of a damaged project into a new one; return one sentence for everything that is lost.

    `film` is taken where the file no longer says which film it is about; without it that is a `ProjectError`, as is a
    file of which nothing can be read.
    """
    with (
        _copied(path, into) as copy,
        reading_project(path),
        contextlib.closing(SalvagedRows(copy)) as salvaged,
    ):
        losses: list[str] = []
        project = _project(salvaged, path, film, losses)
        rasters = {record.id: _lost_tiles(salvaged, record) for record in project.references}
        for each in project.references:
            lost, count = rasters[each.id]
            if lost == count:
                project = edits.without_reference(project, each.id)
                losses.append(tr("The reference “{each}” is lost.", each=each.name))
            elif lost:
                losses.append(
                    tr(
                        "{lost} of {count} parts of the reference “{each}” are lost and left grey.",
                        lost=lost,
                        count=count,
                        each=each.name,
                    )
                )
        kept = [each for each in project.references if each.id in rasters]
        remains = ((each.id, _raster(salvaged, each)) for each in kept)
        pictures = ((each.id, salvaged.picture(each.id)) for each in kept)
        ProjectStore.create(into, project, remains, (each for each in pictures if each[1])).close()
        return losses


@contextmanager
def _copied(path: Path, into: Path) -> Iterator[Path]:
    """Lend a copy, in which SQLite may roll back what a killed process left half-written."""
    if not path.is_file():
        raise ProjectError(tr("{path} does not exist; check the path.", path=path))
    with writing_project(into):
        folder = tempfile.TemporaryDirectory(prefix=".recovering-", dir=into.absolute().parent)
    with folder as name:
        copy = Path(name) / "copy"
        with writing_project(into):
            _copy_readable(path, copy)
            with contextlib.suppress(FileNotFoundError):
                if is_plain_file(journal_of(path)):
                    _copy_readable(journal_of(path), journal_of(copy))
                    clear_companions(copy)
        yield copy


def _copy_readable(path: Path, copy: Path) -> None:
    """Copy a file, with its holes; zeros stand where the disk cannot read it."""
    with path.open("rb", buffering=0) as source, copy.open("wb") as target:
        size = path.stat().st_size
        for start, stop in list(stored_parts(source.fileno())):
            for at in range(start - start % PAGE, stop, PAGE):
                source.seek(at)
                try:
                    part = source.read(PAGE)
                except OSError:
                    part = b""
                target.seek(at)
                target.write(part)
        target.truncate(size)


def _project(salvaged: SalvagedRows, path: Path, film: FilmIdentity | None, losses: list[str]) -> Project:
    fields: dict[str, Any] = {}
    for name in PARTS:
        try:
            fields |= decode_part(name, salvaged.tables["part"][name][1])
        except (KeyError, ValueError):
            if name in _LOST and salvaged.version not in _WITHOUT.get(name, ()):
                losses.append(_LOST[name])
    if "film" not in fields:
        if film is None:
            raise ProjectError(
                tr(
                    "So much of {path} is destroyed that it does not say which film it is about; open the film and "
                    "recover the project for it.",
                    path=path,
                )
            )
        losses.append(tr("Which film the project is about is lost; the film that is open is taken."))
        fields["film"] = film
    references = _references(salvaged, fields["film"], losses)
    highest = max((each.revision for each in references), default=0)
    fields["last_revision"] = max(highest, fields.get("last_revision", 0))
    cuts_and_shots = "cuts", "shot_records"
    points, names = ("in_point", "out_point"), ("named", "wanted")
    for dropped in (
        (), ("shot_records",), cuts_and_shots, ("markers",), names, (*cuts_and_shots, "markers", *points, *names)
    ):  # fmt: skip
        # Parts that each make sense need not fit together.
        with contextlib.suppress(ValueError):
            kept = {name: value for name, value in fields.items() if name not in dropped}
            project = Project(references=tuple(references), **kept)
            said = {"cuts": "cuts", "shot_records": "shots", "markers": "markers", "named": "names"}
            losses += [_LOST[said[name]] for name in dropped if fields.get(name) and name in said]
            return project
    raise ProjectError(tr("Nothing that makes sense can be read of {path}.", path=path))


def _references(salvaged: SalvagedRows, film: FilmIdentity, losses: list[str]) -> list[ReferenceRecord]:
    found = []
    rows: list[tuple[Any, ...]] = [tuple(row) for row in salvaged.tables["reference"].values()]
    for row in sorted(rows, key=lambda row: row[1]):
        values = [row[0], *row[2:]]  # all but the place
        raster: Any = salvaged.tables["raster"].get(row[0])
        size = (film.width, film.height, 0) if raster is None else raster[1:4]
        try:
            found.append(record(*values, *size))
        except (ValueError, TypeError):
            losses.append(tr("The reference “{row}” is lost.", row=str(row[2])[:100]))
    nameless = list(_nameless(salvaged, found)) if salvaged.references_lost else []
    if nameless:
        losses.append(
            tr(
                "The names of references are lost; {count} were given new ones and switched off.",
                count=len(nameless),
            )
        )
    return found + nameless


def _nameless(salvaged: SalvagedRows, known: list[ReferenceRecord]) -> Iterator[ReferenceRecord]:
    """Yield references of which nothing is left but pixels; they are switched off, as they may have been deleted."""
    ids = {each.id for each in known}
    lost = [row for id_, row in salvaged.tables["raster"].items() if id_ not in ids]
    for number, row in enumerate(lost, 1):
        color = edits.OWN_COLORS[number % len(edits.OWN_COLORS)]
        values: list[Any] = [
            row[0],
            tr("Recovered {number}", number=number),
            "imported",
            None,
            color,
            0,
            1,
            "{}",
            *row[1:4],
        ]
        with contextlib.suppress(ValueError, TypeError):
            yield record(*values)


def _lost_tiles(salvaged: SalvagedRows, record: ReferenceRecord) -> tuple[int, int]:
    """Return how many tiles are lost, and how many there should be."""
    lost = count = 0
    for tile in all_tiles(record.width, record.height):
        count += 1
        try:
            unpack(salvaged.tile(record.id, tile), tile.shape(record.width, record.height))
        except ValueError:
            lost += 1
    return lost, count


def _raster(salvaged: SalvagedRows, record: ReferenceRecord) -> Raster:
    """Join what is left of a raster; what is not is an unpainted grey."""
    size = (record.height, record.width)
    shapes = {"luminance": size, "chrominance": (*size, 2), "coverage": size}
    raster = Raster(*(np.full(shapes[plane], _GREY[plane], np.uint8) for plane in PLANES))
    for tile in all_tiles(record.width, record.height):
        with contextlib.suppress(ValueError):
            pixels = unpack(salvaged.tile(record.id, tile), tile.shape(record.width, record.height))
            tile.of(raster)[...] = pixels
    # Colour without coverage does not show, and must be neutral.
    raster.chrominance[raster.coverage == 0] = NEUTRAL_BYTE
    return raster
