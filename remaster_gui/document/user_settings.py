"""The user's own choices, kept between sessions apart from any project."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QImage

from remaster_gui.project.schema import Proxy

log = logging.getLogger(__name__)

MOST_RECENT = 12
GIBIBYTE = 2**30
DEFAULT_MEMORY = 3 * GIBIBYTE // 2
"""With it a two-hour film with 200 references in use takes less than 4 GB, whatever is in the caches."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RecentEntry:
    """A project that was open: where it lies, what its film is called, and when it was last open, ISO 8601."""

    path: Path
    film: str
    opened: str


class UserSettings:
    """Reads and writes the user's settings; anything that cannot be read falls back to the default. GUI thread.

    Small pictures of recent projects lie as files in a folder beside the settings, as binary settings in text files
    are slow to read.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        """Use the user's own file, or other settings."""
        self._settings = settings or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "remaster-gui", "remaster-gui"
        )
        self._pictures = Path(self._settings.fileName()).parent / "recent"

    @property
    def recent(self) -> tuple[RecentEntry, ...]:
        """Projects of the past, the newest first, whether their files are there or not."""
        entries = []
        for value in self._json("recent", list, []):
            with suppress(KeyError, TypeError, ValueError):
                entries.append(RecentEntry(Path(value["path"]), str(value["film"]), str(value["opened"])))
        return tuple(entries[:MOST_RECENT])

    def add_recent(self, entry: RecentEntry, picture: QImage | None = None) -> None:
        """List a project first, with a small picture of its film (kept as it was where None)."""
        others = [other for other in self.recent if other.path != entry.path]
        for dropped in others[MOST_RECENT - 1 :]:
            self._picture_file(dropped.path).unlink(missing_ok=True)
        self._write_recent([entry, *others[: MOST_RECENT - 1]])
        if picture is not None:
            self._save_picture(entry.path, picture)

    def forget_recent(self, path: Path) -> None:
        """List a project no longer."""
        self._write_recent([entry for entry in self.recent if entry.path != path])
        with suppress(OSError):
            self._picture_file(path).unlink(missing_ok=True)

    def recent_picture(self, path: Path) -> QImage | None:
        """Return the small picture of a recent project; None where there is none."""
        image = QImage(str(self._picture_file(path)))
        return None if image.isNull() else image

    @property
    def changed_keys(self) -> dict[str, str]:
        """The user's own keys by the ids of actions; '' for an action without."""
        stored = self._json("keys", dict, {})
        return {str(id_): keys for id_, keys in stored.items() if isinstance(keys, str)}

    @changed_keys.setter
    def changed_keys(self, keys: Mapping[str, str]) -> None:
        self._set("keys", json.dumps(dict(keys)))

    @property
    def memory_budget(self) -> int:
        """Bytes that caches may take in all."""
        return self._whole("memory_budget", DEFAULT_MEMORY, GIBIBYTE // 2, 1024 * GIBIBYTE)

    @memory_budget.setter
    def memory_budget(self, count: int) -> None:
        self._set("memory_budget", str(count))

    @property
    def sound(self) -> bool:
        """Whether the film's sound is played."""
        return self.flag("sound", True)

    @sound.setter
    def sound(self, on: bool) -> None:
        self.set_flag("sound", on)

    @property
    def proxy(self) -> Proxy:
        """Size of previews of new projects."""
        text = self._text("proxy")
        return next((each for each in get_args(Proxy) if each == text), "half")

    @proxy.setter
    def proxy(self, proxy: Proxy) -> None:
        self._set("proxy", proxy)

    @property
    def weights(self) -> Path | None:
        """Weights of new projects; None for those that come with the program."""
        path = Path(self._text("weights"))
        return path if path.is_absolute() else None

    @weights.setter
    def weights(self, path: Path | None) -> None:
        self._set("weights", "" if path is None else str(path))

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window, as Qt packs them; empty at first."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, packed: QByteArray) -> None:
        self._settings.setValue("window/geometry", packed)

    @property
    def layout(self) -> QByteArray:
        """Docks and tool bars, as Qt packs them; empty at first."""
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, packed: QByteArray) -> None:
        self._settings.setValue("window/layout", packed)

    def folder(self, purpose: str) -> Path:
        """Return the folder that was used last for a purpose such as "film" or "export"; else the user's home."""
        path = Path(self._text(f"folder/{purpose}"))
        return path if path.is_absolute() else Path.home()

    def set_folder(self, purpose: str, path: Path) -> None:
        """Remember a folder."""
        self._set(f"folder/{purpose}", str(path))

    def flag(self, name: str, default: bool) -> bool:
        """Return a choice between yes and no."""
        return {"true": True, "false": False}.get(self._text(f"flag/{name}"), default)

    def set_flag(self, name: str, on: bool) -> None:
        """Remember a choice between yes and no."""
        self._set(f"flag/{name}", "true" if on else "false")

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """Return a number such as the size of the brush, held between two others."""
        return min(max(self._parsed(f"number/{name}", float, default), least), most)

    def set_number(self, name: str, value: float) -> None:
        """Remember a number."""
        self._set(f"number/{name}", repr(float(value)))

    def sync(self) -> None:
        """Write to disk now."""
        self._settings.sync()

    def _whole(self, key: str, default: int, least: int, most: int) -> int:
        return min(max(self._parsed(key, int, default), least), most)

    def _parsed(self, key: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
        text = self._text(key)
        try:
            return parse(text) if text else default
        except ValueError:
            log.warning("setting %s makes no sense: %r", key, text[:100])
            return default

    def _json(self, key: str, kind: type[_Value], default: _Value) -> Any:
        value = self._parsed(key, json.loads, default)
        return value if isinstance(value, kind) else default

    def _text(self, key: str) -> str:
        value = self._settings.value(key, "")
        return value if isinstance(value, str) else ""

    def _bytes(self, key: str) -> QByteArray:
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _set(self, key: str, text: str) -> None:
        self._settings.setValue(key, text)

    def _write_recent(self, entries: list[RecentEntry]) -> None:
        listed = [{"path": str(e.path), "film": e.film, "opened": e.opened} for e in entries]
        self._set("recent", json.dumps(listed))

    def _picture_file(self, project: Path) -> Path:
        return (
            self._pictures / f"{hashlib.blake2b(bytes(project.absolute()), digest_size=10).hexdigest()}.jpg"
        )

    def _save_picture(self, project: Path, picture: QImage) -> None:
        try:
            self._pictures.mkdir(parents=True, exist_ok=True)
            if not picture.save(str(self._picture_file(project)), quality=88):
                raise OSError("cannot be encoded")
        except OSError:
            log.warning("no picture for %s", project, exc_info=True)
