"""Every language has every text of the program, as the program reads it."""

from __future__ import annotations

import re

import pytest

from remaster_gui.base.language import ENGLISH, LANGUAGES
from tests.translations import FOLDER, catalogue_of, compiled, texts_of_the_program

TRANSLATED = sorted(LANGUAGES.keys() - {ENGLISH})


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def _places(text: str) -> set[str]:
    """What is filled in, and markup, which both languages need alike."""
    filled = re.findall(r"\{\{\w*\}\}|\{\w*(?:!\w)?(?::[^{}]*)?\}", text)
    return {re.sub(r"[!:][^{}]*", "", each) for each in filled} | set(re.findall(r"<[^<>]*>", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_is_complete(language: str) -> None:
    wanted = {_forms(each.id) for each in texts_of_the_program() if each.id}
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
