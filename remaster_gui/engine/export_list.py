"""Exports as they lie on disk, with copies of their pictures, so that they outlive a crash and further painting."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from remaster_gui.base import plain_data
from remaster_gui.base.choices import (
    GRAINS,
    LUMINANCES,
    MOST_SATURATION,
    MOST_SENSITIVITY,
    SOUND_CHOICES,
    OwnSettings,
    ShotSettings,
    SoundChoice,
)
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import read_record, replace_bytes, replace_text
from remaster_gui.base.named_colors import NamedRegion, Recoloring, names_of
from remaster_gui.base.paths import user_folder
from remaster_gui.base.spot_marks import FrameMarks, marks_as_data, marks_of_data
from remaster_gui.base.timebase import FrameRange, parse_rate
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.kept_parts import frames_kept
from remaster_gui.engine.kept_references import copy_reference, with_strokes
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.engine.sizes import SMALLEST_HEIGHT
from remaster_gui.media import find_preset, read_picture
from remaster_gui.media.cube_lut import checked_content
from remaster_gui.media.faults import writing
from remaster_gui.media.limits import LARGEST
from remaster_gui.project.encoding import shot_settings

log = logging.getLogger(__name__)

JobState = Literal["waiting", "running", "paused", "interrupted", "done", "failed", "cancelled"]
"""``paused`` by the user; ``interrupted`` by the end of the program: what is finished is there, it can go on."""

UNFINISHED: frozenset[JobState] = frozenset({"waiting", "running", "paused", "interrupted"})
_FORMAT = "remaster-export-1"


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One export: what is rendered and how far it is.

    `span` and `shots` in frames of the film, `own` and `marks`: see `RenderRequest`; `references` in the order in which
    the network gets them. `done` and `total` count frames, `rate` frames a second (0: unknown). `note`: one sentence,
    why it failed or what it is doing. `farm` makes the parts, this process where there is none. `film_rate` is that of
    pictures; None for a film with a rate of its own. `delivery` writes a file for each shot; `archives` asks for what
    lies beside a render for whoever keeps it, `signing` for signed films.
    """

    film: Path
    output: Path
    preset: str
    span: FrameRange
    shots: tuple[FrameRange, ...] | None = None
    references: tuple[Reference, ...] = ()
    settings: Settings = field(default_factory=Settings)
    sound: SoundChoice = "copy"
    layers: bool = False
    weights: Path | None = None
    device: str | None = None
    film_rate: Fraction | None = None
    lut: Path | None = None
    height: int | None = None
    farm: FarmPlace | None = None
    keeps_parts: bool = False
    delivery: Delivery | None = None
    archives: bool = False
    signing: SigningFiles | None = None
    own: OwnSettings = ()
    marks: FrameMarks = ()
    deinterlace: bool = False
    recolorings: tuple[Recoloring, ...] = ()
    mattes: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: JobState = "waiting"
    done: int = 0
    total: int = 0
    rate: float = 0.0
    note: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the current rate; None while unknown."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None

    def request(self) -> RenderRequest:
        """Return what is asked of a render."""
        return RenderRequest(
            film=self.film,
            output=self.output,
            references=self.references or None,
            span=self.span,
            weights=self.weights,
            preset=self.preset,
            settings=self.settings,
            device=self.device,
            shots=self.shots,
            own=self.own,
            marks=self.marks,
            sound=self.sound,
            layers=self.layers,
            mattes=self.mattes,
            lut=self.lut,
            height=self.height,
            rate=self.film_rate,
            deinterlace=self.deinterlace,
            keeps_parts=self.keeps_parts,
            delivery=self.delivery,
            recolorings=self.recolorings,
        )


def exports_folder() -> Path:
    """Return where exports are remembered."""
    return user_folder("data") / "exports"


class ExportList:
    """The exports in a folder, each in one of its own. Reads and writes files: not for the GUI thread."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is made when the first export is added."""
        self._folder = folder

    def load(self) -> list[ExportJob]:
        """Return all exports, oldest first; those that were under way are interrupted. Damaged ones are passed over.

        How far an unfinished one is, is what can be taken up of it, whatever it had reached.
        """
        jobs = []
        for record in self._folder.glob("*/job.json"):
            try:
                jobs.append((record.stat().st_mtime_ns, _as_left(_from_record(record))))
            except (OSError, ValueError):
                log.warning("the export %s cannot be read", record, exc_info=True)
        return [job for _, job in sorted(jobs, key=lambda each: each[0])]

    def add(self, job: ExportJob) -> ExportJob:
        """Write an export down with copies of its pictures; returns it with references that read the copies.

        Raises `StorageError`, and `MediaError` for a reference whose picture cannot be had; nothing is left then.
        """
        folder = self._folder / job.id
        try:
            with writing(folder):
                folder.mkdir(parents=True)
            references = tuple(
                copy_reference(reference, folder / f"{number:04d}.png")
                for number, reference in enumerate(job.references)
            )
            copied = dataclasses.replace(job, references=references, lut=_copied_lut(job.lut, folder))
            self.save(copied)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return copied

    def save(self, job: ExportJob) -> None:
        """Write down how far an export is; raises `StorageError`."""
        record = self._folder / job.id / "job.json"
        with writing(record):
            replace_text(record, json.dumps(_to_record(job), indent=1), private=True)

    def remove(self, id_: str) -> None:
        """Forget an export; what it has written stays."""
        shutil.rmtree(self._folder / id_, ignore_errors=True)


def _copied_lut(lut: Path | None, folder: Path) -> Path | None:
    """Copy a LUT under its own name into the folder of an export, once it is known to be one; raises `MediaError`."""
    if lut is None:
        return None
    content = checked_content(lut)
    copy = folder / "lut" / lut.name
    with writing(copy):
        copy.parent.mkdir()
        replace_bytes(copy, content)
    return copy


def _as_left(job: ExportJob) -> ExportJob:
    return job if job.state == "done" else dataclasses.replace(job, done=frames_kept(job.output))


def _to_record(job: ExportJob) -> dict[str, Any]:
    references = [
        [r.name, r.digest, r.frame, r.validity.as_data(), [each.as_data() for each in r.named]]
        for r in job.references
    ]
    return {
        "format": _FORMAT,
        "film": str(job.film),
        "output": str(job.output),
        "preset": job.preset,
        "span": [job.span.start, job.span.stop],
        "shots": None if job.shots is None else [[shot.start, shot.stop] for shot in job.shots],
        "references": references,
        "settings": dataclasses.asdict(job.settings),
        "own": [[first, settings.own] for first, settings in job.own],
        "marks": marks_as_data(job.marks),
        "sound": job.sound,
        "layers": job.layers,
        "mattes": job.mattes,
        "weights": None if job.weights is None else str(job.weights),
        "device": job.device,
        "deinterlace": job.deinterlace,
        "recolorings": [each.as_data() for each in job.recolorings],
        "lut": None if job.lut is None else str(job.lut),
        "height": job.height,
        "farm": None if job.farm is None else [job.farm.address, _text_of(job.farm.files)],
        "keeps_parts": job.keeps_parts,
        "delivery": None if job.delivery is None else job.delivery.as_dict(),
        "archives": job.archives,
        "signing": None if job.signing is None else [str(job.signing.certificates), str(job.signing.key)],
        "film_rate": None if job.film_rate is None else str(job.film_rate),
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "note": job.note,
    }


def _from_record(path: Path) -> ExportJob:
    """Read an export; raises `OSError`, and `ValueError` for a record that makes no sense."""
    record = plain_data.table(read_record(path))
    if record["format"] != _FORMAT:
        raise ValueError(f"unknown format {record['format']!r}"[:100])
    shots, weights, device = record["shots"], record["weights"], record["device"]
    film_rate, lut, height = record.get("film_rate"), record.get("lut"), record.get("height")
    state = plain_data.choice(record["state"], get_args(JobState))
    return ExportJob(
        film=plain_data.path(record["film"]),
        output=plain_data.path(record["output"]),
        preset=_preset(record["preset"]),
        span=_range(record["span"]),
        shots=None if shots is None else tuple(_range(shot) for shot in plain_data.listed(shots)),
        references=_references(record["references"], path),
        settings=settings_of_record(plain_data.table(record["settings"])),
        own=tuple(own_of_record(each) for each in plain_data.listed(record.get("own", []))),
        marks=marks_of_data(record.get("marks", [])),
        sound=_sound_choice(record["sound"]),
        layers=plain_data.switch(record.get("layers", False)),
        mattes=plain_data.switch(record.get("mattes", False)),
        weights=None if weights is None else plain_data.path(weights),
        device=None if device is None else plain_data.text(device),
        film_rate=None if film_rate is None else _rate(film_rate),
        lut=None if lut is None else plain_data.path(lut),
        height=None if height is None else plain_data.whole(height, SMALLEST_HEIGHT, LARGEST),
        deinterlace=plain_data.switch(record.get("deinterlace", False)),
        recolorings=tuple(
            Recoloring.of_data(each) for each in plain_data.listed(record.get("recolorings", []))
        ),
        farm=_farm(record.get("farm")),
        keeps_parts=plain_data.switch(record.get("keeps_parts", False)),
        delivery=_delivery(record.get("delivery")),
        archives=plain_data.switch(record.get("archives", False)),
        signing=_signing(record.get("signing")),
        id=path.parent.name,
        state="interrupted" if state in ("waiting", "running") else state,
        done=plain_data.whole(record["done"]),
        total=plain_data.whole(record["total"]),
        note=plain_data.text(record["note"]),
    )


def _preset(value: Any) -> str:
    key = plain_data.text(value)
    if find_preset(key) is None:
        raise ValueError(f"no preset {key[:40]!r}")
    return key


def _range(value: Any) -> FrameRange:
    start, stop = (plain_data.whole(each) for each in plain_data.listed(value))
    return FrameRange(start, stop)


def _references(value: Any, record: Path) -> tuple[Reference, ...]:
    found = [
        _reference(each, record.with_name(f"{number:04d}.png"))
        for number, each in enumerate(plain_data.listed(value))
    ]
    names = names_of(each for reference in found for each in reference.named)
    return tuple(dataclasses.replace(each, names=names) for each in found)


def _reference(value: Any, picture: Path) -> Reference:
    # Earlier versions did not say where a reference counts, nor what has a name.
    name, digest, frame, *others = plain_data.listed(value)
    reference = Reference(
        plain_data.text(name),
        plain_data.text(digest),
        partial(read_picture, picture),
        None if frame is None else plain_data.whole(frame),
        validity=Validity.of_data(others[0]) if others else EVERYWHERE,
        named=tuple(NamedRegion.of_data(each) for each in plain_data.listed(others[1])) if others[1:] else (),
    )
    return with_strokes(reference, picture)


def _text_of(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _farm(value: Any) -> FarmPlace | None:
    if value is None:
        return None
    address, files = plain_data.listed(value)
    return FarmPlace(plain_data.text(address), None if files is None else plain_data.path(files))


def _delivery(value: Any) -> Delivery | None:
    try:
        return None if value is None else Delivery.from_dict(value)
    except SettingsError as error:
        raise ValueError("no delivery") from error


def _signing(value: Any) -> SigningFiles | None:
    if value is None:
        return None
    certificates, key = (plain_data.path(each) for each in plain_data.listed(value))
    return SigningFiles(certificates, key)


def _rate(value: Any) -> Fraction:
    try:
        return parse_rate(plain_data.text(value))
    except SettingsError as error:
        raise ValueError("no rate") from error


def settings_of_record(value: Mapping[str, Any]) -> Settings:
    """Read what `dataclasses.asdict` wrote; a setting that an older record lacks is the usual one."""
    usual = Settings()
    return Settings(
        edge=plain_data.whole(value.get("edge", usual.edge), 1, LARGEST),
        luminance=plain_data.choice(value.get("luminance", usual.luminance), LUMINANCES),
        restoration=plain_data.switch(value.get("restoration", usual.restoration)),
        colorization=plain_data.switch(value.get("colorization", usual.colorization)),
        restoration_strength=plain_data.number(
            value.get("restoration_strength", usual.restoration_strength), 0.0, 1.0
        ),
        saturation=plain_data.number(value.get("saturation", usual.saturation), 0.0, MOST_SATURATION),
        authors_scheme=plain_data.switch(value.get("authors_scheme", usual.authors_scheme)),
        vividness=plain_data.number(value.get("vividness", usual.vividness), 0.0, 1.0),
        # Before there was a choice, it was taken out.
        grain=plain_data.choice(value.get("grain", "out"), GRAINS),
        dirt_sensitivity=plain_data.number(
            value.get("dirt_sensitivity", usual.dirt_sensitivity), 0.0, MOST_SENSITIVITY
        ),
        following=plain_data.switch(value.get("following", False)),
    )


def own_of_record(value: Any) -> tuple[int, ShotSettings]:
    """Read a shot with what it has otherwise than its film, as `_to_record` writes it."""
    first, said = plain_data.listed(value)
    return plain_data.whole(first), shot_settings(said)


def _sound_choice(value: Any) -> SoundChoice:
    """Read what becomes of the sound; earlier versions wrote true and false."""
    if isinstance(value, bool):
        return "copy" if value else "none"
    return plain_data.choice(value, SOUND_CHOICES)
