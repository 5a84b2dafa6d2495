"""Tests go by what the product offers: none of them touches its private parts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import remaster_gui

TESTS = Path(__file__).parent
PRODUCT = Path(remaster_gui.__file__).parent


def _is_private(name: str) -> bool:
    return re.fullmatch(r"_[A-Za-z]\w*", name) is not None


def _names(tree: ast.AST) -> Iterator[str]:
    """Every name that a module gives to something: definitions, variables and attributes that it sets."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr


def _reaches(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every place where a private name is met that is not an object's own: attributes, imports, and text."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass
            case ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.ImportFrom(names=names):
                yield from ((node.lineno, each.name) for each in names)
            case ast.Constant(value=str(text)) if re.fullmatch(r"[\w.]+", text):
                yield from ((node.lineno, name) for name in text.split("."))


def _given_by_the_product(names: set[str]) -> set[str]:
    """Return those of `names` that some module of the product gives to something; others are read over."""
    found: set[str] = set()
    for path in PRODUCT.rglob("*.py"):
        text = path.read_text()
        if not names.isdisjoint(re.findall(r"\w+", text)):
            found |= names.intersection(_names(ast.parse(text)))
    return found


def test_no_test_touches_what_is_private_to_the_product() -> None:
    reached: list[tuple[Path, int, str]] = []
    for path in sorted(TESTS.rglob("*.py")):
        tree = ast.parse(path.read_text())
        own = set(_names(tree))
        reached += [
            (path, line, name) for line, name in _reaches(tree) if _is_private(name) and name not in own
        ]
    private = _given_by_the_product({name for _, _, name in reached})
    found = [f"{path}:{line}: {name}" for path, line, name in reached if name in private]
    assert found == [], "make it public, or test what can be seen of it"


def test_what_the_product_gives_a_name_to_is_known_by_it() -> None:
    given, of_python, of_nobody = re.findall(r"\w+", "_find, _exit, _nobody_has_this")
    assert _given_by_the_product({given, of_python, of_nobody}) == {given}


def test_what_is_private_is_found() -> None:
    code = "from a import _b\nc._d\nself._e\nx.patch(c, '_f')\npatch('a.b._g')\n__version__\nc._h.i"
    assert {name for _, name in _reaches(ast.parse(code)) if _is_private(name)} == {
        "_b",
        "_d",
        "_f",
        "_g",
        "_h",
    }
