"""The work folder: only what is sound and of the same job is taken up again, and nobody removes another's work."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Notice, Reveal, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import Plan
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.parts import Part, PartFacts
from remaster_gui.media import PRESETS

PLAN = Plan(5, None, 2**24)
IDENTITY: dict[str, Any] = {"film": "abc", "settings": {"edge": 64}}
SHOT = FrameRange(0, 12)
JOINING: dict[str, Any] = {"sound": "copy"}
PARTS = (Part(SHOT, FrameRange(0, 6)), Part(SHOT, FrameRange(6, 12)))


@pytest.fixture(params=["ffv1-16", "png16"])
def work(request: pytest.FixtureRequest, tmp_path: Path) -> WorkFolder:
    return fresh(tmp_path, request.param)


SAID = [Notice("warning", "The sound was left out.")]


def fresh(folder: Path, preset: str, name: str = "out.mkv") -> WorkFolder:
    return WorkFolder(folder / name, PRESETS[preset])


def again(work: WorkFolder) -> WorkFolder:
    return WorkFolder(work.output, work.preset)


def opened(work: WorkFolder, identity: dict[str, Any], plan: Plan) -> tuple[Plan, list[Notice]]:
    return complete(work.open(identity, plan))


def render(work: WorkFolder, parts: tuple[Part, ...] = PARTS, plan: Plan = PLAN) -> None:
    opened(work, IDENTITY, plan)
    for number, part in enumerate(parts):
        draft = work.draft_path(part)
        if work.preset.is_sequence:
            draft.mkdir()
            (draft / "000000.png").write_bytes(bytes([number]) * 100)
            (draft / "000001.png").write_bytes(b"second" * 20)
        else:
            draft.write_bytes(bytes([number]) * 100)
        work.keep(part, PartFacts())


def part_path(work: WorkFolder, part: Part) -> Path:
    """Where a part lies that is finished and sound."""
    segment = work.finished(part)
    assert segment is not None
    return segment.path


def record_path(work: WorkFolder, part: Part) -> Path:
    (path,) = (path for path in work.path.glob(".*.json") if path.name == f".{part.name}.json")
    return path


def content(path: Path) -> Path:
    """The file of a part that can be damaged."""
    return path / "000000.png" if path.is_dir() else path


def test_finished_parts_are_taken_up(work: WorkFolder) -> None:
    render(work)
    later = again(work)
    assert opened(later, IDENTITY, Plan(1, 64, 2**20)) == (PLAN, [])
    assert all(later.finished(part) for part in PARTS)
    assert later.finished(Part(SHOT, FrameRange(0, 5))) is None
    assert later.finished(Part(FrameRange(0, 6), FrameRange(0, 6))) is None


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)


def swap(path: Path) -> None:
    other = content(path.parent.parent / "0000006-0000012") if path.suffix == ".png" else None
    other = other or path.with_name("0000006-0000012.mkv")
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    [flip, swap, link, pipe, Path.unlink, *(lambda p, n=size: os.truncate(p, n) for size in (60, 0, 2**43))],  # type: ignore[misc]
)
def test_a_damaged_part_is_made_anew(work: WorkFolder, damage: Callable[[Path], object]) -> None:
    render(work)
    damage(content(part_path(work, PARTS[0])))
    later = again(work)
    opened(later, IDENTITY, PLAN)
    assert later.finished(PARTS[0]) is None
    if damage is not swap:
        assert later.finished(PARTS[1]) is not None
    render(later)
    assert all(later.finished(part) for part in PARTS)


def test_a_picture_more_or_less_is_noticed(tmp_path: Path) -> None:
    work = fresh(tmp_path, "png16")
    render(work)
    (part_path(work, PARTS[0]) / "000001.png").unlink()
    (part_path(work, PARTS[1]) / "000002.png").touch()
    later = again(work)
    opened(later, IDENTITY, PLAN)
    assert [later.finished(part) for part in PARTS] == [None, None]


def test_parts_swapped_with_their_records_are_noticed(tmp_path: Path) -> None:
    work = fresh(tmp_path, "ffv1-16")
    render(work)
    for paths in ([part_path(work, p) for p in PARTS], [record_path(work, p) for p in PARTS]):
        first, second = (path.read_bytes() for path in paths)
        paths[0].write_bytes(second)
        paths[1].write_bytes(first)
    later = again(work)
    opened(later, IDENTITY, PLAN)
    assert [later.finished(part) for part in PARTS] == [None, None]


RECORDS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(500)),
    "deep": lambda path: path.write_text("[" * 200_000),
    "list": lambda path: path.write_text("[]"),
    "number": lambda path: path.write_text("1e999"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "window 0": lambda path: path.write_text(path.read_text().replace('"window": 5', '"window": 0')),
    "tile 1": lambda path: path.write_text(path.read_text().replace('"tile_edge": null', '"tile_edge": 1')),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "gone": Path.unlink,
    "pipe": pipe,
    "link": link,
}


@pytest.mark.parametrize("damage", RECORDS)
def test_a_damaged_description_is_made_anew(tmp_path: Path, damage: str) -> None:
    """The plan decides bytes, so parts are taken up only where the new one is the same."""
    work = fresh(tmp_path, "ffv1-16")
    render(work)
    RECORDS[damage](work.path / "job.json")
    later = again(work)
    assert opened(later, IDENTITY, Plan(3, 128, 2**20)) == (Plan(3, 128, 2**20), [])
    assert [later.finished(part) for part in PARTS] == [None, None]
    other = again(work)
    assert opened(other, IDENTITY, PLAN)[0] == Plan(3, 128, 2**20)


@pytest.mark.parametrize("damage", [name for name in RECORDS if name not in ("window 0", "tile 1")])
def test_a_damaged_record_of_a_part_costs_that_part_only(tmp_path: Path, damage: str) -> None:
    work = fresh(tmp_path, "ffv1-16")
    render(work)
    RECORDS[damage](record_path(work, PARTS[0]))
    later = again(work)
    opened(later, IDENTITY, PLAN)
    assert later.finished(PARTS[0]) is None and later.finished(PARTS[1]) is not None


NO_PLANS = [
    (0, None, 1), (5, 1, 1), (5, None, 0), (True, None, 1), (1.5, 64, 1),
    (10**6, None, 1), (5, None, 2**60), (5, None, 1, 0), (5, None, 1, 10**6),
]  # fmt: skip


@pytest.mark.parametrize("numbers", NO_PLANS)
def test_no_plan_has_such_numbers(numbers: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        Plan(*numbers)


def test_work_with_other_settings_is_set_aside_and_found_again(work: WorkFolder) -> None:
    render(work)
    other = again(work)
    _, (notice,) = opened(other, IDENTITY | {"film": "xyz"}, PLAN)
    (action,) = notice.actions
    assert f"Unfinished work with other settings was kept in {action.path.name}, " in notice.text
    assert action == Reveal(action.path) and (action.path / "job.json").is_file()
    assert not any(other.finished(part) for part in PARTS)
    other.remove()
    first = again(work)
    assert opened(first, IDENTITY, PLAN) == (PLAN, [])
    assert all(first.finished(part) for part in PARTS)
    first.remove()
    assert list(work.path.parent.iterdir()) == []


def test_work_without_any_finished_part_is_not_kept(work: WorkFolder) -> None:
    opened(work, IDENTITY, PLAN)
    assert opened(again(work), IDENTITY | {"film": "xyz"}, PLAN)[1] == []
    assert len(list(work.path.parent.iterdir())) == 1


def test_only_one_may_write(work: WorkFolder) -> None:
    with work.held():
        render(work)
        match = f"out.mkv \\(process {os.getpid()}, since .*choose another"
        with pytest.raises(SettingsError, match=match), again(work).held():
            pass
        again(work).give_up()
        assert work.has_finished_parts()
    again(work).give_up()
    assert list(work.path.parent.iterdir()) == []


def test_a_link_in_place_of_the_folder_is_not_followed(work: WorkFolder, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "0000000-0000006.mkv").touch()
    work.path.symlink_to(precious)
    assert not work.has_finished_parts() and work.nbytes() == 0
    render(work)
    assert work.path.is_dir() and not work.path.is_symlink()
    assert work.path.stat().st_mode & 0o777 == 0o700
    work.remove()
    assert [path.name for path in precious.iterdir()] == ["0000000-0000006.mkv"]


def test_what_a_killed_run_was_writing_is_cleared_away(work: WorkFolder) -> None:
    render(work)
    (work.path / "..0000012-0000018.0123456789abcdef.part").touch()
    (work.path / ".0000012-0000018").mkdir()
    before = sorted(work.path.iterdir())
    opened(again(work), IDENTITY, PLAN)
    assert [path for path in before if path.exists()] == sorted(work.path.iterdir())
    assert len(before) == len(list(work.path.iterdir())) + 2


def test_an_output_that_was_published_is_known_until_somebody_changes_it(work: WorkFolder) -> None:
    render(work)
    output = work.output
    draft = output.with_name("draft")
    if work.preset.is_sequence:
        draft.mkdir()
        (draft / "a.png").write_bytes(b"a")
    else:
        draft.write_bytes(b"film")
    work.note_published(draft, None, JOINING, SAID)
    assert again(work).published() is None
    draft.rename(output)
    assert again(work).published() == SAID == work.published()
    # A run that was killed while it cleared away still tells, and only to the same job.
    for path in list(work.path.iterdir()):
        if path.name != "done.json":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    same, other = again(work), again(work)
    opened(same, IDENTITY, PLAN)
    assert same.published(JOINING) == SAID
    assert same.published(JOINING | {"sound": "none"}) is None
    opened(other, IDENTITY | {"film": "xyz"}, PLAN)
    assert other.published() is None
    work = again(work)
    opened(work, IDENTITY, PLAN)
    work.note_published(output, None, JOINING, [])
    (output / "b.png" if output.is_dir() else output).write_bytes(b"mine")
    assert again(work).published() is None


def test_long_names_have_a_folder_and_a_lock(tmp_path: Path) -> None:
    work = fresh(tmp_path, "ffv1-16", "é" * 125 + ".mkv")
    with work.held():
        render(work)
        assert all(work.finished(part) for part in PARTS)
        assert json.loads((work.path / "job.json").read_text())["identity"] == IDENTITY
        opened(work, IDENTITY | {"film": "xyz"}, PLAN)
        opened(work, IDENTITY, PLAN)
        work.remove()
