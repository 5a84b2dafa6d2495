"""Letters that choose a line of a menu by keyboard: found for texts of any language, no letter twice in one menu."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache


def escaped(text: str) -> str:
    """Write what is no text of ours, such as a name of the user's, for a menu: an ampersand is none of its letters.

    >>> escaped("Black & white")
    'Black && white'
    """
    return text.replace("&", "&&")


def plain(text: str) -> str:
    """Return what is read of a text that a menu shows.

    >>> plain("B&lack && white")
    'Black & white'
    """
    return re.sub(r"&(.)", r"\1", text)


def with_letters(texts: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Mark a letter of each text by an ampersand before it, as Qt wants them.

    No letter is marked twice nor is one of `taken` (small ones), and as many texts as possible have one; where letters
    run out, the last ones are left without. First letters of words are preferred.

    >>> with_letters(["Open film…", "Open folder…", "Quit"], taken="q")
    ['&Open film…', 'Open &folder…', 'Q&uit']
    """
    owners: dict[str, int] = {}
    places = [_places(text, frozenset(taken)) for text in texts]
    for number in range(len(texts)):
        _find(number, places, owners, set())
    marked = {number: places[number][letter] for letter, number in owners.items()}
    return [_marked(text, marked.get(number)) for number, text in enumerate(texts)]


@lru_cache(1024)
def _places(text: str, taken: frozenset[str]) -> Mapping[str, int]:
    """Where each letter can be marked that a text has, the best one first."""
    starts = [at for at in range(len(text)) if at == 0 or text[at - 1] == " "]
    found: dict[str, int] = {}
    for at in (*starts, *range(len(text))):
        letter = text[at].lower()
        if letter.isalnum() and len(letter) == 1 and letter not in taken:
            found.setdefault(letter, at)
    return found


def _find(number: int, places: Sequence[Mapping[str, int]], owners: dict[str, int], tried: set[str]) -> bool:
    """Give one text a letter: a free one, or that of another text which can have another one."""
    for letter in places[number]:
        if letter not in owners:
            owners[letter] = number
            return True
    for letter in places[number]:
        if letter not in tried:
            tried.add(letter)
            if _find(owners[letter], places, owners, tried):
                owners[letter] = number
                return True
    return False


def _marked(text: str, at: int | None) -> str:
    return escaped(text) if at is None else f"{escaped(text[:at])}&{escaped(text[at:])}"
