"""The session of one film: all that works on it, made when it opens and deleted as a whole when it closes."""

from __future__ import annotations

from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QObject, Signal

from remaster_gui.base.frozen_objects import thaw
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.controllers.attention_controller import AttentionController
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.copying_controller import CopyingController
from remaster_gui.ui.controllers.cut_lists_controller import CutListsController
from remaster_gui.ui.controllers.dirt_controller import DirtController
from remaster_gui.ui.controllers.export_controller import ExportController, FilmExportController
from remaster_gui.ui.controllers.film_faults_controller import FilmFaultsController
from remaster_gui.ui.controllers.history_controller import HistoryController
from remaster_gui.ui.controllers.imports_controller import ImportsController
from remaster_gui.ui.controllers.inspector_controller import InspectorController
from remaster_gui.ui.controllers.interlacing_controller import InterlacingController
from remaster_gui.ui.controllers.light_controller import LightController
from remaster_gui.ui.controllers.likely_controller import LikelyController
from remaster_gui.ui.controllers.look_controller import LookController
from remaster_gui.ui.controllers.markers_controller import MarkersController
from remaster_gui.ui.controllers.names_controller import NamesController
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.controllers.origin_controller import OriginController
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.painting_controller import PaintingController
from remaster_gui.ui.controllers.picking_controller import PickingController
from remaster_gui.ui.controllers.pictures_controller import PicturesController
from remaster_gui.ui.controllers.playback_controller import PlaybackController
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.controllers.rate_controller import RateController
from remaster_gui.ui.controllers.reach_controller import ReachController
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.controllers.region_controller import RegionController
from remaster_gui.ui.controllers.relink_controller import RelinkController
from remaster_gui.ui.controllers.scopes_controller import ScopesController
from remaster_gui.ui.controllers.shots_controller import ShotsController
from remaster_gui.ui.controllers.status_controllers import MemoryController
from remaster_gui.ui.controllers.stills_controller import StillsController
from remaster_gui.ui.controllers.suggestions_controller import SuggestionsController
from remaster_gui.ui.controllers.timeline_controller import TimelineController
from remaster_gui.ui.controllers.trust_controller import TrustController
from remaster_gui.ui.controllers.validity_controller import ValidityController
from remaster_gui.ui.controllers.versions_controller import VersionsController
from remaster_gui.ui.controllers.viewer_controller import ViewerController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.colorist_slot import ColoristSlot
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.worker import Service

_OF_ACTIONS = (
    "playhead", "selected_reference", "selected_references", "by_shot", "compare", "attention", "origin", "dirt",
    "tool", "is_looping", "is_sounding", "is_lut_on", "rotation", "is_mirrored",
)  # fmt: skip
"""What of the view says what can be done, or is switched on by actions."""


@dataclass(frozen=True, slots=True)
class Editor:
    """What lives as long as the window, and sessions may use."""

    widgets: EditorWidgets
    keys: KeyFilter
    settings: UserSettings
    tasks: BackgroundTasks
    network: NetworkSlot
    colorist: ColoristSlot
    opening: OpeningController
    exports: ExportController


class FilmSession(QObject):
    """Parent of all that works on a film, and of the film itself."""

    changed = Signal()
    """What can be done is other than before, or what is switched on."""

    def __init__(self, film: OpenFilm, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self.film, self.widgets = film, editor.widgets
        film.document.setParent(self)
        film.decoder.setParent(self)
        editor.widgets.look_at(film.view)
        self.tasks = tasks = BackgroundTasks(self, part_of=editor.tasks)
        """What is done beside the window for the film alone; given up when it is closed."""
        network, settings = editor.network, editor.settings
        on = (self, film, editor.widgets)
        faults = FilmFaultsController(*on)
        TrustController(*on, network, tasks, settings)
        self.preview = PreviewController(*on, network, settings)
        self.viewer = ViewerController(*on, self.preview, tasks, settings)
        self.look = LookController(*on, tasks, settings)
        self.timeline = TimelineController(*on, faults)
        self.shots, self.markers = ShotsController(*on), MarkersController(*on)
        self.playback = PlaybackController(*on, editor.keys, settings)
        self.references = ReferencesController(*on, self.preview, tasks, settings)
        ReachController(*on, self.preview)
        self.validity = ValidityController(*on, self.references)
        self.painted = PaintedReference(*on, self.viewer, self.references, tasks)
        LightController(*on, self.preview, self.painted)
        self.attention = AttentionController(*on, self.preview, network, tasks)
        self.origin = OriginController(*on, self.preview)
        self.dirt = DirtController(*on, self.preview, tasks)
        self.region = RegionController(*on, self.references, self.painted, network)
        self.names = NamesController(*on, self.preview, self.viewer, self.painted, self.region)
        self.painting = PaintingController(
            *on,
            self.painted,
            self.preview,
            editor.colorist,
            tasks,
            settings,
            {**self.region.tools, **self.dirt.tools},
        )
        self.likely = LikelyController(*on, self.painted, self.painting, editor.colorist, tasks)
        PickingController(*on, self.painting)
        InspectorController(*on, self.viewer, self.preview, self.references, self.attention)
        self.suggestions = SuggestionsController(*on)
        self.suggestions.looks_found.connect(self.preview.guess_from)
        ScopesController(*on, self.viewer, tasks)
        self.pictures = PicturesController(*on, self.references, editor.tasks, settings)
        self.copying = CopyingController(*on, self.references, tasks)
        self.imports = ImportsController(*on, self.references, tasks, settings)
        self.export = FilmExportController(*on, editor.exports, network, editor.tasks, settings)
        self.cut_lists = CutListsController(*on, self.attention, self.names, tasks, editor.tasks, settings)
        self.stills = StillsController(*on, tasks, editor.tasks, settings)
        self.versions = VersionsController(*on, self.stills, tasks)
        MemoryController(*on, self.preview, self.viewer, settings)
        self.rate = RateController(*on, editor.opening)
        self.interlacing = InterlacingController(*on, editor.opening)
        self.relinking = RelinkController(*on, editor.opening, tasks, settings)
        self.history = HistoryController(*on)
        editor.opening.kept_open.connect(self.history.say_unsaved)
        for each in self.findChildren(Controller):
            each.changed.connect(self.changed)
        for signal in (
            film.document.project_changed,
            film.document.read_only_changed,
            film.decoder.frame_ready,
            self.preview.results_changed,
        ):
            signal.connect(self.changed)
        for seen in _OF_ACTIONS:
            film.view.events[seen].connect(self._on_view_changed)

    @property
    def may_change(self) -> bool:
        """Whether the project may be changed."""
        return not self.film.document.read_only_reason

    def _on_view_changed(self) -> None:
        self.changed.emit()

    def close(self) -> None:
        """End all work, waiting for its threads, and delete all that was made for the film, the film included.

        Never to be called from within: whoever works on the film is gone afterwards.
        """
        self.tasks.close()
        for service in self.findChildren(Service):
            service.close()
        self.film.view.events.disconnect()
        shiboken6.delete(self)
        thaw()
