"""The first step of a render: finding out all that its parts depend on, and writing it down in the work folder."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import torch

from remaster_gui import __version__
from remaster_gui.base import plain_data
from remaster_gui.base.choices import SoundChoice
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import discard
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity, left_open
from remaster_gui.engine.automatic import GUESSED, GUESSED_BETWEEN
from remaster_gui.engine.baked_lut import KeptLut
from remaster_gui.engine.device import Plan, free_memory, make_plan
from remaster_gui.engine.disk_room import check_room
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.kept_references import KeptReference
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.matte_layers import check_mattes, check_named
from remaster_gui.engine.messages import Reference, most_demanding
from remaster_gui.engine.origin_layers import LAYERS, check_layers
from remaster_gui.engine.overlay_film import OverlayFilm
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.render_references import given_references, guesses
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.restorer import use_restorer
from remaster_gui.engine.rival_loading import load_with_rivals
from remaster_gui.engine.schemes import Scheme, scheme_of
from remaster_gui.engine.searching import searched
from remaster_gui.engine.session import CancelledError
from remaster_gui.engine.sizes import Size, delivered_size, working_size
from remaster_gui.engine.source import Source, check_readable, film_notices
from remaster_gui.engine.stored_shots import shots_of
from remaster_gui.engine.taking_over import taken_over
from remaster_gui.media import Carried, Film, check_output, plan_carried
from remaster_gui.media.cryptomatte import CHANNELS
from remaster_gui.media.cube_lut import read_lut
from remaster_gui.media.faults import writing

log = logging.getLogger(__name__)

WHOLE = Notice(
    "warning",
    tr(
        "The authors' script knows no ranges, strengths and regions of references; each counts altogether "
        "and everywhere."
    ),
)

STRENGTHLESS = Notice(
    "warning", tr("These weights know no strengths of references; each counts as much as the others.")
)


@dataclass(frozen=True)
class Planned:
    """A job that has been planned, and what was opened for it."""

    job: RenderJob
    plan: Plan
    """How work is cut to fit into memory."""
    work: WorkFolder
    overlay: OverlayFilm | None
    film: Film
    source: Source
    device: torch.device
    references: Sequence[Reference]
    carried: Carried
    """What the output takes over beside the pictures."""
    published_notices: Sequence[Notice] | None = None
    """Notices of an output that an earlier run has published already; None without one."""

    @property
    def works(self) -> Sequence[WorkFolder | OverlayFilm]:
        """Where parts lie."""
        return (self.work,) if self.overlay is None else (self.work, self.overlay)

    @contextmanager
    def without_leftovers(self) -> Iterator[None]:
        """Remove work folders without a finished part when the run within is ended by an exception."""
        try:
            yield
        except BaseException:
            for work in self.works:
                if not work.has_finished_parts():
                    work.remove()
            raise


def check_told(loaded: LoadedNetwork) -> None:
    """Raise `SettingsError` where a network cannot tell where colours come from, and say why."""
    if loaded.prior is None:
        why = "".join(f"{notice.text} " for notice in loaded.notices)
        raise SettingsError(
            tr("{why}Without a colour prior there is nothing to say in layers; choose none.", why=why)
        )


def carried_over(
    film: Film, span: FrameRange, work: WorkFolder, sound: SoundChoice
) -> Generator[Notice, None, Carried]:
    """Find out what the output takes over beside the pictures."""
    preset, suffix = work.preset, work.output.suffix.lower()
    if preset.is_sequence:
        suffix = ""
    elif suffix not in preset.suffixes:  # a folder of films
        suffix = preset.suffixes[0]
    return (yield from plan_carried(film, span, suffix, sound=sound, folder=work.output.parent))


class RenderPlanning:
    """Plans one render of a film that is open, with a network that is loaded for it."""

    def __init__(
        self,
        request: RenderRequest,
        film: Film,
        source: Source,
        weights: Path,
        device: torch.device,
        work: WorkFolder,
        overlay: OverlayFilm | None,
    ) -> None:
        """Check what can be checked at once, and load the network.

        Raises `MediaError`, `SettingsError`, `StorageError`, `WeightsError`, `DeviceError`.
        """
        if not scheme_of(request.settings).regards_cuts:
            request = dataclasses.replace(request, own=(), marks=())
        self._request, self._film, self._source = request, film, source
        self._work, self._overlay = work, overlay
        check_readable(film, strict=request.strict)
        info = film.info
        self._span = request.span_in(info)
        self._demand = most_demanding(request.settings, request.own)
        self._film_size = Size(info.width, info.height)
        self._working = working_size(self._film_size, request.settings.edge)
        self._scheme: Scheme = scheme_of(request.settings)
        if request.layers:
            check_layers(work.preset, self._demand)
        if request.mattes:
            check_mattes(work.preset, self._demand)
        self._lut = None if request.lut is None else KeptLut.of(read_lut(request.lut))
        self._check_disk()
        self.loaded = load_with_rivals(weights, device, self._scheme.precision(device))
        if request.layers:
            check_told(self.loaded)
        if request.restorer is not None:
            use_restorer(self.loaded.network, request.restorer)
        self._film_hash = source.identify()

    def _check_disk(self) -> None:
        whole = self._scheme.output_size(self._film_size, self._request.settings)
        size = delivered_size(whole, self._request.height)
        preset, request = self._work.preset, self._request
        count = (len(LAYERS) if request.layers else 0) + (len(CHANNELS) if request.mattes else 0)
        needed = preset.room_bytes(size.width, size.height, len(self._span), count) - self._work.nbytes()
        if self._overlay is not None:
            needed += preset.room_bytes(size.width, size.height, len(self._span)) - self._overlay.nbytes()
        check_room(self._request.output.parent, needed)

    def plan(self, cancel: Event, sharing: int = 1) -> Generator[Update, None, Planned]:
        """Find out everything, and write it down; `sharing`: how many makers share the memory of the device."""
        request, total = self._request, len(self._span)
        yield from film_notices(self._film, deinterlace=request.deinterlace)
        if request.restorer is not None:
            yield Notice(
                "note", tr("Restored by {restorer}, not by the network.", restorer=request.restorer.name)
            )
        if self._lut is not None:
            yield Notice("note", tr("The LUT {lut} is baked into the pictures.", lut=self._lut.name))
        yield from self.loaded.notices if self._demand.colorization else ()
        references = yield from given_references(request, self._film)
        if not self.loaded.regards_strengths and any(each.validity.strength != 1 for each in references):
            yield STRENGTHLESS
        if request.mattes:
            check_named(references[0].names if references else ())
        yield Progress(0, total, doing=tr("Trying the sound"))
        # Before there is work that could be lost.
        carried = yield from carried_over(self._film, self._span, self._work, request.sound)
        shots = yield from self._shots(cancel)
        if self._demand.colorization:
            references = yield from self._with_guesses(references, shots, cancel)
        if request.delivery is not None:
            if not self._scheme.regards_cuts:
                raise SettingsError(
                    tr("The authors' script knows no shots to deliver; leave out one of the two.")
                )
            request.delivery.clips(shots, self._span, self._film.info, self._work.preset)
        job = self._job(shots, references)
        self._work.remove_sound_alone()
        plan = yield from self._work.open(job.identity, self._memory_plan(sharing))
        if self._overlay is not None:
            yield from self._overlay.open(job.identity, plan)
        planned = Planned(
            job, plan, self._work, self._overlay, self._film, self._source, self.loaded.device,
            references, carried, self._work.published(job.joining),
        )  # fmt: skip
        if planned.published_notices is not None:
            # Ended between giving the output its name and clearing up.
            return planned
        with planned.without_leftovers():
            check_output(request.output, request.film, is_folder=request.is_folder)
            kept = yield from self._keep(references, job, cancel)
            job = dataclasses.replace(job, references=kept)
            job = yield from taken_over(job, self._work, self.loaded, self._working)
            self._work.describe(job.as_dict())
        return dataclasses.replace(planned, job=job)

    def _with_guesses(
        self, references: list[Reference], shots: Sequence[FrameRange], cancel: Event
    ) -> Generator[Update, None, list[Reference]]:
        """Add guesses for frames of the span at which none of the references is valid."""
        if not self._scheme.regards_cuts:
            if any(each.validity != EVERYWHERE for each in references):
                yield WHOLE
                references = [dataclasses.replace(each, validity=EVERYWHERE) for each in references]
            return references
        gaps = left_open([each.validity.ranges for each in references], self._film.info.frame_count)
        if not any(each.intersection(self._span) for each in gaps):
            return references
        found = yield from guesses(
            (self._film, self._film_hash), shots, self.loaded, self._request.settings, len(self._span), cancel,
            GUESSED_BETWEEN if references else GUESSED,
        )  # fmt: skip
        between = Validity(gaps) if references else EVERYWHERE
        return [*references, *(dataclasses.replace(each, validity=between) for each in found)]

    def _shots(self, cancel: Event) -> Generator[Update, None, list[FrameRange]]:
        if not self._scheme.regards_cuts:
            return [FrameRange(0, self._film.info.frame_count)]
        if self._request.shots is not None:
            return list(self._request.shots)
        search = shots_of(self._film, self._film_hash, cancel)
        return (yield from searched(search, tr("Looking for cuts"), len(self._span), cancel))

    def _memory_plan(self, sharing: int) -> Plan:
        settings, device = self._demand, self.loaded.device
        size = self._film_size if settings.luminance == "restored" else self._working
        config = self.loaded.network.config
        plan = make_plan(config, size, self._working, settings, device, free_memory(device) // sharing)
        if device.type != "cpu":
            return plan
        return dataclasses.replace(plan, threads=max(1, torch.get_num_threads() // sharing))

    def _job(self, shots: Sequence[FrameRange], references: Sequence[Reference]) -> RenderJob:
        request, loaded = self._request, self.loaded
        return RenderJob(
            application=__version__,
            torch=torch.__version__,
            film=request.film.absolute(),
            film_hash=self._film_hash,
            film_stamp=self._source.stamp,
            deinterlace=request.deinterlace,
            rate=request.rate,
            film_rate=self._film.info.rate,
            strict=request.strict,
            preset=self._work.preset.key,
            output=request.output.name,
            settings=request.settings,
            own=request.own,
            shots=tuple(shots),
            span=self._span,
            references=tuple(KeptReference.of(reference) for reference in references),
            weights=None if request.weights is None else request.weights.absolute(),
            weights_hash=loaded.digest,
            weights_identity=loaded.identity,
            network=loaded.network.config,
            device=loaded.device.type,
            precision=loaded.network.precision.name,
            overlay=request.overlay,
            height=request.height,
            lut=self._lut,
            layers=request.layers,
            sound=request.sound,
            delivery=request.delivery,
            restorer=None if request.restorer is None else request.restorer.name,
            marks=request.marks,
            exact=request.exact,
            keeps_parts=request.keeps_parts,
            recolorings=request.recolorings,
            mattes=request.mattes,
        )

    def _keep(
        self, references: Sequence[Reference], job: RenderJob, cancel: Event
    ) -> Generator[Update, None, tuple[KeptReference, ...]]:
        """Lay copies of the references' pictures and the LUT into the work folder; guesses are made by that, once."""
        folder, kept = self._work.references, []
        known = self._known_copies()
        vividness = sorted({part.settings.vividness for part in job.parts if part.settings.colorization})
        with writing(folder):
            if folder.is_symlink() or not folder.is_dir():
                discard(folder)
                folder.mkdir()
        if job.lut is not None and self._request.lut is not None:
            job.lut.keep(self._request.lut, folder)
        for reference, plain in zip(references, job.references, strict=True):
            if cancel.is_set():
                raise CancelledError
            yield Progress(0, len(self._span), doing=tr("Reading references"))
            kept.append(plain.kept(reference, folder, known, vividness))
        return tuple(kept)

    def _known_copies(self) -> dict[str, str]:
        """Return the contents of the copies that an earlier run has made, by the digests of the references."""
        with suppress(ValueError):
            task = plain_data.table(self._work.task() or {"references": []})
            said = [KeptReference.from_dict(each) for each in plain_data.listed(task["references"])]
            return {digest: content for each in said for digest, content in each.copies}
        return {}
