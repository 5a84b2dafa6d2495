"""The preview: what is remastered, when that is begun anew, and the strip that shows how far it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.timebase import FrameRange, nominal_rate
from remaster_gui.base.validity import EVERYWHERE, Validity, left_open
from remaster_gui.document.memory_budgets import preview_budgets
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.mattes import recolored
from remaster_gui.engine.messages import Reference, Settings, most_demanding, record_of
from remaster_gui.engine.preview_picture import FullSizeLook
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest, proxy_size, shot_at
from remaster_gui.engine.preview_results import PreviewedFrame, PreviewStores, Stored, to_float, to_stored
from remaster_gui.engine.sizes import Size
from remaster_gui.media import FilmFile
from remaster_gui.painting.painted_hints import CarriedColors
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.guesses import Guesses
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.preview_keeping import PreviewKeeper, PreviewKeeping
from remaster_gui.workers.preview_service import PreviewService

AROUND_SECONDS = 2
"""How far to both sides of the playhead the preview reaches."""
GUESSED = tr(
    "These colours are guesses. Mark a frame (R) and colour it as you know it, or promote one (Shift+R)."
)
_SETTLE_MILLISECONDS = 350
_STRIP_MILLISECONDS = 60
_PREVIEW = "preview"


class PreviewController(Controller):
    """Keeps the preview going until it is stopped: around a resting playhead, or over the segment, after every edit."""

    results_changed = Signal(object)
    """tuple of frames whose remastered pictures are other ones than before; None for all."""
    guidance_changed = Signal()
    """References, settings or shots are other ones than before."""
    began = Signal()
    """The user has asked for a preview."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        network: NetworkSlot,
        settings: UserSettings,
    ) -> None:
        """Compute nothing until it is asked for."""
        super().__init__(session, film, widgets)
        self._network, self._settings = network, settings
        results, luminance = preview_budgets(settings.memory_budget)
        self.stores = PreviewStores(film.info.frame_count, results=results, luminance=luminance)
        """What is kept of the film."""
        file = FilmFile.of(film.info)
        keeper = PreviewKeeper(file, self.stores, settings.preview_disk)
        self.keeping = PreviewKeeping(keeper, self)
        """What of them is on the disk."""
        self._preview = preview = PreviewService(file, self.stores, network, self, keeper=keeper)
        name = f"{file.path}\0{film.document.project.film.byte_count}\0{file.deinterlace}"
        self._guessing = Guesses(file, name, network)
        self._looks: tuple[int, ...] = ()
        self._mode: Literal["", "around", "segment"] = ""
        self._is_prepared = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._ask)
        self._strip = QTimer(self, singleShot=True, interval=_STRIP_MILLISECONDS)
        self._strip.timeout.connect(self._show_strip)
        widgets.status.preview_stop_requested.connect(self.stop)
        preview.frames_ready.connect(self._on_frames_ready)
        preview.key_changed.connect(self._on_key_changed)
        preview.running_changed.connect(self._on_running_changed)
        preview.progress_changed.connect(self._on_progress_changed)
        preview.noticed.connect(self._on_noticed)
        preview.failed.connect(self._on_failed)
        self.keeping.brought.connect(self._on_brought)
        self.keeping.network_known.connect(self._on_network_known)
        network.facts_changed.connect(self._renew)
        film.decoder.held_changed.connect(self._show_strip_soon)
        film.view.events.playhead.connect(self._on_playhead_changed)
        film.document.project_changed.connect(self._on_project_changed)
        self._guidance = self._make_guidance()
        self._take_up(film.document.project)
        size = Size(film.info.width, film.info.height)
        weights, facts = network.weights, network.facts
        self.keeping.restore(self._request(), size, weights, "" if facts is None else facts.identity)

    @property
    def guidance(self) -> Guidance:
        """What frames are remastered by now."""
        return self._guidance

    @property
    def is_running(self) -> bool:
        """Whether frames are being remastered."""
        return self._preview.is_running

    @property
    def guesses(self) -> tuple[Reference, ...]:
        """The guesses that guide the preview; () where references do anywhere, or nothing does."""
        references = self._guidance.references
        return references if all(each.is_guessed for each in references) else ()

    def raster_of(self, guess: Reference) -> Raster:
        """Return a guess as pixels to be corrected; for worker threads."""
        return self._guessing.raster(guess)

    def guess_from(self, frames: tuple[int, ...]) -> None:
        """Let these frames, coloured by guess, guide the film for as long as there are no references."""
        self._looks = frames
        self._renew()

    def start(self, mode: Literal["around", "segment"]) -> None:
        """Preview, and go on doing so after edits."""
        self._mode = mode
        self.began.emit()
        self._ask()

    def stop(self) -> None:
        """Stop; what is finished stays."""
        self._mode = ""
        self._settling.stop()
        self._preview.stop()

    def result(self, frame: int) -> tuple[PreviewedFrame, int] | None:
        """Return a frame as last remastered and its state (see `frame_store`); None where there is nothing."""
        return self._preview.result(frame, self._guidance)

    def full_size_look(self, frame: int) -> FullSizeLook:
        """Return what a frame's luminance is in an export."""
        settings = self._guidance.settings_of(shot_at(self._guidance.shots, frame))
        return FullSizeLook(settings.luminance, settings.edge, self.film.document.project.recolorings)

    def seen_chrominance(self, found: PreviewedFrame) -> Stored:
        """Return the chrominance of a frame with named colours as they are wanted."""
        assert found.chrominance is not None, "of a frame in colour"
        recolorings = self.film.document.project.recolorings
        return to_stored(recolored(to_float(found.chrominance), found.mattes, recolorings))

    def carried(self, frame: int, without: str) -> CarriedColors | None:
        """Return what references carry to a frame, but for the one with the id `without`; None if that is not there."""
        others = self.film.document.engine_references(without)
        return self._preview.carried(frame, replace(self._guidance, references=others)) if others else None

    def drawn(self, frame: int) -> dict[str, float] | None:
        """Return which part of a frame's colours comes from each reference that guides it, by their digests.

        None where the frame is not up to date, or that is not known of it.
        """
        found, keys = self.result(frame), self._preview.keys(self._guidance)
        if keys is None or found is None or found[1] != CURRENT or found[0].drawn is None:
            return None
        return found[0].drawn.shares_by(keys.at(frame).references)

    def drawn_cells(self, frame: int, id_: str) -> Bytes | None:
        """Return what a frame draws from each cell of the reference with this id ``(CELLS,)``, as parts of 255.

        None where the frame is not up to date, that reference does not guide it, or that is not known of it.
        """
        found, keys = self.result(frame), self._preview.keys(self._guidance)
        if keys is None or found is None or found[1] != CURRENT or found[0].drawn is None:
            return None
        return found[0].drawn.cells_of(lambda digest: record_of(digest) == id_, keys.at(frame).references)

    def states(self) -> NDArray[np.uint8]:
        """Return the state of every frame, as the strip shows it."""
        return self._preview.states(self._guidance, self.film.decoder.held)

    def _ask(self) -> None:
        if self._mode:
            self._preview.request(self._request())

    def _request(self) -> PreviewRequest:
        """Return what a preview would be asked for as things are now."""
        film = self.film
        here, span = film.view.playhead, film.document.project.segment
        if self._mode != "segment":
            reach = AROUND_SECONDS * nominal_rate(film.info.rate)
            span = FrameRange(max(0, here - reach), min(film.info.frame_count, here + reach + 1))
        return PreviewRequest(self._guidance, span, here)

    def _make_guidance(self) -> Guidance:
        """Return what frames are remastered by as things are now."""
        film, project = self.film, self.film.document.project
        settings = Settings.of(project.settings)
        references = film.document.engine_references()
        gaps = left_open([each.validity.ranges for each in references], film.info.frame_count)
        if gaps and self._can_guess and most_demanding(settings, project.own_settings).colorization:
            guesses = self._guessing.references(self._looks, settings.vividness)
            between = Validity(gaps) if references else EVERYWHERE
            references += tuple(replace(each, validity=between) for each in guesses)
        return Guidance(
            project.shots, references, settings, project.settings.proxy, project.own_settings, project.marks
        )

    @property
    def _can_guess(self) -> bool:
        facts = self._network.facts
        return facts is not None and facts.guesses

    def _renew(self) -> None:
        """Go by other guesses, if they matter."""
        guidance = self._make_guidance()
        if guidance.references != self._guidance.references:
            self._guidance = guidance
            self._take_up(self.film.document.project)

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if _matters(before, after):
            self._guidance = self._make_guidance()
            self._take_up(after)

    def _take_up(self, project: Project) -> None:
        """Go by other settings, references or shots from now on."""
        settings = project.settings
        film_size = Size(self.film.info.width, self.film.info.height)
        size = proxy_size(film_size, settings.edge, settings.proxy)
        self.widgets.status.set_working_size(size.width, size.height, settings.proxy)
        self._network.use(settings.weights)
        if self.widgets.status.note == GUESSED:
            self.widgets.status.set_note(self._resting_note)
        if project.references and not self._is_prepared:
            self._is_prepared = True
            self._preview.prepare()
        self.guidance_changed.emit()
        self.results_changed.emit(None)
        self._strip.start()
        if self._mode:
            self._settling.start()
        self._preview.reuse(self._guidance)

    def _on_playhead_changed(self, frame: int) -> None:
        if self._mode:
            self._settling.start()

    def _on_frames_ready(self, frames: tuple[int, ...]) -> None:
        self.results_changed.emit(frames)
        self._strip.start()
        keys, facts = self._preview.keys(self._guidance), self._network.facts
        if keys is not None and facts is not None:
            self.keeping.keep(frames, self._guidance, keys, self._network.weights, facts)

    def _on_brought(self, frames: tuple[int, ...]) -> None:
        self.results_changed.emit(frames)
        self._strip.start()

    def _on_network_known(self, identity: str) -> None:
        self._preview.expect(Size(self.film.info.width, self.film.info.height), identity)

    def _on_key_changed(self) -> None:
        self.results_changed.emit(None)
        self._strip.start()

    def _on_running_changed(self, running: bool) -> None:
        self.changed.emit()
        note = tr("Starting the preview") if running else self._resting_note
        self.widgets.status.set_preview(running=running, note=note)

    @property
    def _resting_note(self) -> str:
        """What is to be known of the colours while nothing is being computed."""
        project = self.film.document.project
        is_guessed = self._can_guess and project.settings.colorization and not project.used_references
        return GUESSED if is_guessed else ""

    def _on_progress_changed(self, progress: Progress) -> None:
        self.widgets.status.set_preview(
            running=True,
            done=progress.done,
            total=progress.total,
            seconds_left=progress.seconds_left,
            note=progress.doing,
        )

    def _on_noticed(self, notice: Notice) -> None:
        self.widgets.messages.show_notice(notice, id_=_PREVIEW)

    def _on_failed(self, sentence: str) -> None:
        self._mode = ""
        # Without a network it is the weights that cannot be used.
        button = Button(tr("Choose weights…"), self._choose_weights) if self._network.facts is None else None
        self.widgets.messages.show_message(Message(sentence, "fault", _PREVIEW, button))

    def _choose_weights(self) -> None:
        path = self.ask(lambda: files.ask_weights(self.widgets.window, self._settings.folder("weights")))
        if path is not None:
            self._settings.set_folder("weights", path.parent)
            self._network.allow(path)
            document = self.film.document
            settings = replace(document.project.settings, weights=path)
            document.edit(edits.with_settings(document.project, settings), tr("Choose weights"))
            self.start("around")

    def _show_strip_soon(self) -> None:
        self._strip.start()

    def _show_strip(self) -> None:
        self.widgets.timeline.strip.set_states(self.states())


def _matters(before: Project, after: Project) -> bool:
    """Whether a change of the project can change what a preview shows."""
    facts = [
        (p.references, p.cuts, p.settings, p.own_settings, p.in_point, p.out_point, p.marks, _regions(p))
        for p in (before, after)
    ]
    return facts[0] != facts[1]


def _regions(project: Project) -> list[tuple[str, str, bytes]]:
    """Return what mattes depend on of named colours: not the colours."""
    return [(each.name, each.reference, each.region) for each in project.named]
