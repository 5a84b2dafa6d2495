"""What is installed without the checkout holds all that the program needs: weights, their list, icons."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import hatchling.build
import pytest

from remaster_gui.engine.shipped_weights import DEFAULT_NAME

ROOT = Path(__file__).resolve().parents[2]
CHECK = f"""\
import remaster_gui
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.ui.style.resources import resources_folder
assert resolve_weights(None).name == {DEFAULT_NAME!r}
assert (resources_folder() / "icons" / "brush.svg").is_file()
print(remaster_gui.__file__, resolve_weights(None), resources_folder())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a wheel of this checkout was unpacked to."""
    folder = tmp_path_factory.mktemp("wheel")
    with contextlib.chdir(ROOT):
        wheel = folder / hatchling.build.build_wheel(str(folder))
    target = folder / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_weights_and_icons_are_found_where_only_the_wheel_is(installed: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    assert all(Path(path).is_relative_to(installed) for path in run.stdout.split())


def test_nothing_else_is_installed(installed: Path) -> None:
    folders = {path.name for path in installed.iterdir()}
    assert {name for name in folders if not name.endswith(".dist-info")} == {"remaster_gui"}
    assert not list((installed / "remaster_gui" / "resources").glob("screenshots*"))
