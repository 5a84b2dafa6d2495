"""The command from its arguments to its tables, on small films."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.cli import main
from remaster_gui.model import RemasterNetwork, save_network
from tests.conftest import TINY_COMPACT


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def films(
    tmp_path_factory: pytest.TempPathFactory,
    panned: Callable[..., np.ndarray],
    write_film: Callable[[Path, np.ndarray], None],
) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "one.mkv", panned(8, 64, 96, step=1, seed=1))
    write_film(folder / "two.mkv", panned(6, 64, 80, step=2, seed=2))
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "seeded.safetensors"
    save_network(RemasterNetwork(TINY_COMPACT), path, licence="none", metrics={})
    return path


def evaluate(films: Path, out: Path, *arguments: str) -> list[dict[str, str]]:
    assert main(["evaluate", str(films), "--csv", str(out), "--size", "64", *arguments]) == 0
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def measures(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name != "ms_per_frame"} for row in rows]


def test_all_methods_with_every_output(
    films: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, page = tmp_path / "sheet.png", tmp_path / "table.md"
    outputs = ["--contact-sheet", str(sheet), "--markdown", str(page)]
    arguments = ["--task", "colorization", "--protocol", "90", "--weights", str(weights), *outputs]
    rows = evaluate(films, tmp_path / "out.csv", *arguments)
    columns = (
        "clip method frames references psnr ssim flicker colorfulness ms_per_frame cdc detail edges sharpness"
    )
    assert list(rows[0]) == columns.split()
    methods = ["network", "grey", "copy", "flow"]
    expected = [(clip, method) for clip in ("one.mkv", "two.mkv", "mean") for method in methods]
    assert [(row["clip"], row["method"]) for row in rows] == expected
    means = {row["method"]: row for row in rows if row["clip"] == "mean"}
    by_hand = np.mean([float(row["psnr"]) for row in rows[:8] if row["method"] == "copy"])
    assert float(means["copy"]["psnr"]) == pytest.approx(by_hand, abs=1e-3)
    assert float(means["flow"]["psnr"]) > float(means["copy"]["psnr"])
    shown = capsys.readouterr().out
    assert means["flow"]["psnr"] in shown
    assert "one.mkv (8), two.mkv (6)" in shown
    assert f"| mean | flow | 14 | 2 | {means['flow']['psnr']} |" in page.read_text()
    picture = cv2.imread(str(sheet))
    # Source, reference, four methods, truth: seven cells of 240 pixels; two rows of 160.
    assert picture.shape[1] > 7 * 200
    assert picture.shape[0] > 2 * 160


@pytest.mark.parametrize(
    ("task", "protocol", "methods"),
    [
        ("restoration", "90", "input,temporal-median,nlm"),
        ("remastering", "cuts", "network,nlm+flow,input+grey"),
    ],
)
def test_two_runs_agree(
    films: Path, weights: Path, tmp_path: Path, task: str, protocol: str, methods: str
) -> None:
    arguments = ["--task", task, "--protocol", protocol, "--methods", methods, "--weights", str(weights)]
    first = evaluate(films, tmp_path / "first.csv", *arguments)
    second = evaluate(films, tmp_path / "second.csv", *arguments)
    assert measures(first) == measures(second)
    assert [row["method"] for row in first if row["clip"] == "mean"] == methods.split(",")


def test_damage_is_there_to_be_restored(films: Path, tmp_path: Path) -> None:
    arguments = ["--task", "restoration", "--protocol", "90", "--methods", "input", "--limit", "1"]
    (clip, mean) = evaluate(films, tmp_path / "out.csv", *arguments)
    assert 5 < float(clip["psnr"]) < 50
    assert (clip["references"], mean["frames"]) == ("0", "8")


def test_automatic_colorization_compares_with_grey_only(films: Path, weights: Path, tmp_path: Path) -> None:
    arguments = [
        "--task",
        "colorization",
        "--protocol",
        "300",
        "--references",
        "0",
        "--weights",
        str(weights),
    ]
    rows = evaluate(films, tmp_path / "out.csv", *arguments, "--limit", "1")
    assert [(row["method"], row["references"]) for row in rows[:2]] == [("network", "0"), ("grey", "0")]


def test_several_weights_are_compared_by_name(films: Path, weights: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(weights.read_bytes())
    arguments = ["--task", "restoration", "--protocol", "90", "--methods", "network", "--limit", "1"]
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / other.name
    again.write_bytes(weights.read_bytes())
    each = [f"--weights={path}" for path in (weights, other, again)]
    rows = evaluate(films, tmp_path / "out.csv", *arguments, *each)
    assert [row["method"] for row in rows[:3]] == ["network", "network other", f"network {again}"]
    assert rows[0]["psnr"] == rows[1]["psnr"] == rows[2]["psnr"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--methods", "magic"), "magic"),
        (("--methods", ","), "--methods"),
        (("--methods", "copy", "--references", "0"), "references"),
        (("--methods", "network", "--weights", "lost.safetensors"), "lost.safetensors"),
        (("--methods", "grey", "--split", "train"), "clips.csv"),
        (("--methods", "grey", "--csv", "nowhere/out.csv"), "nowhere"),
        (("--methods", "grey", "--markdown", "."), "folder"),
        (("--methods", "grey", "--protocol", "cuts", "--limit", "1"), "two films"),
        (("--methods", "input", "--protocol", "fades", "--task", "restoration"), "measures colour alone"),
    ],
)
def test_faults_are_one_sentence(
    films: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], word: str
) -> None:
    common = ["evaluate", str(films), "--task", "colorization", "--protocol", "90"]
    assert main([*common, *arguments]) == 2
    complaint = capsys.readouterr().err
    assert word in complaint
    assert complaint.count("\n") == 1


def test_the_list_of_films_is_not_overwritten(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing = films / "clips.csv"
    listing.write_text("name,split\none.mkv,validation\n")
    try:
        common = ["evaluate", str(films), "--task", "colorization", "--protocol", "90", "--methods", "grey"]
        assert main([*common, "--csv", str(listing)]) == 2
        assert listing.read_text().startswith("name,split")
    finally:
        listing.unlink()
    assert "clips.csv" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--references", "-1"), ("--size", "big")])
def test_wrong_numbers_are_wrong_usage(
    films: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert main(["evaluate", str(films), "--task", "colorization", "--protocol", "90", *arguments]) == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize("name", ["caf\udce9.mkv", "a[/b] [red].mkv"])
def test_a_film_of_any_name_is_in_the_table(
    name: str, tmp_path: Path, panned: Callable[..., np.ndarray], write_film: Callable[..., None]
) -> None:
    films = tmp_path / "films"
    films.mkdir()
    write_film(films / "plain.mkv", panned(3))
    (films / "plain.mkv").rename(films / name.replace("/", "\N{FRACTION SLASH}"))
    table, page = tmp_path / "table.csv", tmp_path / "table.md"
    words = [
        "evaluate",
        films,
        "--task",
        "restoration",
        "--protocol",
        "90",
        "--methods",
        "input",
        "--size",
        "32",
    ]
    assert main([*map(str, words), "--csv", str(table), "--markdown", str(page)]) == 0
    shown = "caf\\xe9.mkv" if "caf" in name else "a[\N{FRACTION SLASH}b] [red].mkv"
    assert shown.removesuffix(".mkv") in table.read_text(encoding="utf-8")
    assert shown.removesuffix(".mkv") in page.read_text(encoding="utf-8")
