"""The network as a method: shot after shot, window after window, through the engine that renders films."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from functools import partial
from threading import Event

import numpy as np
import torch
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float, Pixels
from remaster_gui.base.choices import DEFAULT_VIVIDNESS, Grain
from remaster_gui.base.color import to_unit
from remaster_gui.base.notices import complete
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.engine.finish import Finish, finished
from remaster_gui.engine.guess_pictures import guess_of_luminance
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.motion_following import Following
from remaster_gui.engine.references import encode_reference, partial_picture
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Pass, walk
from remaster_gui.engine.suggestions import suggest_among
from remaster_gui.evaluation.methods import LabPicture, Problem
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.prior import ColorPrior

WINDOW = 5
"""Frames run together; has no influence on the result."""
_RATE = 24.0
"""Frames a second by which looks are sampled: problems do not say theirs."""


class NetworkMethod:
    """Runs a network, folded or in training, on a problem; afterwards its mode is as before.

    Where a part of the references is masked out it is so as in a render: it lies outside the region that counts.
    """

    def __init__(
        self,
        network: RemasterNetwork,
        prior: ColorPrior | None = None,
        grain: Grain = "out",
        *,
        follows: bool = False,
    ) -> None:
        """Guess by `prior` where there are no references, as a render does; without one the network decides alone.

        What is restored is finished with `grain` as a render finishes it. follows: whether the references' colours
        follow the motion as well.
        """
        self._network, self._prior, self._finish = network, prior, Finish(grain=grain)
        self._follows = follows

    def __call__(self, problem: Problem) -> Iterator[LabPicture]:
        """Yield the measured frames; each range is a shot."""
        training = self._network.training
        self._network.eval()
        try:
            references = self._encode(problem)
            for span in problem.measured:
                yield from self._shot(problem, span, references)
        finally:
            self._network.train(training)

    @torch.inference_mode()
    def _encode(self, problem: Problem) -> list[ReferenceFeatures]:
        shown = problem.references
        if not shown and self._prior is not None and problem.task != "restoration":
            shown = _guessed(problem, self._prior)
        pictures = [rgb for _, rgb in sorted(shown.items())]
        if problem.covered is None:
            return [encode_reference(self._network, rgb) for rgb in pictures]
        region, size = ~problem.covered, Size(*problem.covered.shape[::-1])
        return [
            encode_reference(self._network, *partial_picture(_pixels(rgb), region, size)) for rgb in pictures
        ]

    def _shot(
        self, problem: Problem, span: FrameRange, references: list[ReferenceFeatures]
    ) -> Iterator[LabPicture]:
        height, width = problem.luminance.shape[1:]
        size = Size(width, height)
        work = Pass(
            self._network,
            references,
            size,
            size,
            restoration=problem.task != "colorization",
            colorization=problem.task != "restoration",
            following=self._following(problem, span, size),
        )

        def windows(needed: FrameRange) -> Generator[Float]:
            for start in range(needed.start, needed.stop, WINDOW):
                yield problem.luminance[start : min(start + WINDOW, needed.stop)]

        for frames in walk(work, span, span, windows):
            for frame in frames:
                luminance = frame.luminance
                if work.restoration:
                    source = problem.luminance[frame.index]
                    luminance = finished(source, luminance, self._finish, frame.index, size).luminance
                yield LabPicture(luminance, frame.chrominance)

    def _following(self, problem: Problem, span: FrameRange, size: Size) -> Following | None:
        """Return what follows references within a range, if any is to be followed."""
        if not self._follows or problem.task == "restoration":
            return None

        def frames(needed: FrameRange) -> Generator[Float]:
            yield from problem.luminance[needed.start : needed.stop]

        validity = Validity() if problem.covered is None else Validity(region=pack_region(~problem.covered))
        references = [
            Reference(f"{frame}", f"{frame}", partial(_pixels, rgb), frame, validity=validity)
            for frame, rgb in sorted(problem.references.items())
        ]
        return Following(references, span, size, size, frames)


def _pixels(rgb: Float) -> Pixels:
    pixels: NDArray[np.uint16] = np.rint(rgb * np.float32(65535)).astype(np.uint16)
    return pixels


def _guessed(problem: Problem, prior: ColorPrior) -> Mapping[int, Float]:
    """Return the frames that stand for the looks of what is measured, coloured by guess as a render colours them."""
    search = suggest_among(
        lambda frame: problem.luminance[frame], problem.measured, rate=_RATE, cancel=Event()
    )
    return {
        each.frame: to_unit(guess_of_luminance(prior, problem.luminance[each.frame], DEFAULT_VIVIDNESS))
        for each in complete(search)[0]
    }
