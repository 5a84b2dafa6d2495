"""What ``remaster-gui bench`` compares is the same arithmetic, and its table is complete."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest
import torch

from remaster_gui.benchmarks import stage_times
from remaster_gui.benchmarks.stage_times import (
    SCHEMES,
    STAGES,
    Measured,
    SchemeName,
    Setup,
    as_authors,
    matrix_rate,
    measure,
    measure_apart,
    operation_counter,
)
from remaster_gui.cli import main
from remaster_gui.engine.sizes import Size
from remaster_gui.model import ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig
from remaster_gui.model.attention import KeyValues, attend
from remaster_gui.model.precision import FULL, best_precision

COLUMNS = {
    *("network", "device", "precision", "width", "height", "references", "scheme", "stage"),
    *("ms_per_frame", "peak_rss_mb", "peak_device_mb"),
}


@pytest.fixture
def network() -> RemasterNetwork:
    torch.manual_seed(2)
    config = ModelConfig(
        "tiny", RestorationConfig(width=1 / 16), ColorizationConfig(width=1 / 16, key_channels=8)
    )
    network = RemasterNetwork(config).eval()
    for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
        if name.endswith("gamma"):
            torch.nn.init.constant_(tensor, 0.5)
        elif name.endswith("running_var"):
            torch.nn.init.uniform_(tensor, 0.5, 1.5)
    return network


def test_the_authors_way_of_computing_gives_the_same_numbers(network: RemasterNetwork) -> None:
    other = as_authors(copy.deepcopy(network))
    frames, references = torch.rand(1, 1, 5, 48, 64), torch.rand(1, 2, 3, 64, 48)
    with torch.no_grad():
        assert torch.allclose(network.restore(frames), other.restore(frames), atol=1e-5)
        assert torch.allclose(
            network.colorize(frames, references), other.colorize(frames, references), atol=1e-5
        )


@pytest.fixture(scope="module")
def measured_in(full_weights: Path) -> Callable[[str, int], Measured]:
    """Measure a scheme with a number of references, each once."""
    return cache(
        lambda scheme, count: measure(Setup(str(full_weights), Size(96, 64), count, scheme), windows=1)
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_stage_is_measured(measured_in: Callable[[str, int], Measured], scheme: str) -> None:
    measured = measured_in(scheme, 1)
    assert [row.stage for row in measured.rows] == [*STAGES, "total"]
    assert all(row.ms_per_frame > 0 and row.peak_rss_mb > 0 for row in measured.rows)
    assert measured.rows[-1].ms_per_frame == pytest.approx(
        sum(row.ms_per_frame for row in measured.rows[:-1])
    )
    assert measured.gflop_per_frame > 0


def test_references_cost_the_authors_scheme_more(measured_in: Callable[[str, int], Measured]) -> None:
    """Encoding is paid for each block of five there, and once for the film here."""
    flops = {
        (scheme, count): measured_in(scheme, count).gflop_per_frame
        for scheme in ("ours", "authors")
        for count in (1, 2)
    }
    assert flops["authors", 2] - flops["authors", 1] > 10 * (flops["ours", 2] - flops["ours", 1])


def test_attention_to_many_references_is_counted_in_full() -> None:
    """References are attended to one after another, which costs as many operations as all of them at once."""
    queries = torch.rand(1, 30, 8)
    sources = [KeyValues(torch.rand(1, 20, 8), torch.rand(1, 20, 16)) for _ in range(3)]
    with torch.inference_mode(), operation_counter() as counter:
        attend(queries, sources)
    assert counter.get_total_flops() == 2 * 30 * 60 * (8 + 16)


def test_the_matrix_rate_is_a_rate() -> None:
    assert 0.1 < matrix_rate() < 1e6


def test_a_setup_is_measured_in_a_process_of_its_own(full_weights: Path) -> None:
    measured = measure_apart(Setup(str(full_weights), Size(96, 64), 1, "unfilled"), windows=1, threads=1)
    assert [row.stage for row in measured.rows] == [*STAGES, "total"]
    assert all(set(asdict(row)) == COLUMNS for row in measured.rows)
    assert measured.share_of_matrix_rate > 0


def test_the_command_writes_rows(
    measured_in: Callable[[str, int], Measured],
    full_weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of every scheme; measured here, as each process of its own would import all libraries anew."""

    def measured(setup: Setup, windows: int, threads: int | None) -> Measured:
        assert (setup.weights, setup.size, windows, threads) == (str(full_weights), Size(96, 64), 1, None)
        return measured_in(setup.scheme, setup.references)

    monkeypatch.setattr(stage_times, "measure_apart", measured)
    out = tmp_path / "bench.json"
    arguments = [
        "--weights",
        full_weights,
        "--sizes",
        "96x64",
        "--references",
        "1",
        "--windows",
        "1",
        "--json",
        out,
    ]
    assert main(["bench", *map(str, arguments)]) == 0
    rows = json.loads(out.read_text())
    assert len(rows) == 3 * (len(STAGES) + 1)
    assert all(set(row) == COLUMNS for row in rows)
    assert {(row["device"], row["precision"], row["peak_device_mb"]) for row in rows} == {
        ("cpu", "float32", 0)
    }
    assert "x" in capsys.readouterr().out


@pytest.mark.cuda
@pytest.mark.parametrize("scheme", ["ours", "authors"])
def test_a_gpu_gives_the_same_rows(full_weights: Path, cuda: torch.device, scheme: SchemeName) -> None:
    rows = measure(Setup(str(full_weights), Size(96, 64), 1, scheme, str(cuda)), windows=1).rows
    assert [row.stage for row in rows] == [*STAGES, "total"]
    assert rows[0].precision == (best_precision(cuda) if scheme == "ours" else FULL).name
    assert rows[-1].peak_device_mb > 0


def test_a_device_that_is_not_there_is_told(full_weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--weights", str(full_weights), "--device", "toaster"]) == 2
    assert "toaster" in capsys.readouterr().err
