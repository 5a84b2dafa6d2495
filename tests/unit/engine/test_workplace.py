"""Parts that stand alone: made from their folder in any order, and refused where they would come out otherwise."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.base.errors import (
    DeviceError,
    MediaError,
    RemasterError,
    SettingsError,
    StorageError,
    WeightsError,
)
from remaster_gui.base.notices import Notice, Progress, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import workplace
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.kept_parts import work_folder
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.parts import PartFacts
from remaster_gui.engine.render import assemble_job, plan_render, render
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.sealed_records import read_sealed, write_sealed
from remaster_gui.engine.workplace import Workplace, planned_job
from remaster_gui.media import preset_for
from remaster_gui.model import save_network
from tests.conftest import TINY_COMPACT, make_network

SHOTS = (FrameRange(0, 4), FrameRange(4, 6), FrameRange(6, 8))


@pytest.fixture
def request_(
    tmp_path: Path, weights: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> RenderRequest:
    film = write_film(tmp_path / "film.mkv", two_shots(8, 64, 80))
    (tmp_path / "references").mkdir()
    cv2.imwrite(
        str(tmp_path / "references" / "ref_000001.png"), np.full((64, 80, 3), (40, 90, 200), np.uint8)
    )
    return RenderRequest(
        film, tmp_path / "out.mkv", tmp_path / "references", weights=weights, preset="ffv1-16", device="cpu",
        settings=Settings(edge=64, luminance="source"), shots=SHOTS,
    )  # fmt: skip


def planned(request: RenderRequest) -> tuple[Path, RenderJob]:
    job, _ = complete(plan_render(request, Event()))
    return work_folder(request.output), job


def make(folder: Path, number: int) -> None:
    with Workplace() as place:
        complete(place.make(folder, number, Event()))


def facts_of(folder: Path, number: int) -> PartFacts:
    job, _, work, _ = planned_job(folder)
    facts = work.facts_of(job.part(number))
    assert facts is not None
    return facts


@pytest.mark.parametrize("preset", ["ffv1-16", "png16"])
def test_parts_made_apart_and_joined_apart_give_the_bytes_of_one_run(
    request_: RenderRequest, preset: str
) -> None:
    output = request_.output if preset == "ffv1-16" else request_.output.with_suffix("")
    request_ = dataclasses.replace(request_, preset=preset, output=output)
    complete(render(request_, Event()))
    whole = output.with_name("whole")
    output.rename(whole)
    folder, job = planned(request_)
    assert planned_job(folder)[0] == job and len(job.parts) == 3
    shutil.rmtree(request_.film.with_name("references"))  # copies lie in the folder
    with Workplace() as place:
        for number in (2, 0):
            complete(place.make(folder, number, Event()))
            assert facts_of(folder, number).stages["encode"].frames == len(job.part(number).span)
    with pytest.raises(StorageError, match=r"Part 1 of out.* is missing"):
        complete(assemble_job(folder, Event()))
    before = {path: path.stat().st_mtime_ns for path in folder.glob("[0-9]*")}
    for number in (1, 0):
        make(folder, number)
    assert all(path.stat().st_mtime_ns == then for path, then in before.items()), (
        "what is sound is left alone"
    )
    report, _ = complete(assemble_job(folder, Event()))
    assert report.frames == 8 and report.stages["encode"].frames == 8 and not folder.exists()
    for made, wanted in zip(sorted(output.rglob("*")), sorted(whole.rglob("*")), strict=True):
        assert made.read_bytes() == wanted.read_bytes()
    assert output.is_dir() or output.read_bytes() == whole.read_bytes()


def test_a_command_goes_on_with_parts_that_others_have_made(request_: RenderRequest) -> None:
    folder, _ = planned(request_)
    make(folder, 1)
    report, _ = complete(render(request_, Event()))
    assert report.reused_frames == 2


def test_two_makers_of_one_part_harm_nothing(request_: RenderRequest) -> None:
    """The second began before the first had ended."""
    folder, job = planned(request_)
    work, part = WorkFolder(request_.output, preset_for(request_.output, request_.preset)), job.part(0)
    with Workplace() as slow:
        making = slow.make(folder, 0, Event())
        while not isinstance(step := next(making), Progress) or not step.done:
            pass
        with Workplace() as fast, pytest.MonkeyPatch.context() as patch:
            patch.setattr("os.getpid", lambda: 1)
            complete(fast.make(folder, 0, Event()))
        (path,) = folder.glob("[0-9]*")
        content = path.read_bytes()
        complete(making)
    assert path.read_bytes() == content
    assert sorted(each.name for each in folder.iterdir()) == [
        f".{part.name}.json", ".references", f"{part.name}.mkv", "job.json",
    ]  # fmt: skip
    assert planned_job(folder)[2].finished(part) is not None
    work.remove()


def rewritten(folder: Path, part: str = "task", **change: object) -> None:
    """Let the job say something else, sealed as it should be."""
    said = read_sealed(folder / "job.json")
    said[part] |= change
    write_sealed(folder / "job.json", said)


def test_processes_of_one_machine_take_its_cards_in_turn(
    request_: RenderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chosen(device: str) -> None:
        raise DeviceError(f"chosen: {device}")

    folder, _ = planned(request_)
    rewritten(folder, device="cuda")
    monkeypatch.setattr(workplace, "usable_device", chosen)
    # As many as the process sees: one, where CUDA_VISIBLE_DEVICES shows it one.
    for cards, turn, card in (
        (2, 0, "cuda:0"),
        (2, 1, "cuda:1"),
        (2, 2, "cuda:0"),
        (1, 3, "cuda:0"),
        (0, 1, "cuda"),
    ):
        monkeypatch.setattr(torch.cuda, "device_count", lambda cards=cards: cards)
        with pytest.raises(DeviceError, match=f"chosen: {card}$"), Workplace(turn=turn) as place:
            place.open(folder, Event())


REFUSALS: dict[str, tuple[Callable[[RenderRequest, Path], object], type[RemasterError], str]] = {
    "version": (lambda _, f: rewritten(f, application="0.0.1"), SettingsError, "planned by version 0.0.1 with"),
    "torch": (lambda _, f: rewritten(f, torch="1.0"), SettingsError, "let all machines run the same version"),
    "precision": (lambda _, f: rewritten(f, precision="bfloat16"), RemasterError, "computed in bfloat16"),
    "device": (lambda _, f: rewritten(f, device="xpu"), RemasterError, "xpu"),
    "restorer": (lambda _, f: rewritten(f, restorer="mine 2"), SettingsError, "restores with mine 2"),
    "nonsense": (lambda _, f: rewritten(f, span=[3]), SettingsError, "makes no sense here"),
    "shots": (lambda _, f: rewritten(f, shots=[]), SettingsError, "makes no sense here"),
    "gap": (lambda _, f: rewritten(f, shots=[[0, 1], [5, 500]]), SettingsError, "makes no sense here"),
    "film": (
        lambda r, _: r.film.write_bytes(r.film.read_bytes() + b"more"), MediaError, "not the film that the job"
    ),
    "weights": (lambda r, _: other_weights(r), WeightsError, "weights here are not those of the job"),
    "reference": (
        lambda _, f: next((f / ".references").iterdir()).write_bytes(b""), StorageError, "ref_000001.png"
    ),
    "preset": (lambda _, f: rewritten(f, "identity", preset={"h264": 8}), SettingsError, "There is no job in"),
    "name": (lambda _, f: rewritten(f, output=["out.mkv"]), SettingsError, "There is no job in"),
    "folder": (lambda _, f: (f / "job.json").write_bytes(b"{}"), SettingsError, "There is no job in"),
}  # fmt: skip


def other_weights(request: RenderRequest) -> None:
    assert request.weights is not None
    network = make_network(TINY_COMPACT)
    with torch.no_grad():
        next(network.parameters()).add_(1)
    save_network(network, request.weights, licence="test", metrics={})


@pytest.mark.parametrize("why", REFUSALS)
def test_who_would_make_something_else_refuses_and_says_why(
    request_: RenderRequest, why: str, tmp_path: Path
) -> None:
    own = tmp_path / "own.safetensors"
    assert request_.weights is not None
    shutil.copy(request_.weights, own)
    request_ = dataclasses.replace(request_, weights=own)
    folder, _ = planned(request_)
    change, kind, sentence = REFUSALS[why]
    change(request_, folder)
    with pytest.raises(kind, match=sentence):
        make(folder, 0)
    assert list(folder.glob("[0-9]*")) == []


def test_a_copied_film_and_moved_weights_are_the_same(request_: RenderRequest) -> None:
    folder, _ = planned(request_)
    content = request_.film.read_bytes()
    request_.film.unlink()
    request_.film.write_bytes(content)
    make(folder, 0)
    assert facts_of(folder, 0).seconds["frames"] > 0
    with pytest.raises(SettingsError, match="has the parts 0 to 2"):
        make(folder, 3)


def test_notices_of_a_part_reach_the_report_whoever_made_it(
    request_: RenderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = planned(request_)
    facts = PartFacts(notices=(Notice("warning", "Memory ran out."),))
    make(folder, 0)
    record = next(folder.glob(".0000000-*.json"))
    record.write_text(json.dumps(json.loads(record.read_text()) | {"facts": facts.as_dict()}))
    report, notices = complete(render(request_, Event()))
    assert "Memory ran out." in [notice.text for notice in notices]
    assert "Memory ran out." in [notice.text for notice in report.notices]


DAMAGED: dict[str, Callable[[Path], object]] = {
    "a picture is gone": lambda folder: next(folder.iterdir()).unlink(),
    "a picture is another": lambda folder: next(folder.iterdir()).write_bytes(b"other"),
    "a folder for a picture": lambda folder: (
        path := next(folder.iterdir()), path.unlink(), (path / "deep").mkdir(parents=True)
    ),
    "all are gone": shutil.rmtree,
    "a file for the folder": lambda folder: (shutil.rmtree(folder), folder.write_bytes(b"")),
    "a link for the folder": lambda folder: (
        folder.rename(folder.with_name("moved")), folder.symlink_to(folder.with_name("moved"))
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_copies_of_references_are_made_anew_by_the_command_that_began(
    request_: RenderRequest, damage: str
) -> None:
    folder, job = planned(request_)
    DAMAGED[damage](folder / ".references")
    assert planned(request_) == (folder, job)
    copies = folder / ".references"
    assert not copies.is_symlink() and [path.is_file() for path in copies.iterdir()] == [True]
    assert job.references[0].reference(copies).load().shape == (64, 80, 3)
