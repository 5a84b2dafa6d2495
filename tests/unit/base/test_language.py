"""The language that is spoken: choosing it, saying texts, numbers and counts in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from gettext import NullTranslations

import pytest

from remaster_gui.base import language
from remaster_gui.base.counting import counted
from remaster_gui.base.language import (
    ENVIRONMENT,
    first_known,
    number,
    percent,
    speak,
    speak_as,
    spoken,
    tr,
    trn,
)


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak("en")


class _Shouting(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper() if "{" not in message else f"[{message}]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"[{msgid1 if n == 1 else msgid2}]"


def test_english_is_what_stands_in_the_code() -> None:
    assert tr("Fill {what}", what="in") == "Fill in"
    assert tr("A {brace}") == "A {brace}"  # filled by somebody else
    assert trn("{count} frame", "{count} frames", 1) == "1 frame"
    assert counted(0.5, "hour") == "0.5 hours"


def test_texts_come_from_the_catalogue_that_is_spoken() -> None:
    speak_as(_Shouting(), "de")
    assert (tr("Open"), tr("")) == ("OPEN", "")
    assert tr("{text} is {size:.1f}", text="a", size=1.25) == "[a is 1,2]"
    assert counted(1200, "frame") == "[1\N{NO-BREAK SPACE}200 frames]"
    assert counted(1.5, "hour") == "[1,5 hours]"


def test_numbers_are_written_as_the_language_does() -> None:
    speak("de")
    assert [number(1234.5, ",.1f"), number(0.5, ".0%"), number(3, "02d")] == [
        "1\N{NO-BREAK SPACE}234,5", "50\N{NO-BREAK SPACE}%", "03",
    ]  # fmt: skip
    assert percent(0.456, 1) == "45,6\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_percentages_look_alike_wherever_they_are_written(code: str) -> None:
    speak(code)
    said = {percent(0.45), number(0.45, ".0%"), tr("{share:.0%}", share=0.45)}
    assert said == {"45\N{NO-BREAK SPACE}%"}


@pytest.mark.parametrize(
    ("wished", "known"),
    [(["de-AT", "en"], "de"), (["fr", "de_DE.UTF-8"], "de"), (["C"], "en"), ([], "en"), (["DE"], "de")],
)
def test_the_first_language_that_there_is_is_taken(wished: list[str], known: str) -> None:
    assert first_known(wished) == known


def test_processes_that_are_started_speak_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "en")
    speak("de")
    assert (spoken(), os.environ[ENVIRONMENT]) == ("de", "de")


def test_every_language_has_a_catalogue() -> None:
    for code in language.LANGUAGES:
        speak(code)
        assert spoken() == code
