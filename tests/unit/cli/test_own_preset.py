"""``--preset`` of the user's own: what it says stands, but for what the command says itself."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.cli.render import add_render_arguments, requested
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.media.own_presets import OwnPreset, OwnPresets


@pytest.fixture(autouse=True)
def book() -> OwnPresets:
    """The user's own file, which is a fresh one for each test."""
    book = OwnPresets()
    book.put(OwnPreset("Web small", "h264-8:23", 480, "{folder}/out/{film}_{preset}"))
    return book


def asked(*words: str) -> RenderRequest:
    parser = argparse.ArgumentParser()
    add_render_arguments(parser)
    with requested(parser.parse_args(list(words))) as request:
        return request


def test_it_says_format_quality_size_and_place() -> None:
    request = asked("/films/reel.mov", "--preset", "web SMALL")
    assert (request.preset, request.height) == ("h264-8:23", 480)
    assert request.output == Path("/films/out/reel_Web small.mp4") and request.kind.quality == 23


def test_what_the_command_says_goes_before_it() -> None:
    request = asked("/films/reel.mov", "--preset", "Web small", "--height", "720", "-o", "/a.mkv")
    assert (request.preset, request.height, request.output) == ("h264-8:23", 720, Path("/a.mkv"))


@pytest.mark.parametrize("words", [(), ("--preset", "h264-8"), ("--preset", "nobody's")])
def test_without_a_place_there_has_to_be_an_output(words: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="with --output"):
        asked("/films/reel.mov", *words)


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(SettingsError, match="There is no preset"):
        _ = asked("/films/reel.mov", "--preset", "nobody's", "-o", "/a.mkv").kind
