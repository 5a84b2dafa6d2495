from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from remaster_gui.base.color import NEUTRAL, lab_to_rgb, rgb_to_lab
from remaster_gui.base.errors import SettingsError
from remaster_gui.training.augmentation import Alteration, AlterationTarget, Augmentation
from remaster_gui.training.degradation import ALIGNED
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.samples import (
    MatchingReferences,
    PaperReferences,
    Sample,
    SampleMaker,
    SampleSettings,
)

Identify = Callable[[np.ndarray], tuple[int, int]]

PLAIN = (
    Augmentation(Alteration.SCALING, AlterationTarget.SOURCE_AND_TARGET, 1.0, 60, 100),
    Augmentation(Alteration.SCALING, AlterationTarget.REFERENCE, 1.0, 60, 80),
)
"""A table that leaves the colours alone."""

PAPER = SampleSettings(length=3, crop=32, reference_crop=24, degraded=False, table=PLAIN)
MATCHING = replace(PAPER, reference_crop=32, references=MatchingReferences(hue=0.0, tone=0.0))


def draw(library: ClipLibrary, settings: SampleSettings, seed: int, references: int | None = None) -> Sample:
    maker = SampleMaker(library, settings)
    rng = np.random.default_rng(seed)
    count = settings.references.count(rng) if references is None else references
    return maker.sample(rng, count)


def rgb_of(sample: Sample, frame: int) -> np.ndarray:
    return lab_to_rgb(sample.luminance[frame], sample.chrominance[frame])


def test_shapes_and_types(library: ClipLibrary) -> None:
    sample = draw(library, replace(PAPER, degraded=True), 0, references=2)
    shapes = {"luminance": (3, 32, 32), "chrominance": (3, 32, 32, 2), "degraded": (3, 32, 32)}
    shapes |= {"references": (2, 24, 24, 3)}
    for name, shape in shapes.items():
        array = getattr(sample, name)
        assert array.shape == shape
        assert array.dtype == np.float32
        assert array.min() >= 0
        assert array.max() <= 1
    none = draw(library, PAPER, 0, references=0)
    assert none.references.shape == (0, 24, 24, 3)


def test_frames_are_neighbours(library: ClipLibrary, identify: Identify) -> None:
    firsts = set()
    for seed in range(30):
        sample = draw(library, PAPER, seed)
        found = [identify(rgb_of(sample, frame)) for frame in range(3)]
        film = int(sample.clip.removeprefix("film").removesuffix(".mkv"))
        assert found == [(film, sample.first + frame) for frame in range(3)]
        firsts.add(sample.first)
    assert len(firsts) > 8


def test_paper_references_come_from_nearby_and_anywhere(library: ClipLibrary, identify: Identify) -> None:
    distances, others = [], set()
    for seed in range(60):
        sample = draw(library, PAPER, seed, references=4)
        film = int(sample.clip.removeprefix("film").removesuffix(".mkv"))
        near, *rest = [identify(reference) for reference in sample.references]
        assert near[0] == film
        distances.append(max(sample.first - near[1], near[1] - sample.first - 2, 0))
        others |= set(rest)
    assert max(distances) == 5
    assert len({other[0] for other in others}) == 4
    assert len({other[1] for other in others}) > 15


def test_paper_counts_are_uniform_from_0_to_6(library: ClipLibrary) -> None:
    maker = SampleMaker(library, PAPER)
    counts = np.bincount(
        [maker.settings.references.count(np.random.default_rng(seed)) for seed in range(1400)]
    )
    assert len(counts) == 7
    assert counts.min() > 150


def test_matching_references_show_the_source_then_others(library: ClipLibrary, identify: Identify) -> None:
    within = replace(MATCHING, references=MatchingReferences(within=4, hue=0.0, tone=0.0))
    distances, films = [], set()
    for seed in range(60):
        sample = draw(library, within, seed, references=3)
        film = int(sample.clip.removeprefix("film").removesuffix(".mkv"))
        near, *rest = [identify(reference) for reference in sample.references]
        assert near[0] == film
        distances.append(max(sample.first - near[1], near[1] - sample.first - 2, 0))
        films |= {other[0] for other in rest}
    assert max(distances) == 4
    assert films == {0, 1, 2, 3}


def test_matching_counts(library: ClipLibrary) -> None:
    settings = replace(MATCHING, references=MatchingReferences(distractors=2, absent=0.2))
    maker = SampleMaker(library, settings)
    counts = np.bincount(
        [maker.settings.references.count(np.random.default_rng(seed)) for seed in range(1000)]
    )
    assert len(counts) == 4
    assert 0.15 < counts[0] / 1000 < 0.25
    assert counts[1:].min() > 200


def test_hues_turn_together_and_luminance_stays(library: ClipLibrary) -> None:
    turned = replace(MATCHING, references=MatchingReferences(within=0, hue=1.0, tone=0.0))
    angles = []
    for seed in range(20):
        plain, sample = (draw(library, settings, seed, references=1) for settings in (MATCHING, turned))
        assert np.array_equal(plain.luminance, sample.luminance)
        here, there = sample.chrominance[1].mean((0, 1)), rgb_to_lab(sample.references[0])[1].mean((0, 1))
        # The reference is at most two frames away: nearly the same colour, and turned by the same angle.
        assert np.abs(here - there).max() < 0.05
        angles.append(float(np.arctan2(*(here - NEUTRAL))))
    assert np.ptp(angles) > 2


def test_tones_change_the_source_alone(library: ClipLibrary) -> None:
    toned = replace(MATCHING, references=MatchingReferences(hue=0.0, tone=1.0))
    plain, sample = (draw(library, settings, 5, references=1) for settings in (MATCHING, toned))
    assert not np.allclose(plain.luminance, sample.luminance, atol=0.01)
    assert np.array_equal(plain.chrominance, sample.chrominance)
    assert np.array_equal(plain.references, sample.references)


def test_source_and_target_share_their_rows(library: ClipLibrary) -> None:
    """With rows for (x, y) and no damage, x is y."""
    table = (*PLAIN, Augmentation(Alteration.BRIGHTNESS, AlterationTarget.SOURCE_AND_TARGET, 1.0, 0.8, 0.8))
    settings = replace(PAPER, table=table, degraded=True, strength=ALIGNED.times(0))
    sample, plain = draw(library, settings, 2, references=0), draw(library, PAPER, 2, references=0)
    assert np.allclose(sample.degraded, sample.luminance, atol=1e-6)
    assert (rgb_of(sample, 0) / rgb_of(plain, 0)).mean() == pytest.approx(0.8, abs=0.01)


def test_each_reference_has_rows_of_its_own(library: ClipLibrary) -> None:
    table = (*PLAIN, Augmentation(Alteration.SATURATION, AlterationTarget.REFERENCE, 0.5, 0.0, 0.0))
    sample = draw(library, replace(PAPER, table=table), 4, references=12)
    grey = [bool(np.ptp(reference, axis=-1).max() < 0.02) for reference in sample.references]
    assert 2 <= sum(grey) <= 10
    assert np.ptp(rgb_of(sample, 0), axis=-1).max() > 0.05


def test_samples_are_functions_of_the_generator(library: ClipLibrary) -> None:
    for settings in (replace(PAPER, degraded=True), replace(MATCHING, degraded=True, weave=0.7)):
        first, again, other = (draw(library, settings, seed, references=2) for seed in (8, 8, 9))
        for field in fields(Sample):
            assert np.array_equal(getattr(first, field.name), getattr(again, field.name))
        assert not np.array_equal(first.degraded, other.degraded)


def test_wrong_settings_are_said(library: ClipLibrary) -> None:
    with pytest.raises(SettingsError, match="same size"):
        SampleSettings(crop=128, reference_crop=64, references=MatchingReferences())
    with pytest.raises(SettingsError, match="does not fit"):
        draw(library, replace(PAPER, crop=200), 0)
    with pytest.raises(SettingsError, match="frames"):
        SampleMaker(library, replace(PAPER, length=25))
    assert isinstance(SampleSettings().references, PaperReferences)
