"""Simulated farms: what they lose is what waits, starts and is joined."""

from __future__ import annotations

import pytest

from remaster_gui.benchmarks.farm_times import FarmCosts, simulate


def test_without_any_cost_but_the_parts_workers_share_the_time() -> None:
    costs = FarmCosts([100], [0.5], starting=0.0, handing=0.0, joining=0.0)
    one, four = simulate(costs, (1, 4), frames=1600)
    assert (one.seconds, one.efficiency) == (pytest.approx(800), pytest.approx(1))
    assert (four.seconds, four.efficiency) == (pytest.approx(200), pytest.approx(1))


def test_what_waits_starts_and_is_joined_costs_time() -> None:
    """Three parts on two workers, the longest first: 60 and 60 + 20 frames, of a second each."""
    costs = FarmCosts([60, 20, 60], [1.0], starting=5.0, handing=0.5, joining=0.1)
    (two,) = simulate(costs, (2,), frames=140)
    assert two.seconds == pytest.approx(5 + 0.5 + 60 + 0.5 + 20 + 14)
    assert two.efficiency == pytest.approx((5 + 140 + 14) / (2 * two.seconds))


def test_more_workers_than_parts_are_of_no_use() -> None:
    costs = FarmCosts([600], [0.1, 0.2], starting=1.0, handing=0.01, joining=0.0)
    found = simulate(costs, (4, 64), frames=2400)
    assert found[1].seconds == pytest.approx(found[0].seconds) and found[1].efficiency < 0.1
