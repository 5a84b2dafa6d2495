"""What the editor keeps beside projects and of the user: previews, stills, versions, presets."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from ..inputs import Tree
from ..mutations import content, names
from .base import Target, Trial

if TYPE_CHECKING:
    from remaster_gui.engine.kept_previews import KeptFrame

_SIZE = (24, 20)
_SHOTS = ((0, 4), (4, 8))


def _previewed(index: int) -> KeptFrame:
    from remaster_gui.base.packed_regions import pack_region
    from remaster_gui.base.spot_marks import SpotMark
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.drawn import Drawn, Draws
    from remaster_gui.engine.finish import Finish
    from remaster_gui.engine.kept_previews import KeptFrame
    from remaster_gui.engine.mattes import Mattes, NameSums
    from remaster_gui.engine.preview_results import PreviewedFrame

    rng = np.random.default_rng(index)

    def numbers(*more: int, kind: type = np.uint16) -> np.ndarray:
        return rng.integers(0, np.iinfo(kind).max, (*more[:-1], *_SIZE, *more[-1:]), kind, endpoint=True)

    finish = Finish(0.25, "keep", 0.5, (SpotMark("reject", 1, 2, 3, 4, pack_region(np.eye(3, dtype=bool))),))
    drawn = Drawn(("a", "b"), Draws(np.float32([0.3, 0.7]), np.float32([[-1.5] * 4, [-99, 0, -2, 0]])))
    planes = rng.integers(0, 256, (2, *_SIZE), np.uint8)
    mattes = Mattes(("coat", "sky"), planes, (NameSums(0.5, 10.0, -3.0), NameSums(0.1, 0.0, 0.0)))
    rgb, chrominance = numbers(3, kind=np.uint8), numbers(2)
    share, restored = rng.integers(0, 256, _SIZE, np.uint8), rng.integers(0, 65536, _SIZE, np.uint16)
    frame = PreviewedFrame(index, rgb, chrominance, share, restored, finish, 1.5, drawn, mattes)
    return KeptFrame("now", FrameRange(*_SHOTS[index // 4]), frame)


def _previews(folder: Path) -> None:
    from remaster_gui.engine.kept_previews import KeptPreviews

    kept = KeptPreviews(folder, "film", 2**30, least_free=0)
    kept.put([_previewed(index) for index in range(8)])
    kept.note("network", '{"chosen": null}')


def use_previews(tree: Path, trial: Trial) -> str:
    """Load previews of a file that was damaged, and write into it: whatever is wrong costs no more than previews."""
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.kept_previews import KeptPreviews, clear, kept_bytes

    kept, shots = KeptPreviews(tree, "film", 2**30, least_free=0), [FrameRange(*each) for each in _SHOTS]
    found = list(kept.load(shots, lambda _: "now", 3, stale=trial.random.random() < 0.5))
    for each in found:
        assert each.frame.index in each.shot and each.frame.rgb.dtype == np.uint8
    assert isinstance(kept.fact("network"), str)
    kept.rename(range(8), "now", "then")
    kept.note("network", "{}")
    # A link to nowhere that is writable stays as it is, and so do pipes and the like.
    kept.put([_previewed(2)])
    kept.touch(), kept_bytes(tree), clear(tree)
    return "taken" if len(found) == 8 else "passed over"


PREVIEWS = Target("previews", {"previews": _previews}, use_previews, share=2, share_of_names=0.05,
                  more_names=("film.previews-journal", "film.previews-wal"))  # fmt: skip
"""In a folder of the user alone, where links are as he wishes."""


def _gallery(folder: Path) -> None:
    from remaster_gui.document.still_gallery import StillGallery
    from remaster_gui.document.version_folder import VersionFolder

    project, picture = (
        folder / "film.remaster",
        np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8),
    )
    for frame in (7, 3):
        StillGallery(project).add(frame, picture)
    versions = VersionFolder(project)
    for note in ("coat is green", ""):
        number, path = versions.new_file()
        shutil.copy(Path(__file__).resolve().parents[2] / "data" / "version_7.remaster", path)
        versions.note_down(number, note)


def use_gallery(tree: Path, trial: Trial) -> str:
    """Look at stills and versions, take them along and away."""
    from remaster_gui.base.errors import RemasterError
    from remaster_gui.document.still_gallery import StillGallery
    from remaster_gui.document.taking_along import take_along
    from remaster_gui.document.version_folder import VersionFolder

    project, copy = tree / "film.remaster", tree / "copy.remaster"
    stills, versions = StillGallery(project), VersionFolder(project)
    whole = 0
    for still in stills.list():
        try:
            whole += stills.read(still).ndim == 3
        except RemasterError:
            continue
    for version in versions.list():
        assert version.title
        try:
            whole += len(versions.read(version, ()).rasters) > 0
        except RemasterError:
            continue
    take_along(project, copy)
    for still in stills.list()[:1]:
        stills.bring_back(still, stills.remove(still))
    for version in versions.list()[:1]:
        versions.remove(version)
    stills.add(5, np.zeros((16, 16, 3), np.uint8))
    return "taken" if whole == 4 else "passed over"


GALLERY = Target("gallery", {"gallery": _gallery}, use_gallery, share_of_names=0.2)


def _presets(folder: Path) -> None:
    from remaster_gui.media.own_presets import OwnPreset, OwnPresets

    book = OwnPresets(folder / "presets.json")
    book.put(OwnPreset("Web small", "h264-8:23", 480, "{folder}/out/{film}_{preset}"))
    book.put(OwnPreset("Scans", "dpx"))


def _harm(rng: Random, tree: Tree) -> None:
    entry = tree.get("presets.json")
    if rng.random() < 0.1 or not isinstance(entry, bytes):
        names(rng, tree, list(tree)) if tree else None
    else:
        tree["presets.json"] = content(rng, "presets.json", entry)


def use_presets(tree: Path, trial: Trial) -> str:
    """Load presets, ask each where films go, and keep another one."""
    from remaster_gui.media.own_presets import OwnPreset, OwnPresets

    book = OwnPresets(tree / "presets.json")
    found = book.load()
    for preset in found:
        for film in ("/films/a.mov", "~a.mov", "/", "b.%04d.dpx", "/films/..mov", "caf\udce9.mov"):
            output = preset.output(Path(film))
            assert output.name and preset.preset is not None
    if len(found) < 100:
        book.put(OwnPreset("New", "h264-8"))
        assert book.find("new") is not None
    book.remove("New")
    return "taken" if len(found) == 2 else "passed over"


PRESETS = Target("presets", {"presets": _presets}, use_presets, harm=_harm)
