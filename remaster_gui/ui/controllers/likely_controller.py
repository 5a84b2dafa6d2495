"""Likely colours of the place under the brush: asked for beside the window, shown in the strip, taken by number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QTimer

from remaster_gui.base.language import tr
from remaster_gui.engine.likely_colors import ColorTable, LikelyColor, Outlook, with_sources
from remaster_gui.painting.color_values import Lab, describe, hex_of_lab, in_gamut
from remaster_gui.painting.painted_hints import CarriedColors
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.painting_controller import PaintingController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.paint.likely_strip import LikelyChip
from remaster_gui.ui.paint.tools import PaintTool
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.colorist_slot import ColoristSlot

_SETTLE_MILLISECONDS = 120
"""How long the brush has to rest on a place."""

_Pictures = dict[str, tuple[str, NDArray[np.uint8]]]
"""Name and small picture by the ids of references."""
_Tables = dict[str, tuple[NDArray[np.uint8], ColorTable]]
"""Small picture and its colours by the ids of references."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found out of a raster as it was after so many changes."""

    raster: Raster
    changes: int
    outlook: Outlook
    references: tuple[ColorTable, ...]


class LikelyController(Controller):
    """Follows the brush and the bucket while they rest."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        target: PaintedReference,
        painting: PaintingController,
        colorist: ColoristSlot,
        tasks: BackgroundTasks,
    ) -> None:
        """Ask nothing before the brush is over a reference."""
        super().__init__(session, film, widgets)
        self._target, self._painting, self._colorist, self._tasks = target, painting, colorist, tasks
        self._at: QPointF | None = None
        self._colors: tuple[Lab, ...] = ()
        self._seen: _Seen | None = None
        self._tables: _Tables = {}
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._look)
        for tool in painting.pointed:
            self._listen(tool)
        widgets.paint.likely.chosen.connect(self.take)
        target.blocked_reason_changed.connect(self._on_target_changed)
        self._show(())

    def _listen(self, tool: PaintTool) -> None:
        tool.pointed.connect(self._on_pointed)

    @property
    def count(self) -> int:
        """How many colours can be taken."""
        return len(self._colors)

    def take(self, place: int) -> None:
        """Paint with the likely colour at a place, from 0."""
        if place < len(self._colors):
            self.widgets.tool_settings.set_foreground(self._colors[place])

    def _on_pointed(self, position: QPointF) -> None:
        self._at = QPointF(position)
        self._settling.start()

    def _on_target_changed(self, _reason: str) -> None:
        if self._seen is not None and self._target.raster is not self._seen.raster:
            self._seen = None
            self._show(())

    def _look(self) -> None:
        """Show the colours of the place, or find out of the raster first what there is to know."""
        raster = self._target.raster
        if self._at is None or raster is None or self._target.blocked_reason:
            return
        seen, pictures = self._seen, self._pictures()
        if (
            seen is not None
            and seen.raster is raster
            and seen.changes == raster.changes
            and self._knows(pictures)
        ):
            self._show_at(seen, self._at)
            return
        copy, carried = raster.copy(), self._painting.carried
        work = partial(_find_out, self._colorist, copy, carried, pictures, self._tables)
        task = self._tasks.start(work, doing=tr("looking for likely colours"), instead_of="likely colours")
        task.finished.connect(partial(self._on_found, raster, raster.changes))
        task.failed.connect(self._on_failed)

    def _on_found(self, raster: Raster, changes: int, found: tuple[Outlook, _Tables]) -> None:
        outlook, self._tables = found
        if self._target.raster is raster:
            references = tuple(table for _, table in self._tables.values())
            self._seen = _Seen(raster, changes, outlook, references)
            if self._at is not None:
                self._show_at(self._seen, self._at)
            if raster.changes != changes:
                self._settling.start()

    def _on_failed(self, sentence: str) -> None:
        # Tried again whenever the brush rests: memory comes back, and weights that were missing may be there by then.
        self._show((), sentence)

    def _show_at(self, seen: _Seen, position: QPointF) -> None:
        x, y = position.x() / seen.raster.width, position.y() / seen.raster.height
        if 0 <= x < 1 and 0 <= y < 1:
            lightness = seen.outlook.lightness_at(x, y)
            colors = with_sources(seen.outlook.at(x, y), lightness, seen.outlook.painted, seen.references)
            self._show(tuple((in_gamut((lightness, *each.color)), each) for each in colors))

    def _show(self, found: tuple[tuple[Lab, LikelyColor], ...], note: str = "") -> None:
        before, self._colors = self._colors, tuple(lab for lab, _ in found)
        chips = [LikelyChip(hex_of_lab(lab), describe(lab), each.source, each.share) for lab, each in found]
        self.widgets.paint.likely.set_chips(chips, note)
        if len(before) != len(self._colors):
            self.changed.emit()

    def _knows(self, pictures: _Pictures) -> bool:
        """Whether these are the references, with these names and pictures, of which colours were counted last."""
        return pictures.keys() == self._tables.keys() and all(
            _is_of(self._tables[id_], name, picture) for id_, (name, picture) in pictures.items()
        )

    def _pictures(self) -> _Pictures:
        """Return the small pictures of the other references that colour the film."""
        own, document = self._target.record, self.film.document
        pictures = {}
        for record in document.project.references:
            picture = document.thumbnail(record.id)
            if (
                record.enabled
                and record.colored
                and picture is not None
                and (own is None or record.id != own.id)
            ):
                pictures[record.id] = (record.name, np.asarray(picture, np.uint8))
        return pictures


def _is_of(known: tuple[NDArray[np.uint8], ColorTable], name: str, picture: NDArray[np.uint8]) -> bool:
    return known[0] is picture and known[1].name == name


def _find_out(
    colorist: ColoristSlot,
    raster: Raster,
    carried: CarriedColors | None,
    pictures: _Pictures,
    before: _Tables,
    _cancel: Event,
) -> tuple[Outlook, _Tables]:
    """Ask the prior, and count the colours of references whose pictures or names are new. On a worker's thread."""
    outlook = colorist.outlook(raster, carried)
    tables: _Tables = {}
    for id_, (name, picture) in pictures.items():
        known = before.get(id_)
        if known is None or not _is_of(known, name, picture):
            known = picture, ColorTable.of_picture(name, picture)
        tables[id_] = known
    return outlook, tables
