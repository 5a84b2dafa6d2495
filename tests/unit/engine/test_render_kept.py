"""Renders that must not be lost: to one output twice, killed at the end, of films that change, with odd names."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.files import Draft, discard
from remaster_gui.base.notices import Notice, Progress, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine import parts, render_end
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.kept_parts import frames_kept
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport, report_path
from remaster_gui.engine.session import CancelledError
from remaster_gui.media import open_film, preset_for

FRAMES = 12


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    return write_film(tmp_path / "film.mkv", two_shots(FRAMES, 64, 80))


@pytest.fixture
def request_(film: Path, weights: Path, tmp_path: Path) -> RenderRequest:
    """Two shots, without colours."""
    (tmp_path / "out").mkdir()
    settings = Settings(edge=64, colorization=False)
    output = tmp_path / "out" / "out.mkv"
    return RenderRequest(film, output, weights=weights, preset="ffv1-16", settings=settings, device="cpu")


def finish(request: RenderRequest) -> tuple[RenderReport, list[str]]:
    """Render; returns the report and everything that was said."""
    report, notices = complete(render(request, Event()))
    return report, [notice.text for notice in notices]


def folder_of(request: RenderRequest) -> WorkFolder:
    return WorkFolder(request.output, preset_for(request.output, request.preset))


def listing(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.suffix in (".png", ".mkv")
    }


def names(folder: Path) -> list[str]:
    return sorted(os.fsencode(path.name).decode("latin-1") for path in folder.iterdir())


def test_a_second_render_of_the_same_output_is_refused(request_: RenderRequest) -> None:
    """Whatever its settings; the first one goes on, and nothing of it is lost."""
    first = render(request_, Event())
    while not folder_of(request_).has_finished_parts():
        next(first)
    for settings in (request_.settings, Settings(edge=80, colorization=False)):
        with pytest.raises(SettingsError, match=r"Another render is writing .*out.mkv"):
            finish(dataclasses.replace(request_, settings=settings))
    assert sum(1 for _ in first) > 0
    assert names(request_.output.parent) == ["out.mkv", "out.mkv.report.json"]
    assert (
        json.loads(report_path(request_.output).read_text())["timing"]["frames_taken_from_an_earlier_run"]
        == 0
    )


@pytest.mark.parametrize("preset", ["ffv1-16", "png16"])
def test_a_render_that_was_stopped_goes_on_amid_a_shot(
    request_: RenderRequest, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a piece amid others has gone, and to the same bytes."""
    output = request_.output if preset == "ffv1-16" else request_.output.with_suffix("")
    request_ = dataclasses.replace(
        request_, preset=preset, output=output, shots=(FrameRange(0, FRAMES),), keeps_parts=True
    )
    monkeypatch.setattr(parts, "PIECE", 5)
    finish(dataclasses.replace(request_, output=output.with_stem("whole")))
    cancel = Event()
    with pytest.raises(CancelledError):
        for step in render(request_, cancel):
            if isinstance(step, Progress) and step.done >= 5:
                cancel.set()
    assert frames_kept(output) == 5
    report, _ = finish(request_)
    assert (report.frames, report.reused_frames) == (FRAMES, 5)
    amid = next(path for path in folder_of(request_).path.iterdir() if path.name.startswith("0000005-"))
    discard(amid)
    discard(output)
    steps = list(render(request_, Event()))
    assert [step.done for step in steps if isinstance(step, Progress)][-2:] == [FRAMES, FRAMES]
    made = sorted(listing(output.parent).items())
    mine, whole = ([content for name, content in made if name.startswith(stem)] for stem in ("out", "whole"))
    assert mine and mine == whole


class _Killed(BaseException):
    pass


def _die(*_: object, **__: object) -> None:
    raise _Killed


@pytest.mark.parametrize("preset", ["ffv1-16", "png16"])
@pytest.mark.parametrize("moment", ["before the report", "after the report", "half cleared"])
def test_killed_after_the_output_was_published_the_same_command_finishes(
    request_: RenderRequest, preset: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if preset == "png16":
        request_ = dataclasses.replace(request_, output=request_.output.with_suffix(""), preset=preset)
    remove = WorkFolder.remove

    def half(work: WorkFolder) -> None:
        for path in sorted(work.path.iterdir()):
            if path.name != "done.json":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        _die()

    with monkeypatch.context() as patch:
        if moment == "before the report":
            patch.setattr(render_end, "write_report", _die)
        else:
            patch.setattr(WorkFolder, "remove", _die if moment == "after the report" else half)
        with pytest.raises(_Killed):
            finish(request_)
    assert WorkFolder.remove is remove
    before = listing(request_.output.parent)
    report, _ = finish(request_)
    assert report.frames == report.reused_frames == FRAMES
    after = listing(request_.output.parent)
    assert after and all(before[name] == content for name, content in after.items())
    assert names(request_.output.parent) == [request_.output.name, f"{request_.output.name}.report.json"]


def test_a_changed_shot_is_rendered_anew_and_no_other(
    request_: RenderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    shots = (FrameRange(0, 6), FrameRange(6, FRAMES))
    own = ((0, ShotSettings(restoration_strength=0.25)),)
    request_ = dataclasses.replace(request_, shots=shots, own=own)
    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(render_end, "assemble", _die)
        finish(request_)
    changed = dataclasses.replace(request_, own=(*own, (6, ShotSettings(luminance="source"))))
    report, said = finish(changed)
    assert (report.frames, report.reused_frames, said) == (FRAMES, 6, [])
    undisturbed = dataclasses.replace(changed, output=request_.output.with_name("other.mkv"))
    assert finish(undisturbed)[0].reused_frames == 0
    assert request_.output.read_bytes() == undisturbed.output.read_bytes()
    told = json.loads(report_path(request_.output).read_text())["settings_of_shots"]
    assert [(shot, each["luminance"], each["restoration_strength"]) for shot, each in told.items()] == [
        ("0:6", "restored", 0.25),
        ("6:12", "source", 1.0),
    ]


def test_each_shot_is_rendered_by_its_own_settings(request_: RenderRequest) -> None:
    """As it would be if the whole film had them."""
    shots = (FrameRange(0, 6), FrameRange(6, FRAMES))
    own = ((6, ShotSettings(restoration=False)), (7, ShotSettings(saturation=0.0)))
    finish(dataclasses.replace(request_, shots=shots, own=own))
    for span, restoration in ((shots[0], True), (shots[1], False)):
        output = request_.output.with_name(f"{span.start}.mkv")
        settings = dataclasses.replace(request_.settings, restoration=restoration)
        finish(dataclasses.replace(request_, output=output, settings=settings, shots=shots, span=str(span)))
        with open_film(request_.output) as mixed, open_film(output) as alone:
            for frame in span:
                one, other = mixed.read(frame).pixels, alone.read(frame - span.start).pixels
                assert np.array_equal(one, other)


@pytest.mark.parametrize("change", [{"span": "0:6"}, {"sound": "none"}])
def test_another_command_after_such_a_kill_makes_its_own_output(
    request_: RenderRequest, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of other frames, or with other sound; what parts it shares are taken up."""
    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(render_end, "write_report", _die)
        finish(request_)
    first = request_.output.stat().st_ino
    request_ = dataclasses.replace(request_, **change)
    report, _ = finish(request_)
    assert request_.output.stat().st_ino != first
    with open_film(request_.output) as made:
        assert (
            made.info.frame_count == report.frames == report.reused_frames == (6 if request_.span else FRAMES)
        )
    assert names(request_.output.parent) == ["out.mkv", "out.mkv.report.json"]


@pytest.mark.parametrize("change", [{}, {"sound": "none"}, {"span": "0:6", "sound": "none"}])
def test_killed_between_sound_and_pictures_no_sound_stays_alone(
    request_: RenderRequest,
    change: dict[str, Any],
    write_sound_film: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, (24_000, 2), np.int16)
    request_ = dataclasses.replace(
        request_,
        film=write_sound_film(request_.film.with_suffix(".mov"), noise),
        output=request_.output.with_suffix(""),
        preset="png16",
    )
    folder, sound = request_.output.parent, request_.output.with_name("out.mka")
    publish = Draft.publish

    def publish_files(draft: Draft) -> None:
        if draft.path.is_dir() and draft.path.parent == folder:
            raise _Killed
        publish(draft)

    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(Draft, "publish", publish_files)
        finish(request_)
    assert sound.exists() and not request_.output.exists()
    report, _ = finish(dataclasses.replace(request_, **change))
    assert report.reused_frames == (0 if "span" in change else report.frames)
    assert sound.exists() == (not change)
    assert names(folder) == ["out", *(["out.mka"] if not change else []), "out.report.json"]


def test_sound_of_somebody_else_stays(request_: RenderRequest) -> None:
    """It is replaced by that of the film, as any output is, but never removed."""
    request_ = dataclasses.replace(request_, output=request_.output.with_suffix(""), preset="png16")
    sound = request_.output.with_name("out.mka")
    sound.write_bytes(b"mine")
    finish(request_)
    assert sound.read_bytes() == b"mine"


def test_killed_at_the_very_last_nothing_stays_behind(request_: RenderRequest) -> None:
    """The work folder is no more under its name: the pictures are done, and are not written a second time."""
    request_ = dataclasses.replace(request_, output=request_.output.with_suffix(""), preset="png16")
    finish(request_)
    (request_.output.parent / ".out.0123456789abcdef.part").mkdir()
    (request_.output.parent / ".out.remaster.lock").write_text("{}")
    with pytest.raises(SettingsError, match="already holds files"):
        finish(request_)
    assert names(request_.output.parent) == ["out", "out.report.json"]


def test_a_folder_that_holds_anything_else_is_refused_after_a_kill(
    request_: RenderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_ = dataclasses.replace(request_, output=request_.output.with_suffix(""), preset="png16")
    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(render_end, "write_report", _die)
        finish(request_)
    other = dataclasses.replace(request_, settings=Settings(edge=80, colorization=False))
    with pytest.raises(SettingsError, match="already holds files"):
        finish(other)
    (request_.output / "mine.png").touch()
    with pytest.raises(SettingsError, match="already holds files"):
        finish(request_)
    assert (request_.output / "mine.png").exists() and len(list(request_.output.iterdir())) == FRAMES + 1


def _shorten(film: Path) -> None:
    os.truncate(film, film.stat().st_size // 3)


def _replace(film: Path) -> None:
    other = film.with_name("other.mkv")
    other.write_bytes(film.read_bytes()[::-1])
    other.replace(film)


@pytest.mark.parametrize("change", [_shorten, _replace, Path.unlink])
def test_a_film_that_changes_meanwhile_is_noticed(
    request_: RenderRequest, change: Callable[[Path], Any]
) -> None:
    film, before = request_.film, request_.film.read_bytes()
    job, work = render(request_, Event()), folder_of(request_)
    with pytest.raises(MediaError, match=r"film.mkv was changed, replaced or removed"):
        for _ in job:
            if work.has_finished_parts() and film.exists() and film.read_bytes() == before:
                change(film)
    assert not request_.output.exists()
    film.write_bytes(before)
    report, _ = finish(request_)
    assert report.reused_frames == FRAMES // 2


def test_a_film_that_is_only_touched_is_the_same(request_: RenderRequest) -> None:
    for _ in render(request_, Event()):
        os.utime(request_.film)
    assert request_.output.exists()


def test_a_film_replaced_before_the_sound_is_taken_gives_no_output(
    request_: RenderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assemble = render_end.assemble

    def late(*arguments: Any, **options: Any) -> Generator[Notice]:
        _replace(request_.film)
        shutil.copy(request_.film, request_.film.with_name("changed"))
        return assemble(*arguments, **options)

    monkeypatch.setattr(render_end, "assemble", late)
    with pytest.raises(MediaError):
        finish(request_)
    assert not request_.output.exists()


def test_parts_stay_of_use_for_a_longer_range(
    request_: RenderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(render_end, "assemble", _die)
        finish(dataclasses.replace(request_, span="0:6"))
    report, _ = finish(dataclasses.replace(request_, sound=False))
    assert report.reused_frames == FRAMES // 2


@pytest.mark.parametrize("failing", ["folder", "facts"])
def test_a_report_that_fails_takes_nothing_away(
    request_: RenderRequest, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = report_path(request_.output)
    if failing == "folder":
        path.mkdir()
    else:
        monkeypatch.setattr("remaster_gui.engine.report.describe_device", _driver_fault)
        monkeypatch.setattr("remaster_gui.engine.report.LIBRARIES", ("torch", "nowhere_to_be_found"))
    report, said = finish(request_)
    assert request_.output.exists()
    if failing == "folder":
        assert report.path is None
        assert [
            message for message in said if message.startswith("The report is missing, the result is complete")
        ]
    else:
        content = json.loads(path.read_text())
        assert content["device"] is None and content["libraries"]["nowhere_to_be_found"] is None
        assert content["libraries"]["torch"]


def _driver_fault(_: object) -> str:
    raise RuntimeError("CUDA driver error: unknown error")


def test_a_link_under_the_names_of_temporary_files_is_not_followed(
    request_: RenderRequest, tmp_path: Path
) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    folder = request_.output.parent
    for name in (
        ".out.mkv.report.json.part",
        ".out.mkv.part",
        ".out.mkv.remaster.lock",
        "out.mkv.report.json",
    ):
        (folder / name).symlink_to(victim)
    finish(request_)
    assert victim.read_text() == "precious"
    assert json.loads(report_path(request_.output).read_text())["output"]["frames"] == FRAMES


@pytest.mark.parametrize("preset", ["ffv1-16", "png16"])
def test_names_that_are_not_utf_8(
    request_: RenderRequest, film: Path, weights: Path, preset: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    odd = film.with_name("caf\udce9.mkv")
    film.rename(odd)
    references = film.parent / "r\udce9f"
    references.mkdir()
    cv2.imwrite(str(film.parent / "a.png"), np.full((64, 80, 3), 90, np.uint8))
    (film.parent / "a.png").rename(references / "\udcfcber.png")
    output = film.parent / "out" / ("\udce4usgabe" + (".mkv" if preset == "ffv1-16" else ""))
    arguments = ["render", odd, "-o", output, "-r", references, "--weights", weights, "--preset", preset]
    assert main([*map(str, arguments), "--size", "64", "--device", "cpu"]) == 0
    report = json.loads(report_path(output).read_text(encoding="utf-8"))
    assert report["film"]["name"] == "caf\\xe9.mkv"
    assert report["references"][0]["name"] == "\\xfcber.png"
    assert len(names(output.parent)) == 2
    if preset == "png16":
        again = output.with_name("n\udcf6chmal.mkv")
        arguments = ["render", output, "-o", again, "--weights", weights, "--no-colorization"]
        assert main([*map(str, arguments), "--size", "64", "--device", "cpu"]) == 0
        assert len(names(output.parent)) == 4
    capfdbinary.readouterr()


@pytest.mark.parametrize("preset", ["ffv1-16", "png16"])
def test_names_as_long_as_the_disk_takes(request_: RenderRequest, preset: str) -> None:
    suffix = ".mkv" if preset == "ffv1-16" else ""
    output = request_.output.with_name("é" * 120 + "x" * (15 - len(suffix)) + suffix)
    assert len(os.fsencode(output.name)) == 255
    report, _ = finish(dataclasses.replace(request_, output=output, preset=preset))
    assert report.path is not None and report.path.exists()
    assert len(names(output.parent)) == 2
