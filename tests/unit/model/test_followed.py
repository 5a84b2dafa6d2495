"""Colours that were followed count by how well their luminance fits, beside that of what attention found."""

from __future__ import annotations

import math

import pytest
import torch

from remaster_gui.model.followed import BROUGHT, SIDES, followed_share, judged

LUMINANCE = torch.full((1, 2, 1, 16, 24), 0.5)


def brought(*sides: tuple[float, float, float, float]) -> torch.Tensor:
    """Planes of one colour each: luminance, chrominance, strength and nearness of a side."""
    planes = torch.zeros(1, 2, SIDES * BROUGHT, 16, 24)
    for number, (luminance, color, strength, near) in enumerate(sides):
        values = torch.tensor([luminance, color, -color, strength, near])
        planes[:, :, BROUGHT * number : BROUGHT * (number + 1)] = values[:, None, None]
    return planes


def test_of_two_sides_the_one_counts_more_that_fits_better_or_lies_nearer() -> None:
    fits = judged(brought((0.5, 0.1, 1, 0.1), (0.6, 0.3, 1, 0.1)), LUMINANCE)
    assert fits.color[0, 0, 0].mean() == pytest.approx(0.1, abs=0.002)
    near = judged(brought((0.5, 0.1, 1, 1 / 4), (0.5, 0.3, 1, 1 / 12)), LUMINANCE)
    assert near.color[0, 0, 0].mean() == pytest.approx(0.15, abs=1e-5)
    assert judged(brought((0.5, 0.1, 0.0, 1)), LUMINANCE).strength.amax() == 0


def test_what_was_followed_is_trusted_by_its_misfit_beside_that_of_what_was_found() -> None:
    def share(luminance: float, misfit: float, count: float = 1.0) -> float:
        followed = judged(brought((luminance, 0.1, count, 0.2)), LUMINANCE)
        return float(followed_share(followed, torch.full_like(LUMINANCE, misfit)).mean())

    assert share(0.52, 0.02) == pytest.approx(1 / (1 + math.exp(-0.4)), abs=1e-4)
    assert share(0.5, 0.02) > 0.9 > share(0.52, 0.02) > 0.1 > share(0.7, 0.02)
    assert share(0.52, 0.02, 0.5) == pytest.approx(0.5 * share(0.52, 0.02))
    assert share(0.52, 0.02, 0.0) == 0
