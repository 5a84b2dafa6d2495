"""The preview: what is remastered, when that is begun anew, and the strip that shows how far it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal

from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.timebase import FrameRange, nominal_rate
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.preview_plan import PreviewRequest, proxy_size
from remaster_gui.engine.preview_results import PreviewedFrame, PreviewStores
from remaster_gui.engine.sizes import Size
from remaster_gui.project import edits
from remaster_gui.project.schema import Project, ProjectSettings
from remaster_gui.ui.common.message_bar import Button, Message
from remaster_gui.ui.controllers.budgets import preview_budgets
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs import files
from remaster_gui.workers.network import NetworkSlot
from remaster_gui.workers.preview import PreviewController

ACTIONS = ("preview", "preview_segment", "preview_stop")
AROUND_SECONDS = 2
"""How far to both sides of the playhead the preview reaches."""
_SETTLE_MILLISECONDS = 350
_STRIP_MILLISECONDS = 60
_PREVIEW = "preview"


class PreviewingController(Controller):
    """Keeps the preview going until it is stopped: around a resting playhead, or over the segment, after every edit."""

    results_changed = Signal(object)
    """tuple of frames whose remastered pictures are other ones than before; None for all."""
    request_changed = Signal()
    """References, settings or shots are other ones than before."""
    began = Signal()
    """The user has asked for a preview."""

    def __init__(self, desk: Desk, network: NetworkSlot, settings: UserSettings) -> None:
        super().__init__(desk)
        self._network, self._settings = network, settings
        self._stores = PreviewStores(0)
        self._preview: PreviewController | None = None
        self._request: PreviewRequest | None = None
        self._mode: Literal["", "around", "segment"] = ""
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._ask)
        self._strip = QTimer(self, singleShot=True, interval=_STRIP_MILLISECONDS)
        self._strip.timeout.connect(self._show_strip)
        actions = desk.actions
        actions.connect_to("preview", lambda: self.start("around"))
        actions.connect_to("preview_segment", lambda: self.start("segment"))
        actions.connect_to("preview_stop", self.stop)
        desk.status.preview_stop_requested.connect(self.stop)
        actions.set_enabled(ACTIONS, False)

    def begin(self, film: OpenFilm) -> None:
        """Compute nothing until it is asked for."""
        super().begin(film)
        self._mode = ""
        results, luminance = preview_budgets(self._settings.memory_budget)
        self._stores = PreviewStores(film.info.frame_count, results=results, luminance=luminance)
        self._preview = preview = PreviewController(film.info.path, self._stores, self._network, self)
        preview.frames_ready.connect(self._on_frames_ready)
        preview.key_changed.connect(self._on_key_changed)
        preview.running_changed.connect(self._on_running_changed)
        preview.progress_changed.connect(self._on_progress_changed)
        preview.noticed.connect(self._on_noticed)
        preview.failed.connect(self._on_failed)
        film.decoder.held_changed.connect(self._strip.start)
        film.view.playhead_changed.connect(self._on_playhead_changed)
        film.document.project_changed.connect(self._on_project_changed)
        self._on_project_changed(None, film.document.project)
        self.desk.actions.set_enabled(("preview", "preview_segment"), True)

    def end(self) -> None:
        """Stop for good; returns within the time of one temporal window."""
        if self._preview is not None:
            self._preview.close()
            self._preview.deleteLater()
        self._preview = self._request = None
        self._settling.stop()
        self._strip.stop()
        self.desk.actions.set_enabled(ACTIONS, False)
        self.desk.status.forget_film()
        super().end()

    @property
    def stores(self) -> PreviewStores:
        """What is kept of the film that is open."""
        return self._stores

    @property
    def request(self) -> PreviewRequest | None:
        """What a preview would be asked for now."""
        return self._request

    def start(self, mode: Literal["around", "segment"]) -> None:
        """Preview, and go on doing so after edits."""
        self._mode = mode
        self.began.emit()
        self._ask()

    def stop(self) -> None:
        """Stop; what is finished stays."""
        self._mode = ""
        self._settling.stop()
        if self._preview is not None:
            self._preview.stop()

    def result(self, frame: int) -> tuple[PreviewedFrame, int] | None:
        """Return a frame as last remastered and its state (see `frame_store`); None where there is nothing."""
        if self._preview is None or self._request is None:
            return None
        return self._preview.result(frame, self._request)

    def states(self) -> NDArray[np.uint8]:
        """Return the state of every frame, as the strip shows it."""
        if self.film is None or self._preview is None or self._request is None:
            return np.zeros(0, np.uint8)
        return self._preview.states(self._request, self.film.decoder.held)

    def _ask(self) -> None:
        if self._preview is not None and self._mode and self._refresh() is not None:
            assert self._request is not None
            self._preview.request(self._request)

    def _refresh(self) -> PreviewRequest | None:
        """Bring the request up to date."""
        film = self.film
        if film is None:
            return None
        project = film.document.project
        span = project.segment
        if self._mode != "segment":
            reach = AROUND_SECONDS * nominal_rate(film.info.rate)
            here = film.view.playhead
            span = FrameRange(max(0, here - reach), min(film.info.frame_count, here + reach + 1))
        self._request = PreviewRequest(
            project.shots,
            span,
            film.view.playhead,
            film.document.engine_references(),
            settings_of(project.settings),
            project.settings.proxy,
        )
        return self._request

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        if before is not None and not _matters(before, after):
            return
        settings = after.settings
        if self.film is not None:
            size = proxy_size(
                Size(self.film.info.width, self.film.info.height), settings.edge, settings.proxy
            )
            self.desk.status.set_working_size(size.width, size.height, settings.proxy)
        self._network.use(settings.weights)
        self._refresh()
        self.request_changed.emit()
        self.results_changed.emit(None)
        self._strip.start()
        if self._mode:
            self._settling.start()

    def _on_playhead_changed(self, frame: int) -> None:
        if self._mode:
            self._settling.start()

    def _on_frames_ready(self, frames: tuple[int, ...]) -> None:
        self.results_changed.emit(frames)
        self._strip.start()

    def _on_key_changed(self) -> None:
        self.results_changed.emit(None)
        self._strip.start()

    def _on_running_changed(self, running: bool) -> None:
        self.desk.actions["preview_stop"].setEnabled(running)
        self.desk.status.set_preview(running=running, note="Starting the preview" if running else "")

    def _on_progress_changed(self, progress: Progress) -> None:
        self.desk.status.set_preview(
            running=True,
            done=progress.done,
            total=progress.total,
            seconds_left=progress.seconds_left,
            note=progress.doing,
        )

    def _on_noticed(self, notice: Notice) -> None:
        self.desk.messages.show_notice(notice, id_=_PREVIEW)

    def _on_failed(self, sentence: str) -> None:
        self._mode = ""
        # Without a network it is the weights that cannot be used.
        button = Button("Choose weights…", self._choose_weights) if self._network.facts is None else None
        self.desk.messages.show_message(Message(sentence, "fault", _PREVIEW, button))

    def _choose_weights(self) -> None:
        if self.film is None:
            return
        path = files.ask_weights(self.desk.window, self._settings.folder("weights"))
        if path is not None:
            self._settings.set_folder("weights", path.parent)
            self._network.allow(path)
            document = self.film.document
            settings = replace(document.project.settings, weights=path)
            document.edit(edits.with_settings(document.project, settings), "Choose weights")
            self.start("around")

    def _show_strip(self) -> None:
        self.desk.timeline.strip.set_states(self.states())


def settings_of(settings: ProjectSettings) -> Settings:
    """Return the project's settings as the engine takes them."""
    return Settings(settings.edge, settings.luminance, settings.restoration, settings.colorization)


def _matters(before: Project, after: Project) -> bool:
    """Whether a change of the project can change what a preview shows."""
    facts = [(p.references, p.cuts, p.settings, p.in_point, p.out_point) for p in (before, after)]
    return facts[0] != facts[1]
