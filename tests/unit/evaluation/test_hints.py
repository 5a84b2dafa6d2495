from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.cli import main
from remaster_gui.evaluation.hints import HintReport, carried, measure_hints, strokes, to_csv, to_markdown
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.prior_weights import PRIOR_FORMAT

TRIALS = [
    "grey", "none", "none, vivid", "palette",
    "1 stroke", "1 stroke, spread", "1 stroke, optimised",
    "5 strokes", "5 strokes, spread", "5 strokes, optimised",
    "20 strokes", "20 strokes, spread", "20 strokes, optimised",
    "carried, alone", "carried",
]  # fmt: skip

PAINTED = (", spread", ", optimised")


@pytest.fixture(scope="module")
def prior() -> ColorPrior:
    """A prior that knows nothing: its chrominance is neutral whatever it sees."""
    torch.manual_seed(0)
    network = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1), 1, bins=12))
    torch.nn.init.zeros_(network.color.bias)
    return network.eval()


def pictures(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [
        np.kron(rng.integers(0, 256, (5, 6, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(count)
    ]


def measured(prior: ColorPrior, pictures: list[np.ndarray], **more: Any) -> HintReport:
    return complete(measure_hints(prior, pictures, len(pictures), size=32, **more))[0]


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_every_trial_is_measured_on_every_picture(prior: ColorPrior) -> None:
    report = measured(prior, pictures(3))
    assert [row.hints for row in report.rows] == TRIALS
    assert report.pictures == 3
    rows = {row.hints: row for row in report.rows}
    assert rows["none"].psnr == pytest.approx(rows["grey"].psnr)
    assert rows["none"].colorfulness == pytest.approx(0.0, abs=0.1)
    assert rows["carried, alone"].psnr > rows["grey"].psnr + 0.3
    assert 0 < rows["1 stroke"].hinted < rows["20 strokes"].hinted < 0.6
    for count in ("5 strokes", "20 strokes"):
        for how in PAINTED:
            assert rows[f"{count}{how}"].psnr > 0 and rows[f"{count}{how}"].colorfulness > 5
            assert rows[f"{count}{how}"].hinted == rows[count].hinted
    assert report.true_colorfulness > 50
    assert measured(prior, pictures(3)) == report
    of_the_prior = measured(prior, pictures(3), as_painted=False)
    assert of_the_prior.rows == tuple(row for row in report.rows if not row.hints.endswith(PAINTED))
    assert measured(prior, pictures(3), seed=6, as_painted=False) != of_the_prior


def test_strokes_show_the_true_colours_where_they_are() -> None:
    truth = torch.full((3, 2, 40, 60), 0.3)
    truth[..., 30:] = 0.6
    hints = strokes(truth, 6, generator())
    assert hints.chrominance.shape == truth.shape and hints.confidence.shape == (3, 1, 40, 60)
    assert set(hints.confidence.unique().tolist()) == {0.0, 1.0}
    inside = hints.confidence.expand_as(truth) > 0
    far = torch.ones(60, dtype=torch.bool)
    far[27:33] = False
    assert torch.allclose(hints.chrominance[..., far], truth[..., far])
    assert inside.any()
    assert not torch.equal(strokes(truth, 6, generator(2)).confidence, hints.confidence)


def test_what_is_carried_is_mostly_right_and_nowhere_sure_without_reason() -> None:
    truth = torch.rand(1, 2, 8, 12, generator=generator()).repeat_interleave(8, 2).repeat_interleave(8, 3)
    wrongness = []
    for seed in range(12):
        hints = carried(truth, generator(seed))
        known = hints.confidence > 0
        assert hints.confidence.min() >= 0 and hints.confidence.max() <= 1
        if known.any():
            error = (hints.chrominance - truth).abs().mean(1, keepdim=True)
            wrongness.append((error[known].median().item(), error.mean().item()))
    assert np.mean([median for median, _ in wrongness]) < 0.1
    assert max(mean for _, mean in wrongness) > 0.01


def test_reports_are_tables(prior: ColorPrior) -> None:
    report = measured(prior, pictures(1))
    lines = to_csv(report).splitlines()
    assert lines[0] == "hints,psnr,colorfulness,hinted" and len(lines) == 1 + len(TRIALS)
    assert lines[1].startswith("grey,")
    text = to_markdown(report, "a title")
    assert text.startswith("## a title") and "| 20 strokes |" in text and "Means over 1 pictures" in text


def test_without_pictures_there_is_nothing_to_measure(prior: ColorPrior) -> None:
    with pytest.raises(SettingsError, match="no picture to measure"):
        measured(prior, [])


def test_the_command_measures_packs_and_first_frames_of_films(
    prior: ColorPrior,
    tmp_path: Path,
    write_pack: Callable[[Path, list[np.ndarray]], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    weights = tmp_path / "prior.safetensors"
    PRIOR_FORMAT.save(prior, weights, licence="", metrics={})
    pack = write_pack(tmp_path / "pack", pictures(2))
    common = ["--task", "hints", "--weights", str(weights), "--size", "32", "--device", "cpu"]
    assert main(["evaluate", str(pack), *common, "--csv", str(tmp_path / "table.csv")]) == 0
    assert "Means over 2 pictures" in capsys.readouterr().out
    assert (tmp_path / "table.csv").read_text().count("\n") == 1 + len(TRIALS)
    assert main(["evaluate", str(tmp_path / "absent.bin"), *common]) == 2
    assert "no pack of photographs" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path), "--task", "colorization"]) == 2
    assert "name one with --protocol" in capsys.readouterr().err


def test_neutral_hints_stay_neutral() -> None:
    truth = torch.full((1, 2, 32, 32), NEUTRAL)
    for hints in (strokes(truth, 3, generator()), carried(truth, generator())):
        assert torch.allclose(hints.chrominance, truth)
