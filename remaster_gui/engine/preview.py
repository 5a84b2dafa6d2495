"""Previewing: frames around the playhead remastered at working size, the nearest first, nothing computed twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

import numpy as np
import torch

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import is_out_of_memory
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.compose import compose, saturated
from remaster_gui.engine.device import Plan, free_memory, make_plan
from remaster_gui.engine.finish import finished
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.luminance import LuminanceSource
from remaster_gui.engine.messages import RemasteredFrame, Settings, guiding, most_demanding
from remaster_gui.engine.motion_following import Following
from remaster_gui.engine.preview_colors import FrameColors, colors_of
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest, Run, plan_runs, proxy_size, shot_at
from remaster_gui.engine.preview_results import (
    PreviewedFrame,
    PreviewStores,
    ResultKey,
    ResultKeys,
    Stored,
    eight_bits,
    result_keys,
    to_float,
    to_stored,
)
from remaster_gui.engine.preview_reuse import PreviewReuse, Reused
from remaster_gui.engine.rate_meter import RateMeter
from remaster_gui.engine.session import CancelledError, checking
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Guided, Pass, walk
from remaster_gui.engine.trails import Trails
from remaster_gui.media import Film
from remaster_gui.model.colorization import ReferenceFeatures

log = logging.getLogger(__name__)

DRAFT_MARGIN = 2
"""Frames to either side that a draft is made with: the five frames of the authors' scheme."""
TRAILS_BUDGET = 96 * 2**20
"""Bytes of motion that is remembered: a stroke on a reference does not change it."""
_COMPOSED = 16
"""Frames of which only the look has changed that are shown together."""
FULL = tr("The memory for previews is full; frames farther away follow when the playhead comes near them.")


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """Something happened: `frames` have become ready, or the frame `draft` has a draft now."""

    frames: tuple[int, ...] = ()
    draft: int | None = None


class Previewer:
    """Remasters frames of one film on request and keeps them. Not thread-safe: one thread owns it, film and network."""

    def __init__(self, film: Film, loaded: LoadedNetwork, stores: PreviewStores) -> None:
        """Fill `stores`, which any thread may read."""
        self.film_size = Size(film.info.width, film.info.height)
        self.loaded, self.network = loaded, loaded.network
        self.stores = stores
        self.luminance = LuminanceSource(film, loaded.network, stores.luminance)
        self._references = loaded.references
        self._plan: tuple[tuple[Size, Settings], Plan] | None = None
        self._keyed: tuple[Guidance, ResultKeys] | None = None
        self._untold = list(loaded.notices)
        self._reuse = PreviewReuse(loaded, stores)
        self._trails = Trails(TRAILS_BUDGET)

    def keys(self, guidance: Guidance) -> ResultKeys:
        """Return what results made by `guidance` are kept under."""
        # Asked for several times in a request, and a film may have thousands of shots.
        if self._keyed is None or self._keyed[0] is not guidance:
            self._keyed = guidance, result_keys(guidance, self.film_size, self.loaded.identity)
        return self._keyed[1]

    def features(
        self, guidance: Guidance, frame: int, check: Callable[[], None] = lambda: None
    ) -> list[ReferenceFeatures]:
        """Return what the network makes of the references that guide a frame, encoding those that are new."""
        working = self.keys(guidance).film.luminance.working
        return self._references.all_features(guidance.references_at(frame), working, check)

    def reuse(self, guidance: Guidance, cancel: Event) -> Iterator[Reused]:
        """Take those frames for up to date that draw nothing from what has changed of the references."""
        return self._reuse.look(guidance, self.keys(guidance), cancel)

    def preview(self, request: PreviewRequest, cancel: Event) -> Iterator[PreviewStep | Progress | Notice]:
        """Remaster what is missing or stale of `request.span`; yields a step and progress for every temporal window.

        A draft of the playhead's frame comes first, as everything that influences the frame itself takes a while. Then
        frames come in the order of their distance from the playhead, but for short runs before it. Ends early when the
        store has only nearer frames. When memory runs out the work goes on in smaller pieces. Raises
        `CancelledError` within one window of `cancel` being set.
        """
        guidance = request.guidance
        while self._untold and self.plan_settings(guidance).colorization:
            yield self._untold.pop(0)
        keys = self.keys(guidance)
        self.stores.focus(request.playhead, keys)
        done, total = 0, self.missing(request)
        alike = [
            Run(run.shot, each.frames.intersection(run.span))
            for run in self._missing(request, keys)
            for each in guidance.guides_of(run.shot)
        ]
        for frames in self._look_again([run for run in alike if run.span], keys, cancel):
            if frames:
                done += len(frames)
                yield PreviewStep(frames)
        while runs := self._missing(request, keys):
            yield Progress(done, total)
            try:
                for step in self._remaster(request, runs, keys, Progress(done, total), cancel):
                    done += len(step.frames) if isinstance(step, PreviewStep) else 0
                    yield step
                return
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                log.warning("out of memory while previewing", exc_info=True)
            plan = self.plan(guidance).halved()
            self._plan = ((keys.film.luminance.working, self.plan_settings(guidance)), plan)
            if self.network.device.type == "cuda":
                torch.cuda.empty_cache()
            yield Notice(
                "warning", tr("Memory ran out; going on with windows of {window} frames.", window=plan.window)
            )

    def _remaster(
        self, request: PreviewRequest, runs: list[Run], keys: ResultKeys, saying: Progress, cancel: Event
    ) -> Iterator[PreviewStep | Progress | Notice]:
        """Make the draft, if one is wanted, and then all frames of runs; `saying` is how far the request is by now."""
        guidance, key, check = request.guidance, keys.at(request.playhead), checking(cancel)
        guides = guidance.references_at(request.playhead)
        if self._wants_draft(request, key) and any(each.is_guessed for each in guides):
            # Guesses take a while to make, and something is to be seen soon.
            self._draft(request, key, (), check)
            yield PreviewStep(draft=request.playhead)
        yield from self._encode(guidance, runs, replace(saying, doing=tr("Encoding references")), check)
        if self._wants_draft(request, key):
            self._draft(request, key, self.features(guidance, request.playhead, check), check)
            check()
            yield PreviewStep(draft=request.playhead)
        clock, done = RateMeter(), saying.done
        for frames in self._work_off(runs, request, keys, cancel):
            done += len(frames)
            if frames:
                yield PreviewStep(frames)
            yield Progress(done, saying.total, clock.rate(len(frames)))
        if self._missing(request, keys):
            yield Notice("warning", FULL)

    def _encode(
        self, guidance: Guidance, runs: Sequence[Run], saying: Progress, check: Callable[[], None]
    ) -> Iterator[Progress]:
        """Encode the references of all shots that runs lie in, so that none of these waits for it."""
        shots = {run.shot for run in runs}
        needed = {each for shot in shots for guides in guidance.guides_of(shot) for each in guides.references}
        if needed:
            yield saying
        self._references.all_features(needed, self.keys(guidance).film.luminance.working, check)

    def _wants_draft(self, request: PreviewRequest, key: ResultKey) -> bool:
        results, frame = self.stores.results, request.playhead
        is_slow = key.colored or key.luminance.restored
        has_memory = self.plan(request.guidance).window > 2 * DRAFT_MARGIN
        names = (key, replace(key, draft=True))
        is_new = all(results.get(frame, name) is None for name in names)
        return is_slow and has_memory and is_new and frame in request.span

    def _draft(
        self,
        request: PreviewRequest,
        key: ResultKey,
        features: Sequence[ReferenceFeatures],
        check: Callable[[], None],
    ) -> None:
        """Remaster the playhead's frame with its nearest neighbours, as if they were all of the shot.

        Its tones alone are those of the whole shot.
        """
        frame, guidance, working = request.playhead, request.guidance, key.luminance.working
        shot = shot_at(guidance.shots, frame)
        span = FrameRange(max(shot.start, frame - DRAFT_MARGIN), min(shot.stop, frame + DRAFT_MARGIN + 1))
        kept = [self.stores.luminance.get(index, key.luminance) for index in span]
        is_restored = key.luminance.restored and all(picture is not None for picture in kept)
        source = [self.luminance.source(index, working, span.stop) for index in span]
        clip = [
            own if not is_restored or known is None else known
            for own, known in zip(source, kept, strict=True)
        ]
        following = None
        if guidance.settings_of(shot).follows:
            # By the motion that is known already: nothing is as urgent as a draft.
            references = guidance.references_at(frame)
            following = Following(references, shot, working, self.film_size, None, self._trails)
        work = Pass(
            self.network, features, working, working,
            restoration=key.luminance.restored and not is_restored, colorization=key.colored,
            limits=self.plan(guidance).limits, following=following,
        )  # fmt: skip

        def windows(_: FrameRange) -> Generator[Float]:
            yield np.stack([to_float(picture) for picture in clip])

        look = self.luminance.look(shot, working, check) if work.restoration else None
        passed = walk(work, span, span, windows, check, look)
        ready = {each.index: each for frames in passed for each in frames}
        made = ready[frame]
        colors = colors_of(made, guidance.references_at(frame))
        self._keep(frame, shot, replace(key, draft=True), to_stored(made.luminance), colors)

    def missing(self, request: PreviewRequest) -> int:
        """Return how many frames of a request are missing or stale."""
        return sum(len(run.span) for run in self._missing(request, self.keys(request.guidance)))

    def _missing(self, request: PreviewRequest, keys: ResultKeys) -> list[Run]:
        return plan_runs(request.guidance.shots, request.span, request.playhead, self.stores.held(keys))

    def plan_settings(self, guidance: Guidance) -> Settings:
        """Return settings that want as much of the network as any shot does."""
        return most_demanding(guidance.settings, guidance.own)

    def plan(self, guidance: Guidance) -> Plan:
        """Return how work is cut to fit into memory, decided once for each working size."""
        settings = self.plan_settings(guidance)
        working = proxy_size(self.film_size, settings.edge, guidance.proxy)
        if self._plan is None or self._plan[0] != (working, settings):
            device = self.network.device
            plan = make_plan(self.network.config, working, working, settings, device, free_memory(device))
            self._plan = ((working, settings), plan)
        return self._plan[1]

    def _work_off(
        self, runs: list[Run], request: PreviewRequest, keys: ResultKeys, cancel: Event
    ) -> Iterator[tuple[int, ...]]:
        """Advance whichever run has the nearest next frame, so that work grows to both sides of the playhead.

        Yields the frames that have become ready, for every temporal window.
        """
        playhead, window = request.playhead, self.plan(request.guidance).window
        begun: dict[Run, tuple[int, Iterator[tuple[int, bool]]]] = {}
        waiting = list(runs)
        while waiting:
            run = min(waiting, key=lambda each: begun[each][0] if each in begun else each.distance(playhead))
            _, frames = begun.get(run) or (0, self._run(run, request.guidance, keys, cancel))
            done = run.span.start
            ready: list[int] = []
            full_from: int | None = None
            for done, kept in frames:
                if kept:
                    ready.append(done)
                else:
                    full_from = abs(done - playhead)
                # Frames before the playhead come nearer and may find room yet; those after it do not.
                if done + 1 == run.span.stop or len(ready) == window or (not kept and done > playhead):
                    break
            begun[run] = (abs(done + 1 - playhead), frames)
            if done + 1 == run.span.stop or (full_from is not None and done > playhead):
                waiting.remove(run)
                begun.pop(run)
            if full_from is not None:
                waiting = [each for each in waiting if each in begun or each.distance(playhead) < full_from]
            yield tuple(ready)

    def _run(
        self, run: Run, guidance: Guidance, keys: ResultKeys, cancel: Event
    ) -> Iterator[tuple[int, bool]]:
        """Yield the frames of a run with whether the store had room for them."""
        key = keys.at(run.span.start)
        guides, plan, check = guidance.guides_of(run.shot), self.plan(guidance), checking(cancel)
        working = key.luminance.working
        guided = [
            Guided(each.frames, self._references.all_features(each.references, working, check), each.places)
            for each in guides
        ]
        work = Pass(
            self.network, (), working, working, restoration=False, colorization=key.colored, limits=plan.limits,
            guided=guided, following=self._following(guidance, run.shot, working, cancel),
        )  # fmt: skip
        kept: dict[int, Stored] = {}

        def windows(needed: FrameRange) -> Generator[Float]:
            at = needed.start
            for window in self.luminance.windows(run.shot, needed, key.luminance, plan, cancel):
                kept.update((at + t, picture) for t, picture in enumerate(window) if at + t in run.span)
                at += len(window)
                yield np.stack([to_float(picture) for picture in window])

        for frames in walk(work, run.shot, run.span, windows, check):
            for frame in frames:
                here = next(each for each in guides if frame.index in each.frames)
                restored, colors = kept.pop(frame.index), colors_of(frame, here.references)
                own = keys.at(frame.index)
                yield frame.index, self._keep(frame.index, run.shot, own, restored, colors, run.span.stop)

    def _following(
        self, guidance: Guidance, shot: FrameRange, working: Size, cancel: Event
    ) -> Following | None:
        """Return what follows the references of a shot along the motion of the film's own frames, where it is to."""
        settings = guidance.settings_of(shot)
        if not settings.follows:
            return None

        def frames(needed: FrameRange) -> Generator[Float]:
            for index in needed:
                if cancel.is_set():
                    raise CancelledError
                yield to_float(self.luminance.source(index, working, needed.stop))

        references = guiding(guidance.references, settings)
        return Following(references, shot, working, self.film_size, frames, self._trails, looks_ahead=False)

    def _look_again(self, runs: Sequence[Run], keys: ResultKeys, cancel: Event) -> Iterator[tuple[int, ...]]:
        """Compose anew what is there but for its finish and saturation: the network has no part in these."""
        for run in runs:
            key = keys.at(run.span.start)
            alike = [
                known
                for known in self.stores.results.known_keys()
                if replace(known, finish=key.finish, saturation=key.saturation) == key
            ]
            if not alike:
                continue
            ready: list[int] = []
            for index in run.span:
                if cancel.is_set():
                    raise CancelledError
                own = keys.at(index)
                found = next(filter(None, (self.stores.results.get(index, known) for known in alike)), None)
                if found is None:
                    continue
                restored = (
                    self.stores.luminance.get(index, key.luminance)
                    if key.luminance.restored
                    else self.luminance.source(index, key.luminance.working, run.span.stop)
                )
                if restored is None:
                    continue
                color = None if found.chrominance is None else to_float(found.chrominance)
                known_colors = FrameColors(color, found.share, found.drawn, found.mattes)
                if self._keep(index, run.shot, own, restored, known_colors, run.span.stop):
                    ready.append(index)
                if len(ready) == _COMPOSED:
                    yield tuple(ready)
                    ready = []
            yield tuple(ready)

    def _keep(
        self,
        index: int,
        shot: FrameRange,
        key: ResultKey,
        restored: Stored,
        colors: FrameColors,
        stop: int | None = None,
    ) -> bool:
        """Keep a frame; the film's own luminance, where it has a part in it, is decoded on up to `stop`."""
        luminance, finish = to_float(restored), key.finish
        if key.luminance.restored and finish.needs_source:
            near = (
                [each for each in (index - 1, index + 1) if each in shot] if finish.needs_neighbours else []
            )
            source, *beside = (
                to_float(self.luminance.source(each, key.luminance.working, stop)) for each in (index, *near)
            )
            luminance = finished(source, luminance, finish, index, self.film_size, beside).luminance
        chrominance = colors.chrominance
        color = None if chrominance is None else to_stored(chrominance)
        if chrominance is not None:
            chrominance = saturated(chrominance, key.saturation)
        size = Size(luminance.shape[1], luminance.shape[0])
        rgb = compose(RemasteredFrame(index, luminance, chrominance), size)
        frame = PreviewedFrame(
            index, eight_bits(rgb), color, colors.share, restored, finish, key.saturation, colors.drawn,
            colors.mattes,
        )  # fmt: skip
        return self.stores.results.put(index, key, frame)
