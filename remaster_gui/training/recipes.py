"""How networks are trained, as data: the paper's recipe, and one for a small machine.

A recipe is a list of stages; a stage says which weights learn, from what, by which objective, how fast and how long.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from remaster_gui.base.errors import SettingsError
from remaster_gui.model import COMPACT, PAPER, ModelConfig
from remaster_gui.model.prior import PRIOR, PriorConfig
from remaster_gui.model.rivals.systems import RivalConfig
from remaster_gui.training.augmentation import TABLE_3, Alteration, AlterationTarget, Augmentation
from remaster_gui.training.hint_samples import HintSettings
from remaster_gui.training.pairs import PairSettings
from remaster_gui.training.rival_samples import TrackSettings, UserHintSettings
from remaster_gui.training.sample_store import StoredSettings
from remaster_gui.training.samples import MatchingReferences, SampleSettings
from remaster_gui.training.tone_samples import ToneSettings

TrainingTask = Literal[
    "matching",
    "colorization",
    "tones",
    "restoration",
    "remastering",
    "hints",
    "tracking",
    "classification",
    "guided",
]
"""What is computed; matching is colourisation as far as the attention carries colours over, tones are the part of
restoration that needs whole frames, hints are what the colour prior learns from. The last three are what the paper's
rivals learn: to follow places through a film, to tell likely colours, to colour by hints."""

Samples = (
    SampleSettings
    | PairSettings
    | StoredSettings
    | HintSettings
    | TrackSettings
    | UserHintSettings
    | ToneSettings
)

BETA = 1e-4
"""Weight of the chrominance in Eq. 3; the paper prints its value under the name of gamma."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Eq. 3, ``luminance * L1(luminance) + chrominance * L1(chrominance)``, and two terms that the paper has not.

    `squared` weighs the squared error of either plane relative to its L1, which is what PSNR measures; `carried` the
    L1 of the chrominance that the attention carries over, at 1/8 and 1/16 size: it teaches to match.
    """

    luminance: float = 1.0
    chrominance: float = BETA
    squared: float = 0.0
    carried: float = 0.0
    decibels: bool = False
    """The squared error of the luminance of each sample in dB instead, which keeps what is good already from harm.

    Errors below `LEAST_ERROR` count as that.
    """


@dataclass(frozen=True, slots=True)
class Optimization:
    """Sec. 4.5: ADADELTA with constant rate; or AdamW, whose rate warms up and falls as a cosine to 2 %.

    `scales` multiplies the rate of the learned scales of similarities, of which there are few.
    """

    method: Literal["adadelta", "adamw"] = "adadelta"
    rate: float = 1.0
    weight_decay: float = 0.0
    warm_up: int = 0
    scales: float = 1.0
    clip: float = 0.0
    """Longest gradient, 0 for any."""
    averaging: float = 0.0
    """Share that the running mean of the weights keeps in an iteration; what is judged and kept is that mean.

    With batches of a few samples weights wander about a place that is better than where they happen to be.
    """


@dataclass(frozen=True, slots=True)
class TrainingStage:
    """One stretch of training.

    `trains`: beginnings of the names of the weights that learn (all others stay as they are); `validate_every`
    iterations the network is measured on the held-out clips, and the best one is what the next stage starts from.
    """

    name: str
    task: TrainingTask
    trains: tuple[str, ...]
    iterations: int
    batch: int
    samples: Samples
    objective: Objective = field(default_factory=Objective)
    optimization: Optimization = field(default_factory=Optimization)
    validate_every: int = 5000
    statistics: Literal["batch", "estimated"] = "batch"
    """What normalisation goes by: the batch at hand, as in the paper, or what was measured before the stage.

    Small batches of small crops have statistics that differ from batch to batch and from those of whole frames;
    networks that learn with them do not work as well without them.
    """
    share: float = 1.0
    """What part of a run's time the stage gets, relative to the others', where the run has a budget of time."""

    def shortened(self, iterations: int) -> TrainingStage:
        """Return the stage with this many iterations, and no more stored samples than those can draw."""
        samples = self.samples
        if isinstance(samples, StoredSettings):
            samples = replace(samples, count=min(samples.count, iterations * self.batch))
        validate_every = min(self.validate_every, iterations)
        return replace(self, iterations=iterations, validate_every=validate_every, samples=samples)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A network and the stages that train it."""

    name: str
    config: ModelConfig | PriorConfig | RivalConfig
    stages: tuple[TrainingStage, ...]

    def only(self, names: list[str] | None, iterations: int | None = None, batch_scale: int = 1) -> Recipe:
        """Keep the stages of these names (None: all), each of them `iterations` long if that is given.

        Batches are `batch_scale` times as large as the recipe says.
        """
        known = [stage.name for stage in self.stages]
        for name in names or []:
            if name not in known:
                raise SettingsError(
                    f"Recipe {self.name} has no stage “{name}”; choose from {', '.join(known)}."
                )
        stages = [stage for stage in self.stages if names is None or stage.name in names]
        stages = [replace(stage, batch=stage.batch * batch_scale) for stage in stages]
        if iterations is not None:
            stages = [stage.shortened(iterations) for stage in stages]
        return replace(self, stages=tuple(stages))


MEAN = 0.99
"""How slowly the running mean of weights follows, in iterations of a few samples."""

_PAPER_SAMPLES = SampleSettings()
_PAPER_ITERATIONS = 500_000

PAPER_RECIPE = Recipe(
    "paper",
    PAPER,
    (
        TrainingStage("restoration", "restoration", ("restoration.",), _PAPER_ITERATIONS, 20, _PAPER_SAMPLES),
        TrainingStage(
            "colorization",
            "colorization",
            ("colorization.",),
            _PAPER_ITERATIONS,
            20,
            replace(_PAPER_SAMPLES, degraded=False),
        ),
        TrainingStage("joint", "remastering", ("",), _PAPER_ITERATIONS, 20, _PAPER_SAMPLES),
    ),
)
"""Sec. 4.5: restoration alone, colourisation alone, then both; ADADELTA, batch 20, sequences of 5 frames."""


def _moved_references(distractors: int = 1, absent: float = 0.0, tone: float = 0.2) -> MatchingReferences:
    return MatchingReferences(
        within=60,
        shift=0.12,
        angle=5.0,
        zoom=(0.88, 1.14),
        distractors=distractors,
        hue=0.3,
        tone=tone,
        absent=absent,
    )


def _pairs(crop: int, references: MatchingReferences) -> PairSettings:
    """Return pairs cut from frames that are shrunk so that a crop still shows much of one."""
    return PairSettings(crop, references, (crop + 32, 400))


def _film_samples(edge: int, length: int, references: MatchingReferences) -> SampleSettings:
    """Return samples that are whole frames but for their sides, with the tones that films have."""
    table = (
        Augmentation(Alteration.FLIP, AlterationTarget.SOURCE_AND_TARGET, 0.5),
        Augmentation(Alteration.SCALING, AlterationTarget.SOURCE_AND_TARGET, 1.0, edge, edge),
        *(row for row in TABLE_3 if row.target is AlterationTarget.SOURCE),
    )
    return SampleSettings(length, edge, edge, references, degraded=True, table=table)


FILM = StoredSettings(_film_samples(176, 5, _moved_references(absent=0.05, tone=0.0)), count=1600, length=5)
"""Damaged film for the last three stages of `compact`; made once, drawn by all of them."""

_MATCHING = tuple(
    f"colorization.{part}."
    for part in (
        "source",
        "reference",
        "source_coarse",
        "reference_coarse",
        "attend_fine",
        "attend_coarse",
    )
)

_FUSION = (
    "colorization.color_path.fusion.",
    "colorization.decoder.",
    "colorization.color_path.alignment.",
)
"""What chooses among the colours found, and what those are refined by."""

_STEADY = Optimization("adamw", 4e-4, 1e-4, warm_up=50, clip=1.0, averaging=MEAN)

_stage = partial(TrainingStage, optimization=_STEADY, statistics="estimated")
_MATCH = _stage(
    "matching",
    "matching",
    _MATCHING,
    iterations=1200,
    batch=4,
    samples=_pairs(192, _moved_references(distractors=2)),
    objective=Objective(0.0, 0.0, carried=1.0),
    optimization=Optimization("adamw", 1e-3, 1e-4, warm_up=50, clip=1.0),
    validate_every=200,
    share=1.2,
)
_COLOR = _stage(
    "colorization",
    "colorization",
    ("colorization.",),
    iterations=1000,
    batch=3,
    samples=_pairs(176, _moved_references(absent=0.08)),
    objective=Objective(0.0, 1.0, squared=20.0, carried=0.3),
    validate_every=200,
)
_FUSE = replace(
    _COLOR,
    name="fusion",
    trains=_FUSION,
    iterations=1500,
    objective=Objective(0.0, 1.0, squared=20.0),
    optimization=replace(_STEADY, rate=5e-4),
    validate_every=250,
)
_TONES = _stage(
    "tones",
    "tones",
    ("restoration.shot_tones.",),
    iterations=1500,
    batch=48,
    samples=ToneSettings(),
    objective=Objective(1.0, 0.0, decibels=True),
    optimization=Optimization("adamw", 3e-3, 2e-2, warm_up=50, averaging=MEAN),
    validate_every=750,
    share=0.5,
)
_FRAME_TONES = replace(
    _TONES,
    name="frame-tones",
    trains=("restoration.tones.",),
    batch=12,
    samples=replace(FILM, length=3),
    optimization=Optimization("adamw", 2e-3, 1e-2, warm_up=20, averaging=0.995),
    validate_every=250,
    share=0.3,
)
_RESTORE = _stage(
    "restoration",
    "restoration",
    ("restoration.full_size.", "restoration.layers.", "restoration.neighbours."),
    iterations=2000,
    batch=2,
    samples=FILM,
    objective=Objective(1.0, 0.0, squared=5.0),
    validate_every=250,
    share=1.5,
)
_BOTH = _stage(
    "joint",
    "remastering",
    _FUSION,
    iterations=300,
    batch=2,
    samples=replace(FILM, length=4, referenced=True),
    objective=Objective(0.0, 1.0, squared=10.0),
    optimization=replace(_STEADY, rate=2e-4, warm_up=30),
    validate_every=100,
    share=0.5,
)

COMPACT_RECIPE = Recipe("compact", COMPACT, (_MATCH, _COLOR, _FUSE, _TONES, _FRAME_TONES, _RESTORE, _BOTH))
"""For a few processor cores: the attention learns to match before the decoder learns from what it carries over.

Restoration learns from whole small frames: on crops, which have to be given the right tones, it comes to rely on them.
In the last stage both networks run, and colour learns from what restoration delivers; restoration itself would forget
some of what it does to larger frames.
"""

_LEARNING = Optimization("adamw", 1.5e-3, 0.03, warm_up=300, clip=1.0, averaging=0.996)

_SMALL = TrainingStage(
    "small",
    "hints",
    ("",),
    iterations=8000,
    batch=24,
    samples=HintSettings(128, (128, 200)),
    optimization=_LEARNING,
    validate_every=1000,
    share=4.0,
)
_LARGE = TrainingStage(
    "large",
    "hints",
    ("",),
    iterations=2000,
    batch=12,
    samples=HintSettings(192, (192, 288)),
    optimization=replace(_LEARNING, rate=4e-4),
    validate_every=500,
)

PRIOR_RECIPE = Recipe("prior", PRIOR, (_SMALL, _LARGE))
"""The colour prior, from photographs: most of the time on small views, then on views of the size it is asked for."""
