"""Exports beside the window: the bytes of the command line, whatever happens on the way."""

from __future__ import annotations

import itertools
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest

from remaster_gui.base.notices import Progress, Update
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.turns import FairTurns
from remaster_gui.cli import main
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.export_list import ExportJob
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.kept_parts import record_path, work_folder
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render import Workforce
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport
from remaster_gui.engine.session import CancelledError
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.workers.export_service import SHARING, ExportService

from .conftest import Gate

WAIT = 300_000
FRAMES = 24
SHOTS = (FrameRange(0, 12), FrameRange(12, FRAMES))
JobFor = Callable[..., ExportJob]


def picture() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (64, 80, 3), np.uint8)


@pytest.fixture(scope="module")
def film(
    tmp_path_factory: pytest.TempPathFactory,
    two_shots: Callable[..., np.ndarray],
    write_film: Callable[..., Path],
) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mkv", two_shots(FRAMES, 64, 80))


@pytest.fixture
def job_for(film: Path, weights: Path, tmp_path: Path) -> JobFor:
    def make(name: str = "out.mkv", span: FrameRange = SHOTS[0], **changed: Any) -> ExportJob:
        painted = picture()
        references = changed.pop("references", (Reference("a.png", "a:1", lambda: painted, 3),))
        return ExportJob(
            film=changed.pop("film", film), output=tmp_path / name, preset="ffv1-16", span=span, shots=SHOTS,
            references=references, settings=Settings(edge=64), weights=weights, device="cpu", **changed,
        )  # fmt: skip

    return make


@pytest.fixture(scope="module")
def expected(film: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """What the command line writes for a range."""
    folder = tmp_path_factory.mktemp("expected")
    (folder / "references").mkdir()
    cv2.imwrite(str(folder / "references" / "a.png"), picture()[..., ::-1])
    made: dict[str, bytes] = {}

    def content(span: str) -> bytes:
        if span not in made:
            output = folder / "out.mkv"
            arguments = [
                film,
                "--references",
                folder / "references",
                "--weights",
                weights,
                "--output",
                output,
            ]
            more = ["--size", "64", "--device", "cpu", "--preset", "ffv1-16", "--range", span]
            assert main(["render", *map(str, arguments), *more]) == 0
            made[span] = output.read_bytes()
        return made[span]

    return content


@pytest.fixture
def rendering(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Stop every render behind this many frames, until the gate is opened or the render is cancelled."""
    from remaster_gui.engine import render as module

    render, least = module.render, [0]

    def gated(
        request: RenderRequest, cancel: Event, workforce: Workforce | None = None
    ) -> Generator[Update, None, RenderReport]:
        steps = render(request, cancel, workforce)
        with closing(steps):
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    report: RenderReport = end.value
                    return report
                yield step
                if isinstance(step, Progress) and step.done >= least[0]:
                    gate.wait(cancel)

    def stop(at: int) -> None:
        least[0] = at
        gate.hold()

    monkeypatch.setattr(module, "render", gated)
    return stop


@pytest.fixture
def exports(tmp_path: Path, qapp: object) -> Iterator[ExportService]:
    controller = ExportService(tmp_path / "exports")
    yield controller
    controller.close()


class Exporting:
    """Exports, each of which stops behind as many frames as a test says, until it is let go on."""

    def __init__(
        self, exports: ExportService, job_for: JobFor, gate: Gate, stop_behind: Callable[[int], None]
    ) -> None:
        self.exports, self.job_for, self.gate, self.stop_behind = exports, job_for, gate, stop_behind

    def begin(self, qtbot: Any, frames: int, name: str = "out.mkv") -> str:
        """Export the whole film up to where it is stopped, so many frames on; returns the job's id."""
        self.stop_behind(frames)
        id_ = self.exports.add(self.job_for(name, FrameRange(0, FRAMES)))
        wait_for_frames(qtbot, self.exports, id_, frames)
        return id_


@pytest.fixture
def exporting(
    exports: ExportService, job_for: JobFor, gate: Gate, rendering: Callable[[int], None]
) -> Exporting:
    return Exporting(exports, job_for, gate, rendering)


def wait_for(qtbot: Any, exports: ExportService, id_: str, state: str) -> ExportJob:
    qtbot.waitUntil(lambda: exports.job(id_).state == state, timeout=WAIT)
    job = exports.job(id_)
    assert job is not None
    return job


def wait_for_frames(qtbot: Any, exports: ExportService, id_: str, least: int = 1) -> None:
    qtbot.waitUntil(lambda: exports.job(id_).done >= least, timeout=WAIT)


def reused(output: Path) -> int:
    report = json.loads(Path(f"{output}.report.json").read_text())
    return int(report["timing"]["frames_taken_from_an_earlier_run"])


def test_what_the_engine_has_to_say_is_said(
    qtbot: Any,
    exports: ExportService,
    job_for: JobFor,
    tmp_path: Path,
    write_sound_film: Callable[..., Path],
) -> None:
    film = write_sound_film(tmp_path / "sound.mov", np.zeros((12_000, 2), np.int16), "pcm_alaw")
    job = replace(job_for("out.mp4", FrameRange(0, 6), film=film), preset="h264-8", shots=(FrameRange(0, 6),))
    said: list[tuple[str, str]] = []
    exports.noticed.connect(lambda job, notice: said.append((job.output.name, notice.text)))
    with qtbot.waitSignal(exports.job_ended, timeout=WAIT) as ended:
        exports.add(job)
    assert ended.args[0].state == "done", ended.args[0].note
    assert any(name == "out.mp4" and "sound" in sentence for name, sentence in said)


def test_an_export_is_what_the_command_line_writes(
    qtbot: Any, exporting: Exporting, expected: Callable[[str], bytes]
) -> None:
    exports, painted = exporting.exports, picture()
    exporting.stop_behind(1)
    job = exporting.job_for(references=(Reference("a.png", "a:1", lambda: painted.copy(), 3),))
    seen: list[tuple[str, int]] = []
    exports.jobs_changed.connect(lambda: seen.extend((j.state, j.done) for j in exports.jobs))
    with qtbot.waitSignal(exports.job_ended, timeout=WAIT) as ended:
        id_ = exports.add(job)
        wait_for(qtbot, exports, id_, "running")
        painted[:] = 0  # painting goes on
        exporting.gate.open()
    assert (ended.args[0].state, ended.args[0].note) == ("done", "")
    assert job.output.read_bytes() == expected("0:12")
    assert next(state for state, _ in seen) == "waiting"
    counts = [done for state, done in seen if state == "running"]
    assert counts == sorted(counts)
    assert counts[-1] == 12


def test_a_farm_makes_an_export_that_is_listed_like_any_other(
    qtbot: Any, exports: ExportService, job_for: JobFor, expected: Callable[[str], bytes]
) -> None:
    notes = list[str]()
    exports.jobs_changed.connect(lambda: notes.extend(job.note for job in exports.jobs))
    references = (Reference("a.png", "a:1", picture, 3),)
    with qtbot.waitSignal(exports.job_ended, timeout=WAIT) as ended:
        exports.add(job_for(references=references, farm=FarmPlace("local:1")))
    assert (ended.args[0].state, ended.args[0].note) == ("done", "")
    assert ended.args[0].output.read_bytes() == expected("0:12")
    assert any(note.startswith("Frames/s of each worker: ") for note in notes)


def test_a_farm_that_cannot_be_used_fails_an_export_with_its_reason(
    qtbot: Any, exports: ExportService, job_for: JobFor, tmp_path: Path
) -> None:
    for place, reason in (
        (FarmPlace("studio:8786"), "nothing is encrypted"),
        (FarmPlace("tls://studio:8786", tmp_path), "ca.pem is missing; .* ca.pem, cert.pem, key.pem"),
        (FarmPlace("local:none"), "is no number of processes"),
    ):
        with qtbot.waitSignal(exports.job_ended, timeout=WAIT) as ended:
            exports.add(job_for(farm=place))
        assert ended.args[0].state == "failed" and re.search(reason, ended.args[0].note)


def test_a_job_that_was_taken_up_delivers_shot_by_shot_with_all_that_archives_want(
    qtbot: Any, exports: ExportService, job_for: JobFor, tmp_path: Path
) -> None:
    given = replace(
        job_for("shots", FrameRange(0, FRAMES)), delivery=Delivery(2, "reel-{shot}"), archives=True
    )
    id_ = exports.add(given)
    exports.pause(id_)
    exports.close()  # waits for the disk
    again = ExportService(tmp_path / "exports")
    with closing(again):
        qtbot.waitUntil(lambda: again.job(id_) is not None, timeout=WAIT)
        again.resume(id_)
        done = wait_for(qtbot, again, id_, "done")
        assert (done.done, done.total) == (FRAMES, FRAMES)
        assert sorted(path.name for path in given.output.iterdir() if path.suffix == ".mkv") == [
            "reel-001.mkv",
            "reel-002.mkv",
        ]
        assert (given.output / "reel-001.mkv.framemd5").read_text().count("\n0,") == 14, "two of them handles"
        assert (tmp_path / "shots.report.html").is_file() and (tmp_path / "shots.source.framemd5").is_file()
        again.remove(id_)
        qtbot.waitUntil(lambda: again.jobs == (), timeout=WAIT)


def test_an_export_that_cannot_be_signed_fails_before_the_work(
    qtbot: Any, exports: ExportService, job_for: JobFor, tmp_path: Path
) -> None:
    files = SigningFiles(tmp_path / "gone.pem", tmp_path / "gone.key")
    with qtbot.waitSignal(exports.job_ended, timeout=WAIT) as ended:
        exports.add(job_for(signing=files))
    assert ended.args[0].state == "failed" and "Only .mp4 and .mov films are signed" in ended.args[0].note
    assert not work_folder(ended.args[0].output).exists()


def test_a_paused_job_makes_room_and_loses_nothing(
    qtbot: Any, exporting: Exporting, expected: Callable[[str], bytes]
) -> None:
    exports, gate = exporting.exports, exporting.gate
    first = exporting.begin(qtbot, 12, "first.mkv")
    exports.pause(first)
    second = exports.add(exporting.job_for("second.mkv"))
    qtbot.waitUntil(lambda: any(cancel.is_set() for cancel in gate.cancels), timeout=WAIT)
    gate.open()
    done = wait_for(qtbot, exports, second, "done")
    assert done.output.read_bytes() == expected("0:12")
    paused = exports.job(first)
    assert paused is not None
    assert paused.state == "paused"
    assert not paused.output.exists()
    exports.resume(first)
    done = wait_for(qtbot, exports, first, "done")
    assert done.output.read_bytes() == expected("0:24")
    assert reused(done.output) == 12


def test_a_paused_job_stands_still_and_goes_on(
    qtbot: Any, exporting: Exporting, expected: Callable[[str], bytes]
) -> None:
    exports = exporting.exports
    id_ = exporting.begin(qtbot, 1)
    exports.pause(id_)
    exporting.gate.open()
    assert exports.job(id_).state == "paused"  # type: ignore[union-attr]
    assert not exports.is_busy
    exports.resume(id_)
    done = wait_for(qtbot, exports, id_, "done")
    assert done.output.read_bytes() == expected("0:24")
    assert reused(done.output) == 0, "nothing had to be taken up"


def test_a_cancelled_job_leaves_no_output_and_can_go_on(
    qtbot: Any, exporting: Exporting, expected: Callable[[str], bytes]
) -> None:
    exports = exporting.exports
    id_ = exporting.begin(qtbot, 12)
    exports.cancel(id_)
    exporting.gate.open()
    exports.resume(id_)
    exports.cancel(id_)
    job = wait_for(qtbot, exports, id_, "cancelled")
    assert not job.output.exists()
    exports.resume(id_)
    assert wait_for(qtbot, exports, id_, "done").output.read_bytes() == expected("0:24")


def test_removing_takes_the_unfinished_parts_away(qtbot: Any, exporting: Exporting, tmp_path: Path) -> None:
    exports = exporting.exports
    exports.remove(exporting.begin(qtbot, 12))
    qtbot.waitUntil(lambda: exports.jobs == (), timeout=WAIT)
    exports.close()  # waits for the disk
    assert [path.name for path in tmp_path.iterdir()] == ["exports"]
    assert list((tmp_path / "exports").iterdir()) == []


def test_failures_are_one_sentence_and_the_next_job_is_done(
    qtbot: Any, exports: ExportService, job_for: JobFor, tmp_path: Path
) -> None:
    def broken() -> Any:
        raise ZeroDivisionError

    ended: list[ExportJob] = []
    exports.job_ended.connect(ended.append)
    gone = exports.add(job_for("a.mkv", film=tmp_path / "gone.mkv"))
    bad = exports.add(job_for("b.mkv", references=(Reference("bad", "b:1", broken),)))
    good = exports.add(job_for("c.mkv", FrameRange(0, 2)))
    wait_for(qtbot, exports, good, "done")
    notes = {job.id: job.note for job in ended}
    assert "gone.mkv" in notes[gone]
    assert notes[bad].startswith("Something went wrong while copying references (ZeroDivisionError)")
    assert notes[good] == ""


def test_jobs_outlive_the_program(
    qtbot: Any, exporting: Exporting, tmp_path: Path, expected: Callable[[str], bytes]
) -> None:
    exports = exporting.exports
    id_ = exporting.begin(qtbot, 12)
    waiting = exports.add(exporting.job_for("later.mkv", FrameRange(0, 2)))
    heard: list[object] = []
    exports.jobs_changed.connect(lambda: heard.append(1))
    exports.close()
    qtbot.wait(1)
    assert heard == []
    exporting.gate.open()

    again = ExportService(tmp_path / "exports")
    found: list[tuple[ExportJob, ...]] = []
    again.found_interrupted.connect(found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=WAIT)
    assert [job.state for job in again.jobs] == ["interrupted", "interrupted"] and found == [again.jobs]
    assert again.job(id_).done >= 12  # type: ignore[union-attr]
    again.resume(id_)
    done = wait_for(qtbot, again, id_, "done")
    assert done.output.read_bytes() == expected("0:24")
    assert reused(done.output) == 12
    again.resume(waiting)
    wait_for(qtbot, again, waiting, "done")
    again.close()


def test_a_preview_that_never_ends_holds_no_export_up(
    qtbot: Any, job_for: JobFor, tmp_path: Path, expected: Callable[[str], bytes], gate: Gate
) -> None:
    turns, stop = FairTurns({"preview": 1.0, "export": 4.0}), Event()

    def preview() -> None:
        for _ in turns.in_turns("preview", itertools.count(), stop):
            if stop.wait(0.001):
                return

    thread = threading.Thread(target=preview)
    thread.start()
    exports = ExportService(tmp_path / "exports", turns=turns)
    notes: set[str] = set()
    try:
        exports.jobs_changed.connect(lambda: notes.update(job.note for job in exports.jobs))
        done = wait_for(qtbot, exports, exports.add(job_for()), "done")
    finally:
        stop.set()
        thread.join()
        exports.close()
    assert done.output.read_bytes() == expected("0:12")
    assert SHARING in notes


def test_what_a_cancelled_job_has_kept_is_told(
    qtbot: Any, exports: ExportService, job_for: JobFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(span=FrameRange(0, FRAMES))

    def in_the_second_shot(request: RenderRequest, cancel: Event, _: object) -> Iterator[Progress]:
        folder = work_folder(request.output)
        folder.mkdir()
        (folder / "0000000-0000024.mkv").write_bytes(b"whole")
        (folder / ".0000024-0000048.mkv").write_bytes(b"begun")
        record_path(folder, "0000000-0000024").write_text('{"bytes": 5}')
        yield Progress(30, FRAMES, 1.0)
        cancel.wait()
        raise CancelledError

    monkeypatch.setattr("remaster_gui.engine.render.render", in_the_second_shot)
    id_ = exports.add(job)
    wait_for_frames(qtbot, exports, id_, 30)
    exports.cancel(id_)
    qtbot.waitUntil(lambda: exports.job(id_).done == 24)  # type: ignore[union-attr]


CHILD = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
import numpy as np
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.export_list import ExportJob
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.workers.export_service import ExportService

film, weights, folder = map(Path, sys.argv[1:])
app = QCoreApplication([])
exports = ExportService(folder / "exports")
picture = np.random.default_rng(7).integers(0, 256, (64, 80, 3), np.uint8)

def kill(event, _):
    # The first step of the disk that comes after the first shot was finished.
    if event == "os.rename" and any((folder / ".out.mkv.remaster").glob("[0-9]*")):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
exports.add(ExportJob(
    film=film, output=folder / "out.mkv", preset="ffv1-16", span=FrameRange(0, 24),
    shots=(FrameRange(0, 12), FrameRange(12, 24)), references=(Reference("a.png", "a:1", lambda: picture, 3),),
    settings=Settings(edge=64), weights=weights, device="cpu",
))
app.exec()
"""


def test_a_killed_program_can_go_on(
    qtbot: Any, film: Path, weights: Path, tmp_path: Path, expected: Callable[[str], bytes]
) -> None:
    command = [sys.executable, "-c", CHILD, str(film), str(weights), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    exports = ExportService(tmp_path / "exports")
    qtbot.waitUntil(lambda: len(exports.jobs) == 1, timeout=WAIT)
    (job,) = exports.jobs
    assert job.state == "interrupted"
    assert job.done == 12, "what can be taken up is told at once"
    told: list[int] = []
    exports.jobs_changed.connect(lambda: told.append(exports.jobs[0].done))
    exports.resume(job.id)
    done = wait_for(qtbot, exports, job.id, "done")
    assert min(told) == 12
    assert done.output.read_bytes() == expected("0:24")
    assert reused(done.output) == 12
    exports.close()
