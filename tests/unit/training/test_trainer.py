"""Whole runs of a tiny recipe on two tiny films, some of them in processes that are killed."""

from __future__ import annotations

import re
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest
import torch

from remaster_gui.base.errors import SettingsError, StorageError, WeightsError
from remaster_gui.base.notices import Notice, Progress, Update, complete, followed
from remaster_gui.cli import main
from remaster_gui.model import COMPACT, RemasterNetwork, load_model, read_network, save_network
from remaster_gui.training import trainer
from remaster_gui.training.augmentation import Alteration
from remaster_gui.training.checkpoint import checkpoints
from remaster_gui.training.distributed import joined_ranks
from remaster_gui.training.pairs import PairSettings
from remaster_gui.training.recipe_list import RECIPES
from remaster_gui.training.recipes import Optimization, Recipe, TrainingStage
from remaster_gui.training.sample_store import StoredSettings
from remaster_gui.training.samples import SampleSettings
from remaster_gui.training.tone_samples import ToneSettings
from remaster_gui.training.trainer import BEST
from tests.unit.training.tiny_runs import (
    RECIPE,
    TINY,
    batch_of,
    gradients_of,
    joint_step,
    request,
    rows,
    save_gradients,
    started,
    train,
    train_and_die,
)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film to train on and one held out: coloured squares that drift."""
    folder = tmp_path_factory.mktemp("films")
    rng = np.random.default_rng(0)
    for name, length in (("train", 10), ("validation", 2)):
        with av.open(str(folder / f"{name}.mkv"), "w") as container:
            stream = container.add_stream("ffv1", rate=Fraction(24))
            stream.width, stream.height, stream.pix_fmt = 80, 64, "yuv444p"
            picture = np.kron(rng.integers(0, 256, (8, 16, 3)), np.ones((8, 8, 1))).astype(np.uint8)
            for t in range(length):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:, t : t + 80]), "rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    (folder / "clips.csv").write_text("name,split\ntrain.mkv,train\nvalidation.mkv,validation\n")
    return folder


SHORT = RECIPE.only(["matching"], 1)


@pytest.fixture(scope="module")
def short(films: Path) -> Path:
    """A run of one iteration."""
    out = films.parent / "short"
    assert train(request(films, out, recipe=SHORT))
    return out


@pytest.fixture(scope="module")
def undisturbed(films: Path) -> Path:
    out = films.parent / "undisturbed"
    assert train(request(films, out, contact_sheets=True))
    return out


def test_a_run_leaves_losses_logs_pictures_and_weights(undisturbed: Path, tmp_path: Path) -> None:
    assert [row[:2] for row in rows(undisturbed)] == [["matching", f"{n}"] for n in range(1, 5)] + [
        ["joint", f"{n}"] for n in range(1, 5)
    ]
    assert list(undisturbed.glob("events.out.tfevents*"))
    assert list(undisturbed.glob("frames-joint-*.png"))
    assert len(checkpoints(undisturbed)) == 2
    network = load_model(undisturbed / BEST)
    assert network.config == TINY
    assert network.colorize(torch.rand(1, 1, 1, 32, 32), torch.rand(1, 1, 3, 32, 32)).shape == (
        1,
        2,
        1,
        32,
        32,
    )


def test_a_run_says_what_it_does_and_reaches(films: Path, tmp_path: Path) -> None:
    asked = request(films, tmp_path / "run", recipe=RECIPE.only(["matching"]))
    updates: list[Update] = []
    with joined_ranks(torch.device("cpu")) as ranks:
        assert followed(trainer.train(asked, ranks, Event()), updates.append)
    steps = [step for step in updates if isinstance(step, Progress) and step.unit == "iterations"]
    assert [(step.done, step.total) for step in steps] == [(n, 4) for n in range(5)]
    (total,) = (row[3] for row in rows(tmp_path / "run") if row[1] == "4")
    assert steps[-1].doing == "matching 4: carried {0:.4f}  total {0:.4f}".format(float(total))
    assert steps[-1].rate > 0
    said = [step.text for step in updates if isinstance(step, Notice)]
    reached = r"network \d+\.\d\d, grey \d+\.\d\d, copy \d+\.\d\d dB"
    assert re.fullmatch(rf"matching 0: {reached} \(best\)", said[0])
    assert re.fullmatch(rf"matching 2: {reached}( \(best\))?", said[1])
    assert re.fullmatch(r"matching 2: \d+\.\d\d samples/s; waited for (\w+ \d+%(, )?)+", said[2])
    assert [text[: len("matching 0")] for text in said] == [f"matching {n}" for n in (0, 2, 2, 4, 4)]


def test_that_nothing_is_held_out_is_said(films: Path, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    shutil.copy(films / "train.mkv", tmp_path / "films")
    (tmp_path / "films" / "clips.csv").write_text("name,split\ntrain.mkv,train\n")
    asked = request(tmp_path / "films", tmp_path / "run", recipe=SHORT)
    with joined_ranks(torch.device("cpu")) as ranks:
        done, notices = complete(trainer.train(asked, ranks, Event()))
    assert done and load_model(tmp_path / "run" / BEST).config == TINY
    assert [(notice.kind, notice.text.split(":")[0]) for notice in notices if notice.kind != "note"] == [
        ("warning", "Training goes on without validation")
    ]


def test_a_run_can_be_stopped_while_films_are_decoded(films: Path, tmp_path: Path) -> None:
    stop, cache, updates = Event(), tmp_path / "cache", list[Update]()

    def look(update: Update) -> None:
        updates.append(update)
        if isinstance(update, Progress) and update.doing.startswith("Decoding"):
            stop.set()

    with joined_ranks(torch.device("cpu")) as ranks:
        assert not followed(trainer.train(request(films, tmp_path / "run", cache=cache), ranks, stop), look)
    *_, decoding, last = updates
    assert isinstance(decoding, Progress) and decoding.done == 0
    assert isinstance(last, Notice) and last.text.startswith("Stopped before the first iteration")
    assert [path.suffix for path in cache.iterdir() if path.suffix != ".lock"] == []
    assert train(request(films, tmp_path / "run", cache=cache, recipe=SHORT))


def test_a_stopped_run_goes_on_to_the_same_losses_and_weights(
    films: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert not train(request(films, out), 3)
    assert len(rows(out)) == 3
    assert not train(request(films, out, resume=True), 4)
    assert len(rows(out)) == 4
    assert train(request(films, out, resume=True))
    assert rows(out) == rows(undisturbed)
    ours, theirs = (read_network(folder / BEST).state_dict() for folder in (out, undisturbed))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_a_killed_run_goes_on_to_the_same_losses(films: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = started(train_and_die, films, out)
    process.join(600)
    assert process.exitcode == -signal.SIGKILL
    assert 3 <= len(rows(out)) < 8
    assert train(request(films, out, resume=True))
    assert rows(out) == rows(undisturbed)


def test_stages_share_the_time_of_a_run(films: Path, tmp_path: Path) -> None:
    """No time at all: every stage takes one step, and the weights are there all the same."""
    assert train(request(films, tmp_path / "run", seconds=0.0))
    assert [row[:2] for row in rows(tmp_path / "run")] == [["matching", "1"], ["joint", "1"]]
    assert load_model(tmp_path / "run" / BEST).config == TINY


def test_a_run_with_time_goes_on_with_the_time_that_is_left(films: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert not train(request(films, out, seconds=3600.0), 3)
    before = len(rows(out))
    assert before < 4, "an hour is not over after a few steps"
    assert train(request(films, out, seconds=1e-3, resume=True))
    assert [row[0] for row in rows(out)][before:] == ["matching", "joint"]


def _sparing(stage: TrainingStage) -> TrainingStage:
    """Return a stage of a recipe with fewer and smaller samples; all else is as it ships."""
    samples = stage.samples
    if isinstance(samples, ToneSettings):
        samples = replace(samples, damaged=2)
    elif isinstance(samples, PairSettings):
        samples = replace(samples, crop=64, shorter_edge=(64, 96))
    elif isinstance(samples, StoredSettings):
        samples = replace(samples, samples=_small(samples.samples))
    return replace(stage, samples=samples, batch=2)


def _small(samples: SampleSettings) -> SampleSettings:
    table = [
        replace(row, low=64, high=64) if row.kind is Alteration.SCALING else row for row in samples.table
    ]
    return replace(samples, crop=64, reference_crop=64, table=tuple(table))


@pytest.fixture
def sparing_recipe(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """The recipe "compact", which learns from less while a test runs."""
    shipped = RECIPES["compact"]
    sparing = replace(shipped, stages=tuple(map(_sparing, shipped.stages)))
    monkeypatch.setitem(RECIPES, "compact", sparing)
    return sparing


def test_one_command_trains_within_its_time_from_films_photographs_and_stored_samples(
    films: Path,
    tmp_path: Path,
    write_pack: Callable[[Path, list[np.ndarray]], Path],
    sparing_recipe: Recipe,
) -> None:
    pack = write_pack(tmp_path / "photos", [np.full((70, 90, 3), 40 * n, np.uint8) for n in range(5)])
    exported = tmp_path / "new.safetensors"
    command = ["train", "--data", films, "--out", tmp_path / "run", "--cache", tmp_path / "cache"]
    command += ["--photos", pack, "--minutes", 0.02, "--set", "colorization.width=0.03"]
    command += ["--set", "restoration.width=0.03", "--export", exported, "--workers", 1]
    assert main([*map(str, command)]) == 0
    stages = [row[0] for row in rows(tmp_path / "run")]
    assert list(dict.fromkeys(stages)) == [stage.name for stage in sparing_recipe.stages]
    assert read_network(exported).config.colorization.width == 0.03


@pytest.mark.parametrize(
    "state", [[], {}, {"recipe": None}, {"stage": 10**9}, {"network": {}}, {"iteration": "x"}, {"under way": {"a": 1}},
              {"random": None}, {"score": "high"}],
)  # fmt: skip
def test_a_checkpoint_that_is_none_is_passed_over(
    films: Path, short: Path, tmp_path: Path, state: object
) -> None:
    out = Path(shutil.copytree(short, tmp_path / "run"))
    newest = checkpoints(out)[-1]
    if isinstance(state, dict) and state != {"recipe": None}:
        state = torch.load(newest, weights_only=True) | state if state else {}
    torch.save(state, out / "checkpoint-99999999.pt")
    if isinstance(state, dict) and "recipe" in state and state["recipe"] is None:
        with pytest.raises(SettingsError, match="another recipe"):
            train(request(films, out, recipe=SHORT, resume=True))
        return
    assert train(request(films, out, recipe=SHORT, resume=True))
    for path in checkpoints(out):
        torch.save(state, path)
    with pytest.raises(StorageError, match="no checkpoint"):
        train(request(films, out, recipe=SHORT, resume=True))


def test_the_validation_of_a_stage_decides_what_the_next_one_starts_from(films: Path, tmp_path: Path) -> None:
    """A rate that wrecks the network: the stage ends with the weights it began with."""
    wrecking = replace(RECIPE.stages[1], optimization=Optimization("adamw", 1e4), task="colorization")
    recipe = replace(RECIPE, stages=(wrecking,))
    torch.manual_seed(0)
    before = RemasterNetwork(TINY).state_dict()
    assert train(request(films, tmp_path / "run", recipe=recipe))
    after = read_network(tmp_path / "run" / BEST).state_dict()
    assert all(torch.equal(before[key], after[key]) for key, _ in RemasterNetwork(TINY).named_parameters())


def test_the_halves_of_a_network_may_come_from_two_runs(films: Path, tmp_path: Path) -> None:
    halves = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        halves.append(tmp_path / f"{seed}.safetensors")
        save_network(RemasterNetwork(TINY), halves[-1], licence="", metrics={}, dtype=torch.float32)
    standing = replace(RECIPE.stages[1], optimization=Optimization("adamw", 0.0), validate_every=1)
    recipe = replace(RECIPE, stages=(standing,)).only(None, 1)
    started = request(films, tmp_path / "run", recipe=recipe, init=halves[0], init_restoration=halves[1])
    assert train(started)
    found = dict(read_network(tmp_path / "run" / BEST).named_parameters())
    first, second = (dict(read_network(half).named_parameters()) for half in halves)
    for name, value in found.items():
        source = second if name.startswith("restoration.") else first
        assert torch.equal(value, source[name]), name


@pytest.mark.usefixtures("sparing_recipe")
def test_a_departure_from_the_paper_can_be_left_out(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "--data", films, "--out", tmp_path / "run", "--cache", films / "cache"]
    command += ["--stages", "fusion", "--iterations", 1, "--set", "colorization.width=0.03"]
    assert main([*map(str, command), "--set", "colorization.position_keys=off"]) == 0
    trained = read_network(tmp_path / "run" / BEST).config.colorization
    assert trained == replace(COMPACT.colorization, width=0.03, position_keys=False)
    assert main([*map(str, command), "--set", "colorization.position_keys=perhaps"]) == 2
    assert "a switch is on or off" in capsys.readouterr().err


def test_faults_are_sentences(films: Path, undisturbed: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds a run already"):
        train(request(films, undisturbed))
    with pytest.raises(SettingsError, match="started with another recipe"):
        train(request(films, undisturbed, resume=True, seed=1))
    with pytest.raises(StorageError, match="no checkpoint"):
        train(request(films, tmp_path / "new", resume=True))
    with pytest.raises(StorageError, match="does not exist"):
        train(request(tmp_path / "absent", tmp_path / "new"))
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        train(request(films, tmp_path / "file" / "run"))
    other = tmp_path / "other.safetensors"
    save_network(RemasterNetwork(replace(TINY, reference_edge=256)), other, licence="", metrics={})
    with pytest.raises(WeightsError, match="of another shape than recipe tiny"):
        train(request(films, tmp_path / "new", init=other))


def test_two_ranks_have_the_gradients_of_one_with_the_doubled_batch(tmp_path: Path) -> None:
    """Normalisation uses its running statistics here: on CPUs, ranks cannot share those of a batch."""
    with socket.socket() as held:
        # Held, but not listened at, so that nobody else gets the port before the first rank listens there.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        processes = [started(save_gradients, tmp_path, rank, port) for rank in (0, 1)]
        for process in processes:
            process.join(600)
        assert [process.exitcode for process in processes] == [0, 0]
    with joined_ranks(torch.device("cpu")) as alone:
        expected = gradients_of(alone.wrap(joint_step()), batch_of(slice(0, 4)))
    for rank in (0, 1):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found.keys() == expected.keys() and len(found) > 50
        for name, gradient in expected.items():
            torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-6)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Sums are the same in every process only if they are split among as many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
