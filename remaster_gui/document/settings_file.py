"""The file of the user's settings: a table of plain data, whatever somebody may have made of it.

It is JSON, which can only hold plain data. The format of Qt's own settings can hold pickled objects, which run code
when they are read; so an INI file of an earlier version is read here, and only for what is plain text in it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from remaster_gui.base import plain_data
from remaster_gui.base.files import read_record, replace_text
from remaster_gui.base.paths import user_folder

log = logging.getLogger(__name__)

LANGUAGE_KEY = "language"
"""What is kept under it is read before anything else: the code of the language that the editor speaks."""
_OLD_NAME = "remaster-gui.ini"
_LARGEST_OLD = 2**20
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,4})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def own_settings() -> Path:
    """Return the file of this user's settings."""
    return user_folder("config") / "settings.json"


class SettingsFile:
    """Values by their names. What is set is kept here until `write`; GUI thread."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a file that cannot be used is laid aside, and what it held is as good as never set."""
        with suppress(OSError, RuntimeError):
            path = path.resolve()  # the file may lie elsewhere by the user's wish
        self.path = path
        self._values = self._read()
        self._changed: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """Return a value as it was written; None where there is none."""
        return self._values.get(name)

    def set(self, name: str, value: Any) -> None:
        """Change a value: plain data."""
        self._values[name] = self._changed[name] = value

    def write(self) -> None:
        """Write what has changed, beside what other windows have written meanwhile; a fault goes to the log only."""
        if not self._changed:
            return
        values = self._read() | self._changed
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(self.path, json.dumps(values, indent=1), private=True)
        except OSError:
            log.warning("the settings cannot be written", exc_info=True)
        else:
            self._values = values
            self._changed = {}

    def _read(self) -> dict[str, Any]:
        try:
            return dict(plain_data.table(read_record(self.path)))
        except FileNotFoundError:
            return _old_values(self.path.with_name(_OLD_NAME))
        except (OSError, ValueError) as error:
            aside = self.path.with_name(f"{self.path.name}.damaged")
            log.warning("the settings cannot be used (%s); they are kept as %s", error, aside)
            with suppress(OSError):
                self.path.replace(aside)
            return {}


def _old_values(path: Path) -> dict[str, Any]:
    """Return what an INI file of an earlier version says in plain text; nothing where it says nothing that is sure."""
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            content = file.read(_LARGEST_OLD + 1)
        if len(content) > _LARGEST_OLD:
            raise ValueError("too long")
        return dict(_converted(_entries(content.decode())))
    except (OSError, ValueError) as error:
        log.warning("the settings of an earlier version in %s cannot be used: %s", path, error)
        return {}


def _entries(content: str) -> Iterator[tuple[str, str]]:
    """Yield names and texts; values of Qt's own kinds begin with @ and are left out."""
    group = ""
    for line in content.splitlines():
        name, is_value, text = line.strip().partition("=")
        if name.startswith("[") and name.endswith("]"):
            group = "" if name == "[General]" else f"{name[1:-1]}/"
        elif is_value and not text.startswith(("@", '"@')):
            if len(text) > 1 and text[0] == text[-1] == '"':
                text = text[1:-1]
            yield unquote(group + name.replace("\\", "/")), _ESCAPE.sub(_plain, text)


def _plain(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _LETTERS.get(escape[2], escape[2])


def _converted(entries: Iterator[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    """Yield the values of an earlier version as they are kept now."""
    for name, text in entries:
        kind, _, rest = name.partition("/")
        convert = _CONVERSIONS.get(kind if rest else name, _CONVERSIONS.get(name))
        if convert is not None:
            with suppress(ValueError, KeyError):
                yield name, convert(text)


_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "recent": plain_data.parse,
    "keys": plain_data.parse,
    "memory_budget": int,
    "flag": {"true": True, "false": False}.__getitem__,
    "number": float,
    "proxy": str,
    "weights": str,
    "folder": str,
}
