"""What is handed to the product: a tree of files, links, pipes and folders, in memory and on disk."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Pipe:
    """A named pipe that nobody writes into."""


@dataclass(frozen=True)
class Device:
    """A device of its own that reads as zeros for ever."""


@dataclass(frozen=True)
class Folder:
    """An empty folder."""


@dataclass(frozen=True)
class Sparse:
    """A file that begins with something and goes on with nothing, up to a size of gigabytes."""

    start: bytes
    size: int


Entry = bytes | Link | Pipe | Device | Folder | Sparse
Tree = dict[str, Entry]
"""By relative names, which may hold what is not UTF-8 as lone surrogates."""

VICTIM = "victim"
"""Files beside the tree that hostile links lead to; nothing may change them."""
PRECIOUS = b"precious\n"


def plant(tree: Tree, folder: Path) -> None:
    """Write a tree; entries that the file system refuses (a name too long, say) are left out."""
    folder.mkdir(parents=True)
    victims = folder.parent / VICTIM
    victims.mkdir(exist_ok=True)
    (victims / "file.txt").write_bytes(PRECIOUS)
    for name, entry in tree.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _plant(entry, path)
        except (OSError, ValueError):
            continue


def _plant(entry: Entry, path: Path) -> None:
    match entry:
        case Link(target):
            path.symlink_to(target)
        case Pipe():
            os.mkfifo(path)
        case Device():
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
        case Folder():
            path.mkdir()
        case Sparse(start, size):
            path.write_bytes(start)
            os.truncate(path, size)
        case _:
            path.write_bytes(entry)


def gather(folder: Path) -> Tree:
    """Read a folder of plain files as a tree."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def victims_are_well(folder: Path) -> bool:
    """Whether the files beside the tree in `folder` are as they were planted."""
    victims = folder.parent / VICTIM
    return [each.name for each in victims.iterdir()] == ["file.txt"] and (
        victims / "file.txt"
    ).read_bytes() == PRECIOUS
