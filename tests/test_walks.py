"""The walks of ``docs/architecture.md`` lead through places that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WALKS = re.split(r"^## \d\. ", TEXT, flags=re.MULTILINE)
PLACES = sorted(set(re.findall(r"`([a-z_.]+):([A-Za-z_.]+)`", TEXT)))


@cache
def _names(module: str) -> frozenset[str]:
    """What a module defines, and what its classes do, as ``Class.name``."""
    path = ROOT.joinpath("remaster_gui", *module.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set(_defined(tree.body))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for name in _defined(node.body)}
    return frozenset(names)


def _defined(body: list[ast.stmt]) -> list[str]:
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def test_there_are_five_walks_of_some_length() -> None:
    assert len(WALKS) == 6
    assert all(len(re.findall(r"`[a-z_.]+:[A-Za-z_.]+`", walk)) >= 8 for walk in WALKS[1:])


@pytest.mark.parametrize(("module", "name"), PLACES, ids=":".join)
def test_a_place_is_there(module: str, name: str) -> None:
    assert name in _names(module)
