"""Guesses at the colours of a film's frames, made on whichever thread wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.engine.automatic import automatic_references
from remaster_gui.engine.messages import Reference
from remaster_gui.media import FilmFile
from remaster_gui.painting.raster import Raster
from remaster_gui.workers.network_slot import NetworkSlot

if TYPE_CHECKING:
    from remaster_gui.model.prior import ColorPrior


class Guesses:
    """Guessed references of one film, by the prior of the network that is loaded."""

    def __init__(self, film: FilmFile, name: str, network: NetworkSlot) -> None:
        """`name` tells the film from others, and from itself read in another way."""
        self._file, self._name, self._network = film, name, network

    def references(self, frames: Sequence[int], vividness: float) -> tuple[Reference, ...]:
        """Return references that are made when they are loaded; any thread may do that."""
        return automatic_references(frames, self._name, "", vividness, self._read, self._prior)

    def raster(self, guess: Reference) -> Raster:
        """Return a guess as pixels to be corrected; for worker threads."""
        assert guess.frame is not None
        _, chrominance = rgb_to_lab(to_unit(guess.load()))
        return Raster.of_result(self._read(guess.frame), np.rint(chrominance * 65535).astype(np.uint16))

    def _read(self, frame: int) -> Pixels:
        with self._file.open() as film:
            return film.read(frame).pixels

    def _prior(self) -> ColorPrior:
        prior = self._network.loaded().prior
        if prior is None:
            raise WeightsError(
                tr("These weights cannot colour without references; choose others, or mark a frame.")
            )
        return prior
