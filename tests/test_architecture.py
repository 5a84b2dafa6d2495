"""Rules of the house that the linters cannot express."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import grimp
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from remaster_gui import cli

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "remaster_gui"
MODULES = sorted(PACKAGE.rglob("*.py"))


HEAVY = {"PySide6", "av", "cv2", "numpy", "skimage", "torch"}


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from remaster_gui.cli import build_parser; build_parser(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(run.stdout.split()) == set()


def test_every_command_is_in_the_table() -> None:
    names = {path.stem for path in (PACKAGE / "cli").glob("*.py")} - {"__init__"}
    commands = {name for name in names if hasattr(import_module(f"remaster_gui.cli.{name}"), "add_parser")}
    assert {name.replace("-", "_") for name in cli.COMMANDS} == commands


def test_modules_stay_readable() -> None:
    lengths = {str(path.relative_to(PACKAGE)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
    assert {path.stem for path in MODULES} & {"utils", "util", "helpers", "misc", "common"} == set()


def _calls(paths: Iterable[Path], word: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with its place; only what has a word in its text is parsed, which takes long."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if word in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _public_names(path: Path) -> set[str]:
    """What a module defines under a name with a capital: classes and kinds of values, not variables of types."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                is_variable = isinstance(value, ast.Call) and ast.unparse(value.func) == "TypeVar"
                if name[0].isupper() and not name.isupper() and not is_variable:
                    found.add(name)
    return {name for name in found if not name.startswith("_")}


def test_a_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in MODULES:
        for name in _public_names(path):
            places.setdefault(name, []).append(str(path.relative_to(PACKAGE)))
    assert {name: each for name, each in places.items() if len(each) > 1} == {}


def test_a_module_is_told_by_its_name_alone() -> None:
    """Commands are named as the user calls them, whatever else the module that does the work is called."""
    names = [path.stem for path in MODULES if path.parent != PACKAGE / "cli" and path.stem != "__init__"]
    assert {name for name in names if names.count(name) > 1} == set()


def test_what_needs_no_qt_in_the_editor_is_all_under_its_contract() -> None:
    graph = grimp.build_graph("remaster_gui", include_external_packages=True, cache_dir=None)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = (each for each in contracts if each["name"] == "Parts of the editor that need no Qt")
    qt = graph.modules & set(contract["forbidden_modules"])
    editor = [name for name in graph.modules if name.split(".")[1:2] in (["ui"], ["document"], ["workers"])]
    free = [name for name in editor if not graph.find_children(name)]
    free = [name for name in free if not any(graph.find_shortest_chain(name, each) for each in qt)]
    assert sorted(free) == contract["source_modules"]


def test_no_widget_is_asked_for_its_screen() -> None:
    """PySide makes a screen part of whoever was asked for it: it ends with that, and with two at once Qt crashes.

    What `QGuiApplication` says of screens is free of this.
    """
    asked = [
        place
        for place, call in _calls((*MODULES, *sorted((ROOT / "tests").rglob("*.py"))), "screen")
        if isinstance(call.func, ast.Attribute) and call.func.attr == "screen"
    ]
    assert asked == []


def test_painters_end_whatever_is_raised() -> None:
    """One that is kept by what was raised crashes Qt, so all come from where they are ended and given back."""
    loose = [
        place
        for place, call in _calls((path for path in MODULES if path.name != "painters.py"), "ainter")
        if re.fullmatch(
            r"(QtGui\.)?(QPainter|QStylePainter)|.*\bpainter\.(begin|save|restore)", ast.unparse(call.func)
        )
    ]
    assert loose == []


def test_exactly_one_cv2() -> None:
    """Several OpenCV packages overwrite each other's files."""
    assert set(packages_distributions()["cv2"]) == {"opencv-python"}


def test_constraints_pin_the_environment_that_is_tested() -> None:
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    installed = _installed_closure()
    # torch pins the CUDA libraries that come with it on machines with a graphics card.
    strays = {
        name for name in installed.keys() - pinned.keys() if not re.match(r"nvidia-|cuda-|triton$", name)
    }
    assert strays == set()
    assert {name: pinned[name] for name in installed.keys() & pinned.keys()} == {
        name: version for name, version in installed.items() if name in pinned
    }


def _installed_closure() -> dict[str, str]:
    """Version, less local labels such as +cpu, of every distribution needed, directly or not."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = settings["dependency-groups"]
    wanted = [*settings["project"]["dependencies"], *groups["dev"], *groups["docs"]]
    pending = [(Requirement(text).name, frozenset[str]()) for text in wanted]
    versions: dict[str, str] = {}
    visited = set()
    while pending:
        name, extras = item = pending.pop()
        if item in visited:
            continue
        visited.add(item)
        found = distribution(name)
        versions[canonicalize_name(name)] = found.version.partition("+")[0]
        for text in found.requires or []:
            need = Requirement(text)
            contexts = [{"extra": extra} for extra in ("", *extras)]
            if need.marker is None or any(need.marker.evaluate(context) for context in contexts):
                pending.append((need.name, frozenset(need.extras)))
    return versions


def test_hooks_before_a_commit_do_what_make_test_does_fast() -> None:
    recipes = re.findall(
        r"^(?:test|types|tests): \$\(READY\)\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert len(recipes) == 3
    lines = "".join(recipes).splitlines()
    commands = [line.removeprefix("\t$(BIN)/") for line in lines if line.startswith("\t$(BIN)/")]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    assert re.findall(r"entry: \.venv/bin/(.*)", hooks) == commands[:-1]
    assert commands[-1].startswith("pytest ")
