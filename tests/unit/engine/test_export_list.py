"""Exports on disk: what was added comes back after a crash, with the pictures of that moment."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.export_list import ExportJob, ExportList
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.kept_parts import record_path, work_folder
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.media import read_picture


def picture(seed: int, kind: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(kind).max, (20, 30, 3), kind)


def job(tmp_path: Path, *references: Reference, **changed: object) -> ExportJob:
    plain = ExportJob(
        tmp_path / "film.mkv", tmp_path / "out.mov", "prores-hq", FrameRange(2, 9),
        (FrameRange(0, 5), FrameRange(5, 12)), references, Settings(edge=96, luminance="working"), sound="none",
    )  # fmt: skip
    return replace(plain, **changed)  # type: ignore[arg-type]


def test_what_was_added_comes_back_whole(tmp_path: Path) -> None:
    painted, deep, strokes = picture(1), picture(2, np.uint16), picture(3)[..., 0]
    drawn = strokes.copy()
    given = job(
        tmp_path,
        Reference("ö painted", "a:1", lambda: painted, 3, load_strokes=lambda: strokes),
        Reference("deep", "b:2", lambda: deep),
        weights=tmp_path / "w.safetensors",
        film_rate=Fraction(24000, 1001),
        deinterlace=True,
        own=((0, ShotSettings(saturation=0.5, luminance="source")), (5, ShotSettings(restoration=False))),
        layers=True,
        lut=tmp_path / "print.cube",
        height=480,
        farm=FarmPlace("tls://studio:8786", tmp_path / "tls"),
        keeps_parts=True,
        delivery=Delivery(8, "{film}-{shot:05}"),
        archives=True,
        signing=SigningFiles(tmp_path / "chain.pem", tmp_path / "own.key"),
        preset="h264-8:20",
    )
    table = "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n"
    (tmp_path / "print.cube").write_text(table)
    added = ExportList(tmp_path / "exports").add(given)
    before = painted.copy()
    painted[:] = strokes[:] = 0  # the user paints on
    (loaded,) = ExportList(tmp_path / "exports").load()
    assert added.lut is not None and added.lut != given.lut and added.lut.name == "print.cube"
    (tmp_path / "print.cube").unlink()
    assert added.lut.read_text() == table
    assert loaded == replace(given, state="interrupted", lut=added.lut)
    for found in (added, loaded):
        np.testing.assert_array_equal(found.references[0].load(), before)
        assert found.references[0].load_strokes is not None and found.references[1].load_strokes is None
        np.testing.assert_array_equal(found.references[0].load_strokes(), drawn)
        np.testing.assert_array_equal(found.references[1].load(), deep)
        assert found.references[1].load().dtype == np.uint16


@pytest.mark.parametrize(
    ("state", "after"),
    [("waiting", "interrupted"), ("running", "interrupted"), ("paused", "paused"), ("done", "done"),
     ("failed", "failed"), ("cancelled", "cancelled")],
)  # fmt: skip
def test_what_was_under_way_is_interrupted(tmp_path: Path, state: str, after: str) -> None:
    exports = ExportList(tmp_path / "exports")
    added = exports.add(job(tmp_path))
    exports.save(replace(added, state=state, done=6, total=7, note="Why."))  # type: ignore[arg-type]
    _keep(added.output, "0000000-0000004", b"whole", 5)
    _keep(added.output, "0000004-0000006", b"torn", 5)
    _keep(added.output, ".0000006-0000007", b"begun", 5)
    (loaded,) = exports.load()
    kept = 6 if state == "done" else 4
    assert (loaded.state, loaded.done, loaded.total, loaded.note) == (after, kept, 7, "Why.")


def _keep(output: Path, name: str, content: bytes, size: int) -> None:
    folder = work_folder(output)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.mkv").write_bytes(content)
    record_path(folder, name).write_text(json.dumps({"bytes": size}))


def test_damaged_records_are_passed_over(tmp_path: Path) -> None:
    exports = ExportList(tmp_path)
    good, cut, newer = (exports.add(job(tmp_path)) for _ in range(3))
    record = tmp_path / cut.id / "job.json"
    record.write_text(record.read_text()[:50])
    record = tmp_path / newer.id / "job.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"format": "remaster-export-9"}))
    assert [each.id for each in exports.load()] == [good.id]


CHANGES: dict[str, object] = {
    "film": ["a"],
    "output": "",
    "preset": "betamax",
    "span": [9, 2],
    "shots": [[0, 5, 7]],
    "references": [["a", "b", "c"]],
    "settings": {"edge": 10**12},
    "sound": "loud",
    "weights": 5,
    "device": {},
    "state": "asleep",
    "done": -1,
    "total": 2.5,
    "note": None,
    "format": {},
}


@pytest.mark.parametrize(("name", "value"), CHANGES.items(), ids=CHANGES)
def test_records_that_make_no_sense_are_passed_over(tmp_path: Path, name: str, value: object) -> None:
    exports = ExportList(tmp_path)
    good, other = exports.add(job(tmp_path)), exports.add(job(tmp_path))
    record = tmp_path / other.id / "job.json"
    said = json.loads(record.read_text())
    record.write_text(json.dumps(said | {name: value}))
    assert [each.id for each in exports.load()] == [good.id]
    del said[name]
    record.write_text(json.dumps(said))
    assert [each.id for each in exports.load()] == [good.id]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delivery", {"handles": -1, "pattern": "{shot}", "reel": ""}),
        ("delivery", {"handles": 1, "pattern": "all", "reel": ""}),
        ("delivery", []),
        ("archives", "yes"),
        ("signing", ["chain.pem"]),
        ("signing", "chain.pem"),
    ],
)
def test_deliveries_and_signatures_that_make_no_sense_are_passed_over(
    tmp_path: Path, name: str, value: object
) -> None:
    exports = ExportList(tmp_path)
    record = tmp_path / exports.add(job(tmp_path)).id / "job.json"
    said = json.loads(record.read_text())
    record.write_text(json.dumps(said | {name: value}))
    assert exports.load() == []
    del said[name]  # as earlier versions wrote it
    record.write_text(json.dumps(said))
    (loaded,) = exports.load()
    assert (loaded.delivery, loaded.archives, loaded.signing) == (None, False, None)


@pytest.mark.parametrize("own", [5, [[0]], [[0, {"saturation": 9}]], [["a", {}]], [[0, {"luminance": 1}]]])
def test_shots_settings_that_make_no_sense_are_passed_over(tmp_path: Path, own: object) -> None:
    exports = ExportList(tmp_path)
    record = tmp_path / exports.add(job(tmp_path)).id / "job.json"
    said = json.loads(record.read_text())
    record.write_text(json.dumps(said | {"own": own}))
    assert exports.load() == []
    del said["own"]  # as earlier versions wrote it
    record.write_text(json.dumps(said))
    assert [each.own for each in exports.load()] == [()]


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"[]", b"null", b"\xff\xfe{\0}\0", b'{"format": NaN}', b"9" * 5000]
)
def test_records_that_are_none_are_passed_over(tmp_path: Path, content: bytes) -> None:
    exports = ExportList(tmp_path)
    good, other = exports.add(job(tmp_path)), exports.add(job(tmp_path))
    (tmp_path / other.id / "job.json").write_bytes(content)
    assert [each.id for each in exports.load()] == [good.id]


def test_removing_takes_the_copies_away(tmp_path: Path) -> None:
    exports = ExportList(tmp_path / "exports")
    added = exports.add(job(tmp_path, Reference("a", "a:1", lambda: picture(1))))
    exports.remove(added.id)
    assert list((tmp_path / "exports").iterdir()) == []
    assert exports.load() == []


def test_a_reference_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    exports = ExportList(tmp_path / "exports")
    gone = Reference("gone", "a:1", lambda: read_picture(tmp_path / "gone.png"))
    with pytest.raises(MediaError, match=r"gone\.png"):
        exports.add(job(tmp_path, gone))
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("a file is in the way")
    with pytest.raises(StorageError, match=r"^[^\n]+\.$"):
        ExportList(tmp_path / "exports").add(job(tmp_path))


def test_time_left_follows_from_the_rate(tmp_path: Path) -> None:
    assert job(tmp_path, done=10, total=30, rate=4.0).seconds_left == 5
    assert job(tmp_path, done=10, total=30).seconds_left is None


@pytest.mark.parametrize(("written", "meant"), [(True, "copy"), (False, "none"), ("convert", "convert")])
def test_what_becomes_of_sound_is_read_from_records_of_any_age(
    tmp_path: Path, written: object, meant: str
) -> None:
    record = tmp_path / ExportList(tmp_path).add(job(tmp_path)).id / "job.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"sound": written}))
    (loaded,) = ExportList(tmp_path).load()
    assert loaded.sound == meant
