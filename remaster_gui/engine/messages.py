"""What goes into the engine and what comes out of it: frozen values that any front end understands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float, Pixels
from remaster_gui.base.choices import (
    GRAINS,
    MOST_SATURATION,
    MOST_SENSITIVITY,
    OwnSettings,
    RemasterSettings,
    effective_settings,
)
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import NamedRegion, names_of
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.engine.drawn import Draws
from remaster_gui.engine.finish import Unfinished
from remaster_gui.engine.mattes import Mattes
from remaster_gui.project.schema import ReferenceRecord


@dataclass(frozen=True, slots=True)
class Settings(RemasterSettings):
    """The user's choices for a remaster, apart from the file that it is written to."""

    authors_scheme: bool = False
    """Compute exactly what the authors' script does: blocks of five without overlap, output at working size."""

    def __post_init__(self) -> None:
        """Raise `SettingsError` for numbers that mean nothing."""
        for name, value, most in (
            (tr("vividness"), self.vividness, 1),
            (tr("strength of restoration"), self.restoration_strength, 1),
            (tr("saturation"), self.saturation, MOST_SATURATION),
            (tr("sensitivity for dirt"), self.dirt_sensitivity, MOST_SENSITIVITY),
        ):
            if not 0 <= value <= most:
                raise SettingsError(
                    tr(
                        "A {name} of {value} is out of range; choose between 0 and {most:g}.",
                        name=name,
                        value=value,
                        most=most,
                    )
                )
        if self.grain not in GRAINS:
            raise SettingsError(
                tr(
                    "Grain cannot be {grain}; choose one of {grains}.",
                    grain=self.grain,
                    grains=", ".join(GRAINS),
                )
            )

    @property
    def follows(self) -> bool:
        """Whether colours follow the motion after all of the settings; those of the authors do not."""
        return self.following and self.colorization and not self.authors_scheme

    @classmethod
    def of(cls, kept: RemasterSettings) -> Settings:
        """Take the settings that a project keeps."""
        return cls(*(getattr(kept, field.name) for field in fields(RemasterSettings)))


@dataclass(frozen=True, slots=True)
class Reference:
    """A colour picture that guides colourisation.

    `digest` identifies its content, and its strength and region with it. `load` reads or makes the picture, gamma-coded
    sRGB ``(H, W, 3)``, and may be called on any thread; it raises `MediaError` for a picture that cannot be read.
    `frame` is the frame of the film that it shows, where that is known and the film has that frame; else the reference
    stands free. `is_guessed`: its colours are nobody's choice but the colour prior's. `load_strokes` makes, on any
    thread as well, how much of each pixel of that frame brush strokes have painted, ``(H, W)`` uint8; None where no
    stroke is known.
    """

    name: str
    digest: str
    load: Callable[[], Pixels] = field(compare=False, repr=False)
    frame: int | None = None
    is_guessed: bool = False
    as_vivid: Callable[[float], Reference] | None = field(default=None, compare=False, repr=False)
    """Makes the same guess with another vividness; None where it has none."""
    path: Path | None = field(default=None, compare=False)
    """The file that it is read from, where it is one of the user's."""
    load_strokes: Callable[[], Bytes] | None = field(default=None, compare=False, repr=False)
    validity: Validity = EVERYWHERE
    """Where it counts, and how much."""
    names: tuple[str, ...] = ()
    """Of all named colours of the film, whether on this reference or on others."""
    named: tuple[NamedRegion, ...] = ()
    """What of it has which of these names."""

    @classmethod
    def of(
        cls,
        record: ReferenceRecord,
        load: Callable[[], Pixels],
        load_strokes: Callable[[], Bytes],
        named: Sequence[NamedRegion] = (),
    ) -> Reference:
        """Take a reference of a project, whose pixels are known by its id and revision; `named`: regions of all."""
        digest = f"{record.id}:{record.revision}"
        if record.validity.identity:
            digest = f"{digest}:{record.validity.identity}"
        return cls(
            record.name,
            digest,
            load,
            record.frame,
            load_strokes=load_strokes,
            validity=record.validity,
            names=names_of(named),
            named=tuple(each for each in named if each.reference == record.id),
        )


def record_of(digest: str) -> str:
    """Return the id of the reference of a project that a digest made by `Reference.of` stands for."""
    return digest.partition(":")[0]


def guiding(references: Iterable[Reference], settings: Settings) -> tuple[Reference, ...]:
    """Return what guides frames that are remastered by these settings: guesses as vivid as they say."""
    if not settings.colorization:
        return ()
    return tuple(
        r if r.as_vivid is None else replace(r.as_vivid(settings.vividness), validity=r.validity)
        for r in references
    )


def most_demanding(settings: Settings, own: OwnSettings) -> Settings:
    """Return settings that want as much of the network as any shot does, by which memory is planned."""
    every = (settings, *(effective_settings(settings, (each,), each[0]) for each in own))
    restoring = [each for each in every if each.restoration]
    return replace(
        settings,
        restoration=bool(restoring),
        colorization=any(each.colorization for each in every),
        luminance="restored" if any(e.luminance == "restored" for e in restoring) else settings.luminance,
    )


@dataclass(frozen=True, slots=True)
class FrameAttention:
    """Which references a frame draws its colours from; arrays are read-only.

    shares ``(h, w, N)`` float32, of each reference, which sum to one; certainty ``(h, w)`` float32 in [0, 1].
    """

    shares: Float
    certainty: Float


@dataclass(frozen=True, slots=True)
class RemasteredFrame:
    """A finished frame before it becomes RGB; arrays are read-only.

    index: of the film. luminance: ``(H, W)`` float32 in [0, 1] at output size (L*/100), as it was restored where
    `unfinished` says what is to become of it when it is composed. chrominance: ``(h, w, 2)``
    float32 in [0, 1] at working size, or None when the film stays black and white. share: ``(h, w)`` float32 in [0, 1],
    how much of a pixel's colour references carried (the rest is guessed), or None where that is not known.
    attention: at 1/8 of the working size; None where it was not asked for or there are no references. draws: what each
    of the references has of it; None without any, or where that is not known. mattes: of
    named colours, None without any.
    """

    index: int
    luminance: Float
    chrominance: Float | None
    share: Float | None = None
    attention: FrameAttention | None = None
    draws: Draws | None = None
    unfinished: Unfinished | None = None
    mattes: Mattes | None = None

    def finished_luminance(self) -> Float:
        """Return the luminance of the picture, which takes a while where something is left to be done."""
        if self.unfinished is None:
            return self.luminance
        return self.unfinished.finished(self.luminance, self.index)


@dataclass(frozen=True, slots=True)
class RemasteredWindow:
    """The frames that became ready together."""

    frames: tuple[RemasteredFrame, ...]


def read_only(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mark an array that goes to another thread as not to be written."""
    array.flags.writeable = False
    return array
