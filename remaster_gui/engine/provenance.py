"""What an archive wants to know of a render: from which weights and pictures, and what the film says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from remaster_gui import __version__
from remaster_gui.base.choices import RemasterSettings
from remaster_gui.base.errors import WeightsError
from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.base.validity import Validity
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.origin import OriginTotals
from remaster_gui.engine.shipped_weights import read_manifest, weights_folder
from remaster_gui.media.declaration import EDITED_BY_NETWORK, ENHANCED, Declaration

_ARTIST, _LONGEST_ARTIST = 0x013B, 200
"""The tag of TIFF and EXIF for whoever made a picture."""


def declaration_of(every: Iterable[RemasterSettings]) -> Declaration:
    """Return what a film says of itself whose shots were remastered by these settings."""
    settings = list(every)
    is_restored = any(each.restoration for each in settings)
    is_colored = any(each.colorization for each in settings)
    done = [word for word, is_done in (("restored", is_restored), ("coloured", is_colored)) if is_done]
    return Declaration(
        EDITED_BY_NETWORK if is_colored else ENHANCED,
        f"This film was {' and '.join(done) or 'remastered'} by a neural network.",
        f"Remaster {__version__}",
    )


def weights_facts(digest: str) -> dict[str, str | None]:
    """Return the name of weights that shipped and of the card that describes them; None for other ones."""
    try:
        name = next((name for name, entry in read_manifest().items() if entry["sha256"] == digest), None)
    except WeightsError:
        name = None
    if name is None:
        return {"name": None, "card": None}
    card = Path(name).with_suffix(".md").name
    return {"name": name, "card": card if (weights_folder() / card).is_file() else None}


def file_facts(reference: Reference) -> dict[str, str | None]:
    """Return when the file of a reference was last changed (UTC) and whom it names as its artist, if that is known."""
    path, facts = reference.path, dict[str, str | None](modified=None, artist=None)
    if path is None or not path.is_file():
        return facts
    facts["modified"] = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    try:
        with Image.open(path) as picture:
            said = picture.getexif().get(_ARTIST) or picture.info.get("Author") or picture.info.get("Artist")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
        return facts
    if isinstance(said, str) and said.strip():
        facts["artist"] = said.strip()[:_LONGEST_ARTIST]
    return facts


def validity_facts(validity: Validity) -> dict[str, Any]:
    """Return where a reference counts, and how much: its ranges ([] for all), strength, and share of its picture."""
    return {
        "ranges": [str(each) for each in validity.ranges],
        "strength": validity.strength,
        "region_share": round(float(unpack_region(validity.region).mean()), 4) if validity.region else 1.0,
    }


def of_all(totals: Iterable[OriginTotals], references: Iterable[Reference]) -> Mapping[str, Any] | None:
    """Return the shares of all shots together; None where nothing is known of any frame."""
    whole = sum(totals, OriginTotals())
    return whole.shares(list(references)) if whole.frames else None
