"""The public interface, as its documentation, its examples and those who build on it use it."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event
from types import ModuleType

import cv2
import numpy as np
import pdoc
import pytest

from remaster_gui import api
from remaster_gui.project.store import ProjectStore

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SHOWN = ("remaster_gui.api", "remaster_gui.base.timebase", "remaster_gui.base.system")
"""Modules whose docstrings show how they are used."""


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    """Twelve frames with a cut in their middle."""
    return write_film(tmp_path / "film.mkv", two_shots(12, 64, 80))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "autumn.png"
    api.write_picture(np.random.default_rng(2).integers(0, 256, (64, 80, 3), np.uint8), path)
    return path


def example(name: str) -> ModuleType:
    """Import an example, which is no part of the package."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", SHOWN)
def test_docstrings_are_true(name: str, film: Path, picture: Path, weights: Path, tmp_path: Path) -> None:
    known = {
        "api": api,
        "film": film,
        "folder": tmp_path,
        "weights": weights,
        "picture": api.read_picture(picture),
    }
    found = doctest.testmod(
        importlib.import_module(name), extraglobs=known, optionflags=doctest.ELLIPSIS, report=True
    )
    assert found.attempted > 0 and found.failed == 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_use_the_public_interface_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(not alias.name.startswith("remaster_gui") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("remaster_gui"):
            assert (node.module, [alias.name for alias in node.names]) == ("remaster_gui", ["api"])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "api":
            assert node.attr in api.__all__


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in api.__all__:
        assert inspect.getdoc(getattr(api, name)), name
    assert sorted(api.__all__) == sorted(set(api.__all__))


def test_a_film_is_rendered_from_python(
    film: Path, references: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.mkv"
    example("render_a_film").main(film, references, output, weights, 64)
    assert "12 of 12 frames" in capsys.readouterr().out
    with api.open_film(output) as made:
        assert made.info.frame_count == 12


def test_a_project_is_made_and_exported_without_a_window(film: Path, picture: Path, weights: Path) -> None:
    module = example("headless_project")
    path = module.prepare(film, picture)
    settings = api.Settings(edge=64)
    report = module.export(path, film.with_name("out.mkv"), weights=weights, settings=settings, device="cpu")
    assert report.frames == 6
    assert [(each.name, each.frame) for each in report.references] == [("autumn", 0)]
    store = ProjectStore.open(path)  # as the editor does
    project = store.load()
    assert (project.cuts, project.in_point, project.out_point) == ((0, 6), 0, 6)
    assert np.array_equal(store.load_raster(project.references[0].id)[0].rgb().shape, (64, 80, 3))
    store.close()


def test_a_restorer_of_ones_own_works_in_the_engine(
    write_film: Callable[..., Path], weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In whichever windows: what is in one frame alone is gone, and parts of another restorer are not taken up."""
    luma = np.full((9, 48, 64), 0.4, np.float32)
    luma[4, 10:20, 10:20] = 1.0
    film, output = write_film(tmp_path / "dusty.mkv", luma), tmp_path / "clean.mkv"
    module = example("own_restorer")
    module.main(film, output, weights, edge=64)
    assert "Restored by median of three frames, 1, not by the network." in capsys.readouterr().out
    with api.open_film(film) as before, api.open_film(output) as after:
        clean = before.read(0, "luma").pixels.astype(int)
        assert all(
            abs(frame.pixels - clean).max() < 300 for frame in after.frames(api.FrameRange(0, 9), "luma")
        )
    module.main(film, tmp_path / "colored.mkv", weights, edge=64, colorization=True, luminance="working")
    assert (tmp_path / "colored.mkv").is_file()


def test_one_program_changes_a_project_and_others_look(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.remaster"
    with api.ProjectFile.create(path, film) as first, api.ProjectFile.open(path) as second:
        assert (first.read_only, second.read_only) == (False, True)
        with pytest.raises(api.RemasterError, match="another window"):
            second.edit(api.edits.with_cuts(second.project, [6]))
        assert second.project.cuts is None


def test_a_project_of_pictures_renders_at_its_own_rate(tmp_path: Path) -> None:
    """A film file has a rate of its own, which a request names as little as the command line does."""
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in range(3):
        cv2.imwrite(str(scans / f"reel_{number:04d}.png"), np.full((48, 64), 90, np.uint8))
    for film in (scans, scans / "reel_%04d.png"):
        path = tmp_path / f"{film.stem}.remaster"
        with api.ProjectFile.create(path, film) as file:
            shown = replace(file.project.film, rate=Fraction(18))
            file.edit(replace(file.project, film=shown))
        with api.ProjectFile.open(path) as file:
            request = file.request(tmp_path / "out.mkv")
        assert (request.film, request.rate) == (film, Fraction(18))


def test_work_can_be_cancelled(film: Path, weights: Path, tmp_path: Path) -> None:
    cancel = Event()
    request = api.RenderRequest(film, tmp_path / "out.mkv", weights=weights, settings=api.Settings(edge=64))
    with pytest.raises(api.CancelledError):
        api.remaster(request, lambda _: cancel.set(), cancel)
    assert not (tmp_path / "out.mkv").exists()


def test_pages_of_the_interface_are_built_from_docstrings(tmp_path: Path) -> None:
    found = re.search(r"^API := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    first, *others = found[1].split()
    pdoc.pdoc(first, output_directory=tmp_path)
    page = (tmp_path / "remaster_gui" / "api.html").read_text(encoding="utf-8")
    assert all(f'id="{name}"' in page for name in api.__all__ if not name.endswith("edits"))
    for name in others:
        assert inspect.getdoc(importlib.import_module(name)), name
