"""What frames draw from each reference, and how far that bounds what a repainted one changes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from remaster_gui.base.choices import Layer
from remaster_gui.base.reference_grid import CELLS, COLUMNS, ROWS
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.drawn import (
    LIMITS,
    MOST_CELLS,
    CellShares,
    Drawn,
    Draws,
    among,
    taken_whole,
    together,
)
from remaster_gui.engine.references import encode_reference
from remaster_gui.engine.repainted import MOST_ELECTED, TOLERANCE, changes, is_unaffected
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Pass, PassedFrame, walk
from remaster_gui.model import ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig
from remaster_gui.model.attention import attention_mass, untokens
from remaster_gui.model.colorization import ReferenceFeatures

SIZE = Size(64, 48)


@pytest.fixture(scope="module")
def network() -> RemasterNetwork:
    """A tiny network that matches by patches and lets frames vote, as the one that ships does."""
    torch.manual_seed(3)
    color = ColorizationConfig(
        width=1 / 16, key_channels=8, carried_color=True, steady_color=True, attention="cosine", patch_keys=True,
        position_keys=True, reference_votes=True,
    )  # fmt: skip
    return RemasterNetwork(ModelConfig("tiny", RestorationConfig(width=1 / 16), color)).fold()


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Three scenes ``(3, H, W)`` of luminance, unlike each other."""
    return np.random.default_rng(2).random((3, SIZE.height, SIZE.width), np.float32)


def colored(grey: np.ndarray, tint: tuple[float, float, float]) -> np.ndarray:
    return (grey[..., None] * np.array(tint, np.float32)).clip(0, 1)


@pytest.fixture(scope="module")
def features(network: RemasterNetwork, pictures: np.ndarray) -> list[ReferenceFeatures]:
    tints = ((1, 0.8, 0.6), (0.7, 0.9, 1), (0.8, 1, 0.7))
    return [
        encode_reference(network, colored(each, tint)) for each, tint in zip(pictures, tints, strict=True)
    ]


def passed(
    network: RemasterNetwork, features: list[ReferenceFeatures], film: np.ndarray, window: int = 5
) -> dict[int, PassedFrame]:
    """Colour a shot alone, in windows of some length."""
    work = Pass(network, features, SIZE, SIZE, restoration=False)

    def windows(needed: FrameRange) -> Iterator[np.ndarray]:
        for start in range(needed.start, needed.stop, window):
            yield film[start : min(needed.stop, start + window)]

    shot = FrameRange(0, len(film))
    return {each.index: each for frames in walk(work, shot, shot, windows) for each in frames}  # type: ignore[arg-type]


def test_shares_are_those_of_the_attention_and_windows_do_not_matter(
    network: RemasterNetwork, features: list[ReferenceFeatures], pictures: np.ndarray
) -> None:
    film = np.concatenate([np.repeat(pictures[:1], 20, 0), np.repeat(pictures[1:2], 20, 0)])
    once, pieces = passed(network, features, film, 40), passed(network, features, film, 7)
    asked = network.colorization.queries_of(torch.from_numpy(film)[None, :, None], features, "fine")
    masses = untokens(attention_mass(asked.queries.vectors, asked.sources), asked.features)[0].movedim(1, -1)
    reach = network.colorization.reach(2)
    for index, frame in once.items():
        draws, other = frame.draws, pieces[index].draws
        assert draws is not None and other is not None
        np.testing.assert_allclose(draws.shares, masses[index].mean((0, 1)), atol=1e-5)
        np.testing.assert_allclose(other.shares, draws.shares, atol=1e-5)
        np.testing.assert_allclose(other.limits, draws.limits, rtol=1e-3, atol=1e-3)
        near = masses[max(0, index - reach) : index + reach + 1]
        assert (np.exp(draws.limits[:, 0]) > near.amax((0, 1, 2)).numpy() * 0.999 - 1e-6).all()
    assert once[0].draws is not None and once[0].draws.shares.argmax() == 0
    assert once[39].draws is not None and once[39].draws.shares.argmax() == 1


def test_shares_rise_no_more_than_is_said(
    network: RemasterNetwork, features: list[ReferenceFeatures], pictures: np.ndarray
) -> None:
    half = network.colorization
    repainted = encode_reference(network, colored(pictures[0], (0.2, 1, 0.3)))
    shifts = half.largest_shifts(features[0], repainted, [repainted, features[1]])
    allowed = half.largest_shifts(features[0], repainted, [])
    assert shifts is not None and allowed is not None and min(shifts) > 0
    assert all(one <= other for one, other in zip(shifts, allowed, strict=True))
    film = torch.from_numpy(pictures)[None, :, None] * 0.9 + 0.05
    layers: tuple[Layer, ...] = ("fine", "coarse")
    for layer, most in zip(layers, shifts, strict=True):
        similarity = (half.attend_fine if layer == "fine" else half.attend_coarse).similarity
        queries = half.queries_of(film, features, layer).queries
        keys = [each.fine if layer == "fine" else each.coarse for each in (features[0], repainted)]
        rise = similarity.reached(queries, keys[1]) - similarity.reached(queries, keys[0])
        assert 0 < rise.amax() <= most
    stronger = half.largest_shifts(features[0].weighed(0.5), features[0], [])
    assert stronger == pytest.approx((6 * np.log(2),) * 2), "scores rise by what it counts more"
    assert half.largest_shifts(features[0].weighed(0.5), features[0], features) == pytest.approx(stronger)
    assert half.largest_shifts(features[0], features[0].weighed(0.5), features) == pytest.approx((0, 0))
    other_size = encode_reference(network, colored(pictures[0], (1, 1, 1))[:32])
    assert half.largest_shifts(features[0], other_size, features) is None


def drawn(*limits: tuple[float, float, float, float]) -> Drawn:
    names = tuple("abcdef"[: len(limits)])
    shares = np.full(len(limits), 1 / max(1, len(limits)), np.float32)
    return Drawn(names, Draws(shares, np.array(limits, np.float32).reshape(-1, LIMITS)))


FAR, NEAR = (-30.0, -30.0, -30.0, -30.0), (-0.1, 0.0, -0.1, 0.0)


def test_only_what_draws_nothing_from_a_repainted_reference_stays() -> None:
    apart, shifts = drawn(FAR, NEAR), {("a", "x"): (2.0, 1.0), ("b", "y"): (0.1, 0.1)}
    assert is_unaffected(apart, ("a", "b"), {})
    assert is_unaffected(apart, ("x", "b"), shifts), "it draws nothing from a"
    assert not is_unaffected(apart, ("a", "y"), shifts), "it draws from b"
    assert not is_unaffected(apart, ("x", "b"), {}), "nobody knows how much scores rise"
    assert not is_unaffected(apart, ("x", "b"), {("a", "x"): (40.0, 0.0)}), "it may win by so much"
    assert not is_unaffected(apart, ("x", "b"), {("a", "x"): (0.0, 40.0)})
    elected = drawn((-30.0, np.log(MOST_ELECTED / 3), -30.0, -30.0), NEAR)
    assert is_unaffected(elected, ("x", "b"), {("a", "x"): (1.0, 0.0)})
    assert not is_unaffected(elected, ("x", "b"), {("a", "x"): (1.2, 0.0)}), (
        "others might be elected otherwise"
    )
    assert is_unaffected(apart, ("b",), {}) and not is_unaffected(apart, ("a",), {}), "one is taken away"
    assert not is_unaffected(apart, ("a", "b", "c"), {}), "a new one may help anywhere"
    assert not is_unaffected(apart, ("b", "a"), {}) and not is_unaffected(apart, (), {})
    assert is_unaffected(drawn(), (), {}) and not is_unaffected(drawn(), ("a",), {})


def test_votes_are_reckoned_with() -> None:
    """Rising by 2 a reference that the frame resembles so far gets six times as much more by votes."""
    about = np.log(TOLERANCE)
    few_votes = drawn((about - 3.0, -30.0, -30.0, -30.0), NEAR)
    votes = drawn((about - 3.0, -12.0, -30.0, -30.0), NEAR)
    shifts = {("a", "x"): (2.0, 0.0)}
    assert is_unaffected(few_votes, ("x", "b"), shifts)
    assert not is_unaffected(votes, ("x", "b"), shifts)


def test_what_has_become_of_references_is_told_by_their_places() -> None:
    assert changes("abc", "abc") == {}
    assert changes("abc", "axc") == {1: ("b", "x")}
    assert changes("abc", "ac") == {1: ("b", None)}
    assert changes("abc", "bac") is None and changes("abc", "xab") is None
    assert changes("abc", "ax") is None and changes("ab", "abc") is None


def test_sums_keep_the_largest_and_are_read_again() -> None:
    one, other = drawn(FAR, NEAR), drawn(NEAR, FAR)
    both = together(together(None, one, 0), other, 1)
    assert np.array_equal(both.draws.limits, np.float32([NEAR, NEAR]))
    assert both.draws.shares.sum() == 1
    plain = json.loads(json.dumps(both.as_dict()))
    again = Drawn.from_dict(plain)
    assert again.references == both.references and np.array_equal(again.draws.limits, both.draws.limits)
    assert both.named({"a": "z"}).references == ("z", "b")
    for damaged in (
        None, {}, plain | {"shares": [0.5]}, plain | {"limits": [[0.0] * 3] * 2}, plain | {"references": [1, 2]}
    ):  # fmt: skip
        with pytest.raises(ValueError):
            Drawn.from_dict(damaged)


def test_cells_tell_from_which_part_of_which_reference_a_frame_draws(
    network: RemasterNetwork, pictures: np.ndarray, features: list[ReferenceFeatures]
) -> None:
    # The frame is the second reference itself: each place is found where it lies.
    made = passed(network, features, pictures[1:2])[0]
    assert made.draws is not None and made.draws.cells is not None
    cells = [made.draws.cells.of_reference(number).reshape(ROWS, COLUMNS) for number in range(3)]
    assert sum(int(each.sum()) for each in cells) == pytest.approx(255, abs=CELLS)
    assert cells[1].sum() > 200 and (cells[1] > 0).all()


def _cells(*noted: tuple[int, int, float]) -> CellShares:
    """Of three references: number, cell, share."""
    shares = np.zeros((CELLS, 3), np.float32)
    for number, cell, share in noted:
        shares[cell, number] = share
    return CellShares.of_noted(shares)


def test_cells_are_few_and_follow_their_references() -> None:
    many = np.random.default_rng(4).random((CELLS, 40), np.float32)
    most = CellShares.of_noted(many)
    assert len(most.places) == MOST_CELLS and most.nbytes == 5 * MOST_CELLS
    assert most.shares.min() >= np.sort(np.rint(many.ravel() * 255))[-MOST_CELLS]
    assert (np.diff(most.places) > 0).all()
    cells = _cells((0, 3, 0.25), (2, 47, 0.5), (1, 0, 0.001))
    assert [int(cells.of_reference(number).sum()) for number in range(3)] == [64, 0, 128]
    draws = Draws(np.array([0.3, 0.1, 0.6], np.float32), np.full((3, LIMITS), -9, np.float32), cells)
    drawn = Drawn(("a", "b", "c"), draws)
    assert Drawn.from_dict(json.loads(json.dumps(drawn.as_dict()))).as_dict() == drawn.as_dict()
    left = drawn.of([2])
    found = left.cells_of("c".__eq__, ("c",))
    assert found is not None and found[47] == 128 and left.cells_of("a".__eq__, ("c",)) is None
    wider = among(draws, (1, 3, 4), 5).cells
    assert wider is not None and wider.of_reference(4)[47] == 128 and wider.of_reference(1)[3] == 64
    followed = taken_whole(draws, [2])
    assert followed.cells is cells and followed.limits[:, 0].tolist() == [-9, -9, 0]
    # Totals of several frames have none: they are noted with every part of a render.
    assert together(None, drawn, 0).draws.cells is None
    assert together(drawn, drawn, 1).draws.cells is None


@pytest.mark.parametrize(
    "cells",
    [
        {"places": [3], "shares": []},
        {"places": [3 * CELLS], "shares": [9]},
        {"places": [-1], "shares": [9]},
        {"places": [4, 4], "shares": [9, 9]},
        {"places": [4], "shares": [0]},
        {"places": [4], "shares": [256]},
        {"places": ["4"], "shares": [1]},
        {"places": list(range(MOST_CELLS + 1)), "shares": [1] * (MOST_CELLS + 1)},
        {"places": [4]},
        7,
    ],
)
def test_damaged_cells_are_refused(cells: object) -> None:
    draws = Draws(np.ones(3, np.float32) / 3, np.zeros((3, LIMITS), np.float32))
    said = Drawn(("a", "b", "c"), draws).as_dict() | {"cells": cells}
    with pytest.raises((ValueError, KeyError)):
        Drawn.from_dict(said)
