"""What lies beside a project and goes along with a copy of it: its stills and versions. Free of Qt."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from remaster_gui.base.files import Draft
from remaster_gui.base.holes import copy_with_holes, have_same_content
from remaster_gui.document.still_gallery import GrabbedStill, StillGallery
from remaster_gui.document.version_folder import VersionFolder
from remaster_gui.media.faults import writing


def take_along(project: Path, copy: Path) -> None:
    """Copy stills and versions of a project to where those of a copy lie; raises `StorageError`.

    What is there stays as it is: of several with one number the later one gets the next that is free, and what was
    taken along before is not copied again.
    """
    _take_stills(StillGallery(project), StillGallery(copy))
    _take_versions(VersionFolder(project), VersionFolder(copy))


def _take_stills(source: StillGallery, target: StillGallery) -> None:
    there = list(target.list())
    for still in source.list():
        path = source.path / still.name
        if not _is_among(path, (target.path / each.name for each in there if each.frame == still.frame)):
            number = _free(still.number, (each.number for each in there))
            taken = GrabbedStill(number, still.frame)
            _copy(path, target.path / taken.name)
            there.append(taken)


def _take_versions(source: VersionFolder, target: VersionFolder) -> None:
    there = list(target.list())
    for version in source.list():
        path, said = source.file(version.number), (version.taken, version.note)
        same = (target.file(each.number) for each in there if (each.taken, each.note) == said)
        if not _is_among(path, same):
            number = _free(version.number, (each.number for each in there))
            _copy(path, target.file(number))
            there.append(target.list_as(version, number))


def _free(number: int, used: Iterable[int]) -> int:
    numbers = set(used)
    return number if number not in numbers else 1 + max(numbers)


def _is_among(path: Path, others: Iterable[Path]) -> bool:
    """Whether one of the others has the same content."""
    with writing(path):
        return any(have_same_content(path, other) for other in others)


def _copy(path: Path, target: Path) -> None:
    with writing(target):
        target.parent.mkdir(exist_ok=True)
        # Versions are nobody else's business, and neither are their copies.
        with Draft(target, private=True) as draft:
            copy_with_holes(path, draft.path)
            shutil.copymode(path, draft.path)
            draft.publish()
