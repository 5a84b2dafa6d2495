"""Files of holes are copied and compared at once, and all others as they are."""

from __future__ import annotations

from pathlib import Path

from remaster_gui.base.holes import copy_with_holes, have_same_content


def written(path: Path, *pieces: tuple[int, bytes], size: int) -> Path:
    with path.open("wb") as file:
        for at, data in pieces:
            file.seek(at)
            file.write(data)
        file.truncate(size)
    return path


def test_holes_stay_holes_and_all_else_is_the_same(tmp_path: Path) -> None:
    source = written(tmp_path / "a", (0, b"begin"), (2**30 + 7, b"end"), size=2**40)
    copy = written(tmp_path / "b", size=0)
    copy_with_holes(source, copy)
    assert copy.stat().st_size == 2**40 and copy.stat().st_blocks < 1000
    with copy.open("rb") as file:
        assert file.read(6) == b"begin\0"
        file.seek(2**30 + 6)
        assert file.read(5) == b"\0end\0"
    assert have_same_content(source, copy)
    assert not have_same_content(source, written(tmp_path / "c", (0, b"begin"), size=2**40))
    assert not have_same_content(written(tmp_path / "d", (2**30, b"x"), size=2**40), tmp_path / "c")
    assert not have_same_content(source, written(tmp_path / "e", (0, b"begin"), size=5))


def test_more_than_a_piece_is_copied_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4097 * 3
    (tmp_path / "a").write_bytes(content)
    copy_with_holes(tmp_path / "a", written(tmp_path / "b", size=0))
    assert (tmp_path / "b").read_bytes() == content and have_same_content(tmp_path / "a", tmp_path / "b")
