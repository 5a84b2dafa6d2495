from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from remaster_gui.base.errors import StorageError
from remaster_gui.training import checkpoint
from remaster_gui.training.checkpoint import checkpoints, load_checkpoint, save_checkpoint


def test_the_last_two_are_kept_and_the_newest_is_read(tmp_path: Path) -> None:
    for number in (5, 10, 15):
        save_checkpoint(tmp_path, number, {"number": number, "tensor": torch.full((2,), number)})
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "checkpoint-00000010.pt",
        "checkpoint-00000015.pt",
    ]
    state = load_checkpoint(tmp_path)
    assert state["number"] == 15 and state["tensor"].tolist() == [15, 15]


def test_a_damaged_newest_checkpoint_is_passed_over(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})
    newest = save_checkpoint(tmp_path, 2, {"number": 2})
    newest.write_bytes(newest.read_bytes()[:100])
    assert load_checkpoint(tmp_path)["number"] == 1


def test_a_half_written_file_is_no_checkpoint(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})
    (tmp_path / ".checkpoint-00000002.pt.partial").write_bytes(b"half")
    (tmp_path / "checkpoint-new.pt").write_bytes(b"stray")
    assert len(checkpoints(tmp_path)) == 1


def test_nothing_to_go_on_from_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no checkpoint in .* leave out --resume"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("write failed")])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})

    def fail(state: dict[str, Any], file: Any) -> None:
        file.write(b"half")
        raise error

    monkeypatch.setattr(checkpoint.torch, "save", fail)
    with pytest.raises(StorageError, match="make room and go on with --resume"):
        save_checkpoint(tmp_path, 2, {"number": 2})
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000001.pt"]
    assert load_checkpoint(tmp_path)["number"] == 1
