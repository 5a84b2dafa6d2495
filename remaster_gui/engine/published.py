"""What a work folder notes of an output at the moment in which it appears, so that a killed run is understood later."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from remaster_gui.base.notices import Notice
from remaster_gui.engine.parts import notices_as_data, notices_of_data
from remaster_gui.engine.sealed_records import digest_of, read_sealed, state_of, write_sealed
from remaster_gui.media.assembly import sound_beside

DONE = "done.json"


def note_published(
    folder: Path,
    identity: str,
    joining: dict[str, Any],
    draft: Path,
    sound: Path | None,
    notices: Sequence[Notice],
) -> None:
    """Write down that `draft` is about to become the output, and `sound` lie beside it; `notices` were said of it."""
    done = {
        "identity": identity,
        "joining": digest_of(joining),
        "output": state_of(draft),
        "sound": None if sound is None else state_of(sound),
        "notices": notices_as_data(notices),
    }
    write_sealed(folder / DONE, done)


def published(
    folder: Path, output: Path, identity: str, joining: dict[str, Any] | None
) -> list[Notice] | None:
    """Return the notices of an output that was published from a folder and is still as it was; else None.

    Without an identity that may be any output, and with `joining` it has to be made of the same parts.
    """
    if folder.is_symlink():
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        done = read_sealed(folder / DONE)
        is_asked_for = identity in ("", done["identity"]) and (
            joining is None or digest_of(joining) == done["joining"]
        )
        if is_asked_for and done["output"] == state_of(output):
            return list(notices_of_data(done["notices"]))
    return None


def remove_sound_alone(folder: Path, output: Path) -> None:
    """Remove sound that was published from a folder, if the run was killed before the pictures followed."""
    sound = sound_beside(output)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        done = read_sealed(folder / DONE)
        if done["sound"] == state_of(sound) and not (output.exists() and done["output"] == state_of(output)):
            sound.unlink()
