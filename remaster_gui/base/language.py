"""The language of what users read: texts stand in the code in English, and `tr` says them in the one that was chosen.

Tables of texts are made when their modules are imported. So a language is chosen once in a process, before the modules
that say something: the editor does it first of all, `REMASTER_LANGUAGE` does it for every command and for the processes
that it starts, and everything else is English. `translations/LANGUAGE.po` holds the texts of a language, and
`scripts/translations.py` brings it up to date.

What programs read is never translated: logs, ids, keys of settings, file formats, and the help of the command line.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterable
from pathlib import Path
from string import Formatter
from typing import Any

ENVIRONMENT = "REMASTER_LANGUAGE"
"""Environment variable that says which language is spoken, whatever settings and system say."""
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch"}
"""Languages by their codes (ISO 639-1), each with its own name for itself."""

_FOLDER = Path(__file__).parents[1] / "translations"
_NUMBERS = {"de": str.maketrans({".": ",", ",": "\N{NO-BREAK SPACE}"})}
"""How a language writes the point of a decimal number, and what sets thousands apart, where not as code does."""


class _Words(Formatter):
    """Fills texts with numbers as a language writes them."""

    def __init__(self, signs: dict[int, str]) -> None:
        self._signs = signs

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write a value as `format_spec` says; numbers as the language does, and a sign of percent apart."""
        said = str(super().format_field(value, format_spec))
        if not format_spec or not (format_spec[-1] in "fFeEgG%" or "," in format_spec):
            return said
        return said.translate(self._signs).replace("%", "\N{NO-BREAK SPACE}%")


class _Spoken:
    """What is spoken in this process."""

    language = ENGLISH
    texts = gettext.NullTranslations()
    words: Formatter = _Words({})


def tr(text: str, /, **values: object) -> str:
    """Say a text in the language that was chosen, with `values` in the places that it names.

    `text` is a literal, so that it can be found; what is filled in stands beside it, not in an f-string.

    >>> tr("{name} is {size:.1f} times larger.", name="a.mov", size=1.25)
    'a.mov is 1.2 times larger.'
    """
    said = _Spoken.texts.gettext(text) if text else text
    return _Spoken.words.vformat(said, (), values) if values else said


def trn(one: str, many: str, count: float, /, **values: object) -> str:
    r"""Say a text as it is for `count` things, which it may name; both forms are literals.

    >>> trn("{count} frame", "{count} frames", 1), trn("{count} frame", "{count} frames", 2400)
    ('1 frame', '2\xa0400 frames')
    """
    exact = count if isinstance(count, int) or not float(count).is_integer() else int(count)
    said = _Spoken.texts.ngettext(one, many, 1 if exact == 1 else 2)
    written = (
        f"{exact:,}".replace(",", "\N{NO-BREAK SPACE}") if isinstance(exact, int) else number(exact, "g")
    )
    return _Spoken.words.vformat(said, (), {"count": written, **values})


def number(value: float, spec: str) -> str:
    """Write a number as the language does; `spec` as in f-strings.

    >>> number(1.25, ".1f")
    '1.2'
    """
    return str(_Spoken.words.format_field(value, spec))


def percent(share: float, decimals: int = 0) -> str:
    r"""Write a share, 1 being all, as percent; as `:.0%` does in texts that are filled.

    >>> percent(0.456), percent(0.456, 1)
    ('46\xa0%', '45.6\xa0%')
    """
    return number(share, f".{decimals}%")


def spoken() -> str:
    """Return the code of the language that is spoken."""
    return _Spoken.language


def first_known(languages: Iterable[str]) -> str:
    """Return the first of these that texts are there for: ``de``, ``de-AT``, ``de_AT.UTF-8``; English for none.

    >>> first_known(["fr-CA", "de_AT.UTF-8", "en"])
    'de'
    """
    codes = (each.lower().replace("-", "_").partition("_")[0].partition(".")[0] for each in languages)
    return next((code for code in codes if code in LANGUAGES), ENGLISH)


def speak(language: str) -> None:
    """Speak a language of `LANGUAGES` from now on, as do the processes that this one starts."""
    texts = gettext.NullTranslations()
    if language != ENGLISH:
        with (_FOLDER / f"{language}.mo").open("rb") as file:
            texts = gettext.GNUTranslations(file)
    speak_as(texts, language)


def speak_as(texts: gettext.NullTranslations, language: str = ENGLISH) -> None:
    """Take texts from this catalogue from now on, and numbers as `language` writes them."""
    _Spoken.language, _Spoken.texts = language, texts
    _Spoken.words = _Words(_NUMBERS.get(language, {}))
    os.environ[ENVIRONMENT] = language


if os.environ.get(ENVIRONMENT, ENGLISH) in LANGUAGES:
    speak(os.environ.get(ENVIRONMENT, ENGLISH))
