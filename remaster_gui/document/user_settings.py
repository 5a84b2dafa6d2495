"""The user's own choices, kept between sessions apart from any project."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QCoreApplication, QTimer
from PySide6.QtGui import QImage

from remaster_gui.base import plain_data
from remaster_gui.base.choices import PROXIES, Proxy
from remaster_gui.document.settings_file import LANGUAGE_KEY, SettingsFile, own_settings
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.media.own_presets import OwnPresets

log = logging.getLogger(__name__)

MOST_RECENT = 12
GIBIBYTE = 2**30
DEFAULT_MEMORY = 3 * GIBIBYTE // 2
"""With it a two-hour film with 200 references in use takes less than 4 GB, whatever is in the caches."""

DEFAULT_PREVIEW_DISK = 4 * GIBIBYTE
"""About twenty thousand frames at half of the working size."""

MOST_TRUSTED = 64
_WRITE_MILLISECONDS = 800
"""How long changes are gathered before they are written."""
_LONGEST_LAYOUT = 2**20


@dataclass(frozen=True, slots=True)
class RecentEntry:
    """A project that was open: where it lies, what its film is called, and when it was last open, ISO 8601."""

    path: Path
    film: str
    opened: str


_BEYOND = 1e12


class UserSettings:
    """Reads and writes the user's settings; anything that cannot be read falls back to the default. GUI thread.

    Small pictures of recent projects lie as files in a folder beside the settings.
    """

    def __init__(self, file: Path | None = None) -> None:
        """Use the user's own file, or another one."""
        self._file = SettingsFile(file or own_settings())
        self._pictures = self._file.path.parent / "recent"
        self._writing: QTimer | None = None
        if QCoreApplication.instance() is not None:
            self._writing = QTimer(singleShot=True, interval=_WRITE_MILLISECONDS)
            self._writing.timeout.connect(self._file.write)

    @property
    def presets(self) -> OwnPresets:
        """The user's own presets, which lie beside the settings, where the command line finds them."""
        return OwnPresets(self._file.path.parent / "presets.json")

    @property
    def recent(self) -> tuple[RecentEntry, ...]:
        """Projects of the past, the newest first, whether their files are there or not."""
        entries = []
        for value in _list(self._file.get("recent")):
            with suppress(ValueError):
                said = plain_data.table(value)
                path, film = plain_data.path(said["path"]), plain_data.text(said["film"])
                entries.append(RecentEntry(path, film, plain_data.text(said["opened"])))
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
        stored = self._file.get("keys")
        if not isinstance(stored, dict):
            return {}
        return {id_: keys for id_, keys in stored.items() if isinstance(keys, str)}

    @changed_keys.setter
    def changed_keys(self, keys: Mapping[str, str]) -> None:
        self._set("keys", dict(keys))

    @property
    def language(self) -> str:
        """Code of the language that the editor speaks from its next start on; '' for that of the system."""
        return self._text(LANGUAGE_KEY)

    @language.setter
    def language(self, code: str) -> None:
        self._set(LANGUAGE_KEY, code)

    @property
    def memory_budget(self) -> int:
        """Bytes that caches may take in all."""
        stored = self._file.get("memory_budget")
        count = stored if type(stored) is int else DEFAULT_MEMORY
        return min(max(count, GIBIBYTE // 2), 1024 * GIBIBYTE)

    @memory_budget.setter
    def memory_budget(self, count: int) -> None:
        self._set("memory_budget", count)

    @property
    def preview_disk(self) -> int:
        """Bytes of the disk that previews may take in all; 0: none are kept there."""
        stored = self._file.get("preview_disk")
        count = stored if type(stored) is int else DEFAULT_PREVIEW_DISK
        return min(max(count, 0), 1024 * GIBIBYTE)

    @preview_disk.setter
    def preview_disk(self, count: int) -> None:
        self._set("preview_disk", count)

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
        return next((each for each in PROXIES if each == text), "half")

    @proxy.setter
    def proxy(self, proxy: Proxy) -> None:
        self._set("proxy", proxy)

    @property
    def weights(self) -> Path | None:
        """Weights of new projects; None for those that come with the program."""
        return self._path("weights")

    @weights.setter
    def weights(self, path: Path | None) -> None:
        self._set("weights", "" if path is None else str(path))

    def trusts_weights(self, digest: str) -> bool:
        """Whether the user has chosen or allowed weights of this content hash."""
        return digest in _list(self._file.get("trusted_weights"))

    def trust_weights(self, digest: str) -> None:
        """Remember that the user wants weights of this content hash to be loaded."""
        others = [each for each in _list(self._file.get("trusted_weights")) if each != digest]
        self._set("trusted_weights", [digest, *others][:MOST_TRUSTED])

    @property
    def farm(self) -> FarmPlace | None:
        """The farm that exports may be made on."""
        address = self._text("farm/address")
        return FarmPlace(address, self._path("farm/files")) if address else None

    @farm.setter
    def farm(self, place: FarmPlace | None) -> None:
        self._set("farm/address", "" if place is None else place.address)
        self._set("farm/files", "" if place is None or place.files is None else str(place.files))

    @property
    def signing(self) -> SigningFiles | None:
        """What exports may be signed with; None unless both files are named."""
        certificates, key = self._path("signing/certificates"), self._path("signing/key")
        return SigningFiles(certificates, key) if certificates is not None and key is not None else None

    @signing.setter
    def signing(self, files: SigningFiles | None) -> None:
        self._set("signing/certificates", "" if files is None else str(files.certificates))
        self._set("signing/key", "" if files is None else str(files.key))

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window, as Qt packs them; empty at first."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, packed: QByteArray) -> None:
        self._set("window/geometry", _text_of(packed))

    @property
    def layout(self) -> QByteArray:
        """Docks and tool bars, as Qt packs them; empty at first."""
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, packed: QByteArray) -> None:
        self._set("window/layout", _text_of(packed))

    def folder(self, purpose: str, film: Path | None = None) -> Path:
        """Return the folder that was used last for a purpose such as "film" or "export"; else `film`'s, or the home."""
        return self._path(f"folder/{purpose}") or (Path.home() if film is None else film.parent)

    def set_folder(self, purpose: str, path: Path) -> None:
        """Remember a folder."""
        self._set(f"folder/{purpose}", str(path))

    def flag(self, name: str, default: bool) -> bool:
        """Return a choice between yes and no."""
        stored = self._file.get(f"flag/{name}")
        return stored if isinstance(stored, bool) else default

    def set_flag(self, name: str, on: bool) -> None:
        """Remember a choice between yes and no."""
        self._set(f"flag/{name}", on)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """Return a number such as the size of the brush, held between two others."""
        stored = self._file.get(f"number/{name}")
        value = float(stored) if type(stored) in (int, float) and abs(stored) < _BEYOND else default
        return min(max(value, least), most)

    def set_number(self, name: str, value: float) -> None:
        """Remember a number."""
        self._set(f"number/{name}", float(value))

    def sync(self) -> None:
        """Write to disk now."""
        self._file.write()

    def _text(self, key: str) -> str:
        value = self._file.get(key)
        return value if isinstance(value, str) else ""

    def _path(self, key: str) -> Path | None:
        """Return an absolute path; None for anything else."""
        with suppress(ValueError):
            path = plain_data.path(self._file.get(key))
            return path if path.is_absolute() else None
        return None

    def _bytes(self, key: str) -> QByteArray:
        text = self._text(key)
        if not text.isascii() or len(text) > _LONGEST_LAYOUT:
            return QByteArray()
        return QByteArray.fromBase64(QByteArray(text.encode("ascii")))

    def _set(self, key: str, value: Any) -> None:
        self._file.set(key, value)
        if self._writing is not None:
            self._writing.start()

    def _write_recent(self, entries: list[RecentEntry]) -> None:
        listed = [{"path": str(e.path), "film": e.film, "opened": e.opened} for e in entries]
        self._set("recent", listed)

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


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text_of(packed: QByteArray) -> str:
    return bytes(packed.toBase64().data()).decode("ascii")
