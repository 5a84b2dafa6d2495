"""Painting asks a prior, and goes on without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch

from remaster_gui.base.errors import WeightsError
from remaster_gui.engine import shipped_weights
from remaster_gui.engine.shipped_weights import MANIFEST, PRIOR_NAME
from remaster_gui.model import weights_hash
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.prior_weights import PRIOR_FORMAT
from remaster_gui.painting.raster import PAINTED, SPREAD, Raster
from remaster_gui.painting.spread import spread
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.colorist_slot import ColoristSlot


@pytest.fixture
def raster() -> Raster:
    raster = Raster.of_frame(np.full((40, 50), 120, np.uint8))
    raster.chrominance[10:14, 10:20], raster.coverage[10:14, 10:20] = (160, 100), PAINTED
    return raster


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights without any."""
    (tmp_path / MANIFEST).write_text("{}")
    monkeypatch.setattr(shipped_weights, "weights_folder", lambda: tmp_path)
    return tmp_path


def _ship(folder: Path) -> None:
    torch.manual_seed(1)
    prior = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (0, 0, 0, 0, 0), (0, 0, 0, 0), 0, bins=3))
    torch.nn.init.normal_(prior.color.weight, std=0.1)
    path = folder / PRIOR_NAME
    PRIOR_FORMAT.save(prior, path, licence="", metrics={})
    said = f'{{"{PRIOR_NAME}": {{"sha256": "{weights_hash(path)}", "bytes": {path.stat().st_size}}}}}'
    (folder / MANIFEST).write_text(said)


def _done(tasks: BackgroundTasks, qtbot: Any, work: Callable[[Event], Any]) -> Any:
    found: list[Any] = []
    task = tasks.start(work, doing="trying")
    task.finished.connect(found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=300_000)
    return found[0]


def test_strokes_spread_by_the_prior(
    folder: Path, raster: Raster, tasks: BackgroundTasks, qtbot: Any
) -> None:
    _ship(folder)
    slot, said = ColoristSlot("cpu"), []
    slot.missed.connect(said.append)
    change = _done(tasks, qtbot, lambda cancel: slot.spread(raster, cancel))
    assert change != spread(raster) and not said
    change.apply(raster)
    assert raster.coverage.min() >= SPREAD
    assert _done(tasks, qtbot, lambda _: slot.outlook(raster)).centres.shape == (3, 2)


def test_without_a_prior_strokes_spread_all_the_same_and_it_is_said_once(
    folder: Path, raster: Raster, tasks: BackgroundTasks, qtbot: Any
) -> None:
    slot, said = ColoristSlot("cpu"), []
    slot.missed.connect(said.append)
    for _ in range(2):
        assert _done(tasks, qtbot, lambda cancel: slot.spread(raster, cancel)) == spread(raster)
    assert len(said) == 1 and PRIOR_NAME in said[0] and "are missing" in said[0]
    with pytest.raises(WeightsError, match="are missing"):
        slot.outlook(raster)


def test_a_damaged_prior_is_said_to_be_so(
    folder: Path, raster: Raster, tasks: BackgroundTasks, qtbot: Any
) -> None:
    _ship(folder)
    (folder / PRIOR_NAME).write_bytes(b"damaged")
    slot, said = ColoristSlot("cpu"), []
    slot.missed.connect(said.append)
    assert _done(tasks, qtbot, lambda cancel: slot.spread(raster, cancel)) == spread(raster)
    assert "damaged" in said[0]
