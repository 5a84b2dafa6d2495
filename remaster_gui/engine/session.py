"""A session: a run of frames of a film in, remastered frames out, one temporal window after another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from threading import Event
from typing import cast

import numpy as np
import torch

from remaster_gui.base.arrays import Float, Pixels
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.errors import is_out_of_memory
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import Recoloring
from remaster_gui.base.notices import Notice
from remaster_gui.base.spot_marks import FrameMarks, Marks
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.attention_tracing import trace
from remaster_gui.engine.compose import saturated
from remaster_gui.engine.device import Plan, device_faults
from remaster_gui.engine.drawn import among
from remaster_gui.engine.finish import Finish, Unfinished, mixed
from remaster_gui.engine.mattes import mattes_of, recolored
from remaster_gui.engine.messages import (
    FrameAttention,
    Reference,
    RemasteredFrame,
    RemasteredWindow,
    Settings,
    read_only,
)
from remaster_gui.engine.motion_following import Following
from remaster_gui.engine.pipeline import prefetched
from remaster_gui.engine.sizes import Size, resize, working_size
from remaster_gui.engine.stages import Stages
from remaster_gui.engine.stream import Guided, Pass, PassedFrame, walk
from remaster_gui.engine.stretches import Stretch, stretches
from remaster_gui.media import Frame
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures

log = logging.getLogger(__name__)

FrameReader = Callable[[FrameRange], Generator[Frame]]
"""Delivers a range of frames in order, as luma or in what channels whoever asks works with."""


class CancelledError(Exception):
    """The user has stopped the session."""


def checking(cancel: Event) -> Callable[[], None]:
    """Return what raises `CancelledError` once `cancel` is set."""

    def check() -> None:
        if cancel.is_set():
            raise CancelledError

    return check


class Session:
    """Remasters shots of one film with one set of references.

    Not thread-safe: one thread iterates it. Everything that it yields is read-only.
    """

    def __init__(
        self,
        network: RemasterNetwork,
        references: Sequence[ReferenceFeatures],
        *,
        film_size: Size,
        settings: Settings,
        plan: Plan,
        given: Sequence[Reference] = (),
        traces: bool = False,
        recolorings: Sequence[Recoloring] = (),
    ) -> None:
        """Prepare for a film of `film_size`.

        `given`: the references that the features are of, which say where they count and whether they are guesses; ()
        for pictures that guide all frames. `traces`: frames say which of the references they draw from. `recolorings`:
        of named colours.
        """
        self._network, self._references, self._given = network, references, given
        self._names, self._recolorings = given[0].names if given else (), recolorings
        self._settings, self._film_size = settings, film_size
        self._stretches: list[Stretch] = []
        self._marks: dict[int, Marks] = {}
        self._traces = traces
        self.plan = plan
        self.stages = Stages()
        self.working = working_size(film_size, settings.edge)
        full = settings.luminance == "restored" and settings.restored_share > 0
        self._stream_size = film_size if full else self.working

    def begin_anew(self, plan: Plan) -> None:
        """Follow a plan, and count from nothing, as a session in another process would."""
        self.plan, self.stages = plan, Stages()

    def remaster(
        self,
        read: FrameReader,
        shot: FrameRange,
        span: FrameRange,
        cancel: Event,
        marks: FrameMarks = (),
    ) -> Generator[RemasteredWindow | Notice]:
        """Yield the frames of `span`, which lies inside `shot`, in order; `marks`: those of these frames.

        Frames around `span` are read as far as they influence it, but never beyond the shot's cuts; so a part of a shot
        comes out as it would within the whole. When memory runs out, windows and tiles are halved, which a notice says,
        and the work goes on from the last frame delivered. Raises `CancelledError` within one window of `cancel` being
        set.
        """
        self._marks, done = dict(marks), span.start
        while done < span.stop:
            try:
                with device_faults():
                    for window in self._stream(read, shot, FrameRange(done, span.stop), cancel):
                        done = window.frames[-1].index + 1
                        yield window
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self.plan = self.plan.halved()
                log.warning("out of memory, going on with %s", self.plan, exc_info=True)
                if self._network.device.type == "cuda":
                    torch.cuda.empty_cache()
                yield Notice(
                    "warning",
                    tr(
                        "Memory ran out; going on with windows of {window} frames "
                        "and tiles of {tile_edge} pixels.",
                        window=self.plan.window,
                        tile_edge=self.plan.tile_edge,
                    ),
                )

    def _stream(
        self, read: FrameReader, shot: FrameRange, span: FrameRange, cancel: Event
    ) -> Iterator[RemasteredWindow]:
        settings, window = self._settings, self.plan.window
        self._stretches = list(stretches([shot], [each.validity for each in self._given]))
        guided = [Guided(each.frames, each.of(self._references), each.places) for each in self._stretches]
        work = Pass(
            self._network,
            self._references,
            self._stream_size,
            self.working,
            settings.restoration,
            settings.colorization,
            self.plan.tile_edge,
            self.plan.limits,
            self.stages,
            guided if self._given else (),
            self._following(read, shot) if settings.follows else None,
        )
        sources: dict[int, Pixels | Float] = {}  # what the result takes of the film's own luminance
        finishes = {index: self._finish(index) for index in span}
        wanted = {index: finish for index, finish in finishes.items() if finish.needs_source}
        beside = _beside(wanted, shot) if work.reach else {}
        whole = {index for index, finish in wanted.items() if not finish.is_plain or finish.share == 0}
        whole.update(each for others in beside.values() for each in others)
        check = checking(cancel)

        def windows(needed: FrameRange) -> Generator[Float]:
            """Prepare the next window on a thread beside the networks."""
            batch: list[Float] = []
            with closing(read(needed)) as frames:
                for frame in frames:
                    check()
                    batch.append(self._prepare(frame.pixels))
                    if frame.index in whole:
                        sources[frame.index] = frame.pixels
                    elif frame.index in wanted:
                        sources[frame.index] = batch[-1]
                    if len(batch) == window or frame.index + 1 == needed.stop:
                        yield np.stack(batch)
                        batch.clear()

        for frames in walk(
            work, shot, span, lambda needed: prefetched(windows(needed), 1), check, window=window
        ):
            yield RemasteredWindow(
                tuple(self._remastered(frame, sources, beside.get(frame.index, ())) for frame in frames)
            )

    def _following(self, read: FrameReader, shot: FrameRange) -> Following:
        """Return what follows the references of a shot along the motion of the film's own frames."""

        def frames(needed: FrameRange) -> Generator[Float]:
            with closing(read(needed)) as decoded:
                for frame in decoded:
                    yield resize(luma_to_lightness(frame.pixels), self.working)

        return Following(self._given, shot, self.working, self._film_size, frames)

    def _prepare(self, luma: Pixels) -> Float:
        """Turn decoded luma into luminance of the size at which restoration works."""
        with self.stages.working("prepare"):
            return resize(luma_to_lightness(luma), self._stream_size)

    def _finish(self, index: int) -> Finish:
        return Finish.of(self._settings, self._marks.get(index, ()))

    def _remastered(
        self, frame: PassedFrame, sources: dict[int, Pixels | Float], beside: Sequence[int]
    ) -> RemasteredFrame:
        luminance, color, finish = frame.luminance, frame.chrominance, self._finish(frame.index)
        unfinished, mattes = None, None
        if finish.share == 0:
            luminance = luma_to_lightness(cast(Pixels, sources[frame.index]))
        elif not finish.is_plain:
            source, *others = (cast(Pixels, sources[index]) for index in (frame.index, *beside))
            unfinished = Unfinished(source, finish, self._film_size, tuple(others))
        elif finish.share < 1:
            luminance = mixed(cast(Float, sources[frame.index]), luminance, finish.share)
        # What comes after may need the frame before itself.
        for index in [index for index in sources if index < frame.index]:
            del sources[index]
        if frame.mattes is not None and color is not None:
            mattes = mattes_of(self._names, frame.mattes, color)
        if color is not None:
            color = recolored(color, mattes, self._recolorings)
            color = read_only(saturated(color, self._settings.saturation))
        share = frame.share
        if share is not None:
            is_guessed = self._given and any(
                self._given[place].is_guessed for place in self._places_at(frame.index)
            )
            share = read_only(np.zeros_like(share) if is_guessed else share)
        attention = self._trace(frame) if self._traces and self._references else None
        draws, count, places = frame.draws, len(self._references), self._places_at(frame.index)
        if draws is not None and len(places) != count:
            draws = among(draws, places, count)
        return RemasteredFrame(
            frame.index, read_only(luminance), color, share, attention, draws, unfinished, mattes
        )

    def _places_at(self, frame: int) -> Sequence[int]:
        """Return which of the references guide a frame."""
        if not self._given:
            return range(len(self._references))
        return next((each.places for each in self._stretches if frame in each.frames), ())

    def _trace(self, frame: PassedFrame) -> FrameAttention | None:
        """Look at the attention of a finished frame; the shares of references that do not guide it are nothing."""
        half, count = self._network.colorization, len(self._references)
        places = self._places_at(frame.index)
        if not places:
            return None
        luminance = torch.from_numpy(resize(frame.luminance, self.working)).to(self._network.device)
        with self.stages.working("colour network", 0):
            found = trace(half, luminance[None, None, None], [self._references[place] for place in places])
        if len(places) == count:
            return found
        shares = np.zeros((*found.certainty.shape, count), np.float32)
        shares[..., places] = found.shares
        return FrameAttention(read_only(shares), found.certainty)


def _beside(finishes: Mapping[int, Finish], shot: FrameRange) -> dict[int, tuple[int, ...]]:
    """Return the frames before and after, in the same shot, of those frames that are finished by them."""
    return {
        index: tuple(each for each in (index - 1, index + 1) if each in shot)
        for index, finish in finishes.items()
        if finish.needs_neighbours
    }
