"""What a network is made of: the paper's exact shape, and smaller shapes of the same topology."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.base.language import tr

MIN_CHANNELS = 8
MOST_WIDTH = 4.0
"""Of the paper's, beyond which a network is a mistake."""
MOST_KEY_CHANNELS = 1024
REFERENCE_EDGES = (16, 4096)
"""Smallest and largest shorter edge at which references are encoded, in pixels."""


_LONGEST_NAME = 64
_ONE_SWITCH = {"aligned_color": "carried_color"}
"""Switches that files still have, and those that have taken them over."""

_Half = TypeVar("_Half", "RestorationConfig", "ColorizationConfig")


def scaled(channels: int, width: float) -> int:
    """Channels of a layer that has `channels` of them in the paper, in a network of relative `width`."""
    return max(MIN_CHANNELS, int(channels * width))


ScoreKind = Literal["dot", "cosine"]
"""How queries are scored against keys: by scaled products, as in the paper, or by angles."""


@dataclass(frozen=True, slots=True)
class RestorationConfig:
    """Pre-processing network (Table 1)."""

    width: float = 1.0
    skips: bool = False
    """Concatenate the 1/2 and full-resolution features into the decoder; the paper only adds the input at the end."""
    tones: bool = False
    """Correct the tones of each frame as a whole, from the distribution of its luminance and its neighbours'."""
    shot_tones: bool = False
    """Before that, correct the tones of the shot as a whole, from a few frames all over it."""
    neighbours: bool = False
    """Then replace what the neighbouring frames do not confirm, along the motion."""
    residual: bool = True
    """Add the input to the output (Sec. 3.3); without that skip connection the network has to draw frames anew."""

    def __post_init__(self) -> None:
        _check_width(self.width)


@dataclass(frozen=True, slots=True)
class ColorizationConfig:
    """Source-reference network (Table 2). The defaults are the paper's; each switch is a departure from it."""

    width: float = 1.0
    key_channels: int = 64
    attention: ScoreKind = "dot"
    """Similarity of queries and keys: plain dot product (Eq. 1), or cosine with a learned scale and no bias."""
    patch_keys: bool = False
    """Queries and keys also hold normalised luminance patches of four scales (cosine attention only)."""
    carried_color: bool = False
    """Values also hold the references' pooled colour; matches are refined and the references warped to the source; the
    output is chosen among what was carried so."""
    position_keys: bool = False
    """Near positions match better than far ones, by a learned distance (source-reference attention only)."""
    reference_votes: bool = False
    """References that a frame resembles as a whole match better than others everywhere in it."""
    steady_color: bool = False
    """Chrominance is averaged along the motion, three frames to either side."""
    self_attention: bool = True
    """Attend to other places of the film, too (Sec. 3.2); small networks have learned to do without."""
    temporal: bool = True
    """Convolve over three frames after the attention (Table 2); else frame by frame."""
    decoder_skips: bool = False
    """Concatenate the source encoder's 1/4 and 1/2 features into the decoder."""

    def __post_init__(self) -> None:
        _check_width(self.width)
        if not 1 <= self.key_channels <= MOST_KEY_CHANNELS:
            raise ValueError(f"key channels are positive and at most {MOST_KEY_CHANNELS}")
        if self.attention not in ("dot", "cosine"):
            raise ValueError(f"attention is 'dot' or 'cosine', not {self.attention!r}")
        if self.patch_keys and self.attention != "cosine":
            raise ValueError("patch keys need cosine attention")
        if self.steady_color and not self.carried_color:
            raise ValueError("steady colour needs carried colour")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The joint model: restoration, then colourisation of the restored luminance."""

    name: str = "paper"
    restoration: RestorationConfig = field(default_factory=RestorationConfig)
    colorization: ColorizationConfig = field(default_factory=ColorizationConfig)
    reference_edge: int | None = 256
    """Shorter edge at which references are encoded; None: the same as the source's working size."""

    def __post_init__(self) -> None:
        least, most = REFERENCE_EDGES
        if self.reference_edge is not None and not least <= self.reference_edge <= most:
            raise ValueError(f"the edge of references is {least} to {most} pixels")

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for a file's metadata."""
        return dataclasses.asdict(self)

    def changed(self, settings: Iterable[str]) -> ModelConfig:
        """Return the configuration with settings like ``colorization.patch_keys=off`` applied, one after another.

        Raises `SettingsError` for a name or value that does not exist, or that does not go with the others.
        """
        config = self
        for setting in settings:
            config = _with_setting(config, setting)
        return config

    @staticmethod
    def from_dict(data: Any) -> ModelConfig:
        """Read what `as_dict` wrote; raise `WeightsError` for anything else."""
        try:
            described = plain_data.table(data)
            edge = described["reference_edge"]
            return ModelConfig(
                name=plain_data.text(described["name"], _LONGEST_NAME),
                restoration=_half(RestorationConfig, described["restoration"]),
                colorization=_half(ColorizationConfig, described["colorization"]),
                reference_edge=None if edge is None else plain_data.whole(edge),
            )
        except ValueError as error:
            raise WeightsError(
                tr(
                    "The weight file describes a network unknown to this version ({error}); update the application.",
                    error=error,
                )
            ) from error


def _check_width(width: float) -> None:
    if not 0 < width <= MOST_WIDTH:
        raise ValueError(f"a width is positive and at most {MOST_WIDTH:g}")


def _half(kind: type[_Half], data: Any) -> _Half:
    """Read the settings of one network, each of the type of its default; raise `ValueError`."""
    usual = kind()
    values: dict[str, Any] = {}
    said = dict(plain_data.table(data))
    for name, other in _ONE_SWITCH.items():
        if name in said and plain_data.switch(said.pop(name)) != said.get(other, False):
            raise ValueError(f"{name} goes with {other}")
    for name, value in said.items():
        if name not in {item.name for item in dataclasses.fields(kind)}:
            raise ValueError(f"{name[:40]!r} is no setting")
        match getattr(usual, name):
            case bool():
                values[name] = plain_data.switch(value)
            case int():
                values[name] = plain_data.whole(value)
            case float():
                values[name] = plain_data.number(value, 0, MOST_WIDTH)
            case _:
                values[name] = plain_data.text(value, _LONGEST_NAME)
    return dataclasses.replace(usual, **values)


def _with_setting(config: ModelConfig, setting: str) -> ModelConfig:
    path, _, value = setting.partition("=")
    half_name, _, name = path.strip().partition(".")
    half = getattr(config, half_name) if half_name in ("restoration", "colorization") else None
    if half is None or name not in {item.name for item in dataclasses.fields(half)}:
        raise SettingsError(
            tr(
                "“{setting}” is no setting of a network; write for example colorization.patch_keys=off.",
                setting=setting,
            )
        )
    try:
        changed = dataclasses.replace(half, **{name: parsed(value.strip(), getattr(half, name))})
    except ValueError as error:
        raise SettingsError(
            tr("The network cannot have {setting}: {error}.", setting=setting, error=error)
        ) from error
    return dataclasses.replace(config, **{half_name: changed})


def parsed(text: str, before: object) -> object:
    """Read a value of the type of the one that it replaces; raise `ValueError`."""
    if isinstance(before, bool):
        if text not in ("on", "off"):
            raise ValueError("a switch is on or off")
        return text == "on"
    return type(before)(text)  # type: ignore[call-arg]


PAPER = ModelConfig()
"""Exactly the network that the authors released."""

COMPACT = ModelConfig(
    name="compact",
    reference_edge=None,
    restoration=RestorationConfig(width=0.25, skips=True, shot_tones=True, tones=True, neighbours=True),
    colorization=ColorizationConfig(
        width=0.25,
        attention="cosine",
        patch_keys=True,
        carried_color=True,
        position_keys=True,
        reference_votes=True,
        steady_color=True,
        self_attention=False,
        decoder_skips=True,
    ),
)
"""A quarter of the paper's width, with the departures that make it trainable on a small machine."""

NARROW = ModelConfig(
    name="narrow",
    restoration=RestorationConfig(width=0.25),
    colorization=ColorizationConfig(width=0.25),
)
"""The paper's network at a quarter of its width, without any departure: to compare with."""

PRESETS = {config.name: config for config in (PAPER, COMPACT, NARROW)}
