from math import atan2, degrees

import cv2
import numpy as np
import pytest

from remaster_gui.ui.viewer.scope_data import (
    CHROMA_BINS,
    COLUMNS,
    LARGEST,
    LEVELS,
    SKIN_TONE_DEGREES,
    chroma_of,
    compute,
    describe_chroma,
    skin_tone_end,
    targets,
    trace,
)


def plain(*rgb: int, height: int = 40, width: int = 60) -> np.ndarray:
    return np.full((height, width, 3), rgb, np.uint8)


def peak_of(counts: np.ndarray) -> tuple[float, float]:
    """Cb and Cr of the vectorscope's brightest bin."""
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    return (column + 0.5) / CHROMA_BINS - 0.5, 0.5 - (row + 0.5) / CHROMA_BINS


def test_grey_of_any_level_lies_in_the_middle() -> None:
    for level in (0, 1, 127, 255):
        cb, cr = peak_of(compute(plain(level, level, level)).vectorscope)
        assert abs(cb) <= 1 / CHROMA_BINS and abs(cr) <= 1 / CHROMA_BINS


@pytest.mark.parametrize(
    ("name", "rgb"), [("R", (191, 0, 0)), ("C", (0, 191, 191)), ("B", (0, 0, 191)), ("Y", (191, 191, 0))]
)
def test_75_percent_bars_lie_in_their_targets(name: str, rgb: tuple[int, int, int]) -> None:
    target = next(target for target in targets() if target.name == name)
    cb, cr = peak_of(compute(plain(*rgb)).vectorscope)
    assert (cb, cr) == (pytest.approx(target.cb, abs=0.004), pytest.approx(target.cr, abs=0.004))


def test_full_primaries_reach_the_end_of_the_axes() -> None:
    assert chroma_of(1, 0, 0)[1] == pytest.approx(0.5) and chroma_of(0, 0, 1)[0] == pytest.approx(0.5)
    assert chroma_of(0.3, 0.3, 0.3) == (pytest.approx(0), pytest.approx(0))


def test_the_skin_tone_line_meets_skin() -> None:
    cb, cr = skin_tone_end(0.5)
    assert degrees(atan2(cr, cb)) == pytest.approx(SKIN_TONE_DEGREES)
    # Dark and light skin of the ColorChecker.
    for red, green, blue in ((115, 82, 68), (194, 150, 130)):
        cb, cr = chroma_of(red / 255, green / 255, blue / 255)
        assert degrees(atan2(cr, cb)) == pytest.approx(SKIN_TONE_DEGREES, abs=3)


def test_the_waveform_follows_luma_along_the_picture() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None], 32, axis=0)
    waveform = compute(cv2.merge([ramp] * 3)).waveform
    assert waveform.shape == (LEVELS, COLUMNS)
    assert (LEVELS - 1 - waveform.argmax(axis=0) == np.arange(256)).all()


def test_luma_is_that_of_bt709() -> None:
    waveform = compute(plain(0, 255, 0)).waveform
    assert LEVELS - 1 - int(waveform.sum(axis=1).argmax()) == pytest.approx(0.7152 * 255, abs=1)


def test_the_parade_has_red_green_and_blue_in_their_order() -> None:
    parade = compute(plain(200, 100, 50)).parade
    assert [LEVELS - 1 - int(part.sum(axis=1).argmax()) for part in parade] == [200, 100, 50]


def test_the_histogram_counts_all_pixels_once() -> None:
    picture = plain(10, 20, 30)
    picture[:10] = 250
    histogram = compute(picture).histogram
    assert histogram.sum(axis=1) == pytest.approx([1, 1, 1, 1], abs=1e-5)
    assert histogram[0, 10] == pytest.approx(0.75) and histogram[2, 250] == pytest.approx(0.25)


def test_sixteen_bits_and_single_pixels_are_measured_too() -> None:
    deep = plain(200, 100, 50).astype(np.uint16) * 257
    assert np.array_equal(compute(deep).parade, compute(plain(200, 100, 50)).parade)
    assert compute(plain(1, 2, 3, height=1, width=1)).vectorscope.sum() > 0.9


def test_large_pictures_are_thinned_without_inventing_colours() -> None:
    checks = np.indices((1080, 1920)).sum(axis=0) % 2
    picture = np.where(checks[..., None], 255, 0).astype(np.uint8).repeat(3, axis=2)
    histogram = compute(picture).histogram[3]
    assert np.flatnonzero(histogram).tolist() == [0, 255]


def test_counts_are_read_only() -> None:
    pictures = compute(plain(1, 2, 3))
    for array in (pictures.vectorscope, pictures.waveform, pictures.parade, pictures.histogram):
        assert not array.flags.writeable


def test_few_pixels_are_seen_beside_many_and_brightness_helps() -> None:
    counts = np.zeros((256, 256), np.float32)
    counts[0, 0], counts[0, 1] = 0.9, 0.00001
    usual, bright = trace(counts, 0.5), trace(counts, 1.0)
    assert usual[0, 0] > 240 and 20 < usual[0, 1] < bright[0, 1] and usual[5, 5] == 0


def test_places_are_described_for_colourists() -> None:
    assert describe_chroma(0.0, 0.25) == "saturation 50\N{NO-BREAK SPACE}% · hue 90°"


@pytest.mark.parametrize("size", [(100, 100), (768, 1024), (2000, 3000)])
def test_of_large_pictures_no_more_is_counted_than_of_small_ones(size: tuple[int, int]) -> None:
    counts = compute(np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)).waveform
    counted = 1 / counts[counts > 0].min()  # some levels of some columns are met once in the noise
    assert counted == pytest.approx(min(LARGEST, size[0] * size[1]), rel=0.01)
