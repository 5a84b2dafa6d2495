"""What a render was found to be before its first part: plain data from which any process makes any part."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.choices import (
    OVERLAY_KINDS,
    SOUND_CHOICES,
    OverlayKind,
    OwnSettings,
    SoundChoice,
    effective_settings,
)
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import Recoloring, identity_of
from remaster_gui.base.spot_marks import FrameMarks, marks_as_data, marks_of_data
from remaster_gui.base.timebase import FrameRange, parse_rate
from remaster_gui.engine.baked_lut import KeptLut
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.export_list import own_of_record, settings_of_record
from remaster_gui.engine.kept_references import KeptReference
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.origin_layers import LAYERS
from remaster_gui.engine.parts import Part, parts_of
from remaster_gui.engine.report import describe
from remaster_gui.engine.schemes import scheme_of
from remaster_gui.engine.sizes import Size, delivered_size
from remaster_gui.model import ModelConfig


@dataclass(frozen=True)
class RenderJob:
    """A planned render. It lies in its work folder, sealed; who makes a part needs nothing else but the film.

    A part comes out the same, to the byte, wherever it is made: how work is cut to fit into memory, and by how many
    threads a processor computes, is planned once, and whoever has another version, other weights, another kind of
    device or other numbers to compute in refuses. What is left are kernels: processors or cards of different
    generations may round differently in the last place.
    """

    application: str
    """Version of the program."""
    torch: str
    """Version of the library that computes."""
    film: Path
    """Absolute."""
    film_hash: str
    film_stamp: str
    """See `Source.stamp`."""
    deinterlace: bool
    rate: Fraction | None
    """As it was asked for."""
    film_rate: Fraction
    strict: bool
    preset: str
    output: str
    """Name of the output, which lies beside the work folder."""
    settings: Settings
    own: OwnSettings
    """Of the shots that are remastered otherwise."""
    shots: tuple[FrameRange, ...]
    span: FrameRange
    references: tuple[KeptReference, ...]
    weights: Path | None
    """Absolute; None: those that ship."""
    weights_hash: str
    weights_identity: str
    """What results depend on of the weights and of what fills in beside them."""
    network: ModelConfig
    device: str
    """Kind of the device: "cpu" or "cuda"."""
    precision: str
    """Name of what the network computes in."""
    overlay: OverlayKind | None
    height: int | None
    """See `RenderRequest.height`."""
    lut: KeptLut | None
    """What is baked into the pictures."""
    layers: bool
    """Whether pictures say where their colours come from."""
    sound: SoundChoice
    delivery: Delivery | None
    restorer: str | None
    """Name of what restores in the place of the network."""
    marks: FrameMarks = ()
    """What is decided about single spots of frames."""
    exact: bool = False
    """Whether no part may be one that was made with other references, however little it draws from those."""
    keeps_parts: bool = False
    """Whether parts stay when they are joined, for the next run."""
    mattes: bool = False
    """Whether mattes of named colours are written into the pictures."""
    recolorings: tuple[Recoloring, ...] = ()
    """Of named colours."""
    former: tuple[KeptReference, ...] = ()
    """References that parts were made with which were taken over from an earlier run."""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """In the order of the film."""
        if not scheme_of(self.settings).regards_cuts:
            return (Part(self.shots[0], self.span, self.settings),)
        edges = () if self.delivery is None else self.delivery.edges(self.shots)
        validities = [each.validity for each in self.references]
        return tuple(parts_of(self.shots, self.span, self.settings_of, edges, validities, self.marks))

    @cached_property
    def pieces(self) -> tuple[Part, ...]:
        """What is stored of all parts, in the order of the film."""
        return tuple(piece for part in self.parts for piece in part.pieces)

    @property
    def names(self) -> tuple[str, ...]:
        """All names of colours."""
        return self.references[0].names if self.references else ()

    def settings_of(self, shot: FrameRange) -> Settings:
        """Return the settings by which a shot is remastered."""
        return effective_settings(self.settings, self.own, shot.start)

    def guides_of(self, part: Part) -> tuple[str, ...]:
        """Return the digests of the references that guide a part, in order; all of them have copies."""
        if not part.settings.colorization:
            return ()
        return tuple(each.digest_for(part.settings.vividness) for each in self.references)

    def part(self, number: int) -> Part:
        """Return a part by its number, from 0; raises `SettingsError` for one that there is not."""
        if not 0 <= number < len(self.parts):
            raise SettingsError(
                tr(
                    "There is no part {number}; the job has the parts 0 to {count}.",
                    number=number,
                    count=len(self.parts) - 1,
                )
            )
        return self.parts[number]

    def output_size(self, film: Size) -> Size:
        """Return the size of what is written of a film."""
        return delivered_size(scheme_of(self.settings).output_size(film, self.settings), self.height)

    @property
    def identity(self) -> dict[str, Any]:
        """All that every part depends on, beside its own frames and their shot.

        Sound, names and what else the joined file holds are left out: parts stay of use when those change.
        """
        return {
            "application": self.application,
            "film": self.film_hash,
            "references": [reference.digest for reference in self.references],
            "weights": self.weights_identity,
            "deinterlace": self.deinterlace,
            "rate": str(self.film_rate),
            "preset": self.preset,
            "settings": describe(self.settings),
            "precision": self.precision,
            **({} if self.height is None else {"height": self.height}),
            **({} if self.lut is None else {"lut": self.lut.digest}),
            **({"layers": list(LAYERS)} if self.layers else {}),
            **({} if self.restorer is None else {"restorer": self.restorer}),
            **({"names": names} if (names := identity_of([each.named for each in self.references])) else {}),
            **({"mattes": list(self.names)} if self.mattes else {}),
            **({"recolorings": colors} if (colors := [each.as_data() for each in self.recolorings]) else {}),
            **({"tied": [reference.frame for reference in self.references]} if self._follows else {}),
        }

    @property
    def _follows(self) -> bool:
        """Whether it matters which frames references show."""
        return any(part.settings.follows for part in self.parts)

    @property
    def joining(self) -> dict[str, Any]:
        """All that the joined output depends on, beside what every part does."""
        return {
            "parts": [
                [str(part.shot), str(part.span), describe(part.settings), part.guided_by, part.marked]
                for part in self.parts
            ],
            "sound": self.sound,
            **({} if self.delivery is None else {"delivery": self.delivery.as_dict()}),
            **({"exact": True} if self.exact else {}),
        }

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "application": self.application,
            "torch": self.torch,
            "film": str(self.film),
            "film_hash": self.film_hash,
            "film_stamp": self.film_stamp,
            "deinterlace": self.deinterlace,
            "rate": None if self.rate is None else str(self.rate),
            "film_rate": str(self.film_rate),
            "strict": self.strict,
            "preset": self.preset,
            "output": self.output,
            "settings": describe(self.settings),
            "own": [[first, settings.own] for first, settings in self.own],
            "shots": [[shot.start, shot.stop] for shot in self.shots],
            "span": [self.span.start, self.span.stop],
            "references": [reference.as_dict() for reference in self.references],
            "weights": None if self.weights is None else str(self.weights),
            "weights_hash": self.weights_hash,
            "weights_identity": self.weights_identity,
            "network": self.network.as_dict(),
            "device": self.device,
            "precision": self.precision,
            "overlay": self.overlay,
            "height": self.height,
            "lut": None if self.lut is None else dataclasses.asdict(self.lut),
            "layers": self.layers,
            "sound": self.sound,
            "delivery": None if self.delivery is None else self.delivery.as_dict(),
            "restorer": self.restorer,
            "marks": marks_as_data(self.marks),
            "exact": self.exact,
            "keeps_parts": self.keeps_parts,
            "mattes": self.mattes,
            "recolorings": [each.as_data() for each in self.recolorings],
            "former": [reference.as_dict() for reference in self.former],
        }

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> RenderJob:
        """Read what `as_dict` wrote; raises `ValueError` for anything else, or a `RemasterError`."""
        said = plain_data.table(dict(data))
        rate, weights, overlay, restorer = (said[name] for name in ("rate", "weights", "overlay", "restorer"))
        return RenderJob(
            application=plain_data.text(said["application"]),
            torch=plain_data.text(said["torch"]),
            film=plain_data.path(said["film"]),
            film_hash=plain_data.text(said["film_hash"]),
            film_stamp=plain_data.text(said["film_stamp"]),
            deinterlace=plain_data.switch(said["deinterlace"]),
            rate=None if rate is None else parse_rate(plain_data.text(rate)),
            film_rate=Fraction(plain_data.text(said["film_rate"])),
            strict=plain_data.switch(said["strict"]),
            preset=plain_data.text(said["preset"]),
            output=plain_data.text(said["output"]),
            settings=settings_of_record(plain_data.table(said["settings"])),
            own=tuple(own_of_record(each) for each in plain_data.listed(said["own"])),
            shots=_shots(plain_data.listed(said["shots"]), span := _range(said["span"])),
            span=span,
            references=tuple(KeptReference.from_dict(each) for each in plain_data.listed(said["references"])),
            weights=None if weights is None else plain_data.path(weights),
            weights_hash=plain_data.text(said["weights_hash"]),
            weights_identity=plain_data.text(said["weights_identity"]),
            network=ModelConfig.from_dict(said["network"]),
            device=plain_data.text(said["device"]),
            precision=plain_data.text(said["precision"]),
            overlay=None if overlay is None else plain_data.choice(overlay, OVERLAY_KINDS),
            height=None if said["height"] is None else plain_data.whole(said["height"]),
            lut=_lut(said["lut"]),
            layers=plain_data.switch(said["layers"]),
            sound=plain_data.choice(said["sound"], SOUND_CHOICES),
            delivery=None if said["delivery"] is None else Delivery.from_dict(said["delivery"]),
            restorer=None if restorer is None else plain_data.text(restorer),
            marks=marks_of_data(said["marks"]),
            exact=plain_data.switch(said["exact"]),
            keeps_parts=plain_data.switch(said["keeps_parts"]),
            mattes=plain_data.switch(said["mattes"]),
            recolorings=tuple(Recoloring.of_data(each) for each in plain_data.listed(said["recolorings"])),
            former=tuple(KeptReference.from_dict(each) for each in plain_data.listed(said["former"])),
        )


def _lut(value: Any) -> KeptLut | None:
    if value is None:
        return None
    said = plain_data.table(value)
    return KeptLut(plain_data.text(said["name"]), plain_data.text(said["digest"]))


def _shots(value: Sequence[Any], span: FrameRange) -> tuple[FrameRange, ...]:
    """Read shots that lie one after another and hold all of `span`."""
    shots = tuple(_range(each) for each in value)
    follows = all(before.stop == after.start for before, after in pairwise(shots))
    if not (shots and all(map(len, shots)) and follows and shots[0].start <= span.start and len(span)):
        raise ValueError("shots that do not follow each other")
    if span.stop > shots[-1].stop:
        raise ValueError("shots that end before what is rendered")
    return shots


def _range(value: Any) -> FrameRange:
    start, stop = (plain_data.whole(each) for each in plain_data.listed(value))
    return FrameRange(start, stop)
