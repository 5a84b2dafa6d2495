"""What becomes of the terminal never takes a result away; numbers and names of any kind are borne."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from remaster_gui.base.errors import StorageError
from remaster_gui.base.paths import log_file, user_folder
from remaster_gui.cli import main
from remaster_gui.cli.console import logging_to_file
from remaster_gui.cli.numbers import real, whole

TELL = """
import sys
from remaster_gui.cli.console import guarded
from remaster_gui.cli.terminal import prepare_streams, tell
prepare_streams()
def work():
    print("on the way", file=sys.stderr)
    open(sys.argv[1], "w").write("result")
    tell("gr\\udcfc\\udcdfe: done \\u20ac")
    return 0
sys.exit(guarded(work, None))
"""


def run(
    redirections: str, tmp_path: Path, script: str = TELL, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    command = f'exec "$0" -c "$1" "$2" {redirections}'
    return subprocess.run(
        ["bash", "-c", command, sys.executable, script, tmp_path / "result"],
        capture_output=True, check=False, timeout=600, env=os.environ | variables,
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
@pytest.mark.parametrize(
    "redirections",
    [
        "2>/dev/full",
        ">/dev/full",
        ">/dev/full 2>&1",
        ">&-",
        "2>&-",
        "<&- >&- 2>&-",
        "> >(exit)",
        "2> >(exit)",
    ],
)
def test_a_result_is_a_result_whatever_becomes_of_the_terminal(redirections: str, tmp_path: Path) -> None:
    ended = run(redirections, tmp_path)
    assert ended.returncode == 0
    assert (tmp_path / "result").read_text() == "result"
    assert b"Traceback" not in ended.stderr and b"Exception ignored" not in ended.stderr


def test_names_that_are_no_text_are_told_as_they_are(tmp_path: Path) -> None:
    assert run("", tmp_path).stdout == b"gr\xfc\xdfe: done \xe2\x82\xac\n"
    assert run("", tmp_path, PYTHONIOENCODING="ascii").stdout == b"gr\xfc\xdfe: done \\u20ac\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_table_that_cannot_be_shown_is_one_sentence(tmp_path: Path) -> None:
    ended = run(">/dev/full", tmp_path, TELL.replace("tell(", "print("))
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[1:] == [
        b"What is to be shown cannot be written (no space left on device); send it somewhere else."
    ]


STOP = """
import os, signal, sys, threading
from remaster_gui.cli.terminal import prepare_streams, stopped_by_ctrl_c
prepare_streams()
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let what they start in the background ignore it
with stopped_by_ctrl_c("Stopping.", "Stopped at once.") as cancel:
    os.kill(os.getpid(), signal.SIGINT)
    assert cancel.is_set()
    if sys.argv[1].endswith("twice"):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(60)
        finally:
            print("unwound")
print("whole", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.parametrize("times", ["once", "twice"])
def test_ctrl_c_ends_the_work_and_a_second_one_the_process(times: str) -> None:
    ended = subprocess.run([sys.executable, "-c", STOP, times], capture_output=True, check=False, timeout=600)
    said = [line for line in ended.stderr.decode().splitlines() if line]
    if times == "once":
        assert (ended.returncode, ended.stdout, said) == (0, b"whole True\n", ["Stopping."])
    else:
        assert (ended.returncode, ended.stdout, said) == (130, b"", ["Stopping.", "Stopped at once."])


def test_the_log_is_for_its_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = log_file()
    path.parent.mkdir(parents=True)
    path.touch(0o644)
    with logging_to_file("info", verbose=False):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_user_without_a_home_goes_without_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_user: object) -> None:
        raise KeyError("no such user")

    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with logging_to_file("info", verbose=False) as path:
        assert path is None
    for kind in ("cache", "config", "data", "log"):
        monkeypatch.delenv(f"XDG_{kind.upper()}_HOME", raising=False)
        with pytest.raises(StorageError, match="HOME"):
            user_folder(kind)
    assert main(["--version"]) == 0


@pytest.mark.parametrize("text", ["9" * 10_000, "nan", "inf", "1e400", "", "x", "-1", "11", "٣", "1_0"])
def test_numbers_out_of_bounds_are_one_short_line(text: str) -> None:
    readers = (whole(0, 10),) if text in ("٣", "1_0") else (whole(0, 10), real(0, 10))
    for read in readers:
        with pytest.raises(Exception, match="from 0 to 10") as raised:
            read(text)
        assert len(str(raised.value)) < 80
    assert whole(0, 10)(" 10 ") == 10 and real(0, 10)("2.5") == 2.5


@pytest.mark.parametrize(
    "words",
    [
        ["render", "f", "-o", "o.mkv", "--size", "9" * 10_000],
        ["render", "f", "-o", "o.mkv", "--size", "nan"],
        ["train", "--data", "d", "--out", "o", "--minutes", "nan"],
        ["train", "--data", "d", "--out", "o", "--threads", "99999999999"],
        ["train", "--data", "d", "--out", "o", "--seed", "-1"],
        ["bench", "--windows", "0"],
        ["bench", "--threads", "1e400"],
        ["bench", "--references", "9" * 10_000],
        ["bench", "--sizes", f"{'9' * 10_000}x16"],
        ["degrade", "f", "o.mkv", "--strength", "nan"],
        ["degrade", "f", "o.mkv", "--seed", "9" * 10_000],
        ["evaluate", "d", "--task", "restoration", "--protocol", "90", "--size", "inf"],
        ["evaluate", "d", "--task", "restoration", "--protocol", "90", "--limit", "9" * 10_000],
    ],
)
def test_no_number_on_the_command_line_is_a_defect(
    words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    complaint = capfd.readouterr().err.splitlines()[-1]
    assert "Traceback" not in complaint and len(complaint) < 250


def test_signals_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGINT)
    main(["--version"])
    assert signal.getsignal(signal.SIGINT) is before
