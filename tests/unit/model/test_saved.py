"""What torch.save writes is read; what only looks like it is refused before it takes memory or time."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.model import saved
from remaster_gui.model.saved import load_saved

STATE = {
    "network": OrderedDict(a=torch.arange(6.0).view(2, 3), b=torch.tensor([3])),
    "half": torch.ones(2, dtype=torch.bfloat16),
    "random": torch.get_rng_state(),
    "score": float("-inf"),
    "lists": [None, True, (1, 2), "Ä", -5, 2**40],
}


def _saved(content: object, *, archive: bool = True) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=archive)
    return file.getvalue()


@pytest.mark.parametrize("archive", [True, False])
def test_states_are_read(tmp_path: Path, archive: bool) -> None:
    path = tmp_path / "state.pt"
    path.write_bytes(_saved(STATE, archive=archive))
    state = load_saved(path)
    assert state["lists"] == STATE["lists"] and state["score"] == STATE["score"]
    assert torch.equal(state["network"]["a"], torch.arange(6.0).view(2, 3))
    assert state["half"].dtype == torch.bfloat16


def _repacked(change: Callable[[bytes], bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive whose description is changed."""
    source, target = zipfile.ZipFile(io.BytesIO(_saved(STATE))), io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, change(content) if name.endswith("data.pkl") else content)
    return target.getvalue()


def _described(description: bytes) -> bytes:
    return _repacked(lambda _: b"\x80\x02" + description)


def _tuple_bomb() -> bytes:
    """A table whose key is a tuple of 2**60 values."""
    double = b"".join(b"q" + bytes([n]) + b"h" + bytes([n]) + b"\x86" for n in range(60))
    return b"}K\x01" + double + b"Ns."


BOMBS = {
    "packed": _repacked(lambda content: content, zipfile.ZIP_DEFLATED),
    "memory by a number": _described(b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R."),
    "memory by a size": _described(b"ctorch\nTensor\nJ\xff\xff\xff\x7f\x85R."),
    "code": _repacked(lambda _: pickle.dumps(os.getcwd, protocol=2)),
    "code another way": _repacked(lambda _: pickle.dumps(os.getcwd, protocol=4)),
    "tuples": _described(_tuple_bomb()),
    "a stack that runs dry": _described(b"s."),
    "no mark": _described(b"}K\x01u."),
    "no memo": _described(b"h\x07."),
    "a text that is longer": _described(b"X\xff\xff\xff\x7fabc."),
    "no end": _described(b"}"),
    "legacy by a size": _saved(STATE, archive=False)[:36] + b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.",
    "tar": b"\x80\x02K\x01.".ljust(257, b"\0") + b"ustar\x0000" + bytes(2000),
    "empty": b"",
    "text": b"hello",
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_what_would_harm_is_refused_before_it_is_loaded(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("it is loaded")

    monkeypatch.setattr(torch, "load", refuse)
    path = tmp_path / "state.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError):
        load_saved(path)


def test_storages_that_claim_more_than_there_is_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    wanted = struct.pack("<I", 0x4321_1234)
    path.write_bytes(_repacked(lambda content: content.replace(b"K\x06t", b"J" + wanted + b"t")))
    assert path.read_bytes().count(wanted) == 1
    with pytest.raises(ValueError, match="cannot be loaded"):
        load_saved(path)


def test_a_file_with_holes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    with path.open("wb") as file:
        file.truncate(saved.LARGEST + 1)
    with pytest.raises(ValueError, match="at most"):
        load_saved(path)


@settings(max_examples=150)
@given(st.data(), st.booleans())
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, archive: bool
) -> None:
    content = bytearray(_saved(STATE, archive=archive))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("saved") / "state.pt"
    path.write_bytes(content)
    with contextlib.suppress(ValueError):
        load_saved(path)
