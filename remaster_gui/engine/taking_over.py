"""Parts of an earlier run that stay of use when references have changed: those that draw nothing from these."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update
from remaster_gui.engine.drawn import Drawn
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.job_records import SetAside
from remaster_gui.engine.kept_references import KeptReference, take_copy
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.parts import Part, PartFacts
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.repainted import TOLERANCE, ShiftBook, changes, is_unaffected, retied
from remaster_gui.engine.sizes import Size
from remaster_gui.model.colorization import ReferenceFeatures

log = logging.getLogger(__name__)


def taken_over(
    job: RenderJob, work: WorkFolder, loaded: LoadedNetwork, working: Size
) -> Generator[Update, None, RenderJob]:
    """Take over what stays of use of the parts that `work` has set aside, and say so; returns the job, which knows.

    What was taken over before, and may not be now, goes. Copies of the job's references lie in the folder.
    """
    job = replace(job, former=_known(work))
    for piece in job.pieces:
        facts = work.facts_of(piece)
        if job.exact and facts is not None and not _is_of(facts, job.guides_of(piece)):
            work.drop(piece)
    if work.former is not None:
        yield Progress(0, len(job.span), doing=tr("Looking what stays of the last run"))
        job = yield from _TakingOver(job, work, work.former, loaded, working).run()
        work.forget_former()
    return job


def _is_of(facts: PartFacts, guides: Sequence[str]) -> bool:
    return facts.drawn is None or facts.drawn.references == tuple(guides)


def _known(work: WorkFolder) -> tuple[KeptReference, ...]:
    """Return the references of parts that earlier runs of this job have taken over."""
    with suppress(ValueError, RemasterError):
        task = work.task()
        return () if task is None else RenderJob.from_dict(task).former
    return ()


class _TakingOver:
    def __init__(
        self, job: RenderJob, work: WorkFolder, former: SetAside, loaded: LoadedNetwork, working: Size
    ) -> None:
        self._job, self._work, self._loaded, self._working = job, work, loaded, working
        self._other, task = work.beside(former)
        self._before: RenderJob | None = None
        with suppress(ValueError, RemasterError):
            self._before = RenderJob.from_dict(task)

    def run(self) -> Generator[Notice, None, RenderJob]:
        before, job = self._before, self._job
        # Overlays and layers show the references themselves.
        if before is None or before.overlay or job.overlay or job.layers:
            return job
        known = {
            each.digest: each
            for references, work in (
                (before.former, self._other),
                (before.references, self._other),
                (job.references, self._work),
            )
            for each in _read(references, work)
        }

        def features(digest: str) -> ReferenceFeatures | None:
            with suppress(RemasterError, KeyError):  # a copy that is damaged
                return self._loaded.references.features(known[digest], self._working)
            return None

        book = ShiftBook(self._loaded.network)
        used, changed, kept, spared = set[str](), dict[str, None](), 0, 0
        recolored = _recolored(before, job)
        for piece in job.pieces:
            facts, guides = self._other.facts_of(piece), job.guides_of(piece)
            drawn = None if facts is None else facts.drawn
            if facts is None or drawn is None or self._work.facts_of(piece) is not None:
                continue
            if recolored & facts.origins.names.keys() or self._is_followed_otherwise(piece, drawn.references):
                continue
            spared += bool(recolored)
            if drawn.references != guides:
                if job.exact or not is_unaffected(drawn, guides, book.of(drawn, guides, features)):
                    continue
                kept += 1
                used.update(drawn.references)
                pairs = (changes(drawn.references, guides) or {}).values()
                changed.update(dict.fromkeys(known[one].name for one, _ in pairs if one in known))
            self._work.adopt(piece, self._other, _without_gone(facts, drawn, guides))
        if spared and not kept:
            yield Notice("note", _sentence_of_names(spared, len(job.pieces), sorted(recolored)))
        if not kept:
            return job
        former = {each.digest: each for each in (*before.references, *before.former)}
        here = {each.digest for each in job.references}
        for each in (chosen := [former[digest] for digest in former if digest in used - here]):
            take_copy(each, self._other.references, self._work.references)
        yield Notice("note", _sentence(kept, len(job.pieces), list(changed)))
        return replace(job, former=tuple({each.digest: each for each in (*job.former, *chosen)}.values()))

    def _is_followed_otherwise(self, piece: Part, drawn: Sequence[str]) -> bool:
        """Whether colours would follow the motion from other frames of a piece's shot than they have."""
        before, job = self._before, self._job
        if before is None or not piece.settings.follows:
            return False
        frames = {each.digest: each.frame for each in (*before.former, *before.references)}
        made = [(digest, frames.get(digest)) for digest in drawn]
        pairs = zip(job.guides_of(piece), (each.frame for each in job.references), strict=True)
        return any(frame in piece.shot for frame in retied(made, pairs))


def _read(references: Iterable[KeptReference], work: WorkFolder) -> list[Reference]:
    """Return references whose copies are sound."""
    found = []
    for each in references:
        try:
            reference = each.reference(work.references)
            found.append(reference)
            if reference.as_vivid is not None:
                found += [reference.as_vivid(vividness) for vividness, _, _ in each.vivid]
        except RemasterError as error:
            log.warning("what draws from %s cannot be judged and is made anew: %s", each.name, error)
    return found


def _recolored(before: RenderJob, job: RenderJob) -> set[str]:
    """Return the names whose colour has changed: where none of them is, nothing has."""
    return {each.name for each in {*before.recolorings} ^ {*job.recolorings}}


def _without_gone(facts: PartFacts, drawn: Drawn, guides: Sequence[str]) -> PartFacts:
    """Count no more what was drawn from references that have gone, so that places mean those that are left."""
    gone = {n for n, (_, after) in (changes(drawn.references, guides) or {}).items() if after is None}
    if not gone:
        return facts
    left = [n for n in range(len(drawn.references)) if n not in gone]
    numbers = facts.origins.by_reference
    origins = replace(facts.origins, by_reference=tuple(numbers[n] for n in left if n < len(numbers)))
    return replace(facts, origins=origins, drawn=drawn.of(left))


def _sentence_of_names(kept: int, count: int, names: Sequence[str]) -> str:
    parts = f"{kept} of {count} parts is" if kept == 1 else f"{kept} of {count} parts are"
    return tr(
        "{parts} kept as made before the colour of {which} changed, which is nowhere there.",
        parts=parts,
        which=_listed(names),
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) < 3:
        return tr(" and ").join(names[:2])
    return tr("{names} and {count} others", names=names[0], count=len(names) - 1)


def _sentence(kept: int, count: int, names: Sequence[str]) -> str:
    which = _listed(names)
    parts = f"{kept} of {count} parts is" if kept == 1 else f"{kept} of {count} parts are"
    return tr(
        "{parts} kept as made before {which} changed: no pixel there draws more than 1/{tolerance} of its "
        "colour from that, by the shares of the last run. An exact render (--exact) makes all anew.",
        parts=parts,
        which=which,
        tolerance=round(1 / TOLERANCE),
    )
