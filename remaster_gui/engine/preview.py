"""Previewing: frames around the playhead remastered at working size, the nearest first, nothing computed twice."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import torch
from numpy.typing import NDArray

from remaster_gui.base.color import Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.compose import compose
from remaster_gui.engine.device import (
    Plan,
    apply_plan,
    best_dtype,
    choose_device,
    free_memory,
    is_out_of_memory,
    make_plan,
)
from remaster_gui.engine.luminance import LuminanceSource, to_float
from remaster_gui.engine.messages import Provenance, RemasteredFrame, Settings
from remaster_gui.engine.preview_plan import PreviewRequest, Run, plan_runs, proxy_size
from remaster_gui.engine.preview_results import PreviewedFrame, PreviewStores, ResultKey, Stored, result_key
from remaster_gui.engine.references import ReferenceStore
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import ShotStream, reach
from remaster_gui.engine.weights import resolve_weights
from remaster_gui.media import Film
from remaster_gui.model import RemasterNetwork, load_model, weights_hash
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.weights import usable_device

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """A network ready to compute, and what identifies it."""

    network: RemasterNetwork
    path: Path
    digest: str

    @staticmethod
    def load(weights: Path | None, device: str | None = None) -> LoadedNetwork:
        """Load weights (None: those that ship); raises `WeightsError` or `DeviceError`."""
        path = resolve_weights(weights)
        target = usable_device(choose_device(device))
        return LoadedNetwork(load_model(path, target).to(best_dtype(target)), path, weights_hash(path))


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """Something happened: `frames` have become ready, or `note` says what is being done or has changed."""

    frames: tuple[int, ...] = ()
    note: str = ""


class Previewer:
    """Remasters frames of one film on request and keeps them. Not thread-safe: one thread owns it, film and network."""

    def __init__(self, film: Film, loaded: LoadedNetwork, stores: PreviewStores) -> None:
        """Fill `stores`, which any thread may read."""
        self.film_size = Size(film.info.width, film.info.height)
        self.network, self.weights, self.stores = loaded.network, loaded.digest, stores
        self.luminance = LuminanceSource(film, loaded.network, stores.luminance)
        self._references = ReferenceStore(loaded.network, loaded.digest)
        self._plan: tuple[tuple[Size, Settings], Plan] | None = None

    def key(self, request: PreviewRequest) -> ResultKey:
        """Return what the results of a request are kept under."""
        return result_key(request, self.film_size, self.weights)

    def features(self, request: PreviewRequest) -> list[ReferenceFeatures]:
        """Return what the network makes of the references, encoding those that are new."""
        return self._references.all_features(request.references, self.key(request).luminance.working)

    def preview(self, request: PreviewRequest, cancel: Event) -> Iterator[PreviewStep]:
        """Remaster what is missing or stale of `request.span`; yields a step for every temporal window.

        Frames come in the order of their distance from the playhead, but for short runs before it. Ends early when
        the store has only nearer frames. When memory runs out the work goes on in smaller pieces. Raises
        `CancelledError` within one window of `cancel` being set.
        """
        key = self.key(request)
        for store in (self.stores.results, self.stores.luminance):
            store.focus(request.playhead)
        runs = plan_runs(request.shots, request.span, request.playhead, self.stores.results.held(key))
        if not runs:
            return
        features: Sequence[ReferenceFeatures] = ()
        if request.settings.colorization and request.references:
            yield PreviewStep(note="Encoding references")
            features = self.features(request)
        while runs:
            try:
                yield from self._work_off(runs, request, features, cancel)
                return
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                log.warning("out of memory while previewing", exc_info=True)
                plan = self.plan(request).halved()
                self._plan = ((key.luminance.working, request.settings), plan)
                if self.network.device.type == "cuda":
                    torch.cuda.empty_cache()
                yield PreviewStep(note=f"Memory ran out; going on with windows of {plan.window} frames.")
            runs = plan_runs(request.shots, request.span, request.playhead, self.stores.results.held(key))

    def plan(self, request: PreviewRequest) -> Plan:
        """Return how work is cut to fit into memory, decided once for each working size."""
        working = proxy_size(self.film_size, request.settings.edge, request.proxy)
        if self._plan is None or self._plan[0] != (working, request.settings):
            device = self.network.device
            plan = make_plan(
                self.network.config, working, working, request.settings, device, free_memory(device)
            )
            self._plan = ((working, request.settings), plan)
        return self._plan[1]

    def _work_off(
        self, runs: list[Run], request: PreviewRequest, features: Sequence[ReferenceFeatures], cancel: Event
    ) -> Iterator[PreviewStep]:
        """Advance whichever run has the nearest next frame, so that work grows to both sides of the playhead."""
        apply_plan(self.network, self.plan(request))
        begun: dict[Run, tuple[int, Iterator[tuple[int, bool]]]] = {}
        waiting = list(runs)
        while waiting:
            run = min(
                waiting, key=lambda each: begun[each][0] if each in begun else each.distance(request.playhead)
            )
            _, frames = begun.get(run) or (0, self._run(run, request, features, cancel))
            done: list[int] = []
            room = True
            for index, kept in frames:
                done.append(index)
                room = room and kept
                if index + 1 == run.span.stop or len(done) == self.plan(request).window:
                    break
            begun[run] = (abs(done[-1] + 1 - request.playhead) if done else 0, frames)
            if not room or not done or done[-1] + 1 == run.span.stop:
                waiting.remove(run)
                begun.pop(run)
            yield PreviewStep(tuple(done))

    def _run(
        self, run: Run, request: PreviewRequest, features: Sequence[ReferenceFeatures], cancel: Event
    ) -> Iterator[tuple[int, bool]]:
        """Yield the frames of a run with whether the store had room for them."""
        key, settings, plan = self.key(request), request.settings, self.plan(request)
        working = key.luminance.working
        margin = reach(restoration=False, colorization=settings.colorization)
        shot = run.shot
        needed = FrameRange(max(shot.start, run.span.start - margin), min(shot.stop, run.span.stop + margin))
        stream = ShotStream(
            self.network, features, size=working, working=working, restoration=False,
            colorization=settings.colorization,
        )  # fmt: skip
        pushed = needed.start
        kept: dict[int, Stored] = {}
        for window in self.luminance.windows(shot, needed, key.luminance, plan, cancel):
            kept.update(zip(range(pushed, pushed + len(window)), window, strict=True))
            pushed += len(window)
            clip = torch.from_numpy(np.stack([to_float(picture) for picture in window]))
            ready = stream.push(clip, pushed == needed.stop)
            if ready is None:
                continue
            for offset in range(len(ready)):
                index = needed.start + ready.start + offset
                luminance = kept.pop(index)
                if index not in run.span:
                    continue
                color = None
                if ready.chrominance is not None:
                    color = ready.chrominance[offset].numpy().transpose(1, 2, 0)
                shown = luminance if not key.source_tones else self.luminance.source(index, working)
                yield index, self._keep(index, shot, key, shown, color)

    def _keep(
        self, index: int, shot: FrameRange, key: ResultKey, luminance: Stored, chrominance: Float | None
    ) -> bool:
        provenance = Provenance(shot, key.references, self.weights)
        size = Size(luminance.shape[1], luminance.shape[0])
        color = None if chrominance is None else np.ascontiguousarray(chrominance)
        rgb = compose(RemasteredFrame(index, to_float(luminance), color, provenance), size)
        frame = PreviewedFrame(index, _eight_bits(rgb), None if color is None else _sixteen_bits(color))
        return self.stores.results.put(index, key, frame)


def _eight_bits(rgb: Float) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.rint(rgb * np.float32(255)).astype(np.uint8)
    pixels.flags.writeable = False
    return pixels


def _sixteen_bits(chrominance: Float) -> NDArray[np.uint16]:
    numbers: NDArray[np.uint16] = np.rint(chrominance * np.float32(65535)).astype(np.uint16)
    numbers.flags.writeable = False
    return numbers
