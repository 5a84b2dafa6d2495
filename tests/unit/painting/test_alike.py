"""What is alike in a picture: by features where colours are the same, by colours where features are."""

import numpy as np
import pytest

from remaster_gui.base.packed_regions import LONGEST
from remaster_gui.painting.alike import described, distances, within


@pytest.fixture
def quarters() -> tuple[np.ndarray, np.ndarray]:
    """A picture, red on the left and blue on the right, and features that tell its upper from its lower half."""
    picture = np.zeros((96, 128, 3), np.uint8)
    picture[:, :64], picture[:, 64:] = (180, 60, 40), (40, 80, 180)
    features = np.zeros((12, 16, 8), np.float32)
    features[:6, :, 2], features[6:, :, 5] = 7.0, 7.0
    return picture, features


def test_features_and_colors_count_both(quarters: tuple[np.ndarray, np.ndarray]) -> None:
    known = described(*quarters)
    mask = within(distances(known, 0.2, 0.2), 0.3)
    assert mask[:40, :56].all() and not mask[:, 72:].any() and not mask[56:].any()
    alone = described(quarters[0], np.zeros((12, 16, 8), np.float32))
    assert within(distances(alone, 0.2, 0.2), 0.3)[:, :56].all(), "without features colours decide"


def test_a_larger_tolerance_takes_more_and_the_largest_place_counts(
    quarters: tuple[np.ndarray, np.ndarray],
) -> None:
    found = distances(described(*quarters), 1.0, 1.0)
    shares = [within(found, tolerance).mean() for tolerance in (0.05, 0.3, 0.6, 1.0)]
    assert shares == sorted(shares) and shares[0] > 0
    assert within(found, 0.05)[90, 120]


def test_large_pictures_are_described_on_the_grid_of_regions(
    quarters: tuple[np.ndarray, np.ndarray],
) -> None:
    large = np.kron(quarters[0], np.ones((10, 10, 1), np.uint8))
    known = described(large, quarters[1])
    assert distances(known, 0.2, 0.2).shape == (LONGEST * 3 // 4, LONGEST)
    assert known.nbytes < 5_000_000
