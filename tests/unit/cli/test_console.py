from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.base.paths import log_file
from remaster_gui.cli.console import guarded, logging_to_file


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def fail(error: BaseException) -> int:
    raise error


def test_a_fault_ends_as_its_own_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to_file("info", verbose=False) as path:
        status = guarded(lambda: fail(MediaError("The film has no picture; choose another.")), path)
    assert status == 2
    assert capfd.readouterr() == ("", "The film has no picture; choose another.\n")
    assert "Traceback" in log_file().read_text()


def test_a_defect_names_the_log_which_has_the_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to_file("info", verbose=False) as path:
        status = guarded(lambda: fail(ValueError("shapes differ\nat length")), path)
    assert status == 1
    output, complaint = capfd.readouterr()
    assert output == ""
    assert complaint.count("\n") == 1
    assert "ValueError: shapes differ" in complaint
    assert str(log_file()) in complaint
    assert "in fail" in log_file().read_text()


def test_a_name_that_the_system_refuses_is_no_defect(capfd: pytest.CaptureFixture[str]) -> None:
    status = guarded(lambda: int(Path("absent" + 300 * "#").is_file()), None)
    assert status == 2
    assert "is too long for this disk; check the path" in capfd.readouterr().err


def test_ctrl_c_ends_with_130(capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: fail(KeyboardInterrupt()), None) == 130
    assert capfd.readouterr().err == "Stopped.\n"


def test_warnings_go_to_the_log_and_not_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to_file("info", verbose=False), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("deprecated by somebody", stacklevel=1)
        logging.getLogger("remaster_gui.engine").warning("little memory")
    assert capfd.readouterr() == ("", "")
    text = log_file().read_text()
    assert "deprecated by somebody" in text
    assert "little memory" in text


def test_verbose_shows_our_records_only(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to_file("info", verbose=True):
        logging.getLogger("remaster_gui.engine").info("window of 8 frames")
        logging.getLogger("somebody.else").error("noise")
        logging.getLogger("remaster_gui.engine").debug("below the level")
    assert capfd.readouterr().err == "INFO remaster_gui.engine: window of 8 frames\n"


def test_without_a_place_for_the_log_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with logging_to_file("info", verbose=False) as path:
        assert path is None
        assert guarded(lambda: 0, path) == 0
        logging.getLogger("remaster_gui").warning("nobody hears this")
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_under_the_log_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    log_file().parent.mkdir(parents=True)
    log_file().symlink_to("/dev/full")
    with logging_to_file("info", verbose=False) as path:
        status = guarded(lambda: fail(MediaError("The disk is full; free some space.")), path)
    assert status == 2
    assert capfd.readouterr() == ("", "The disk is full; free some space.\n")


def test_handlers_are_gone_afterwards() -> None:
    before = list(logging.getLogger().handlers)
    with logging_to_file("debug", verbose=True):
        pass
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("could not create a primitive")])
def test_memory_that_ran_out_is_no_defect(error: Exception, capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: fail(error), None) == 2
    assert capfd.readouterr().err.startswith("Memory ran out; close other programs")
