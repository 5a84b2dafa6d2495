"""``remaster-gui install-desktop``: the editor in the menu of the desktop, where a double click opens projects."""

from __future__ import annotations

import argparse
import logging
import shutil
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from remaster_gui.base.paths import PROGRAM
from remaster_gui.cli.terminal import tell

EXAMPLES = """\
examples:
  remaster-gui install-desktop
  remaster-gui install-desktop --remove
"""

MIME_TYPE = "application/x-remaster-project"

_UPDATING_SECONDS = 60
_RESERVED = str.maketrans({character: f"\\{character}" for character in '"`$\\'})

log = logging.getLogger(__name__)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "install-desktop",
        help="put the editor into the menu of the desktop (Linux)",
        description="Put the editor into this user's menu of programs, with its icon, and let a double click on a "
        ".remaster project open it there. Nothing outside the home folder is written.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--remove", action="store_true", help="take all of it away again")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from platformdirs import user_data_path

    from remaster_gui.base.errors import SettingsError

    if not sys.platform.startswith("linux"):
        raise SettingsError(
            "Menus of this system are not written by programs; make a shortcut to remaster-gui where you want one."
        )
    data = user_data_path()
    if args.remove:
        remove(data)
        tell("Remaster is no longer in the menu of the desktop, and projects have no program of their own.")
    else:
        install(data)
        tell("Remaster is in the menu of the desktop, and a double click on a project opens it.")
    return 0


def install(data: Path) -> None:
    """Write entry, type of file and icons into a folder of data as freedesktop.org describes it.

    Raises `StorageError` where it may not be written.
    """
    from remaster_gui.base.files import replace_text
    from remaster_gui.media.faults import writing

    for path, content in _files(data).items():
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, content)
    _update(data)


def remove(data: Path) -> None:
    """Remove what `install` has written, as far as it is there."""
    from remaster_gui.media.faults import writing

    for path in _files(data):
        with writing(path):
            path.unlink(missing_ok=True)
    _update(data)


def _files(data: Path) -> dict[Path, str]:
    from remaster_gui.ui.style.resources import resources_folder

    icon = (resources_folder() / "icons" / "remaster.svg").read_text("utf-8")
    icons = data / "icons" / "hicolor" / "scalable"
    return {
        data / "applications" / f"{PROGRAM}.desktop": entry(program()),
        data / "mime" / "packages" / f"{PROGRAM}.xml": file_type(),
        icons / "apps" / f"{PROGRAM}.svg": icon,
        icons / "mimetypes" / f"{MIME_TYPE.replace('/', '-')}.svg": icon,
    }


def program() -> list[str]:
    """Return the command that starts this program, whatever folder one is in."""
    script = Path(sys.executable).with_name(PROGRAM)
    return [str(script)] if script.is_file() else [sys.executable, "-m", "remaster_gui"]


def entry(command: list[str]) -> str:
    """Return the entry for the menu."""
    return f"""\
[Desktop Entry]
Type=Application
Name=Remaster
GenericName=Film Restoration
GenericName[de]=Filmrestaurierung
Comment=Restore and colour vintage black-and-white film
Comment[de]=Alte Schwarzweißfilme restaurieren und färben
Keywords=film;video;restoration;colour;color;black-and-white;
Exec={" ".join(_quoted(each) for each in [*command, "edit"])} %f
Icon={PROGRAM}
Terminal=false
StartupNotify=true
StartupWMClass={PROGRAM}
Categories=AudioVideo;Video;AudioVideoEditing;Qt;
MimeType={MIME_TYPE};
"""


def _quoted(word: str) -> str:
    """Quote an argument for ``Exec``: once for its words, then as any text of an entry."""
    quoted = word if word.replace("-", "").replace("_", "").isalnum() else f'"{word.translate(_RESERVED)}"'
    return quoted.replace("\\", "\\\\").replace("%", "%%")


def file_type() -> str:
    """Return the description of projects for the database of file types."""
    from remaster_gui.project.database import SUFFIX
    from remaster_gui.project.upgrades import APPLICATION_ID

    mark = APPLICATION_ID.to_bytes(4, "big").decode("ascii")
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{MIME_TYPE}">
    <comment>Remaster project</comment>
    <comment xml:lang="de">Remaster-Projekt</comment>
    <sub-class-of type="application/vnd.sqlite3"/>
    <generic-icon name="video-x-generic"/>
    <glob pattern="*{escape(SUFFIX)}"/>
    <magic priority="60">
      <match type="string" offset="0" value="SQLite format 3">
        <match type="string" offset="68" value="{mark}"/>
      </match>
    </magic>
  </mime-type>
</mime-info>
"""


def _update(data: Path) -> None:
    """Let the desktop look at once at what has changed, where it has the usual tools; else it does in time."""
    for tool, folder in (("update-mime-database", "mime"), ("update-desktop-database", "applications")):
        path = shutil.which(tool)
        if path is None:
            log.info("there is no %s", tool)
            continue
        try:
            subprocess.run(
                [path, str(data / folder)], check=True, capture_output=True, timeout=_UPDATING_SECONDS
            )
        except (OSError, subprocess.SubprocessError):
            log.warning("%s failed", tool, exc_info=True)
