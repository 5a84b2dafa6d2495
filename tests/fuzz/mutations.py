"""Damage to inputs, one step at a time: numbers, pieces, values of JSON, cells of SQLite, and names of files."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from .inputs import Device, Folder, Link, Pipe, Sparse, Tree
from .layouts import Number, layout_of, pieces_of

Step = Callable[[Random, Tree], None]
"""One step of damage, done to the tree in place."""

LARGEST = 64 * 2**20
"""Bytes that an input may grow to by pieces that are doubled."""

_STRANGE_TEXTS = (
    "", "\0", " ", "..", ".", "../../victim/file.txt", "a\nb", "é", "\udce9", "\ud800", "x" * 300, "9" * 5000, "-1",
    "nan", "inf", "1e999999999", "1/0", "0/0", "0x10", "true", "null", "%s%n", "http://localhost/x", "٣", "１", "²",
    "00:00:00:00", "99:99:99:99", "01:00:00;00", "-00:00:01:00", "[" * 3000, "{}", "\N{RIGHT-TO-LEFT OVERRIDE}x",
)  # fmt: skip


def strange_text(rng: Random) -> str:
    """Return a text that programs take for something else."""
    return rng.choice(_STRANGE_TEXTS)


def strange_value(rng: Random, before: Any = None) -> Any:
    """Return a value of JSON that is not what stood there."""
    numbers: list[Any] = [0, 1, -1, 2, 15, 16, 255, 2**31, -(2**31), 2**63, 10**18, 10**400, 0.5, -0.0, 1e308, 5e-324,
                          float("nan"), float("inf")]  # fmt: skip
    if isinstance(before, (int, float)) and not isinstance(before, bool) and before == before:
        with contextlib.suppress(OverflowError):
            numbers += [
                before + 1,
                before - 1,
                -before,
                before * 2,
                before * 1000,
                float(before),
                str(before),
            ]
    deep: Any = []
    for _ in range(rng.choice((1, 30, 900))):
        deep = [deep]
    return rng.choice(
        (rng.choice(numbers), strange_text(rng), None, True, False, {}, [], deep, [before], {"a": before})
    )


def noise(rng: Random, data: bytes) -> bytes:
    """Damage bytes without regard to what they mean."""
    if not data:
        return rng.randbytes(rng.choice((1, 16, 1000)))
    content = bytearray(data)
    # Headers stand at the beginning and matter most.
    reach = rng.choice((64, 1024, len(data), len(data)))
    at = rng.randrange(min(len(data), reach))
    span = rng.choice((1, 2, 4, 16, 100, 1000, 8192))
    match rng.randrange(8):
        case 0:
            content[at] ^= 1 << rng.randrange(8)
        case 1:
            content[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        case 2:
            for _ in range(rng.choice((3, 20, 200))):
                content[rng.randrange(len(content))] = rng.randrange(256)
        case 3:
            content[at : at + span] = rng.choice((b"\0", b"\xff", b" "))[:1] * len(content[at : at + span])
        case 4:
            del content[at:]
        case 5:
            del content[at : at + span]
        case 6:
            content[at:at] = rng.randbytes(span)
        case _:
            content[at:at] = content[at : at + span]
    return bytes(content)


def structure(rng: Random, data: bytes) -> bytes:
    """Damage a number or a piece that the format has; sums over what was changed are made right again, mostly."""
    if not data:
        return noise(rng, data)
    layout = layout_of(data)
    if layout.numbers and rng.random() < 0.65:
        changed = _with_number(rng, data, rng.choice(layout.numbers))
    else:
        changed = _with_pieces(rng, data)
    return checked(changed) if rng.random() < 0.8 else changed


def _with_number(rng: Random, data: bytes, number: Number) -> bytes:
    place = slice(number.start, number.start + number.size)
    value, bits = int.from_bytes(data[place], number.order), 8 * number.size
    highest = (1 << bits) - 1
    strange = (
        0, 1, 2, highest, highest >> 1, (highest >> 1) + 1, highest - 1, value + 1, value - 1, value * 2, value // 2,
        value ^ 1 << rng.randrange(bits), rng.randrange(highest + 1), rng.randrange(256), 0x10000, 0x7FFF, len(data),
        len(data) - number.start, 1 << rng.randrange(bits),
    )  # fmt: skip
    return (
        data[: number.start]
        + (rng.choice(strange) & highest).to_bytes(number.size, number.order)
        + data[place.stop :]
    )


def _with_pieces(rng: Random, data: bytes) -> bytes:
    pieces = list(pieces_of(data))
    start, stop = rng.choice(pieces)
    other_start, other_stop = rng.choice(pieces)
    piece = data[start:stop]
    match rng.randrange(6):
        case 0:
            return data[:start] + data[stop:]
        case 1:
            many = rng.choice((1, 2, 50))
            return data[:start] + piece * (many if many * len(piece) < LARGEST else 1) + data[start:]
        case 2:
            return data[:other_start] + piece + data[other_start:]
        case 3:
            if start < other_start and stop <= other_start:
                return (data[:start] + data[other_start:other_stop] + data[stop:other_start] + piece
                        + data[other_stop:])  # fmt: skip
            return data[:other_start] + piece + data[other_stop:]
        case 4:
            return data[:start] + noise(rng, piece) + data[stop:]
        case _:
            return data[:stop]


def checked(data: bytes) -> bytes:
    """Return a PNG or Ogg file with the right sums over its pieces, so that damage is not found by them alone."""
    if data.startswith(b"\x89PNG"):
        return _checked_png(data)
    if data.startswith(b"OggS"):
        return _checked_ogg(data)
    return data


def _checked_png(data: bytes) -> bytes:
    content, at = bytearray(data), 8
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4])
        if end + 4 > len(content):
            break
        content[end : end + 4] = zlib.crc32(content[at + 4 : end]).to_bytes(4)
        at = end + 4
    return bytes(content)


def _ogg_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


_OGG = _ogg_table()


def _checked_ogg(data: bytes) -> bytes:
    content = bytearray(data)
    for at, stop in layout_of(data).pieces:
        content[at + 22 : at + 26] = bytes(4)
        value = 0
        for byte in content[at:stop]:
            value = (value << 8 ^ _OGG[value >> 24 ^ byte]) & 0xFFFFFFFF
        content[at + 22 : at + 26] = value.to_bytes(4, "little")
    return bytes(content)


def json_value(rng: Random, data: bytes) -> bytes:
    """Damage one value of a JSON text."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return noise(rng, data)
    text = json.dumps(_with_strange(rng, content))
    if rng.random() < 0.05:
        text = text.replace("null", "[" * 100_000, 1)
    return text.encode("utf-8", "surrogatepass")


def _with_strange(rng: Random, content: Any) -> Any:
    """Return plain data in which one value, at any depth, is another, is missing or is there twice."""
    if isinstance(content, dict) and content and rng.random() < 0.9:
        key = rng.choice(list(content))
        match rng.randrange(12):
            case 0:
                return {k: v for k, v in content.items() if k != key}
            case 1:
                return {strange_text(rng) if k == key else k: v for k, v in content.items()}
            case 2:
                return content | {strange_text(rng): strange_value(rng)}
            case _:
                return content | {key: _with_strange(rng, content[key])}
    if isinstance(content, list) and content and rng.random() < 0.85:
        at = rng.randrange(len(content))
        match rng.randrange(6):
            case 0:
                return content[:at] + content[at + 1 :]
            case 1:
                return [*content, content[at]]
            case _:
                return [*content[:at], _with_strange(rng, content[at]), *content[at + 1 :]]
    return strange_value(rng, content)


def text_lines(rng: Random, data: bytes) -> bytes:
    """Damage a text: words, lines, or how it is encoded."""
    text = data.decode("utf-8", "surrogateescape")
    lines = text.splitlines(keepends=True) or [""]
    at = rng.randrange(len(lines))
    words = re.split(r"(\W)", lines[at])
    match rng.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[at] * rng.choice((1, 2, 100)))
        case 2:
            return text.encode(rng.choice(("utf-16", "utf-32", "utf-8-sig")), "surrogatepass")
        case 3:
            return text.encode("utf-8", "surrogateescape") + rng.choice((b"\xe9", b"\xff\xfe", b"\0", b"\r"))
        case 4:
            return noise(rng, data)
        case _:
            words[rng.randrange(len(words))] = strange_text(rng)
            lines[at] = "".join(words)
    return "".join(lines).encode(
        "utf-8", "surrogateescape" if "\ud800" not in "".join(lines) else "surrogatepass"
    )


def tensors(rng: Random, data: bytes) -> bytes:
    """Damage a safetensors file: the values of its header, those of the texts within, or any bytes."""
    size = int.from_bytes(data[:8], "little")
    if size + 8 > len(data) or rng.random() < 0.15:
        return noise(rng, data)
    header, rest = data[8 : 8 + size], data[8 + size :]
    if rng.random() < 0.6:
        try:
            content = json.loads(header)
            texts = content["__metadata__"]
            key = rng.choice(list(texts))
            texts[key] = json_value(rng, texts[key].encode()).decode("utf-8", "replace")
            header = json.dumps(content).encode("utf-8", "replace")
        except (ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError):
            header = json_value(rng, header)
    else:
        header = json_value(rng, header)
    length = len(header) if rng.random() < 0.9 else rng.choice((0, 1, len(header) * 2, 2**40, 2**63 - 1))
    return length.to_bytes(8, "little") + header + rest


def archive(rng: Random, data: bytes) -> bytes:
    """Damage a member of a zip archive, whose sums are right again, or the archive itself."""
    if rng.random() < 0.3:
        return structure(rng, data) if rng.random() < 0.6 else noise(rng, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        MemoryError,
    ):
        return noise(rng, data)
    if not members:
        return noise(rng, data)
    # The pickle says what all others mean.
    name = next((n for n in members if n.endswith("data.pkl")), "") if rng.random() < 0.7 else ""
    name = name or rng.choice(list(members))
    match rng.randrange(6):
        case 0:
            del members[name]
        case 1:
            members[strange_text(rng)[:200] or "x"] = members.pop(name)
        case _:
            members[name] = noise(rng, members[name])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for each, content in members.items():
            try:
                packed.writestr(zipfile.ZipInfo(each.replace("\0", "0")), content)
            except (UnicodeEncodeError, ValueError):
                continue
    return target.getvalue()


def database(rng: Random, data: bytes) -> bytes:
    """Damage a SQLite file: cells, rows and tables, or the pages that hold them."""
    if rng.random() < 0.35:
        return structure(rng, data) if rng.random() < 0.7 else noise(rng, data)
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        _harm(rng, connection)
        connection.commit()
        return connection.serialize()
    except (sqlite3.Error, ValueError, OverflowError, UnicodeEncodeError, UnicodeDecodeError, MemoryError):
        return noise(rng, data)
    finally:
        connection.close()


def _harm(rng: Random, connection: sqlite3.Connection) -> None:
    found = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    tables = [name for name in found if not name.startswith("sqlite_")]
    if not tables:
        raise ValueError("an earlier step has dropped the last table")
    table = rng.choice(tables)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column = rng.choice(columns)
    match rng.randrange(12):
        case 0:
            connection.execute(f"DROP TABLE {table}")
        case 1:
            connection.execute(f'ALTER TABLE {table} RENAME COLUMN "{column}" TO x')
        case 2:
            connection.execute(f"CREATE TRIGGER t AFTER UPDATE ON {table} BEGIN DELETE FROM {table}; END")
        case 3:
            connection.execute(f"PRAGMA user_version = {rng.choice((0, 1, 2, 3, 4, -1, 2**31 - 1))}")
        case 4:
            connection.execute(f"DELETE FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})")
        case _:
            _loosen(rng, connection)
            _set_cell(rng, connection, table, column)


@functools.cache
def _bomb() -> bytes:
    """Return what becomes 200 MB when it is unpacked."""
    return zlib.compress(bytes(200_000_000), 9)


def _loosen(rng: Random, connection: sqlite3.Connection) -> None:
    """Take checks of types and values out of the tables, as whoever made the file may never have had them."""
    if rng.random() < 0.6:
        connection.executescript(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '');"
            "PRAGMA writable_schema = RESET"
        )
        connection.execute("PRAGMA ignore_check_constraints = ON")
    if rng.random() < 0.5:
        connection.execute("PRAGMA foreign_keys = OFF")


def _set_cell(rng: Random, connection: sqlite3.Connection, table: str, column: str) -> None:
    row = connection.execute(
        f'SELECT rowid, "{column}" FROM {table} ORDER BY rowid LIMIT 1 OFFSET {rng.randrange(6)}'
    ).fetchone()
    if row is None:
        return
    value = row[1]
    strange: list[object] = [
        None,
        -1,
        0,
        1,
        2**62,
        1.5,
        float("nan"),
        "x",
        b"\xff",
        strange_text(rng),
        str(value),
    ]
    if isinstance(value, str):
        strange += [value.encode("utf-8", "surrogatepass"), json_value(rng, value.encode("utf-8", "replace")).decode(
            "utf-8", "replace")] * 4  # fmt: skip
    if isinstance(value, bytes):
        strange += [noise(rng, value), value + b"\0", value[:-1], _bomb()]
    if isinstance(value, int):
        strange += [value + 1, -value, float(value), str(value), 10**9]
    # Texts that are not UTF-8 can be put into a database by a cast only.
    new = rng.choice(strange)
    as_text = isinstance(new, bytes) and isinstance(value, str)
    place = "CAST(? AS TEXT)" if as_text else "?"
    connection.execute(f'UPDATE OR IGNORE {table} SET "{column}" = {place} WHERE rowid = ?', (new, row[0]))


def content(rng: Random, name: str, data: bytes) -> bytes:
    """Damage the content of a file by what it is."""
    if name.endswith(".json") or data[:1] in (b"{", b"["):
        return json_value(rng, data) if rng.random() < 0.8 else noise(rng, data)
    if name.endswith((".csv", ".ini", ".m3u8", ".txt")):
        return text_lines(rng, data)
    if name.endswith(".safetensors"):
        return tensors(rng, data)
    if data.startswith(b"PK\3\4"):
        return archive(rng, data)
    if data.startswith(b"SQLite format 3"):
        return database(rng, data)
    return structure(rng, data) if rng.random() < 0.7 else noise(rng, data)


_STRANGE_NAMES = (
    "x\udce9", "x" * 240, "-", "x\ny", "x%d", "x####", "#", "x%09999999d", "9:30", "x" + "9" * 200, "٣", " ", ".hidden",
    "é",
)  # fmt: skip


def names(rng: Random, tree: Tree, choices: Sequence[str]) -> None:
    """Do something to a file as a whole: rename, remove, double, empty it, or put something else under its name."""
    name = rng.choice(choices)
    folder, _, base = name.rpartition("/")
    _, dot, suffix = base.partition(".") if not base.startswith(".") else (base, "", "")
    prefix = f"{folder}/" if folder else ""
    strange = f"{prefix}{rng.choice(_STRANGE_NAMES)}{dot}{suffix}"
    entry = tree[name]
    start = entry[:64] if isinstance(entry, bytes) else b""
    match rng.randrange(9):
        case 0:
            tree[strange] = tree.pop(name)
        case 1:
            del tree[name]
        case 2:
            tree[strange] = entry
        case 3:
            tree[name] = b""
        case 4:
            depth = "../" * (1 + name.count("/"))
            to = (f"{depth}victim/file.txt", f"{depth}victim/new", base, "..")
            tree[name] = Link(rng.choice(to))
        case 5:
            tree[name] = rng.choice((Pipe(), Device(), Folder()))
        case 6:
            tree[name] = Sparse(rng.choice((start, b"")), rng.choice((2**33, 2**40)))
        case 7:
            other = rng.choice(choices)
            tree[name], tree[other] = tree[other], tree[name]
        case _:
            tree[name] = rng.randbytes(rng.choice((1, 100, 10_000)))


def step(rng: Random, tree: Tree, choices: Sequence[str], share_of_names: float) -> None:
    """Damage one of the files `choices`, in place."""
    there = [name for name in choices if name in tree]
    if not there:
        return
    if rng.random() < share_of_names:
        names(rng, tree, there)
        return
    name = rng.choice(there)
    entry = tree[name]
    if isinstance(entry, bytes):
        tree[name] = content(rng, name, entry)
