"""Nothing of the editor's wiring hangs loose: signals, methods, fields and actions have somebody at the other end."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from remaster_gui.ui.action_table import ACTIONS

from .program import ROOT, Program, modules, name_of, nodes_of

EDITOR = ("ui", "document", "workers", "project")
WATCHED = {
    "is_busy",
    "is_saved",
    "raster_bytes",
    "has_looked",
    "is_marked",
    "is_painting",
    "has_picture",
    "has_source",
}
"""Properties that say how things stand to who only watches, as tests do."""
CALLED_BY_LIBRARIES = {"dask_setup", "writable", "seekable"}


@cache
def _program() -> Program:
    return Program(modules())


@cache
def _signal_uses() -> tuple[tuple[str, str, str], ...]:
    return tuple(_program().signal_uses())


def _is_editors(path: Path) -> bool:
    return any((ROOT / room) in path.parents for room in EDITOR)


def _loose(use: str) -> list[str]:
    """Signals that are not used in a way by anybody; a use whose owner cannot be told counts for none."""
    used: dict[str, set[str]] = defaultdict(set)
    for owner, signal, kind in _signal_uses():
        if kind == use:
            used[owner].add(signal)
    return [
        f"{each.name}.{signal}"
        for each in _program().classes.values()
        for signal in sorted(each.signals - used[each.name])
    ]


def test_every_signal_has_a_receiver() -> None:
    assert _loose("connect") == []


def test_every_signal_has_a_sender() -> None:
    assert _loose("emit") == []


@cache
def _names() -> Counter[str]:
    """How often names are read in the program and its scripts, as variables, attributes or texts."""
    names: Counter[str] = Counter()
    scripts = (ast.parse(path.read_text("utf-8")) for path in (ROOT.parent / "scripts").glob("*.py"))
    for tree in (*_program().parsed.values(), *scripts):
        for node in nodes_of(tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                names[node.id if isinstance(node, ast.Name) else node.attr] += 1
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names[node.value] += 1
    return names


def test_every_function_and_method_is_called() -> None:
    """Those of Qt, with capitals inside, and of Python are called from elsewhere."""
    dead = {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path, tree in _program().parsed.items()
        for node in nodes_of(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name == node.name.lower()
        and not node.name.startswith("__")
        and node.name not in WATCHED | CALLED_BY_LIBRARIES
        and not _names()[node.name]
    }
    assert dead == set()


def test_every_constant_is_read() -> None:
    unread = {
        f"{path.relative_to(ROOT)}: {target.id}"
        for path, tree in _program().parsed.items()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else (node.target,))
        if isinstance(target, ast.Name) and not target.id.startswith("__") and not _names()[target.id]
    }
    assert unread == set()


def test_every_attribute_that_is_set_is_read() -> None:
    unread = {
        f"{owner.name}.{node.attr}"
        for function, owner in _program().functions_of()
        if owner is not None
        for node in nodes_of(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and name_of(node.value) == "self"
        and not _names()[node.attr]
    }
    assert unread == set()


@cache
def _given() -> tuple[set[str], dict[str, int]]:
    """Return what is given by name or set anywhere, and how many values stand in calls of each name, at most."""
    named: set[str] = set()
    counts: dict[str, int] = defaultdict(int)
    for tree in _program().parsed.values():
        for node in nodes_of(tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                named.add(node.attr)
            elif isinstance(node, ast.Call):
                named |= {keyword.arg for keyword in node.keywords if keyword.arg is not None}
                called = name_of(node.func) or getattr(node.func, "attr", "")
                has_more = any(isinstance(each, ast.Starred) for each in node.args)
                counts[called] = max(counts[called], 99 if has_more else len(node.args))
    return named, counts


def test_every_field_is_filled_and_read() -> None:
    """A field with a default that nobody ever gives, or that nobody reads, is a promise that is not kept."""
    records = [each for each in _program().classes.values() if each.is_dataclass and _is_editors(each.path)]
    assert len(records) > 20
    for record in records:
        named, counts = _given()
        for place, each in enumerate(record.fields):
            name = name_of(each.target)
            made = isinstance(each.value, ast.Call) and name_of(each.value.func) == "field"
            is_filled = name in named or place < counts[record.name]
            assert each.value is None or made or is_filled, f"{record.name}.{name} is never filled"
            assert _names()[name], f"{record.name}.{name} is never read"


def test_every_action_that_is_asked_for_is_in_the_table() -> None:
    used = {name for path in (ROOT / "ui").rglob("*.py") for name in _ids_in(path)}
    assert used - {row.id for row in ACTIONS} == set()


def test_actions_are_connected_by_the_table_alone() -> None:
    """Who does what, and when it can be, is said there; whatever else enables or marks one is a second way."""
    asked = {
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in (ROOT / "ui").rglob("*.py")
        for node in nodes_of(_program().parsed[path])
        if isinstance(node, ast.Attribute)
        and node.attr in ("triggered", "setEnabled", "setChecked")
        and isinstance(node.value, ast.Subscript)
        and _is_action(node.value)
    }
    assert asked == set()


def _is_action(node: ast.Subscript) -> bool:
    return ast.unparse(node.value).endswith(("actions", "actions_"))


def _ids_in(path: Path) -> Iterator[str]:
    """Yield the ids by which a module asks for actions: ``actions["fit"]``."""
    for node in nodes_of(_program().parsed[path]):
        if isinstance(node, ast.Subscript) and _is_action(node):
            key = node.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
