"""What the program keeps for itself: renders under way, the user's settings, the list of exports."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from ..seeds import tiny_weights
from .base import Target, Trial

if TYPE_CHECKING:
    from remaster_gui.engine.render_request import RenderRequest

OUTPUTS = {"film": "out.mkv", "pictures": "out"}
_SPANS = ((0, 4), (4, 8), (8, 12))


def write_source(path: Path) -> None:
    """Write the film of these renders."""
    from remaster_gui.media import PRESETS, SegmentWriter

    y, x = np.mgrid[:64, :80].astype(np.float32)
    with SegmentWriter(path, PRESETS["ffv1-10"], 80, 64, Fraction(24)) as writer:
        for number in range(_SPANS[-1][1]):
            grey = (0.5 + 0.3 * np.sin((x + 3 * number) / 7) * np.cos(y / 5)).astype(np.float32)
            writer.write(np.repeat(grey[..., None], 3, axis=2), Fraction(number, 24))


def request_of(tree: Path, output: str, made: Path) -> RenderRequest:
    """Return how it is rendered."""
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.messages import Settings
    from remaster_gui.engine.render_request import RenderRequest

    return RenderRequest(
        tree / "film.mkv", tree / output, weights=tiny_weights(made), device="cpu",
        settings=Settings(edge=64, luminance="working", colorization=False),
        preset="ffv1-10" if output.endswith(".mkv") else "png16", shots=tuple(FrameRange(*s) for s in _SPANS),
    )  # fmt: skip


def _stopped(output: str, folder: Path) -> None:
    """A render that was stopped after its second part."""
    from remaster_gui.engine.render import render
    from remaster_gui.engine.session import CancelledError

    write_source(folder / "film.mkv")
    cancel = Event()
    try:
        for step in render(request_of(folder, output, folder.parents[1]), cancel):
            if step.done >= _SPANS[1][1]:
                cancel.set()
    except CancelledError:
        return
    raise AssertionError("the render was not stopped")


def _digest(path: Path) -> str:
    """Hash what a film or a folder of pictures shows."""
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.media import open_film

    digest = hashlib.blake2b()
    with open_film(path) as film:
        for frame in film.frames(FrameRange(0, film.info.frame_count), "rgb"):
            digest.update(np.ascontiguousarray(frame.pixels).data)
    return digest.hexdigest()


def _expected(trial: Trial) -> str:
    """Return the hash of what an undisturbed render shows, found once."""
    note = trial.made / trial.target.name / f"{trial.seed}.expected"
    if not note.is_file():
        folder = trial.made / trial.target.name / f"{trial.seed}-undisturbed"
        folder.mkdir()
        write_source(folder / "film.mkv")
        _finish(folder, OUTPUTS[trial.seed], trial.made)
        note.write_text(_digest(folder / OUTPUTS[trial.seed]))
    return note.read_text()


def _finish(tree: Path, output: str, made: Path) -> None:
    from remaster_gui.engine.render import render

    for _ in render(request_of(tree, output, made), Event()):
        pass


def resume(tree: Path, trial: Trial) -> None:
    """Go on with a render whose remains were damaged: it ends with what an undisturbed one shows."""
    output = OUTPUTS[trial.seed]
    expected = _expected(trial)
    _finish(tree, output, trial.made)
    assert _digest(tree / output) == expected, "the output shows something else"
    planted = {name.partition("/")[0] for name in trial.tree} - {f".{output}.remaster"}
    left = {each.name for each in tree.iterdir() if each.name.startswith(".")} - planted
    assert not left, f"left behind: {sorted(left)}"


RESUME = Target(
    "resume", {seed: partial(_stopped, output) for seed, output in OUTPUTS.items()}, resume,
    touches=lambda name: name != "film.mkv", share_of_names=0.3,
    more_names=(".out.mkv.part", ".out.mkv.report.json.part", ".out.mkv.lock", ".out.mkv.remaster/0000008-0000012.mkv",
                ".out.part", ".out.remaster/0000008-0000012/0000008.png", "out.mkv.report.json"),
)  # fmt: skip


def _settings(folder: Path) -> None:
    from PySide6.QtCore import QByteArray

    from remaster_gui.document.user_settings import RecentEntry, UserSettings

    settings = UserSettings(folder / "settings.json")
    settings.add_recent(RecentEntry(Path("/films/a.remaster"), "ä", "2026-01-01T00:00:00"))
    settings.changed_keys = {"play": "Ctrl+P"}
    settings.memory_budget, settings.sound, settings.proxy = 2**31, False, "full"
    settings.weights = Path("/w.safetensors")
    settings.geometry, settings.layout = QByteArray(b"\1\xd9\xd0\xcb" * 20), QByteArray(bytes(300))
    settings.set_folder("film", Path("/films"))
    settings.set_flag("scopes", True)
    settings.set_number("brush", 12.5)
    settings.sync()


def read_settings(tree: Path, trial: Trial) -> None:
    """Start with settings that were damaged, and write them again."""
    from remaster_gui.document.user_settings import RecentEntry, UserSettings

    path = next((each for each in sorted(tree.rglob("*")) if each.is_file()), tree / "settings.json")
    settings = UserSettings(path)
    for entry in settings.recent:
        settings.recent_picture(entry.path)
    assert all(isinstance(key, str) for key in settings.changed_keys.values())
    assert 2**20 < settings.memory_budget < 2**60
    _ = settings.sound, settings.proxy, settings.weights, settings.geometry, settings.layout
    settings.folder("film"), settings.flag("scopes", True)
    assert 1 <= settings.number("brush", 20, 1, 400) <= 400
    settings.add_recent(RecentEntry(Path("/films/b.remaster"), "b", "2026-01-01T00:00:00"))
    settings.sync()


SETTINGS = Target("settings", {"json": _settings}, read_settings, share=4, share_of_names=0.0)
"""In a folder of the user alone, where links are as he wishes."""


def _exports(folder: Path) -> None:
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.export_list import ExportJob, ExportList
    from remaster_gui.engine.messages import Reference

    picture = np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)
    exports = ExportList(folder)
    for number in range(2):
        reference = Reference("red", "ab" * 16, lambda: picture, 3)
        job = ExportJob(Path("/films/a.mkv"), Path("/films/o.mkv"), "ffv1-10", FrameRange(0, 9),
                        (FrameRange(0, 9),), (reference,), id=f"{number:032x}", total=9)  # fmt: skip
        exports.add(job)


def list_exports(tree: Path, trial: Trial) -> str | None:
    """Read the list of exports; one damaged record hides no other."""
    from remaster_gui.base.errors import RemasterError
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.export_list import ExportList

    exports = ExportList(tree)
    jobs = exports.load()
    whole = [folder for folder in trial.tree if folder.endswith("job.json") and _is_whole(trial, folder)]
    assert len(jobs) >= len(whole), "a whole record was passed over"
    for job in jobs:
        assert isinstance(job.span, FrameRange) and job.seconds_left is None
        for reference in job.references:
            try:
                reference.load()
            except RemasterError:
                continue
        json.dumps([str(job.film), job.preset, job.done, job.total, job.note, job.state])
        try:
            exports.save(dataclasses.replace(job, done=1))
        except RemasterError:
            continue
        exports.remove(job.id)
    return None if len(jobs) == 2 else "passed over"


def _is_whole(trial: Trial, name: str) -> bool:
    from .base import seed_tree

    return trial.tree[name] == seed_tree(trial.target, trial.seed, trial.made).get(name)


EXPORTS = Target("exports", {"list": _exports}, list_exports, share=4, share_of_names=0.1)
