from __future__ import annotations

import configparser
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.cli import main
from remaster_gui.cli.install_desktop import MIME_TYPE, entry, install, program, run
from remaster_gui.project.upgrades import APPLICATION_ID
from tests.conftest import ROOT

TYPE_OF = """
import sys
from PySide6.QtCore import QMimeDatabase
print(QMimeDatabase().mimeTypeForFile(sys.argv[1]).name())
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def _files(folder: Path) -> set[str]:
    """Those that are ours; the tools of the desktop add theirs."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*remaster*")
        if path.parent.name != "application"
    }


def test_it_comes_and_goes(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = data / "applications" / "other.desktop"
    other.parent.mkdir(parents=True)
    other.write_text("[Desktop Entry]")
    assert main(["install-desktop"]) == 0
    assert _files(data) == {
        "applications/remaster-gui.desktop",
        "mime/packages/remaster-gui.xml",
        "icons/hicolor/scalable/apps/remaster-gui.svg",
        "icons/hicolor/scalable/mimetypes/application-x-remaster-project.svg",
    }
    assert "double click" in capsys.readouterr().out
    assert main(["install-desktop", "--remove"]) == 0
    assert _files(data) == set() and other.exists()
    assert main(["install-desktop", "--remove"]) == 0, "there is nothing left to remove, which is no fault"


def _exec_of(text: str) -> list[str]:
    """Read the words of ``Exec`` as a desktop does: escapes of any text, then quotes, then fields."""
    parser = configparser.RawConfigParser(delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    value = parser["Desktop Entry"]["Exec"].replace("\\\\", "\\")
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', value)
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") or bare for quoted, bare in words]


@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1)
    .map(str.strip)
    .filter(bool)
)
def test_any_path_can_be_started(name: str) -> None:
    assert _exec_of(entry([f"/opt/{name}/remaster-gui"])) == [f"/opt/{name}/remaster-gui", "edit", "%f"]


def test_what_it_starts_is_this_program() -> None:
    said = subprocess.run([*program(), "--version"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.startswith("remaster-gui ")


def test_a_project_is_known_by_its_name_and_by_its_content(data: Path, tmp_path: Path) -> None:
    install(data)
    tree = ElementTree.parse(data / "mime" / "packages" / "remaster-gui.xml")
    marks = [each.attrib["value"] for each in tree.findall(".//{*}match")]
    assert marks[1].encode() == APPLICATION_ID.to_bytes(4, "big")
    project = ROOT / "tests" / "data" / "version_1.remaster"
    renamed = tmp_path / "renamed"
    renamed.write_bytes(project.read_bytes())
    for path in (project, renamed):
        asked = subprocess.run(
            [sys.executable, "-c", TYPE_OF, str(path)], capture_output=True, text=True, check=True
        )
        assert asked.stdout.strip() == MIME_TYPE


def test_where_it_cannot_be_written_a_sentence_says_so(data: Path) -> None:
    data.mkdir()
    (data / "applications").write_text("in the way")
    with pytest.raises(StorageError, match="applications"):
        install(data)


def test_other_systems_have_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SettingsError, match="shortcut"):
        run(Namespace(remove=False))
