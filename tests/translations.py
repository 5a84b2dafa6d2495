"""Bring the translations up to date with the texts of the program: ``make translations``.

`catalogue_of` also serves the tests, which hold every language complete.
"""

from __future__ import annotations

import ast
import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1] / "remaster_gui"
FOLDER = PACKAGE / "translations"
_MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""Files change with the texts alone."""


def texts_of_the_program() -> Catalog:
    """Every text that is said by `tr` or `trn`, in the order of modules."""
    found = Catalog(fuzzy=False)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("tr"), args=[ast.Constant(str(text))]):
                    found.add(text, locations=[(path.relative_to(PACKAGE).as_posix(), 0)])
                case ast.Call(
                    func=ast.Name("trn"), args=[ast.Constant(str(one)), ast.Constant(str(many)), _]
                ):
                    found.add((one, many), locations=[(path.relative_to(PACKAGE).as_posix(), 0)])
                case ast.Call(func=ast.Name("tr" | "trn")):
                    raise ValueError(f"{path}:{node.lineno}: the texts of tr and trn are literals")
    return found


def catalogue_of(language: str) -> Catalog:
    """What a language has."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """A language with the texts of the program: new ones are empty, those that are said no longer are left out."""
    catalogue = catalogue_of(language)
    catalogue.update(texts_of_the_program(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.project, catalogue.version = "remaster-gui", "1"
    catalogue.header_comment = "# Texts of Remaster; `make translations` brings this file up to date."
    catalogue.creation_date = catalogue.revision_date = _MADE
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "Remaster"
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """The content of the file that the program reads."""
    content = io.BytesIO()
    write_mo(content, catalogue)
    return content.getvalue()


def _is_said(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings)


def main() -> None:
    """Write the files of all languages anew, and say what is to be translated."""
    for path in sorted(FOLDER.glob("*.po")):
        catalogue = updated(path.stem)
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, include_lineno=False, ignore_obsolete=True)
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        missing = [
            each.id
            for each in catalogue
            if each.id and not all([each.string, *(each.string if each.pluralizable else ())])
        ]
        print(f"{path.name}: {len(catalogue)} texts, {len(missing)} not translated")
        print(*(f"  {each}" for each in missing), sep="\n")


if __name__ == "__main__":
    main()
