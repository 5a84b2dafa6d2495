from __future__ import annotations

import cv2
import numpy as np
import pytest

from remaster_gui.base.guided import Enlarged, upsample_chrominance


@pytest.mark.parametrize("size", [(60, 90), (37, 53), (12, 16)])
def test_rows_come_as_the_whole_picture_does(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    chrominance = rng.random((12, 16, 2), np.float32)
    luminance = rng.random(size, np.float32)
    height, width = size
    whole = upsample_chrominance(chrominance, luminance)
    small = cv2.resize(luminance, (16, 12), interpolation=cv2.INTER_AREA)
    enlarged = Enlarged(chrominance, small, width, height)
    for rows in (slice(0, 5), slice(5, height - 1), slice(height - 1, height)):
        np.testing.assert_allclose(enlarged.rows(rows, luminance[rows]), whole[rows], atol=2e-3)
