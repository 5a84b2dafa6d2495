from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.engine.likely_colors import LEARNED, PAINTED, ColorTable, LikelyColor, Outlook, with_sources

CENTRES = np.array([[a, b] for a in range(-60, 61, 10) for b in range(-60, 61, 10)], np.float32)


def outlook(places: dict[tuple[int, int], dict[tuple[int, int], float]]) -> Outlook:
    """Two rows of three places; each has a few colours."""
    likelihood = np.zeros((2, 3, len(CENTRES)), np.float16)
    for (row, column), colors in places.items():
        for color, share in colors.items():
            likelihood[row, column, (color == CENTRES).all(1)] = share
    nothing = ColorTable.of(PAINTED, np.zeros(0, np.float32), np.zeros((0, 2), np.float32))
    return Outlook(likelihood, CENTRES, np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3), nothing)


def test_the_likeliest_colours_come_first() -> None:
    shares = {(60, 0): 0.1, (-60, 0): 0.2, (0, 60): 0.3, (0, -60): 0.35, (60, 60): 0.05}
    found = outlook({(1, 2): shares}).at(0.99, 0.99)
    assert [each.color for each in found] == [(0, -60), (0, 60), (-60, 0), (60, 0), (60, 60)]
    assert [each.share for each in found] == pytest.approx([0.35, 0.3, 0.2, 0.1, 0.05], abs=1e-3)
    assert all(each.source == LEARNED for each in found)


def test_neighbours_are_one_colour_and_there_are_never_more_than_are_asked_for() -> None:
    rng = np.random.default_rng(0)
    near = {(10, 10): 0.3, (10, 20): 0.3, (20, 10): 0.2, (-50, -50): 0.2}
    found = outlook({(0, 0): near}).at(0.0, 0.0, count=2)
    assert len(found) == 2 and found[0].share == pytest.approx(0.8, abs=1e-3)
    assert found[0].color == pytest.approx((12.5, 13.75), abs=0.1)
    for _ in range(20):
        spread = {tuple(CENTRES[rng.integers(len(CENTRES))]): float(rng.random() / 40) for _ in range(40)}
        found = outlook({(0, 1): spread}).at(0.5, 0.2)
        assert 1 <= len(found) <= 5
        assert [each.share for each in found] == sorted((each.share for each in found), reverse=True)


def test_one_certain_colour_is_offered_once() -> None:
    assert len(outlook({(0, 0): {(20, 30): 1.0}}).at(0.1, 0.1)) == 1


def test_places_beyond_the_edge_are_those_at_it() -> None:
    seen = outlook({(1, 2): {(20, 30): 1.0}})
    assert seen.at(1.0, 1.0) == seen.at(7.0, 7.0) == seen.at(0.9, 0.9)
    assert seen.lightness_at(0.9, 0.9) == pytest.approx(100) and seen.lightness_at(0.0, -1.0) == 0


def test_a_picture_has_the_colours_that_things_so_bright_have_in_it() -> None:
    luminance = np.repeat(np.array([0.3, 0.8], np.float32), 100)
    chrominance = np.repeat(np.array([[20, 20], [-10, -30]], np.float32), 100, axis=0)
    table = ColorTable.of("a", luminance, chrominance)
    assert table.share(30, (20, 20)) == table.share(38, (17, 23)) == 1
    assert table.share(30, (-10, -30)) == 0 and table.share(80, (-10, -30)) == 1
    assert table.share(55, (20, 20)) == 0, "nothing is as bright"


def test_colours_of_pictures_are_counted_as_they_are_seen() -> None:
    picture = np.full((8, 8, 3), (200, 30, 30), np.uint8)
    assert ColorTable.of_picture("red", picture).share(42, (63, 47)) == 1


def test_each_colour_says_where_it_comes_from() -> None:
    def table(name: str, *colors: tuple[float, float]) -> ColorTable:
        return ColorTable.of(name, np.full(len(colors), 0.5, np.float32), np.array(colors, np.float32))

    red, blue, green, grey = (60.0, 40.0), (0.0, -50.0), (-40.0, 40.0), (0.0, 0.0)
    references = [table("Frame 3", red, red, blue), table("Frame 9", blue, red, blue, blue, grey)]
    colors = [LikelyColor(color, 0.25) for color in (red, blue, green, grey)]
    found = with_sources(colors, 50.0, table(PAINTED, grey), references)
    assert [each.source for each in found] == ["Frame 3", "Frame 9", LEARNED, PAINTED]
    assert [each.color for each in found] == [red, blue, green, grey]
    assert {each.source for each in with_sources(colors, 5.0, table(PAINTED, grey), references)} == {LEARNED}
