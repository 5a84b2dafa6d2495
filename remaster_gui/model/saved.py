"""Files of ``torch.save`` that anybody may have written: plain containers and dense tensors, nothing else.

``torch.load`` with ``weights_only`` runs no code of a file, but it builds whatever sizes the file claims and unpacks
whatever was packed. So a file is looked at first, in memory and time that do not depend on what it claims.
"""

from __future__ import annotations

import io
import pickletools
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch

LARGEST = 2**31
"""Bytes of the largest file that is read; the paper's network takes an eighth."""
_LARGEST_PICKLE = 2**24
_MOST_ENTRIES = 2**16
_LARGEST_TUPLE = 2**16
"""Values in a tuple and the tuples in it, each counted as often as it is named: as keys they are walked through."""
_LEGACY_PICKLES = 5
"""Before the tensors of a file that is no archive: magic number, version, machine, content, keys."""

_NAMES = frozenset(
    {"collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch.storage UntypedStorage"}
    | {
        f"torch {kind}Storage"
        for kind in ("Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
    }
)
"""What may be built beside Python's own plain values."""
_VALUES = frozenset(
    {"NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE"}
    | {"EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "GLOBAL"}
)
_TAKES = {"APPEND": 1, "SETITEM": 2, "BUILD": 1}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_REPLACES = {"REDUCE": 2, "BINPERSID": 1}
_MARK = -1


def load_saved(path: Path) -> Any:
    """Return what a file holds, on the CPU.

    Raises `OSError`, and `ValueError` for anything that is not as ``torch.save`` writes it.
    """
    check_saved(path)
    try:
        with warnings.catch_warnings(action="ignore"):
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # damaged content makes the restricted unpickler raise anything
        raise ValueError(f"cannot be loaded: {error}"[:300]) from error


def check_saved(path: Path) -> None:
    """Raise `ValueError` for a file that claims more than it holds, or wants anything built but plain data."""
    size = path.stat().st_size
    if not path.is_file() or size > LARGEST:
        raise ValueError(f"no file of at most {LARGEST} bytes")
    try:
        if zipfile.is_zipfile(path):
            _check_archive(path, size)
        else:
            with path.open("rb") as file:
                content = io.BytesIO(file.read(_LARGEST_PICKLE))
            for _ in range(_LEGACY_PICKLES):
                _check_pickle(content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, LookupError) as error:
        raise ValueError(f"not a file of torch.save: {error}") from error


def _check_archive(path: Path, size: int) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise ValueError("too many entries")
        if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
            raise ValueError("packed entries")
        if sum(entry.file_size for entry in entries) > size:
            raise ValueError("entries that are larger than the file")
        if archive.testzip() is not None:  # which torch does not look at
            raise ValueError("entries with wrong checksums")
        pickles = [entry for entry in entries if entry.filename.rpartition("/")[2] == "data.pkl"]
        if len(pickles) != 1 or pickles[0].file_size > _LARGEST_PICKLE:
            raise ValueError("not one description of the content")
        _check_pickle(io.BytesIO(archive.read(pickles[0])))


def _check_pickle(content: io.BytesIO) -> None:
    """Go through one pickle up to its end without building anything.

    The stack holds how many values stand behind each entry. Raises `ValueError` or `LookupError`.
    """
    stack: list[int] = []
    memo: dict[int, int] = {}
    for operation, argument, _ in pickletools.genops(content):
        name = operation.name
        if name in _VALUES:
            if name == "GLOBAL" and argument not in _NAMES:
                raise ValueError(f"it wants {argument} built"[:100])
            stack.append(1)
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[int(argument or 0)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[int(argument or 0)])
        elif name in _TUPLES or name == "TUPLE":
            taken = _take(stack, _TUPLES.get(name))
            stack.append(1 + sum(taken))
            if stack[-1] > _LARGEST_TUPLE:
                raise ValueError("tuples without end")
        elif name in _REPLACES:
            _take(stack, _REPLACES[name])
            stack.append(1)
        elif name in _TAKES or name in ("APPENDS", "SETITEMS"):
            _take(stack, _TAKES.get(name))
        elif name not in ("PROTO", "STOP"):
            raise ValueError(f"it wants {name} done")


def _take(stack: list[int], count: int | None) -> list[int]:
    """Take `count` values off the stack, or all down to the mark, and the mark."""
    if count is None:
        start = len(stack) - 1 - stack[::-1].index(_MARK)
        taken, count = stack[start + 1 :], len(stack) - start
    else:
        taken = stack[len(stack) - count :]
    if count > len(stack):
        raise ValueError("a stack that runs dry")
    del stack[len(stack) - count :]
    return taken
