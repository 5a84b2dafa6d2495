"""Workers watched from outside: what they crash on, hang on or take too much memory for is a finding as well."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10.0
"""Longest time that an input may take, less what its process waited for a core."""
BYTES = 2 * 2**30
"""Most memory that an input may take, with the program and all its libraries."""
_POLL = 0.05
_PREPARING = 300.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Case:
    """The name of an input."""

    target: str
    number: int
    steps: tuple[int, ...] | None = None
    """Which steps of damage are taken; None: all."""

    def __str__(self) -> str:
        steps = "" if self.steps is None else ":" + ",".join(map(str, self.steps))
        return f"{self.target}:{self.number}{steps}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote."""
        target, number, *steps = text.split(":")
        return cls(target, int(number), tuple(int(s) for s in steps[0].split(",") if s) if steps else None)


@dataclass(frozen=True)
class Result:
    """What became of an input; `outcome` is ``finding``, ``refused`` or what the target says of a good one."""

    case: Case
    outcome: str
    seconds: float
    peak: int
    steps: int = 0
    kind: str = ""
    where: str = ""
    text: str = field(default="", repr=False)
    seed: str = ""

    @property
    def signature(self) -> str:
        """By which findings of one fault are known for the same."""
        return f"{self.case.target} {self.kind} {self.where}"


class Worker:
    """One process that tries inputs, started anew whenever it is lost. A context manager."""

    def __init__(self, folder: Path, seconds: float = SECONDS, most: int = BYTES) -> None:
        """Keep everything below `folder`; seeds of several workers lie beside it."""
        self._folder, self._seconds, self._most = folder, seconds, most
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = b""
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def run(self, case: Case, keep: Path | None = None) -> Result:
        """Try one input; `keep` is a folder for a copy of it."""
        process = self._process or self._start()
        job = {
            "target": case.target,
            "number": case.number,
            "steps": case.steps,
            "keep": str(keep) if keep else None,
        }
        assert process.stdin is not None
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
        begun = self._read(process, _PREPARING)
        if isinstance(begun, str):
            text = self._log()
            self._stop()
            raise RuntimeError(f"the input {case} could not be made ({begun}):\n{text}")
        began = time.monotonic()
        done = self._read(process, self._seconds)
        facts = {"steps": begun["steps"], "seed": begun["seed"]}
        if isinstance(done, str):
            text = self._log()
            self._stop()
            return Result(case, "finding", time.monotonic() - began, self._seen, kind=done,
                          where=_crash_place(text), text=text[-6000:], **facts)  # fmt: skip
        kept = {
            key: done[key] for key in ("outcome", "seconds", "peak", "kind", "where", "text") if key in done
        }
        result = Result(case, **kept, **facts)
        if result.outcome != "finding" and result.peak > self._most:
            result = Result(case, "finding", result.seconds, result.peak, kind="Memory", where="", **facts)
        if done["held"] > self._most // 2:
            self._stop()  # what it holds on to would be counted for others
        return result

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen", "PYTHONHASHSEED": "0",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker", str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment, start_new_session=True,
            stderr=subprocess.PIPE if "REMASTER_FUZZ_LOUD" in os.environ else subprocess.DEVNULL,
        )  # fmt: skip
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        self._heard = b""
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        shutil.rmtree(self._folder / "input", ignore_errors=True)

    def _read(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any] | str:
        """Wait for an answer; returns why none comes: ``Hang``, ``Memory`` or the signal that ended the process."""
        began, waited = time.monotonic(), _waited(process.pid)
        self._seen = 0
        assert process.stdout is not None
        while b"\n" not in self._heard:
            if select.select([process.stdout], [], [], _POLL)[0]:
                if not (more := os.read(process.stdout.fileno(), 1 << 16)):
                    status = process.wait()
                    return signal.Signals(-status).name if status < 0 else f"exit {status}"
                self._heard += more
                continue
            self._seen = max(self._seen, _memory(process.pid))
            if self._seen > self._most:
                return "Memory"
            if time.monotonic() - began > seconds and (
                time.monotonic() - began - (_waited(process.pid) - waited) > seconds
            ):
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGABRT)  # faulthandler says where it was
                    process.wait(60)
                return "Hang"
        line, _, self._heard = self._heard.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _log(self) -> str:
        try:
            return (self._folder / "log").read_bytes()[-20_000:].decode("ascii", "backslashreplace")
        except OSError:
            return ""


def run_all(
    cases: Iterable[Case], *, seconds: float = SECONDS, folder: Path | None = None
) -> Iterator[Result]:
    """Try inputs one after another; what hung is tried once more, as machines are busy."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="remaster-fuzz-")))
        worker = stack.enter_context(Worker(place / f"worker-{os.getpid()}", seconds))
        for case in cases:
            result = worker.run(case)
            yield worker.run(case) if result.kind == "Hang" else result


def minimised(result: Result, worker: Worker) -> Result:
    """Leave out steps of damage as long as the finding stays the same."""
    kept = list(range(result.steps)) if result.case.steps is None else list(result.case.steps)
    smallest = result
    for step in list(kept):
        fewer = tuple(each for each in kept if each != step)
        again = worker.run(Case(result.case.target, result.case.number, fewer))
        if again.outcome == "finding" and again.signature == result.signature:
            kept, smallest = list(fewer), again
    return smallest


def _crash_place(text: str) -> str:
    """Return the innermost lines of the product in what `faulthandler` has written."""
    lines = [line.strip() for line in text.splitlines() if "remaster_gui/" in line and "File" in line]
    return lines[0][-160:] if lines else ""


def _memory(process: int) -> int:
    """Bytes that a process and the programs that it started hold now.

    Between its beginning and the start of its program a child has its parent's memory, which is not counted twice.
    """
    total = 0
    with contextlib.suppress(OSError, IndexError, ValueError):
        folder = Path(f"/proc/{process}")
        total += int((folder / "statm").read_text().split()[1]) * _PAGE
        program = (folder / "cmdline").read_bytes()
        for task in (folder / "task").iterdir():
            for child in (task / "children").read_text().split():
                if Path(f"/proc/{child}/cmdline").read_bytes() != program:
                    total += _memory(int(child))
    return total


def _waited(process: int) -> float:
    """Seconds for which the main thread of a process was ready and got no core."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    return 0.0
