"""The user's own presets: kept, found, named after films, and passed over where they make no sense."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.media import PRESETS, find_preset
from remaster_gui.media.own_presets import OwnPreset, OwnPresets

WEB = OwnPreset("Web", "h264-8:23", 480, "{folder}/out/{film} {preset}")
SCANS = OwnPreset("Scans", "tiff16")


def test_qualities_are_part_of_keys() -> None:
    usual, smaller = PRESETS["hevc-10"], find_preset("hevc-10:22")
    assert smaller is not None and smaller.options["crf"] == "22" and smaller.quality == 22
    assert smaller.options["x265-params"] == usual.options["x265-params"] and "CRF 22" in smaller.title
    assert smaller.bits_per_pixel == pytest.approx(usual.bits_per_pixel / 2)
    assert find_preset("hevc-10:16") is usual


@pytest.mark.parametrize(
    "key", ["", "x", "h264-8:", "h264-8:52", "h264-8:-1", "h264-8:1.5", "prores-hq:16", "h264-8:²"]
)
def test_keys_of_nothing_are_none(key: str) -> None:
    assert find_preset(key) is None


def test_outputs_are_named_after_films() -> None:
    film = Path("/films/reel.mov")
    assert WEB.output(film) == Path("/films/out/reel Web.mp4")
    assert SCANS.output(film) == Path("/films/reel-Scans"), "a folder of pictures"
    assert replace(WEB, destination="/out/{film}").output(film) == Path("/out/reel.mp4")
    assert replace(WEB, destination="{film}.v1").output(film) == Path("/films/reel.v1.mp4"), "beside the film"
    assert replace(WEB, destination="~/{film}").output(film) == Path.home() / "reel.mp4"


def test_names_that_look_like_homes_or_folders_are_names() -> None:
    assert replace(WEB, destination="~nobody-there/a").output(Path("/films/b.mov")) == Path(
        "/films/~nobody-there/a.mp4"
    )
    for film, name in (("~reel.mov", "~reel"), ("..mov", "..mov"), ("~", "~")):
        assert replace(WEB, destination="{film}").output(Path("/films", film)) == Path(f"/films/{name}.mp4")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Give the preset a name"),
        ({"name": "a/b"}, "Give the preset a name"),
        ({"name": "x" * 61}, "Give the preset a name"),
        ({"name": "a\nb"}, "Give the preset a name"),
        ({"name": "dpx"}, "there is already"),
        ({"key": "mp3"}, "a format that there is not"),
        ({"height": 3}, "out of range"),
        ({"destination": ""}, "Say where"),
        ({"destination": "{reel}/x"}, "Say where"),
        *(({"destination": each}, "Say where") for each in ("/", ".", "a/..", "~", "{folder}/")),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        replace(WEB, **change)


def test_presets_are_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    book = OwnPresets(tmp_path / "config" / "presets.json")
    assert book.load() == () and book.find("Web") is None
    book.put(WEB)
    book.put(SCANS)
    assert OwnPresets(tmp_path / "config" / "presets.json").load() == (WEB, SCANS)
    louder = replace(WEB, name="WEB", height=720)
    book.put(louder)
    assert book.load() == (louder, SCANS), "in its place"
    assert book.find("web") == louder
    book.remove("web")
    assert book.load() == (SCANS,)


def test_what_cannot_be_read_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "presets.json"
    book = OwnPresets(path)
    book.put(WEB)
    record = json.loads(path.read_text())
    record["presets"] += [
        {"name": "x"},
        3,
        {**record["presets"][0], "key": "gone"},
        {**record["presets"][0], "height": "9"},
    ]
    path.write_text(json.dumps(record))
    assert book.load() == (WEB,)
    for text in ("", "[]", "{}", json.dumps({"format": "other", "presets": []})):
        path.write_text(text)
        assert book.load() == ()
    assert "cannot be read" in caplog.text


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        OwnPresets(tmp_path / "file" / "presets.json").put(WEB)
