"""Versions of a project that were kept to go back to: copies of its file in a folder beside it. Free of Qt."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.errors import ProjectError
from remaster_gui.base.files import read_record, replace_text
from remaster_gui.base.language import tr
from remaster_gui.media.faults import writing
from remaster_gui.painting.raster import Raster
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.schema import Project
from remaster_gui.project.store import ProjectStore

log = logging.getLogger(__name__)

LONGEST_VERSION_NOTE = 200
MOST_VERSIONS = 200
_FORMAT = "remaster-versions-1"
_LIST = "versions.json"


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version of a project. `number` counts those of a project from 1; `taken` is local time, ISO 8601."""

    number: int
    taken: str
    note: str = ""

    @property
    def title(self) -> str:
        """What the user calls it: ``Version 3, 14:05, coat is green``; with its day where that is another one."""
        moment = datetime.fromisoformat(self.taken)
        is_today = moment.date() == datetime.now(moment.tzinfo).date()
        time = moment.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")
        return ", ".join(
            part for part in (tr("Version {number}", number=self.number), time, self.note) if part
        )


@dataclass(frozen=True, slots=True)
class PastState:
    """What a version holds: its project, and of references that the present has otherwise their pixels and pictures."""

    project: Project
    rasters: dict[str, tuple[Raster, bytes]]


class VersionFolder:
    """The versions of a project. Reads and writes files: not for the GUI thread."""

    def __init__(self, project: Path) -> None:
        """Name the folder; it is made with the first version."""
        self.path = project.with_name(f"{project.stem}.versions")

    def file(self, number: int) -> Path:
        """Return where a version lies."""
        return self.path / f"version {number:03d}{SUFFIX}"

    def list(self) -> tuple[KeptVersion, ...]:
        """Return all that are there, oldest first; what makes no sense is passed over."""
        try:
            said = plain_data.table(read_record(self.path / _LIST))
            if said["format"] != _FORMAT:
                raise ValueError("another format")
            found = {version.number: version for version in map(_read, plain_data.listed(said["versions"]))}
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError):
            log.warning("the versions in %s cannot be read", self.path, exc_info=True)
            return ()
        return tuple(found[number] for number in sorted(found) if self.file(number).is_file())

    def new_file(self) -> tuple[int, Path]:
        """Make the folder, and return number and place of the next version; raises `StorageError`, `ProjectError`."""
        there = self.list()
        if len(there) >= MOST_VERSIONS:
            raise ProjectError(
                tr(
                    "There are {most_versions} versions, and no more are kept; delete some first.",
                    most_versions=MOST_VERSIONS,
                )
            )
        number = 1 + max((version.number for version in there), default=0)
        with writing(self.path):
            self.path.mkdir(exist_ok=True)
        return number, self.file(number)

    def note_down(self, number: int, note: str) -> KeptVersion:
        """List a version whose file is complete now; raises `StorageError`."""
        moment = datetime.now().astimezone().isoformat(timespec="seconds")
        version = KeptVersion(number, moment, note[:LONGEST_VERSION_NOTE])
        self._write((*self.list(), version))
        return version

    def list_as(self, version: KeptVersion, number: int) -> KeptVersion:
        """List a version of another folder, whose file is complete here, as that number; raises `StorageError`."""
        taken = replace(version, number=number)
        self._write((*self.list(), taken))
        return taken

    def remove(self, version: KeptVersion) -> None:
        """Forget a version; raises `StorageError`."""
        self._write(each for each in self.list() if each.number != version.number)
        with writing(self.path):
            self.file(version.number).unlink(missing_ok=True)

    def read(self, version: KeptVersion, present: Collection[tuple[str, int]]) -> PastState:
        """Return what a version holds; `present`: ids and revisions of references whose pixels are there.

        Raises `ProjectError`.
        """
        store = ProjectStore.open(self.file(version.number))
        try:
            project = store.load()
            wanted = [each.id for each in project.references if (each.id, each.revision) not in present]
            return PastState(
                project, {id_: (store.load_raster(id_)[0], store.load_picture(id_)) for id_ in wanted}
            )
        finally:
            store.close()

    def _write(self, versions: Iterable[KeptVersion]) -> None:
        record = {
            "format": _FORMAT,
            "versions": [{"number": v.number, "taken": v.taken, "note": v.note} for v in versions],
        }
        with writing(self.path / _LIST):
            replace_text(self.path / _LIST, json.dumps(record, indent=1) + "\n", private=True)


def _read(value: Any) -> KeptVersion:
    said = plain_data.table(value)
    taken, note = plain_data.text(said["taken"]), plain_data.text(said["note"], LONGEST_VERSION_NOTE)
    datetime.fromisoformat(taken)
    return KeptVersion(plain_data.whole(said["number"], 1, 999_999), taken, note)
