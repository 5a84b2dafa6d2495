"""What an unfinished render has kept: told from the names and records in its work folder, without loading a network."""

from __future__ import annotations

import re
from pathlib import Path

from remaster_gui.base.files import read_record, with_ending

_NAME = re.compile(r"(\d{7,})-(\d{7,})", re.ASCII)


def work_folder(output: Path) -> Path:
    """Return the folder in which parts of a render wait until all are there."""
    return with_ending(output, "remaster", hidden=True)


def record_path(folder: Path, name: str) -> Path:
    """Return where the record of a part lies."""
    return folder / f".{name}.json"


def is_part(path: Path) -> bool:
    """Whether what lies at `path` bears the name of a finished part."""
    return _NAME.fullmatch(path.stem) is not None


def frames_kept(output: Path) -> int:
    """Return how many frames a render of this output need not make again, as far as names and sizes tell."""
    folder, count = work_folder(output), 0
    if folder.is_symlink() or not folder.is_dir():
        return 0
    for part in folder.iterdir():
        named = _NAME.fullmatch(part.stem)
        if named is None:
            continue
        try:
            record = read_record(record_path(folder, part.stem))
            files = [part] if part.is_file() else list(part.iterdir())
            if isinstance(record, dict) and record.get("bytes") == sum(
                each.lstat().st_size for each in files
            ):
                count += int(named[2]) - int(named[1])
        except (OSError, ValueError):
            continue
    return count
