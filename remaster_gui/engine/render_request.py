"""What to render and how, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from remaster_gui.base.choices import OverlayKind, OwnSettings, SoundChoice, effective_settings
from remaster_gui.base.named_colors import Recoloring
from remaster_gui.base.spot_marks import FrameMarks
from remaster_gui.base.timebase import FrameRange, checked_range, parse_range
from remaster_gui.engine.delivery import Delivery, delivery_preset
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.media import FilmInfo, Preset, preset_for

if TYPE_CHECKING:  # it needs torch, which those who ask for a render may not have loaded
    from remaster_gui.engine.restorer import Restorer


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What to render and how."""

    film: Path
    output: Path
    references: Path | tuple[Reference, ...] | None = None
    """A folder of pictures, one picture, or references in the order in which the network is to have them."""
    span: FrameRange | str | None = None
    """Frames of the film, or what a user has typed: ``A:B``, see `parse_range`; None: the whole film."""
    rate: Fraction | None = None
    """Frames per second of a sequence of pictures; None: 24. A film file has a rate of its own."""
    weights: Path | None = None
    preset: str | None = None
    settings: Settings = field(default_factory=Settings)
    device: str | None = None
    strict: bool = False
    deinterlace: bool = False
    shots: tuple[FrameRange, ...] | None = None
    """Shots that cover the film; None: they are looked for."""
    own: OwnSettings = ()
    """Of the shots that are remastered otherwise than the film; the authors' scheme, which knows no shots, passes them
    over."""
    overlay: OverlayKind | None = None
    """Write a film that shows where the colours come from beside the output."""
    layers: bool = False
    """Write where the colours come from into each picture, beside its colours; OpenEXR holds that."""
    mattes: bool = False
    """Write mattes of named colours into each picture; OpenEXR holds them."""
    height: int | None = None
    """Lines that are written where the film has more; None: as many as it has."""
    lut: Path | None = None
    """A ``.cube`` file that is baked into the pictures; None: they stay as the network makes them."""
    sound: SoundChoice = "copy"
    """What becomes of the film's sound; finished parts do not depend on it."""
    delivery: Delivery | None = None
    """Write one file for each shot, into a folder; None: one film."""
    exact: bool = False
    """Make all parts anew that were made with other references, also those that draw nothing from what has changed."""
    keeps_parts: bool = False
    """Keep the parts when they are joined, so that the next run makes anew only what changes."""
    marks: FrameMarks = ()
    """What is decided about single spots of frames, in pixels of the film; passed over where nothing is restored."""
    recolorings: tuple[Recoloring, ...] = ()
    """Of named colours of the references, which are to have others."""
    restorer: Restorer | None = None
    """Takes the place of the network's own restoration."""

    def settings_of(self, shot: FrameRange) -> Settings:
        """Return the settings by which a shot is remastered."""
        return effective_settings(self.settings, self.own, shot.start)

    @property
    def kind(self) -> Preset:
        """What kind of film is written; raises `SettingsError` where that is not said or does not suit the output."""
        if self.delivery is not None:
            return delivery_preset(self.preset)
        return preset_for(self.output, self.preset)

    @property
    def is_folder(self) -> bool:
        """Whether the output is a folder."""
        return self.delivery is not None or self.kind.is_sequence

    def span_in(self, info: FilmInfo) -> FrameRange:
        """Return the frames of a film that are asked for; raises `SettingsError`."""
        if isinstance(self.span, FrameRange):
            return checked_range(self.span, info.frame_count)
        return parse_range(self.span or ":", info.frame_count, info.rate, info.timecode, info.numbers)
