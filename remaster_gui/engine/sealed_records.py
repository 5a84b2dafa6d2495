"""What a render writes down of finished parts, sealed with digests: what was changed since is not taken up again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from remaster_gui.base.files import open_plain, printable, read_record, replace_text


def write_sealed(path: Path, data: dict[str, Any]) -> None:
    """Write plain data with its digest."""
    replace_text(path, json.dumps(data | {"digest": digest_of(data)}))


def read_sealed(path: Path) -> dict[str, Any]:
    """Read what `write_sealed` has written; raises `ValueError` for anything else."""
    data = read_record(path)
    if not isinstance(data, dict) or data.pop("digest", None) != digest_of(data):
        raise ValueError(f"{printable(path)} is not what was written")
    return data


def digest_of(data: dict[str, Any]) -> str:
    """Return the digest of plain data."""
    return hashlib.blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=16).hexdigest()


def file_digest(path: Path) -> str:
    """Return the digest of a plain file's content."""
    with open_plain(path) as file:
        return hashlib.file_digest(file, hashlib.blake2b).hexdigest()


def folder_digest(path: Path) -> str:
    """Return the digest of the names and contents of a folder's files; raises `ValueError` for a link to one."""
    if path.is_symlink():
        raise ValueError(f"{printable(path)} is a link")
    digest = hashlib.blake2b()
    for each in sorted(path.iterdir()):
        digest.update(os.fsencode(each.name) + b"\0" + file_digest(each).encode())
    return digest.hexdigest()


def state_of(output: Path) -> str:
    """Ask the disk about a file or folder of pictures; the answer stays the same under another name."""
    files = sorted(output.iterdir()) if output.is_dir() else [output]
    described = [(each, each.lstat()) for each in files]
    text = "".join(
        f"{printable(each.name) if each is not output else ''}\0{s.st_ino}\0{s.st_size}\0{s.st_mtime_ns}\0"
        for each, s in described
    )
    return hashlib.blake2b(text.encode()).hexdigest()
