"""Renders on a farm: the bytes of one process, whatever dies meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import cast

import psutil
import pytest
from distributed import Client
from distributed.security import Security

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import computing_with
from remaster_gui.engine.farm import Farm
from remaster_gui.engine.farm_address import FarmAddress, Tls
from remaster_gui.engine.kept_parts import work_folder
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import plan_render, render
from remaster_gui.engine.render_plan import Planned
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.workplace import planned_job
from tests.conftest import two_shots_of, write_grey_film

FRAMES, SHOTS = 12, 6
TLS = Tls(Path("ca.pem"), Path("cert.pem"), Path("key.pem"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_grey_film(tmp_path_factory.mktemp("farm") / "film.mkv", two_shots_of(FRAMES, 64, 80))


@pytest.fixture
def request_(film: Path, tmp_path: Path, weights: Path) -> RenderRequest:
    return _request(film, tmp_path / "out.mkv", weights)


def _request(film: Path, output: Path, weights: Path) -> RenderRequest:
    length = FRAMES // SHOTS
    shots = tuple(FrameRange(first, first + length) for first in range(0, FRAMES, length))
    return RenderRequest(
        film, output, weights=weights, preset="ffv1-16", device="cpu", shots=shots,
        settings=Settings(edge=64, colorization=False),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """So that a share of the cores is no other number."""
    with computing_with(1):
        yield


@pytest.fixture(scope="module")
def whole(film: Path, weights: Path) -> bytes:
    """What one process makes of the request."""
    request = _request(film, film.with_name("whole.mkv"), weights)
    with computing_with(1):
        complete(render(request, Event()))
    return request.output.read_bytes()


def workers_of_this_machine() -> set[int]:
    """The processes in which a farm of this process makes parts, by their ids."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "spawn_main" in " ".join(process.cmdline()):
                found.add(process.pid)
    return found


@pytest.fixture
def usual_port_is_taken() -> Iterator[None]:
    """Take the port at which dask shows what it does, as another farm of this machine would, if it is free."""
    with socket.socket() as taken:
        with contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", 8787))
            taken.listen()
        yield


@pytest.mark.usefixtures("usual_port_is_taken")
def test_two_workers_one_of_which_is_killed_give_the_bytes_of_one_process(
    request_: RenderRequest, whole: bytes
) -> None:
    folder, killed, report = work_folder(request_.output), False, None
    others = workers_of_this_machine()
    work = render(request_, Event(), Farm(FarmAddress.read("local:2")))
    with contextlib.suppress(StopIteration):
        while True:
            try:
                next(work)
            except StopIteration as end:
                report = end.value
                raise
            if not killed and list(folder.glob("[0-9]*.mkv")):
                killed = True
                os.kill(min(workers_of_this_machine() - others), signal.SIGKILL)
    assert killed and report is not None
    assert request_.output.read_bytes() == whole
    assert report.frames == FRAMES and report.stages["encode"].frames == FRAMES
    assert not folder.exists() and workers_of_this_machine() <= others


@contextlib.contextmanager
def started_farm(
    folder: Path, *workers: Sequence[str], more: Sequence[str] = ()
) -> Iterator[tuple[str, Callable[[], None]]]:
    """A scheduler with workers, each a process of its own: their address, and what kills the scheduler."""
    with contextlib.ExitStack() as running:

        def start(*words: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", *words],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
            )
            running.callback(process.wait)
            running.callback(process.kill)
            return process

        known = folder / "scheduler.json"
        options = ["--scheduler-file", str(known), "--host", "127.0.0.1", *more]
        scheduler = start("distributed.cli.dask_scheduler", *options, "--port", "0", "--no-dashboard")
        for own in workers:
            once = ("--no-nanny", "--nthreads", "1", "--no-dashboard")
            start("distributed.cli.dask_worker", *options, *once, *own)
        waiting = Event()
        while not known.exists() or not known.read_text():
            assert scheduler.poll() is None
            waiting.wait(0.05)
        yield json.loads(known.read_text())["address"], scheduler.kill


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls | None:
    """Who signs for a farm, and a certificate and a key that all its machines share; None where openssl is missing."""
    if shutil.which("openssl") is None:
        return None
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Studio", "-days", "2")
    openssl("req", *key, "-keyout", "key.pem", "-out", "cert.csr", "-subj", "/CN=machine")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
    openssl("x509", "-req", "-in", "cert.csr", *signing, "-out", "cert.pem")
    return Tls(*(folder / name for name in ("ca.pem", "cert.pem", "key.pem")))


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory, tls: Tls | None) -> Iterator[FarmAddress]:
    """A farm that all tests share which leave it running, behind TLS where that can be: "with" a GPU and "without"."""
    more: list[str] = []
    if tls is not None:
        more += ["--protocol", "tls", "--tls-ca-file", str(tls.authority)]
        more += ["--tls-cert", str(tls.certificate), "--tls-key", str(tls.key)]
    workers = ("--name", "with", "--resources", "GPU=1"), ("--name", "without")
    with started_farm(tmp_path_factory.mktemp("shared"), *workers, more=more) as (url, _):
        address = FarmAddress.read(url, tls)
        security = None if tls is None else Security(
            tls_ca_file=str(tls.authority), tls_client_cert=str(tls.certificate), tls_client_key=str(tls.key),
            require_encryption=True,
        )  # fmt: skip
        with Client(url, security=security, set_as_default=False) as client:
            client.wait_for_workers(len(workers))
        yield address


def test_a_part_that_always_fails_is_given_up_with_its_reason_when_all_others_are_finished(
    request_: RenderRequest, whole: bytes, farm: FarmAddress
) -> None:
    complete(plan_render(request_, Event()))
    folder = work_folder(request_.output)
    in_the_way = folder / "0000002-0000004.mkv"
    (in_the_way / "something").mkdir(parents=True)
    reason = r"Part 1 \(frames 2:4\) could not be made in 3 tries: .*0000002-0000004\.mkv.*All other parts are finished"
    with pytest.raises(SettingsError, match=reason):
        complete(render(request_, Event(), Farm(farm)))
    assert len([path for path in folder.glob("[0-9]*.mkv") if path.is_file()]) == SHOTS - 1
    shutil.rmtree(in_the_way)
    report, _ = complete(render(request_, Event()))
    assert report.reused_frames == FRAMES - FRAMES // SHOTS
    assert request_.output.read_bytes() == whole


def test_a_scheduler_that_is_killed_costs_no_finished_part_and_the_same_command_goes_on(
    request_: RenderRequest, whole: bytes, tmp_path: Path
) -> None:
    folder = work_folder(request_.output)
    with (
        started_farm(tmp_path, ()) as (url, kill),
        pytest.raises(SettingsError, match="scheduler cannot be reached any more"),
    ):
        for _ in render(request_, Event(), Farm(FarmAddress.read(url))):
            if list(folder.glob("[0-9]*.mkv")):
                kill()
    kept = len(list(folder.glob("[0-9]*.mkv")))
    report, _ = complete(render(request_, Event()))
    assert kept and report.reused_frames >= FRAMES // SHOTS
    assert request_.output.read_bytes() == whole


def test_a_farm_behind_tls_makes_the_same_bytes_and_lets_nobody_else_in(
    request_: RenderRequest, whole: bytes, farm: FarmAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    if farm.tls is None:
        pytest.skip("no openssl here to make certificates with")
    assert farm.url.startswith("tls://")
    complete(render(request_, Event(), Farm(farm)))
    assert request_.output.read_bytes() == whole
    request_.output.unlink()
    monkeypatch.setattr("remaster_gui.engine.farm.PATIENCE", 1)
    strangers = Tls(farm.tls.certificate, farm.tls.certificate, farm.tls.key)
    for stranger in (FarmAddress.read(farm.url.replace("tls://", "tcp://")), replace(farm, tls=strangers)):
        with pytest.raises(
            SettingsError, match=r"There is no farm at .*; start its scheduler, check the address and"
        ):
            complete(render(request_, Event(), Farm(stranger)))


def test_work_of_cards_goes_to_workers_that_declare_one(request_: RenderRequest, farm: FarmAddress) -> None:
    job, _ = complete(plan_render(request_, Event()))
    _, plan, work, _ = planned_job(work_folder(request_.output))
    # What lies in the folder is for processors, so that a machine without a card can do the work of one.
    planned = cast(Planned, SimpleNamespace(job=replace(job, device="cuda"), plan=plan, work=work))
    parts = {part: len(part.span) for part in job.parts}
    said = {each.text for each in complete(Farm(farm).make(planned, parts, Event()))[1]}
    assert all(work.facts_of(part) is not None for part in job.parts)
    assert len(said) == 1 and "Worker without of the farm makes no parts: it declares no GPU" in said.pop()


@pytest.mark.parametrize(
    ("text", "tls", "sentence"),
    [
        ("local:0", None, "no number of processes"),
        ("local:two", None, "no number of processes"),
        ("nowhere", None, "no address of a farm"),
        ("http://127.0.0.1:80", None, "no address of a farm"),
        ("studio:8786", None, "nothing is encrypted"),
        ("tcp://10.0.0.7:8786", TLS, "nothing is encrypted"),
        ("tls://studio:8786", None, "needs the three files"),
    ],
)
def test_addresses_that_lead_nowhere_or_lie_open_are_refused(
    text: str, tls: Tls | None, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        FarmAddress.read(text, tls)


def test_addresses() -> None:
    assert FarmAddress.read("local:3") == FarmAddress(3, "")
    assert FarmAddress.read("127.0.0.1:8786") == FarmAddress(0, "tcp://127.0.0.1:8786")
    assert FarmAddress.read("tcp://[::1]:8786") == FarmAddress(0, "tcp://[::1]:8786")
    assert FarmAddress.read("studio:8786", TLS) == FarmAddress(0, "tls://studio:8786", TLS)


def test_without_the_library_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match=r"pip install 'remaster-gui\[farm\]'"):
        Farm(FarmAddress.read("local:2"))
