"""The user's own presets: how films are written, how large and where, under a name of the user's."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import read_record, replace_text
from remaster_gui.base.language import tr
from remaster_gui.base.paths import spelled_out, user_folder
from remaster_gui.media.faults import writing
from remaster_gui.media.limits import LARGEST
from remaster_gui.media.presets import Preset, find_preset

log = logging.getLogger(__name__)

BESIDE_THE_FILM = "{folder}/{film}-{preset}"
LONGEST_PRESET_NAME = 60
MOST_PRESETS = 100
_FORMAT = "remaster-presets-1"
_FIELD = re.compile(r"\{(\w*)\}")
_FIELDS = ("folder", "film", "preset")


@dataclass(frozen=True, slots=True)
class OwnPreset:
    """How a film is written. Raises `SettingsError` for what makes no sense.

    key: see `find_preset`. height: lines where the film has more, None: the film's. destination: the output without its
    suffix; ``{folder}`` stands for the film's folder, ``{film}`` for its name and ``{preset}`` for this one's.
    """

    name: str
    key: str
    height: int | None = None
    destination: str = BESIDE_THE_FILM

    def __post_init__(self) -> None:
        if (
            not 0 < len(self.name.strip()) <= LONGEST_PRESET_NAME
            or not self.name.isprintable()
            or "/" in self.name
        ):
            raise SettingsError(
                tr(
                    "Give the preset a name of up to {longest_preset_name} letters without '/'.",
                    longest_preset_name=LONGEST_PRESET_NAME,
                )
            )
        if find_preset(self.name) is not None:
            raise SettingsError(
                tr(
                    "{name} is the name of a preset that there is already; choose another one.",
                    name=self.name,
                )
            )
        if find_preset(self.key) is None:
            raise SettingsError(
                tr(
                    "The preset {name} is of a format that there is not: {key}.",
                    name=self.name,
                    key=self.key[:40],
                )
            )
        unknown = [name for name in _FIELD.findall(self.destination) if name not in _FIELDS]
        names_nothing = Path(self.destination).name in ("", "..", "~", "{folder}")
        if unknown or names_nothing or not self.destination.strip() or not self.destination.isprintable():
            raise SettingsError(
                tr(
                    "Say where films of the preset {name} go, like {beside_the_film}: {{folder}}, {{film}} and "
                    "{{preset}} stand for what they name.",
                    name=self.name,
                    beside_the_film=BESIDE_THE_FILM,
                )
            )
        if self.height is not None and not 16 <= self.height <= LARGEST:
            raise SettingsError(
                tr(
                    "A height of {height} lines is out of range; choose between 16 and {largest}.",
                    height=self.height,
                    largest=LARGEST,
                )
            )

    @property
    def preset(self) -> Preset:
        """What it is written as."""
        found = find_preset(self.key)
        assert found is not None, "it was checked"
        return found

    def output(self, film: Path) -> Path:
        """Return where a film goes."""
        film = film.absolute()
        stem = film.stem if film.stem.strip(".") else film.name
        values = {"folder": str(film.parent), "film": stem, "preset": self.name}
        # A film may be called ~a, and is nobody's home.
        home = str(spelled_out(Path(self.destination)))
        bare = Path(_FIELD.sub(lambda field: values[field[1]], home))
        suffix = "" if self.preset.is_sequence else self.preset.suffixes[0]
        return film.parent / bare.parent / f"{bare.name}{suffix}"


class OwnPresets:
    """The user's presets in a file, by name in their order. Reads and writes it."""

    def __init__(self, file: Path | None = None) -> None:
        """Use the user's own file, or another one."""
        self._file = file or user_folder("config") / "presets.json"

    def load(self) -> tuple[OwnPreset, ...]:
        """Return all that can be read."""
        found: dict[str, OwnPreset] = {}
        try:
            said = plain_data.table(read_record(self._file))
            if said["format"] != _FORMAT:
                raise ValueError("another format")
            listed = plain_data.listed(said["presets"])[:MOST_PRESETS]
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError):
            log.warning("the presets in %s cannot be read", self._file, exc_info=True)
            return ()
        for each in listed:
            try:
                preset = _read(each)
                found.setdefault(preset.name.casefold(), preset)
            except (ValueError, KeyError, SettingsError):
                log.warning("a preset in %s makes no sense and is left out", self._file, exc_info=True)
        return tuple(found.values())

    def find(self, name: str) -> OwnPreset | None:
        """Return a preset by its name, in capitals or not."""
        return next((each for each in self.load() if each.name.casefold() == name.casefold()), None)

    def put(self, preset: OwnPreset) -> None:
        """Keep a preset, in place of the one that has its name; raises `StorageError`, `SettingsError`."""
        there = self.load()
        names = [each.name.casefold() for each in there]
        if preset.name.casefold() in names:
            at = names.index(preset.name.casefold())
            self._write((*there[:at], preset, *there[at + 1 :]))
        elif len(there) >= MOST_PRESETS:
            raise SettingsError(
                tr(
                    "There are {most_presets} presets, and no more are kept; delete one first.",
                    most_presets=MOST_PRESETS,
                )
            )
        else:
            self._write((*there, preset))

    def remove(self, name: str) -> None:
        """Forget a preset; raises `StorageError`."""
        self._write(each for each in self.load() if each.name.casefold() != name.casefold())

    def _write(self, presets: Iterable[OwnPreset]) -> None:
        record = {"format": _FORMAT, "presets": [asdict(preset) for preset in presets]}
        with writing(self._file):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_text(self._file, json.dumps(record, indent=1) + "\n", private=True)


def _read(value: Any) -> OwnPreset:
    said = plain_data.table(value)
    height = said["height"]
    return OwnPreset(
        plain_data.text(said["name"]),
        plain_data.text(said["key"]),
        None if height is None else plain_data.whole(height),
        plain_data.text(said["destination"]),
    )
