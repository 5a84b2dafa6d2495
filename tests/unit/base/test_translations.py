"""Every language has every text of the program, as the program reads it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import remaster_gui
from remaster_gui.base.language import ENGLISH, LANGUAGES
from tests.translations import FOLDER, catalogue_of, compiled, texts_of_the_program

_ROOMS = ("ui", "document", "workers")
"""Of the editor."""
TRANSLATED = sorted(LANGUAGES.keys() - {ENGLISH})

texts = cache(texts_of_the_program)


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def _places(text: str) -> set[str]:
    """What is filled in, and markup, which both languages need alike."""
    filled = re.findall(r"\{\{\w*\}\}|\{\w*(?:!\w)?(?::[^{}]*)?\}", text)
    return {re.sub(r"[!:][^{}]*", "", each) for each in filled} | set(re.findall(r"<[^<>]*>", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_is_complete(language: str) -> None:
    wanted = {_forms(each.id) for each in texts() if each.id}
    said = {_forms(each.id): _forms(each.string) for each in catalogue_of(language) if each.id}
    assert wanted - said.keys() == set(), "run `make translations`, and translate what it lists"
    assert said.keys() - wanted == set(), "run `make translations`"
    assert [text for text, forms in said.items() if not all(forms)] == []
    assert [each.id for each in catalogue_of(language) if each.id and each.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_fill_in_what_the_texts_do(language: str) -> None:
    wrong = [
        (each.id, each.string)
        for each in catalogue_of(language)
        if each.id
        for form in _forms(each.string)
        if _places(form) != _places(_forms(each.id)[-1])
        or [form[:1].isspace(), form[-1:].isspace()]
        != [_forms(each.id)[-1][:1].isspace(), _forms(each.id)[-1][-1:].isspace()]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_program_reads_is_up_to_date(language: str) -> None:
    assert (FOLDER / f"{language}.mo").read_bytes() == compiled(catalogue_of(language)), (
        "run `make translations`"
    )


def _numbers_of_code(tree: ast.AST) -> list[int]:
    """Lines where an f-string writes decimals or percent as code does, in whatever language the rest is."""
    found = []
    for text in ast.walk(tree):
        if not isinstance(text, ast.JoinedStr):
            continue
        for part, after in zip(text.values, [*text.values[1:], None], strict=True):
            if isinstance(part, ast.FormattedValue):
                spec = ast.unparse(part.format_spec)[2:-1] if part.format_spec else ""
                follows = after.value if isinstance(after, ast.Constant) else ""
                if re.search(r"\.[1-9]\d*[fge]$|[g%]$", spec) or re.match(r"\s?%", str(follows)):
                    found.append(text.lineno)
    return found


def test_what_users_read_has_numbers_of_their_language() -> None:
    assert _numbers_of_code(ast.parse("f'{a:.1f}', f'{a:.0%}', f'{a} %', f'{a:+g}×'")) == [1, 1, 1, 1]
    assert _numbers_of_code(ast.parse("f'{a:.0f}, {a:02d}', f'{a}: 5 %', tr('{a:.1f}', a=a)")) == []
    package = Path(remaster_gui.__file__).parent
    wrong = [
        f"{path.relative_to(package)}:{line}"
        for room in _ROOMS
        for path in sorted((package / room).rglob("*.py"))
        for line in _numbers_of_code(ast.parse(path.read_text(encoding="utf-8")))
    ]
    wrong += [
        str(each.id)
        for each in texts()
        if re.search(r"\}\s?%", str(each.id)) and each.locations[0][0].startswith(_ROOMS)
    ]
    assert wrong == [], "`percent` and `number` of remaster_gui.base.language write these"
