"""The paper's tables: measured with tiny networks on tiny films, written in three formats."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.base.notices import Progress, Update
from remaster_gui.cli import main
from remaster_gui.evaluation import comparison, comparison_report, paper_tables
from remaster_gui.evaluation.comparison import RivalMethods, rival_names, weights_method
from remaster_gui.evaluation.measuring import Row
from remaster_gui.evaluation.methods import LabPicture, Problem, copy, unchanged
from remaster_gui.evaluation.paper_tables import TABLES, Comparison, Entry, ProtocolResult, Table
from remaster_gui.evaluation.protocols import LONG, SHORT
from remaster_gui.model import NARROW, RemasterNetwork, save_network
from remaster_gui.model.rivals import systems
from remaster_gui.model.rivals.dncnn import DnCNNConfig
from remaster_gui.model.rivals.vondrick import VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSRConfig
from remaster_gui.model.rivals.zhang import ZhangConfig

SMALL = {
    "dncnn": DnCNNConfig(0.13, 3),
    "wdsr": WDSRConfig(0.25, 1),
    "vondrick": VondrickConfig(0.03),
    "zhang": ZhangConfig(0.03),
}


@pytest.fixture(scope="module")
def films(
    tmp_path_factory: pytest.TempPathFactory,
    panned: Callable[..., np.ndarray],
    write_film: Callable[[Path, np.ndarray], None],
) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "one.mkv", panned(2, 32, 48, step=1, seed=1))
    write_film(folder / "two.mkv", panned(2, 32, 48, step=2, seed=2))
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights as the rivals' one is, with tiny networks that have learned nothing."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("rivals")
    for name, config in SMALL.items():
        metrics = {"processor_minutes": 4.0}
        systems.RIVAL_FORMAT.save(
            systems.build(config), folder / f"{name}.safetensors", licence="", metrics=metrics
        )
    narrow = replace(
        NARROW,
        restoration=replace(NARROW.restoration, width=0.03),
        colorization=replace(NARROW.colorization, width=0.03, key_channels=8),
    )
    for name in (
        "narrow",
        "narrow-joint",
        "narrow-without-self-attention",
        "narrow-without-skip-and-temporal",
    ):
        metrics = {"processor_minutes": 8.0 if name == "narrow-joint" else 4.0}
        save_network(RemasterNetwork(narrow), folder / f"{name}.safetensors", licence="", metrics=metrics)
    return folder


def row(clip: str, psnr: float, frames: int = 20) -> Row:
    return Row(clip, "x", frames, 1, psnr, 0.5, 1.0, 30.0, 5.0, 0.01)


def compared(*psnrs: tuple[float, ...]) -> Comparison:
    entries = tuple(Entry(f"number {n}", f"m{n}", {"90": 30.0 + n} if n else None) for n in range(len(psnrs)))
    rows = tuple(tuple(row(f"clip {n}", value) for n, value in enumerate(values)) for values in psnrs)
    truth = tuple(row(f"clip {n}", 100.0) for n in range(len(psnrs[0])))
    table = Table(6, "Colours", "colorization", (SHORT,), entries)
    films = tuple(f"clip {n}" for n in range(len(psnrs[0])))
    return Comparison(
        table, (ProtocolResult(SHORT, rows, truth),), ("4 min",) + ("",) * (len(psnrs) - 1), 96, films
    )


def test_tables_are_the_papers() -> None:
    assert {number: table.task for number, table in TABLES.items()} == {
        4: "remastering",
        5: "restoration",
        6: "colorization",
    }
    assert TABLES[4].entries[0].paper == {"90": 27.13, "300": 27.31}
    assert TABLES[4].entries[5].paper == {"90": 30.83, "300": 31.14}
    assert [entry.paper for entry in TABLES[5].entries[:4]] == [
        {"300": n} for n in (25.08, 24.49, 24.73, 26.13)
    ]
    assert TABLES[6].entries[4].paper == {"90": 34.94, "300": 36.26}
    for table in TABLES.values():
        for entry in table.entries:
            known = {comparison.NETWORK, *rival_names(table.task), *comparison.METHODS[table.task]}
            assert entry.method in known


def test_means_errors_and_clips_won() -> None:
    result = compared((30.0, 32.0, 31.0), (31.0, 31.0, 31.0))
    [first, second] = comparison_report.rows_of(result, result.results[0])
    assert first == ("number 0", "20", "1", "-", "31.00", "0.58", "0.500", "0.0100", "30.0", "4 min")
    assert second[3:6] == ("31.00", "31.00", "0.00") and second[-1] == "-"
    assert result.results[0].won(0, 1) == 1 and result.results[0].won(1, 0) == 1
    data = json.loads(comparison_report.to_json(result))
    pair = data["protocols"]["90"]["pairs"]
    assert pair == [{"first": "number 0", "second": "number 1", "first_won": 1, "second_won": 1}]
    assert data["protocols"]["90"]["rows"][0]["clips"] == {"clip 0": 30.0, "clip 1": 32.0, "clip 2": 31.0}
    page = comparison_report.to_markdown(result)
    assert "| 1 number 0 |  | 1 |" in page and "3 of 3 clips are shorter than 90 frames" in page
    rows = list(csv.DictReader(comparison_report.to_csv(result).splitlines()))
    assert [line["paper"] for line in rows] == ["-", "31.00"]


def test_protocols_that_ask_the_same_of_a_film_are_run_once(films: Path) -> None:
    runs: list[Problem] = []

    def counted(problem: Problem) -> Iterator[LabPicture]:
        runs.append(problem)
        return copy(problem)

    table = Table(6, "", "colorization", (SHORT, LONG), (Entry("a", "counted"), Entry("b", "grey")))
    methods = {"counted": counted, "grey": unchanged}
    names = sorted(films.glob("*.mkv"))
    comparisons: list[Comparison] = []

    def measuring() -> Iterator[Update]:
        work = paper_tables.measure(table, names, methods, {"counted": "1 min"}, size=32, degrade=None)
        comparisons.append((yield from work))

    told = list(measuring())
    (measured,) = comparisons
    assert len(runs) == 2
    short, long = measured.results
    assert short.rows == long.rows and [each.clip for each in short.rows[0]] == ["one.mkv", "two.mkv"]
    assert [each.psnr for each in short.rows[0]] > [each.psnr for each in short.rows[1]]
    assert measured.training == ("1 min", "")
    said = [(each.done, each.total, each.doing) for each in told if isinstance(each, Progress)]
    assert len(said) == len(told)
    assert said == [
        (0, 8, "one.mkv: a"),
        (1, 8, "one.mkv: b"),
        (4, 8, "two.mkv: a"),
        (5, 8, "two.mkv: b"),
    ]


@pytest.mark.parametrize("number", TABLES)
def test_the_command_prints_a_table(
    number: int, films: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = tmp_path / "network.safetensors"
    network.symlink_to(weights / "narrow.safetensors")
    monkeypatch.setattr(comparison, "resolve_weights", lambda _: network)
    monkeypatch.setattr(comparison, "weights_folder", lambda: weights.parent)
    monkeypatch.setattr(comparison, "FOLDER", weights.name)
    outputs = [tmp_path / f"table.{suffix}" for suffix in ("csv", "md", "json")]
    options = [f"--{n}={path}" for n, path in zip(("csv", "markdown", "json"), outputs, strict=True)]
    arguments = [
        "evaluate",
        str(films),
        "--table",
        str(number),
        "--size",
        "32",
        "--limit",
        "1",
        "--device",
        "cpu",
    ]
    assert main([*arguments, *options]) == 0
    data = json.loads(outputs[2].read_text())
    table = TABLES[number]
    assert list(data["protocols"]) == [protocol.name for protocol in table.protocols]
    for protocol in data["protocols"].values():
        assert [line["approach"] for line in protocol["rows"]] == [entry.approach for entry in table.entries]
        by_method = {line["method"]: line for line in protocol["rows"]}
        minutes = 8 if number == 4 else 4
        assert (
            by_method["narrow"]["training"] == f"{minutes} min"
            and by_method["network"]["training"] == "about 4 h"
        )
        if number == 4:
            assert by_method["wdsr+zhang"]["training"] == by_method["narrow-joint"]["training"] == "8 min"
        assert all(1 < line["psnr"] <= 100 for line in protocol["rows"])
    assert outputs[1].read_text().startswith(f"## Table {number}.")
    assert len(outputs[0].read_text().splitlines()) == 1 + len(table.entries) * len(table.protocols)


def test_rivals_are_methods_by_name(
    films: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "weights_folder", lambda: weights.parent)
    monkeypatch.setattr(comparison, "FOLDER", weights.name)
    out = tmp_path / "out.csv"
    common = ["evaluate", str(films), "--protocol", "90", "--size", "32", "--limit", "1", "--csv", str(out)]
    assert main([*common, "--task", "remastering", "--methods", "wdsr+vondrick,input+grey"]) == 0
    with out.open(newline="") as file:
        assert [line["method"] for line in csv.DictReader(file)] == ["wdsr+vondrick", "input+grey"] * 2
    rival = ["--methods", "network", "--weights", str(weights / "zhang.safetensors")]
    assert main([*common, "--task", "colorization", *rival]) == 0


def test_what_no_rival_does_is_told(weights: Path, tmp_path: Path) -> None:
    rivals = RivalMethods(torch.device("cpu"), weights)
    with pytest.raises(
        SettingsError, match=r"no method “zhang” for restoration; choose from network, input.*dncnn"
    ):
        rivals.method("restoration", "zhang")
    with pytest.raises(SettingsError, match="only restores; use it with --task restoration"):
        weights_method(weights / "dncnn.safetensors", torch.device("cpu"), "colorization")
    with pytest.raises(WeightsError, match="not of an installed package"):
        RivalMethods(torch.device("cpu"), tmp_path).method("restoration", "dncnn")


def test_a_table_says_itself_what_is_measured(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(films), "--table", "6", "--protocol", "90"]) == 2
    assert "leave out --protocol" in capsys.readouterr().err
    assert (
        main(["evaluate", str(films), "--task", "restoration", "--protocol", "90", "--json", "x.json"]) == 2
    )
    assert "name one with --table" in capsys.readouterr().err
