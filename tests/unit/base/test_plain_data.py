"""Whatever a file holds, reading it gives plain data or a `ValueError`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base import plain_data

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=40)
@given(PLAIN)
def test_what_was_written_is_read(value: Any) -> None:
    assert plain_data.parse(json.dumps(value)) == value


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:0123456789.eE-+truefalsn\\u ', max_size=60))
def test_anything_else_is_a_value_error(content: str | bytes) -> None:
    try:
        plain_data.parse(content)
    except ValueError as error:
        assert len(str(error)) < 200


@pytest.mark.parametrize(
    "content",
    ["[" * 65 + "]" * 65, "[" * 10_000_000, '{"a":' * 100, "NaN", "[Infinity]", "-Infinity", "1e999", "9" * 5000,
     b"\xff\xfe[\x00]\x00", b"\xe9", "", "\\", '"', '"\\"' * 100_000],
    ids=lambda content: repr(content[:8]),
)  # fmt: skip
def test_what_would_harm_is_refused(content: str | bytes) -> None:
    with pytest.raises(ValueError):
        plain_data.parse(content)


def test_length_is_limited_before_anything_is_parsed() -> None:
    assert plain_data.parse("[1, 2]", longest=6) == [1, 2]
    with pytest.raises(ValueError, match="longer than 5 bytes"):
        plain_data.parse("[1, 2]", longest=5)


def test_brackets_in_texts_are_not_counted() -> None:
    assert plain_data.parse(json.dumps(["[" * 1000, '\\"[[' * 100])) == ["[" * 1000, '\\"[[' * 100]


CHECKS: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (plain_data.whole, 5, True),
    (plain_data.whole, 0, -1),
    (plain_data.whole, 7, 7.0),
    (plain_data.whole, 2**63 - 1, 2**63),
    (lambda value: plain_data.number(value, 0, 1), 0.5, float("nan")),
    (lambda value: plain_data.number(value, 0, 1), 1, "1"),
    (plain_data.switch, False, 0),
    (plain_data.text, "x", b"x"),
    (plain_data.text, "", "x" * 70_000),
    (lambda value: plain_data.choice(value, ("half", "full")), "half", ["half"]),
    (plain_data.listed, [1], {"a": 1}),
    (plain_data.table, {"a": 1}, [["a", 1]]),
]


@pytest.mark.parametrize(("check", "good", "bad"), CHECKS)
def test_values_are_checked(check: Callable[[Any], Any], good: Any, bad: Any) -> None:
    assert check(good) == good
    with pytest.raises(ValueError, match=r"^not "):
        check(bad)


def test_paths_are_those_that_the_system_knows() -> None:
    assert plain_data.path("/films/\udce9.mp4") == Path("/films/\udce9.mp4")
    for bad in ("", "a\0b", "\ud800", 5, None):
        with pytest.raises(ValueError):
            plain_data.path(bad)


def test_a_name_that_is_missing_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="'b' is missing"):
        plain_data.table({"a": 1})["b"]
