"""What a preview keeps, and the keys that say what it was made from; free of networks, so that any thread can ask."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remaster_gui.engine.frame_store import CURRENT, DRAFT, STALE, FrameStore
from remaster_gui.engine.preview_plan import PreviewRequest, proxy_size
from remaster_gui.engine.sizes import Size
from remaster_gui.painting.painted_hints import CarriedColors

RESULT_BUDGET = 768 * 2**20
LUMINANCE_BUDGET = 384 * 2**20

Stored = NDArray[np.uint16]
"""Luminance ``(H, W)``, L*/100 over 0..65535, read-only."""


@dataclass(frozen=True, slots=True)
class LuminanceKey:
    """What a frame's luminance depends on besides frame and shot; `weights` is '' for the film's own luminance."""

    working: Size
    weights: str = ""

    @property
    def restored(self) -> bool:
        """Whether the network has restored it."""
        return bool(self.weights)


@dataclass(frozen=True, slots=True)
class ResultKey:
    """What a remastered frame depends on besides frame and shot.

    `references` are the digests of those that the network was given, in their order; () also without colourisation.
    `restored_share`: of the luminance that is shown; colours are made for the restored one all the same. `draft`: made
    from its nearest neighbours alone, to be seen until the frame itself is there.
    """

    luminance: LuminanceKey
    weights: str
    references: tuple[str, ...]
    colored: bool
    restored_share: float
    saturation: float
    draft: bool = False


@dataclass(frozen=True, slots=True)
class PreviewedFrame:
    """A remastered frame at working size, arrays read-only.

    rgb: ``(h, w, 3)`` uint8 sRGB. chrominance: ``(h, w, 2)`` uint16, (ab + 128) / 255 over 0..65535, as the network has
    it, whatever the saturation; None when the film stays black and white. share: ``(h, w)`` uint8, how much of a
    pixel's colour references carried, of 255; None where that is not known.
    """

    index: int
    rgb: NDArray[np.uint8]
    chrominance: NDArray[np.uint16] | None
    share: NDArray[np.uint8] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays = (self.rgb, self.chrominance, self.share)
        return sum(array.nbytes for array in arrays if array is not None)

    @property
    def carried(self) -> CarriedColors | None:
        """What references carried to the frame; None without colour. What is not known to be theirs counts half."""
        if self.chrominance is None:
            return None
        colors = self.chrominance * np.float32(255 / 65535) - np.float32(128.0)
        if self.share is None:
            return CarriedColors(colors, np.full(colors.shape[:2], 0.5, np.float32))
        return CarriedColors(colors, self.share * np.float32(1 / 255))


class PreviewStores:
    """The two stores of a film's preview: finished frames, and restored luminance that outlives a change of colours."""

    def __init__(
        self, frame_count: int, *, results: int = RESULT_BUDGET, luminance: int = LUMINANCE_BUDGET
    ) -> None:
        """Serve a film of `frame_count` frames; budgets in bytes."""
        self.results: FrameStore[ResultKey, PreviewedFrame] = FrameStore(frame_count, results)
        self.luminance: FrameStore[LuminanceKey, Stored] = FrameStore(frame_count, luminance)

    def result(self, frame: int, key: ResultKey | None) -> tuple[PreviewedFrame, int] | None:
        """Return a frame as it was remastered last and its state as seen from `key`; None where there is nothing."""
        if key is not None:
            for name, state in ((key, CURRENT), (replace(key, draft=True), DRAFT)):
                found = self.results.get(frame, name)
                if found is not None:
                    return found, state
        latest = self.results.latest(frame)
        return None if latest is None else (latest, STALE)

    def states(self, key: ResultKey | None, decoded: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
        """Return the state of every frame ``(frames,)`` as seen from `key`; with None everything kept is stale."""
        states = self.results.states(key, decoded)
        if key is not None:
            drafts = self.results.held(replace(key, draft=True))
            states[drafts & (states != CURRENT)] = DRAFT
        return states

    def forget(self, frames: list[int]) -> None:
        """Drop what is kept of frames whose shot has changed."""
        self.results.forget(frames)
        self.luminance.forget(frames)


def result_key(request: PreviewRequest, film: Size, weights: str) -> ResultKey:
    """Return what the results of a request depend on, for weights with the hash `weights`."""
    settings = request.settings
    working = proxy_size(film, settings.edge, request.proxy)
    references = tuple(r.digest for r in request.references) if settings.colorization else ()
    return ResultKey(
        LuminanceKey(working, weights if settings.restoration else ""),
        weights,
        references,
        settings.colorization,
        settings.restored_share if settings.restoration else 1.0,
        settings.saturation if settings.colorization else 1.0,
    )
