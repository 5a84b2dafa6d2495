import dataclasses
from fractions import Fraction
from typing import Any

import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import FilmInfo
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.panels.facts import (
    InspectedFrame,
    film_facts,
    frame_facts,
    rate_text,
    reference_facts,
)

REFERENCE = ReferenceRecord("a" * 32, "House", "painted", 312, "#4aa3df", True, True, 640, 480, 1)


def test_a_plain_film(film_info: FilmInfo) -> None:
    facts = dict(film_facts(film_info, 48_000_000))
    assert facts["Size"] == "640 × 480" and facts["Rate"] == "24 fps"
    assert facts["Length"].replace("\N{NO-BREAK SPACE}", " ") == "2 400 frames · 1:40"
    assert facts["Depth"] == "8 bit, BT.601 limited" and facts["On disk"] == "48 MB"
    assert "Note" not in facts and "Starts at" not in facts


def test_what_is_unusual_about_a_film_is_said(film_info: FilmInfo) -> None:
    odd = dataclasses.replace(
        film_info, pixel_aspect=Fraction(16, 15), field_order="top", has_audio=False, timecode="01:00:00:00",
        variable_rate=True, complete=False,
    )  # fmt: skip
    facts = dict(film_facts(odd))
    assert "1.067" in facts["Size"] and "top field first" in facts["Scan"] and "varying" in facts["Rate"]
    assert facts["Sound"] == "none" and facts["Starts at"] == "01:00:00:00" and "damaged" in facts["Note"]


@pytest.mark.parametrize(
    ("rate", "text"),
    [(Fraction(24), "24 fps"), (Fraction(24000, 1001), "23.976 fps"), (Fraction(50, 3), "16.667 fps")],
)
def test_rates(rate: Fraction, text: str) -> None:
    assert rate_text(rate) == text


def test_frames() -> None:
    facts = dict(frame_facts(InspectedFrame(312, "00:00:13:00", 3, 2, 5, FrameRange(300, 700))))
    assert facts["Shot"] == "2 of 5 · frames 300–699" and facts["State"] == "remastered, stale"
    assert dict(frame_facts(InspectedFrame(0, "00:00:00:00", 0)))["Shot"] == "not known yet"


@pytest.mark.parametrize(
    ("share", "changes", "text"),
    [
        (0.42, {}, "42\N{NO-BREAK SPACE}% of the frame shown"),
        (None, {}, "the attention overlay (A) tells"),
        (0.42, {"enabled": False}, "not used"),
        (None, {"colored": False}, "nothing painted yet"),
    ],
)
def test_what_a_reference_colours(share: float | None, changes: dict[str, Any], text: str) -> None:
    facts = dict(reference_facts(dataclasses.replace(REFERENCE, **changes), share, Fraction(24), None))
    assert facts["Colours"] == text and facts["Frame"] == "312 · 00:00:13:00"


def test_free_standing_references() -> None:
    free = dataclasses.replace(REFERENCE, frame=None, kind="imported")
    facts = dict(reference_facts(free, None, Fraction(24), None))
    assert facts["Frame"] == "free-standing" and facts["Kind"] == "imported picture"
