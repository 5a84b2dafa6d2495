"""What a run writes down goes on where the run does, whatever has become of its table meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from remaster_gui.base.errors import StorageError
from remaster_gui.training.run_log import COLUMNS, LOSSES, RunLog

HEAD = ",".join(COLUMNS)
FIRST, SECOND, THIRD = (f"restore,{number},0.1,0.5,0.5,," for number in (1, 2, 3))


def table(folder: Path) -> list[str]:
    return (folder / LOSSES).read_bytes().decode("ascii").split("\r\n")[:-1]


def note(folder: Path, number: int) -> None:
    with RunLog(folder, number - 1) as log:
        log.losses("restore", number, number, 0.1, {"total": 0.5, "luminance": 0.5})


def test_rows_of_later_iterations_are_dropped_when_a_run_goes_on(tmp_path: Path) -> None:
    for number in (1, 2, 3, 2):
        note(tmp_path, number)
    assert table(tmp_path) == [HEAD, FIRST, SECOND]


@pytest.mark.parametrize("damage", [b"restore,2,0.1,\xff\xd8\r\n", b"x" * 5000 + b"\r\n", b"restore,2,0.1"])
def test_a_damaged_table_is_kept_up_to_its_damage(tmp_path: Path, damage: bytes) -> None:
    note(tmp_path, 1)
    with (tmp_path / LOSSES).open("ab") as file:
        file.write(damage)
    note(tmp_path, 3)
    assert table(tmp_path) == [HEAD, FIRST, THIRD]


def test_a_table_that_is_a_link_is_replaced_and_its_target_kept(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("kept")
    (tmp_path / LOSSES).symlink_to(other)
    note(tmp_path, 1)
    assert other.read_text() == "kept"
    assert table(tmp_path) == [HEAD, FIRST]


def test_a_folder_in_place_of_the_table_is_said(tmp_path: Path) -> None:
    (tmp_path / LOSSES).mkdir()
    with pytest.raises(StorageError, match="remove what is in its place"):
        RunLog(tmp_path, 0)
