"""The colorist that painting asks, loaded once, when a thread first needs it."""

from __future__ import annotations

import logging
from threading import Event, Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.painting.painted_hints import CarriedColors
from remaster_gui.painting.raster import PixelDelta, Raster
from remaster_gui.painting.spread import spread
from remaster_gui.workers.torch_import import import_torch

if TYPE_CHECKING:
    from remaster_gui.engine.colorist import Colorist
    from remaster_gui.engine.likely_colors import Outlook

log = logging.getLogger(__name__)


class ColoristSlot(QObject):
    """Holds one colorist. `spread` and `outlook` belong to worker threads; all else to the GUI thread."""

    missed = Signal(str)
    """There is none, and how strokes are spread instead: one sentence for the user, once."""
    _missed = Signal(str)

    def __init__(self, device: str | None = None, parent: QObject | None = None) -> None:
        """Remember on which device to ask; None: the best there is."""
        super().__init__(parent)
        self._device = device
        self._lock = Lock()
        self._held: Colorist | None = None
        self._was_missed = False
        self._missed.connect(self._on_missed, Qt.ConnectionType.QueuedConnection)

    def spread(
        self, raster: Raster, cancel: Event, carried: CarriedColors | None = None
    ) -> PixelDelta | None:
        """Let strokes grow (see `Colorist.spread`); without a prior by optimisation, which knows luminance alone."""
        try:
            colorist = self._loaded()
        except WeightsError as error:
            log.warning("strokes are spread without the prior", exc_info=True)
            self._missed.emit(tr("{error} Strokes spread along luminance alone meanwhile.", error=error))
            return spread(raster, cancel)
        return colorist.spread(raster, carried, cancel)

    def outlook(self, raster: Raster, carried: CarriedColors | None = None) -> Outlook:
        """Return which colours are likely where; raises `WeightsError` where there is no prior."""
        return self._loaded().outlook(raster, carried)

    def _loaded(self) -> Colorist:
        """Return the colorist; the calling thread is told to leave a core to the window."""
        import_torch()
        from remaster_gui.engine.colorist import Colorist
        from remaster_gui.engine.device import leave_a_core

        leave_a_core()
        with self._lock:
            if self._held is None:
                self._held = Colorist.load(self._device)
            return self._held

    def _on_missed(self, sentence: str) -> None:
        if not self._was_missed:
            self._was_missed = True
            self.missed.emit(sentence)
