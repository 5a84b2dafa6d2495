"""The last step of a render: joining the parts, and saying what was made of what."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import Draft, printable
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Update
from remaster_gui.engine.delivery import ShotFile
from remaster_gui.engine.origin import OriginLog
from remaster_gui.engine.part_maker import Finished, finished_pieces, whole
from remaster_gui.engine.parts import Part
from remaster_gui.engine.provenance import declaration_of
from remaster_gui.engine.render_plan import Planned
from remaster_gui.engine.report import RenderReport, decorated, report_path, write_report
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.engine.stages import Stages
from remaster_gui.media import assemble, plan_carried
from remaster_gui.media.declaration import Declaration
from remaster_gui.media.faults import writing


class RenderEnd:
    """Joins the parts of a planned job, when all are there, and reports."""

    def __init__(self, planned: Planned, notices: Sequence[Notice]) -> None:
        """`notices`: all that is said of the render, up to the moment in which the output gets its name."""
        self._planned, self._job, self._notices = planned, planned.job, notices
        self._origins, self._stages = OriginLog(), Stages()
        self._seconds: dict[str, float] = {}
        delivery, work = self._job.delivery, planned.work
        self.clips: Sequence[ShotFile] = ()
        """The files of a film that is delivered shot by shot."""
        if delivery is not None:
            self.clips = delivery.clips(self._job.shots, self._job.span, planned.film.info, work.preset)

    def said(self, made: Collection[Part] = ()) -> Generator[Notice]:
        """Yield what was said of all pieces when they were made, and add up their facts; those `made` now took time."""
        for piece in self._job.pieces:
            facts = self._planned.work.facts_of(piece)
            if facts is None:
                continue
            yield from facts.notices
            self._origins.add(piece.shot, facts.origins)
            if piece in made:
                for stage, work in facts.stages.items():
                    self._stages.add(stage, work.frames, work.seconds)
                for name, seconds in facts.seconds.items():
                    self._add_time(name, seconds)

    def join(self, known: Mapping[Part, Finished]) -> Generator[Notice]:
        """Join the parts; those that are not `known` to be sound are looked at first.

        Raises what `assemble` does, `MediaError` where the film has become another one, `StorageError` where a part is
        missing.
        """
        began = time.monotonic()
        planned, job, work, film = self._planned, self._job, self._planned.work, self._planned.film
        parts = [known.get(part) or self._finished(part) for part in job.parts]

        def joined(draft: Path, sound: Path | None) -> None:
            planned.source.check()
            work.note_published(draft, sound, job.joining, self._notices)

        planned.source.check()
        declared = declaration_of(job.settings_of(shot) for shot in job.shots)
        if planned.overlay is not None:
            above = [segment for part in parts for segment in part.above]
            yield from planned.overlay.assemble(above, film, job.span, job.joining, planned.source.check)
        if self.clips:
            yield from self._deliver(parts, declared, joined)
        else:
            yield from assemble(
                work.output,
                [segment for part in parts for segment in part.segments],
                work.preset,
                rate=film.info.rate,
                source=film,
                span=job.span,
                carried=replace(planned.carried, declaration=declared),
                joined=joined,
            )
        self._add_time("join", time.monotonic() - began)

    def _deliver(
        self, parts: Sequence[Finished], declared: Declaration, joined: Callable[[Path, Path | None], None]
    ) -> Generator[Notice]:
        """Join the parts of each shot into a file of its own; the folder appears when all of them are complete."""
        job, work, film = self._job, self._planned.work, self._planned.film
        suffix = "" if work.preset.is_sequence else work.preset.suffixes[0]
        with writing(work.output), Draft(work.output, is_folder=True) as draft:
            for clip in self.clips:
                carried = yield from plan_carried(film, clip.span, suffix, sound=job.sound, folder=draft.path)
                within = [
                    made for part, made in zip(job.parts, parts, strict=True) if part.span.start in clip.span
                ]
                yield from assemble(
                    draft.path / clip.name,
                    [segment for made in within for segment in made.segments],
                    work.preset,
                    rate=film.info.rate,
                    source=film,
                    span=clip.span,
                    carried=replace(carried, declaration=declared),
                )
            joined(draft.path, None)
            draft.publish()

    def _finished(self, part: Part) -> Finished:
        found = whole(part, finished_pieces(part, self._planned.work, self._planned.overlay))
        if found is None:
            raise StorageError(
                tr(
                    "Part {index} of {output} is missing or damaged; make it "
                    "anew by running the same command again.",
                    index=self._job.parts.index(part),
                    output=printable(self._job.output),
                )
            )
        return found

    def _add_time(self, stage: str, seconds: float) -> None:
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def report(self, reused: int, seconds: float) -> Generator[Update, None, RenderReport]:
        """Write the report and give up the parts; the output is there, and nothing here takes it away any more.

        reused: frames of parts that were there before this run; seconds: how long that took.
        """
        planned, job, info = self._planned, self._job, self._planned.film.info
        film_size = Size(info.width, info.height)
        report = RenderReport(
            film=job.film.name,
            film_hash=job.film_hash,
            output=job.output,
            frames=len(job.span),
            span=job.span,
            rate=info.rate,
            size=str(job.output_size(film_size)),
            working_size=str(working_size(film_size, job.settings.edge)),
            preset=job.preset,
            shots=job.shots,
            references=planned.references,
            weights_hash=job.weights_hash,
            network=job.network,
            device=planned.device,
            settings=job.settings,
            own={s: own for s in job.shots if (own := job.settings_of(s)) != job.settings},
            reused_frames=reused,
            seconds=seconds,
            stage_seconds=self._seconds,
            stages=self._stages.done(),
            notices=self._notices,
            origins=self._origins.shots,
            overlay=None if planned.overlay is None else planned.overlay.path,
            lut=job.lut,
            recolorings=job.recolorings,
            clips=self.clips,
        )
        path = report_path(planned.work.output)
        is_written = yield from decorated(tr("The report"), lambda: write_report(report, path))
        for work in () if job.keeps_parts else planned.works:
            yield from decorated(tr("The end of clearing up"), work.remove)
        return replace(report, path=path) if is_written else report
