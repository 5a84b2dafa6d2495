"""Reading cut lists of every kind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from remaster_gui.base import plain_data
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.cutlists.edl import read_edl
from remaster_gui.cutlists.events import CutList, ListError
from remaster_gui.cutlists.fcp_xml import read_fcp_xml
from remaster_gui.cutlists.frame_tables import read_table
from remaster_gui.cutlists.otio import read_otio

SUFFIXES_READ = (".edl", ".otio", ".xml", ".csv", ".txt")


def read_cut_list(path: Path, rate: Fraction, timecode: str | None = None) -> CutList:
    """Read a list, told by its suffix; `rate` and `timecode` are the film's, for kinds that do not say how they count.

    Raises `ListError` for what cannot be read, with the name of the file before it.
    """
    name = printable(path.name)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES_READ:
        known = ", ".join(SUFFIXES_READ[:-1])
        raise ListError(
            tr(
                "{name} is no cut list that is known; give one that ends in {known} or .txt.",
                name=name,
                known=known,
            )
        )
    text = _text(path, name)
    try:
        if suffix == ".edl":
            return read_edl(text, rate, timecode)
        if suffix == ".otio":
            return read_otio(text)
        return read_fcp_xml(text) if suffix == ".xml" else read_table(text)
    except ListError as error:
        raise ListError(f"{name}: {error}") from error


def _text(path: Path, name: str) -> str:
    try:
        if not path.is_file():
            raise ListError(tr("There is no cut list {path}; check its name.", path=printable(path)))
        with path.open("rb") as file:
            data = file.read(plain_data.LONGEST + 1)
    except OSError as error:
        raise ListError(
            tr("{name} cannot be read ({reason}); check that it may be.", name=name, reason=error.strerror)
        ) from error
    if len(data) > plain_data.LONGEST:
        raise ListError(
            tr(
                "{name} is larger than any cut list ({longest} MB); check its name.",
                name=name,
                longest=plain_data.LONGEST >> 20,
            )
        )
    for mark, coding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(coding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Older programs write the letters of their own system; of these, only names hold any.
        return data.decode("cp1252", "replace")
