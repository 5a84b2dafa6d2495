from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.notices import complete
from remaster_gui.training import checkpoint
from remaster_gui.training.checkpoint import checkpoints, load_checkpoint, save_checkpoint


def _loaded(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = {}
    complete(load_checkpoint(folder, state.update))
    return state


def test_the_last_two_are_kept_and_the_newest_is_read(tmp_path: Path) -> None:
    for number in (5, 10, 15):
        save_checkpoint(tmp_path, number, {"number": number, "tensor": torch.full((2,), number)})
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "checkpoint-00000010.pt",
        "checkpoint-00000015.pt",
    ]
    state = _loaded(tmp_path)
    assert state["number"] == 15 and state["tensor"].tolist() == [15, 15]


def test_a_damaged_newest_checkpoint_is_passed_over(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})
    newest = save_checkpoint(tmp_path, 2, {"number": 2})
    newest.write_bytes(newest.read_bytes()[:100])
    assert _loaded(tmp_path)["number"] == 1


@pytest.mark.parametrize(("damaged", "kept"), [(0, [3, 4]), (1, [2, 3, 4]), (2, [1, 2, 3, 4])])
def test_what_a_killed_run_had_no_time_to_remove_goes_when_it_goes_on(
    tmp_path: Path, damaged: int, kept: list[int]
) -> None:
    for number in (1, 2, 3, 4):
        is_damaged = number > 4 - damaged
        torch.save(None if is_damaged else {"number": number}, tmp_path / f"checkpoint-{number:08d}.pt")
    assert _loaded(tmp_path)["number"] == 4 - damaged
    assert [int(path.stem[-8:]) for path in checkpoints(tmp_path)] == kept


@pytest.mark.parametrize("content", [[1, 2], "text", torch.zeros(3), None, 7])
def test_a_file_that_holds_something_else_is_passed_over(tmp_path: Path, content: object) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})
    torch.save(content, tmp_path / "checkpoint-00000002.pt")
    assert _loaded(tmp_path)["number"] == 1


@pytest.mark.parametrize(
    "damage", [KeyError("stage"), TypeError("x"), RuntimeError("size mismatch"), ValueError("y")]
)
def test_a_state_that_cannot_be_restored_is_passed_over(tmp_path: Path, damage: Exception) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})
    save_checkpoint(tmp_path, 2, {"number": 2})
    restored = []

    def restore(state: dict[str, Any]) -> None:
        if state["number"] == 2:
            raise damage
        restored.append(state["number"])

    _, notices = complete(load_checkpoint(tmp_path, restore))
    assert restored == [1]
    assert [each.text for each in notices] == [
        "checkpoint-00000002.pt cannot be used; the run goes on from checkpoint-00000001.pt, which is older."
    ]


def test_what_the_user_has_to_know_is_not_passed_over(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})

    def refuse(state: dict[str, Any]) -> None:
        raise SettingsError("Another recipe.")

    with pytest.raises(SettingsError):
        complete(load_checkpoint(tmp_path, refuse))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_damage_is_passed_over_or_the_state_is_right(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    save_checkpoint(folder, 1, {"number": 1})
    newest = save_checkpoint(folder, 2, {"number": 2, "tensor": torch.arange(300)})
    content = bytearray(newest.read_bytes())
    for place, value in changes:
        content[int(place * len(content))] = value
    newest.write_bytes(content)

    def restore(state: dict[str, Any]) -> None:
        if state["number"] == 2 and not torch.equal(state["tensor"], torch.arange(300)):
            raise AssertionError("damaged numbers are taken for right")

    complete(load_checkpoint(folder, restore))


def test_a_half_written_file_is_no_checkpoint(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, {"number": 1})
    (tmp_path / ".checkpoint-00000002.pt.partial").write_bytes(b"half")
    (tmp_path / "checkpoint-new.pt").write_bytes(b"stray")
    assert len(checkpoints(tmp_path)) == 1


def test_nothing_to_go_on_from_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no checkpoint in .* leave out --resume"):
        _loaded(tmp_path)


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
    assert _loaded(tmp_path)["number"] == 1
