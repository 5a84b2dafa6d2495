"""Named colours: drawn on references, seen as mattes, given other colours, and followed from shot to shot."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import LONGEST_NAME, Chroma
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.cutlists import Marker
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.mattes import NameSums
from remaster_gui.engine.name_drift import NameInShot, drift_markers, names_in_shots
from remaster_gui.project import edits, name_edits
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.controllers.region_controller import RegionController
from remaster_gui.ui.controllers.viewer_controller import ViewerController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.names import NameRow, ShotRow
from remaster_gui.ui.widgets.message_bar import Message

TAKEN = tr("That is no name, or another colour has it already; choose another one.")
_PANEL = "names"
_SETTLE_MILLISECONDS = 120


class NamesController(Controller):
    """Carries out what is wished of named colours, and shows what previews tell of them."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        viewing: ViewerController,
        painted: PaintedReference,
        region: RegionController,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview, self._viewing, self._painted, self._region = preview, viewing, painted, region
        self._frames: dict[int, dict[str, NameSums]] = {}
        """Of the frames that are up to date: what is known of names on them."""
        self._renewing = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._renewing.timeout.connect(self._take_all)
        self._listing = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._listing.timeout.connect(self._show_list)
        panel, view = widgets.names, film.view
        panel.set_read_only(bool(film.document.read_only_reason))
        panel.name_typed.connect(self.name)
        panel.name_chosen.connect(self._on_name_chosen)
        panel.frame_requested.connect(view.go)
        panel.color_chosen.connect(self.recolor)
        panel.renamed.connect(self.rename)
        panel.removed.connect(self.remove)
        panel.naming_toggled.connect(self._on_naming_toggled)
        panel.matte_toggled.connect(self._on_matte_toggled)
        preview.results_changed.connect(self._on_results_changed)
        film.document.project_changed.connect(self._on_project_changed)
        film.document.read_only_changed.connect(self._on_read_only_changed)
        viewing.shown_changed.connect(self._show_matte)
        viewing.frame_shown.connect(self._on_place_changed)
        view.events.selected_reference.connect(self._on_place_changed)
        for seen in (view.events.name, view.events.is_naming, view.events.is_matte_on):
            seen.connect(self._on_view_changed)
        self._show_list()
        self._renewing.start()

    def begin(self) -> None:
        """Let a name be typed."""
        self.widgets.panel_requested.emit(_PANEL)
        self.widgets.names.begin_naming()

    def name(self, name: str) -> None:
        """Let the region's tools draw what has this name on a reference."""
        view = self.film.view
        view.name = edits.clean_name(name)[:LONGEST_NAME] or None
        view.is_naming = view.name is not None
        if view.is_naming:
            self._region.choose("region_lasso")

    def recolor(self, name: str, color: Chroma | None) -> None:
        """Give a name another colour, or its own again."""
        document = self.film.document
        text = tr("Colour of {name}", name=name)
        after = name_edits.with_wanted_color(document.project, name, color)
        document.edit(after, text, "" if color is None else text)

    def rename(self, name: str, other: str) -> None:
        """Call something otherwise, if that name is free."""
        document, other = self.film.document, edits.clean_name(other)[:LONGEST_NAME]
        after = name_edits.with_name_changed(document.project, name, other)
        if after is document.project:
            self.widgets.messages.show_message(Message(TAKEN, "warning"))
            return
        self.film.view.name = other
        document.edit(after, tr("Call {name} {other}", name=name, other=other))

    def remove(self, name: str) -> None:
        """Take a name away."""
        document = self.film.document
        self.film.view.name, self.film.view.is_naming = None, False
        document.edit(
            name_edits.without_name(document.project, name), tr("Delete the name {name}", name=name)
        )

    def in_shots(self) -> tuple[NameInShot, ...]:
        """Return what is known of names in shots."""
        project = self.film.document.project
        shots: dict[FrameRange, tuple[int, dict[str, NameSums]]] = {}
        for frame in sorted(self._frames):
            shot = project.shot_at(frame)
            count, sums = shots.get(shot, (0, {}))
            for name, each in self._frames[frame].items():
                sums[name] = sums.get(name, NameSums()) + each
            shots[shot] = count + 1, sums
        return names_in_shots(shots, project.recolorings)

    def markers(self) -> tuple[Marker, ...]:
        """Return markers of shots in which names drift."""
        return drift_markers(self.in_shots())

    def _on_name_chosen(self, name: str) -> None:
        view = self.film.view
        if name != view.name:
            view.is_naming = False
        view.name = name

    def _on_naming_toggled(self, on: bool) -> None:
        view = self.film.view
        view.is_naming = on and view.name is not None
        if view.is_naming and not view.tool.startswith("region"):
            self._region.choose("region_lasso")

    def _on_matte_toggled(self, on: bool) -> None:
        self.film.view.is_matte_on = on

    def _on_results_changed(self, frames: tuple[int, ...] | None) -> None:
        if frames is None:
            self._renewing.start()
        else:
            self._take(frames)
            self._listing.start()

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.cuts != after.cuts or (before.named, before.wanted) != (after.named, after.wanted):
            self._show_list()

        elif before.references != after.references:
            self._on_place_changed()

    def _on_place_changed(self) -> None:
        """Say anew where something can be drawn: another reference may be in sight, or none."""
        if self.film.view.is_naming:
            self._listing.start()

    def _on_read_only_changed(self, reason: str) -> None:
        self.widgets.names.set_read_only(bool(reason))

    def _on_view_changed(self) -> None:
        self._show_list()
        self._show_matte()

    def _take_all(self) -> None:
        self._frames.clear()
        self._take(np.flatnonzero(self._preview.states() == CURRENT).tolist())
        self._show_list()
        self._show_matte()

    def _take(self, frames: Iterable[int]) -> None:
        for frame in frames:
            found = self._preview.result(frame)
            if found is not None and found[1] == CURRENT and found[0].mattes is not None:
                self._frames[frame] = dict(found[0].mattes.by_name)
            else:
                self._frames.pop(frame, None)

    def _show_matte(self) -> None:
        """Dim what does not have the name, unless a reference is in sight or names are drawn."""
        view, frame = self.film.view, self._viewing.shown_frame
        matte = None
        # What nothing is called yet would dim all of the film.
        name = view.name if view.name in self.film.document.project.names else None
        if name is not None and view.is_matte_on and self._painted.shown is None and frame >= 0:
            found = self._preview.result(frame)
            mattes = None if found is None else found[0].mattes
            if mattes is not None:
                matte = mattes.of(name)
                matte = np.zeros(mattes.planes.shape[1:], np.uint8) if matte is None else matte
        self.widgets.matte.set_matte(matte, name or "")

    def _show_list(self) -> None:
        project, view = self.film.document.project, self.film.view
        rate, timecode = self.film.info.rate, self.film.info.timecode
        shots: dict[str, list[ShotRow]] = {}
        for each in self.in_shots():
            first = each.shot.start
            text = tr(
                "Shot {number} · {time}",
                number=project.shot_number(first) + 1,
                time=format_timecode(first, rate, timecode),
            )
            row = ShotRow(first, text, each.share, each.color, each.drift, each.drifts)
            shots.setdefault(each.name, []).append(row)
        names = list(project.names)
        if view.is_naming and view.name is not None and view.name not in names:
            names.append(view.name)
        known = len(self._frames)
        rows = [
            NameRow(
                name,
                project.color_of(name),
                project.wanted_color(name),
                sum(name in each for each in self._frames.values()),
                known,
                tuple(shots.get(name, ())),
            )
            for name in names
        ]
        self.widgets.names.set_rows(
            rows, view.name, naming=view.is_naming, matte=view.is_matte_on, note=self._note()
        )

    def _note(self) -> str:
        """Say what is to be done before anything has the name that is being given."""
        project, view = self.film.document.project, self.film.view
        if not view.is_naming or view.name is None or view.name in project.names:
            return ""
        if self._painted.record is not None:
            return tr("Now draw around it on this reference.")
        if project.references:
            return tr("Go to a reference and draw around it there.")
        return tr(
            "There is no reference yet: mark a frame (R) or import pictures, then draw around it there."
        )
