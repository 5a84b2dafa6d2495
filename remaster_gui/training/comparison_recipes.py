"""Recipes for what the paper compares: its rivals, and its own network at a width that a few cores can train.

For equal terms they are run with the same ``--processor-minutes``. Each keeps its own paper's objective; rates are
higher than there, and fall, because minutes have to do for days of the original training.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from remaster_gui.model import NARROW
from remaster_gui.model.rivals.dncnn import DnCNNConfig
from remaster_gui.model.rivals.vondrick import VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSRConfig
from remaster_gui.model.rivals.zhang import ZhangConfig
from remaster_gui.training.hint_samples import HintSettings
from remaster_gui.training.recipes import FILM, MEAN, Objective, Optimization, Recipe, TrainingStage
from remaster_gui.training.rival_samples import TrackSettings, UserHintSettings

_CLEAN = replace(FILM, samples=replace(FILM.samples, degraded=False), length=3, referenced=True)
"""Undamaged film with references, for colour alone."""

_LEARNING = Optimization("adamw", 1e-3, 1e-4, warm_up=30, clip=1.0, averaging=MEAN)

_stage = partial(TrainingStage, iterations=1000, optimization=_LEARNING, validate_every=500)

_RESTORE = _stage(
    "restoration",
    "restoration",
    ("restoration.",),
    batch=2,
    samples=replace(FILM, crop=96),
    objective=Objective(1.0, 0.0, squared=5.0),
    statistics="estimated",
)
_COLOR = _stage(
    "colorization",
    "colorization",
    ("colorization.",),
    batch=3,
    samples=_CLEAN,
    objective=Objective(0.0, 1.0, squared=20.0),
    statistics="estimated",
)
_BOTH = _stage(
    "joint",
    "remastering",
    ("",),
    iterations=800,
    batch=2,
    samples=replace(FILM, length=3, referenced=True),
    objective=Objective(1.0, 1.0, squared=10.0),
    optimization=replace(_LEARNING, rate=3e-4),
    validate_every=400,
    statistics="estimated",
)

NARROW_RECIPE = Recipe("narrow", NARROW, (_RESTORE, _COLOR, _BOTH))
"""The paper's stages for its own network at a quarter of the width, with what lets a few cores get somewhere."""


def _restorer(name: str, config: DnCNNConfig | WDSRConfig, batch: int) -> Recipe:
    patches = replace(FILM, length=1, crop=88)
    pace = replace(_LEARNING, weight_decay=0.0)
    stage = _stage("restoration", "restoration", ("",), batch=batch, samples=patches, optimization=pace)
    return Recipe(name, config, (stage,))


DNCNN_RECIPE = _restorer("dncnn", DnCNNConfig(width=0.5), batch=8)
WDSR_RECIPE = _restorer("wdsr", WDSRConfig(width=0.5), batch=4)

_TRACK = _stage("tracking", "tracking", ("",), batch=3, samples=TrackSettings(160, (160, 256)))
VONDRICK_RECIPE = Recipe("vondrick", VondrickConfig(width=0.25), (_TRACK,))

_VIEWS = HintSettings(128, (128, 200))
_CLASSIFY = _stage(
    "classification", "classification", ("",), iterations=500, batch=8,
    samples=UserHintSettings(_VIEWS, hinted=0.0), share=0.3,
)  # fmt: skip
_GUIDE = _stage("guided", "guided", ("",), batch=8, samples=UserHintSettings(_VIEWS, hinted=0.6))
ZHANG_RECIPE = Recipe("zhang", ZhangConfig(width=0.25), (_CLASSIFY, _GUIDE))

COMPARISON_RECIPES = (NARROW_RECIPE, DNCNN_RECIPE, WDSR_RECIPE, VONDRICK_RECIPE, ZHANG_RECIPE)
