"""What is wired to what in the editor, read from its code: classes, their signals, and the types of what is named.

A small inference over annotations, assignments and calls: enough to tell whose signal ``self._shots.failed`` is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "remaster_gui"


@dataclass
class Class:
    """A class of the program: what it holds, by name, and of which class that is, as far as it can be told."""

    name: str
    path: Path
    node: ast.ClassDef
    bases: tuple[str, ...]
    signals: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    """Classes of attributes and properties, and what methods return."""

    @property
    def is_dataclass(self) -> bool:
        return any("dataclass" in ast.unparse(each) for each in self.node.decorator_list)

    @property
    def fields(self) -> list[ast.AnnAssign]:
        """Fields of a dataclass in their order."""
        return [
            each
            for each in self.node.body
            if isinstance(each, ast.AnnAssign) and "ClassVar" not in ast.unparse(each.annotation)
        ]


def modules(*rooms: str) -> dict[Path, ast.Module]:
    """Parse the modules of rooms, or all."""
    paths = sorted(path for room in rooms or ("",) for path in (ROOT / room).rglob("*.py"))
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


@cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return a piece of code and everything within it: each piece is gone through once, however often it is asked."""
    return tuple(ast.walk(tree))


def name_of(annotation: ast.expr | None) -> str:
    """Return the class that an annotation names, without ``| None``; '' for anything else."""
    if isinstance(annotation, ast.BinOp):
        return name_of(annotation.left) or name_of(annotation.right)
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return name_of(ast.parse(annotation.value, mode="eval").body)
    if isinstance(annotation, ast.Name):
        return annotation.id
    return ""


class Program:
    """All classes, and who uses which of their signals how."""

    def __init__(self, parsed: dict[Path, ast.Module]) -> None:
        self.parsed = parsed
        self.classes: dict[str, Class] = {}
        for path, tree in parsed.items():
            for node in nodes_of(tree):
                if isinstance(node, ast.ClassDef):
                    bases = tuple(name_of(base) for base in node.bases)
                    self.classes[node.name] = Class(node.name, path, node, bases)
        self.functions = {
            node.name: name_of(node.returns)
            for tree in parsed.values()
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
        }
        for each in self.classes.values():
            self._read_head(each)
        for _ in range(3):  # what is told in one round tells more in the next
            for each in self.classes.values():
                self._read_methods(each)

    def _read_head(self, owner: Class) -> None:
        for node in owner.node.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                made = node.value.func if isinstance(node.value, ast.Call) else None
                if name_of(made) == "Signal":
                    owner.signals.add(node.targets[0].id)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                owner.types[node.target.id] = name_of(node.annotation)
            elif isinstance(node, ast.FunctionDef):
                owner.types[node.name] = name_of(node.returns)

    def _read_methods(self, owner: Class) -> None:
        for method in owner.node.body:
            if isinstance(method, ast.FunctionDef):
                scope = self.scope_of(method, owner)
                for target, value in _assignments(method):
                    if isinstance(target, ast.Attribute) and name_of(target.value) == "self":
                        found = self.type_of(value, scope) if isinstance(value, ast.expr) else value
                        if found:
                            owner.types.setdefault(target.attr, found)

    def scope_of(self, function: ast.FunctionDef | ast.Lambda, owner: Class | None) -> dict[str, str]:
        """Return the classes of a function's parameters and variables."""
        scope = {"self": owner.name} if owner is not None else {}
        for argument in (*function.args.args, *function.args.kwonlyargs):
            if found := name_of(argument.annotation):
                scope[argument.arg] = found
        for target, value in _assignments(function):
            if isinstance(target, ast.Name):
                found = self.type_of(value, scope) if isinstance(value, ast.expr) else value
                if found:
                    scope[target.id] = found
        return scope

    def type_of(self, expression: ast.expr, scope: dict[str, str]) -> str:
        """Return the class of an expression; '' where it cannot be told."""
        if isinstance(expression, ast.Name):
            return scope.get(expression.id, "")
        if isinstance(expression, ast.Attribute):
            return self._member(self.type_of(expression.value, scope), expression.attr)
        if isinstance(expression, ast.Call):
            called = expression.func
            if isinstance(called, ast.Name):
                return called.id if called.id in self.classes else self.functions.get(called.id, "")
            return self.type_of(called, scope)
        if isinstance(expression, ast.BoolOp):
            return next(filter(None, (self.type_of(each, scope) for each in expression.values)), "")
        if isinstance(expression, ast.IfExp):
            return self.type_of(expression.body, scope) or self.type_of(expression.orelse, scope)
        if isinstance(expression, ast.NamedExpr):
            return self.type_of(expression.value, scope)
        return ""

    def _member(self, name: str, attribute: str) -> str:
        owner = self.classes.get(name)
        if owner is None:
            return ""
        if attribute in owner.types:
            return owner.types[attribute]
        return next(filter(None, (self._member(base, attribute) for base in owner.bases)), "")

    def signal_owner(self, name: str, signal: str) -> Class | None:
        """Return the class, or its ancestor, that declares a signal."""
        owner = self.classes.get(name)
        if owner is None or signal in owner.signals:
            return owner
        return next(filter(None, (self.signal_owner(base, signal) for base in owner.bases)), None)

    def functions_of(self) -> Iterator[tuple[ast.FunctionDef, Class | None]]:
        """Yield every function that stands in a module or class, with its class."""
        for tree in self.parsed.values():
            for node in tree.body:
                if isinstance(node, ast.FunctionDef):
                    yield node, None
        for owner in self.classes.values():
            for node in owner.node.body:
                if isinstance(node, ast.FunctionDef):
                    yield node, owner

    def signal_uses(self) -> Iterator[tuple[str, str, str]]:
        """Yield (class or '' where it cannot be told, signal, 'connect' or 'emit') for every use of a signal.

        A signal that is handed on, to be emitted elsewhere or connected to another one, counts as emitted.
        """
        declared = {signal for each in self.classes.values() for signal in each.signals}
        for function, owner in self.functions_of():
            scope = self.scope_of(function, owner)
            connected = {
                id(node.value)
                for node in nodes_of(function)
                if isinstance(node, ast.Attribute) and node.attr in ("connect", "disconnect")
            }
            connected |= {id(each) for loop in nodes_of(function) for each in _connected_by(loop)}
            for node in nodes_of(function):
                if isinstance(node, ast.Attribute) and node.attr in declared:
                    kind = "connect" if id(node) in connected else "emit"
                    found = self.signal_owner(self.type_of(node.value, scope), node.attr)
                    yield ("" if found is None else found.name, node.attr, kind)


@cache
def _assignments(function: ast.AST) -> tuple[tuple[ast.expr, ast.expr | str], ...]:
    """Return targets with their values, or with the class that they are annotated with."""
    return tuple(_read_assignments(function))


def _read_assignments(function: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | str]]:
    for node in nodes_of(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from zip(target.elts, node.value.elts, strict=False)
                else:
                    yield target, node.value
        elif isinstance(node, ast.AnnAssign) and name_of(node.annotation):
            yield node.target, name_of(node.annotation)
        elif isinstance(node, ast.NamedExpr):
            yield node.target, node.value
        elif isinstance(node, ast.For) and isinstance(node.iter, ast.Call) and node.iter.args:
            called = node.iter.func
            if isinstance(called, ast.Attribute) and called.attr == "findChildren":
                yield node.target, name_of(node.iter.args[0])


def _connected_by(loop: ast.AST) -> Iterator[ast.expr]:
    """Yield the signals of ``for signal in (one, another): signal.connect(...)``."""
    if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Tuple):
        is_connected = any(
            isinstance(node, ast.Attribute)
            and node.attr == "connect"
            and ast.unparse(node.value) == ast.unparse(loop.target)
            for node in nodes_of(loop)
        )
        yield from loop.iter.elts if is_connected else ()
