"""Playback: play and shuttle, steps, jumps between cuts and references, in and out points, and the sound in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer

from remaster_gui.base.timebase import FrameRange, nominal_rate
from remaster_gui.document.playback import PlaybackClock
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.project import edits
from remaster_gui.project.schema import Project
from remaster_gui.ui.common.message_bar import Message
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.workers.sound import SoundPlayer

_MOVES = (
    "go_to_time", "play", "shuttle_back", "shuttle_stop", "shuttle_forward", "step_back", "step_forward",
    "second_back", "second_forward", "go_first", "go_last", "mark_in", "mark_out", "loop",
)  # fmt: skip
_JUMPS = ("previous_cut", "next_cut", "previous_reference", "next_reference")
_SEGMENT = ("go_in", "go_out", "clear_in_out")
ACTIONS = (*_MOVES, *_JUMPS, *_SEGMENT, "sound")
_SOUND = "sound"
_CHECK_MILLISECONDS = 250
_OUT_OF_STEP = 0.08
"""Seconds by which pictures may be ahead of the sound, or behind it, before they are put right."""


class PlaybackController(Controller):
    """Moves the playhead, by keys and by the clock."""

    def __init__(self, desk: Desk, keys: KeyFilter, settings: UserSettings) -> None:
        super().__init__(desk)
        self._keys, self._settings = keys, settings
        self._clock: PlaybackClock | None = None
        self._sound: SoundPlayer | None = None
        self._sound_from = 0
        self._checking = QTimer(self, interval=_CHECK_MILLISECONDS)
        self._checking.timeout.connect(self._check)
        for id_, slot in self._slots().items():
            desk.actions.connect_to(id_, slot)
        desk.actions.set_enabled(ACTIONS, False)
        keys.tapped.connect(desk.actions["play"].trigger)
        desk.timeline.scrub_began.connect(self.stop)
        desk.timeline.frame_requested.connect(self.go)
        desk.timeline.segment_requested.connect(self._set_segment)
        desk.transport.time.frame_entered.connect(self.go)

    def begin(self, film: OpenFilm) -> None:
        """Serve a film; nothing plays at first."""
        super().begin(film)
        self._clock = PlaybackClock(film.info.rate, film.info.frame_count, self, times=film.decoder.times)
        self._clock.frame_due.connect(film.view.go)
        self._clock.playing_changed.connect(self._on_playing_changed)
        self._clock.looped.connect(lambda _frame: self._start_sound())
        if film.info.has_audio:
            self._sound = SoundPlayer(film.info.path, film.decoder.start_time, film.decoder.restarts, self)
            self._sound.failed.connect(self._on_sound_failed)
        film.view.playhead_changed.connect(self._on_playhead_changed)
        film.document.project_changed.connect(self._on_project_changed)
        actions = self.desk.actions
        actions.set_enabled(ACTIONS, True)
        actions["sound"].setEnabled(film.info.has_audio)
        actions["sound"].setChecked(film.info.has_audio and self._settings.sound)
        self._on_project_changed(None, film.document.project)

    def end(self) -> None:
        """Stop for good."""
        self.stop()
        if self._sound is not None:
            self._sound.close()
        self.desk.messages.withdraw(_SOUND)
        for each in (self._clock, self._sound):
            if each is not None:
                each.deleteLater()
        self._clock = self._sound = None
        self.desk.actions.set_enabled(ACTIONS, False)
        super().end()

    @property
    def speed(self) -> int:
        """Times the film's rate, negative backwards; 0 while nothing plays."""
        return 0 if self._clock is None else self._clock.speed

    def go(self, frame: int) -> None:
        """Send the playhead to a frame; playing goes on from there."""
        if self.film is not None:
            self.film.view.go(frame)

    def _on_playhead_changed(self, frame: int) -> None:
        """Go on from where the playhead was sent, by whomever."""
        if self._clock is not None and frame != self._clock.frame:
            self._clock.set_frame(frame)
            self._start_sound()

    def stop(self) -> None:
        """Stop playing."""
        if self._clock is not None:
            self._clock.stop()

    def _slots(self) -> dict[str, Callable[..., object]]:
        return {
            "go_to_time": self.desk.transport.time.begin_typing,
            "play": self._toggle,
            "shuttle_back": lambda: self._shuttle(-1),
            "shuttle_stop": self.stop,
            "shuttle_forward": lambda: self._shuttle(1),
            "step_back": lambda: self._step(-1),
            "step_forward": lambda: self._step(1),
            "second_back": lambda: self._step(-self._second()),
            "second_forward": lambda: self._step(self._second()),
            "go_first": lambda: self.go(0),
            "go_last": lambda: self.go(self._project().film.frame_count - 1),
            "previous_cut": lambda: self._jump(self._project().cuts or (), -1),
            "next_cut": lambda: self._jump(self._project().cuts or (), 1),
            "previous_reference": lambda: self._jump(self._reference_frames(), -1),
            "next_reference": lambda: self._jump(self._reference_frames(), 1),
            "mark_in": lambda: self._edit("Set in point", edits.with_in_point, self._here()),
            "mark_out": lambda: self._edit("Set out point", edits.with_out_point, self._here() + 1),
            "go_in": lambda: self.go(self._project().segment.start),
            "go_out": lambda: self.go(self._project().segment.stop - 1),
            "clear_in_out": lambda: self._edit("Clear in and out points", edits.with_segment, None, None),
            "loop": lambda _on: self._set_loop(),
            "sound": self._on_sound_toggled,
        }

    def _project(self) -> Project:
        assert self.film is not None, "actions are disabled while nothing is open"
        return self.film.document.project

    def _here(self) -> int:
        return 0 if self.film is None else self.film.view.playhead

    def _second(self) -> int:
        return nominal_rate(self._project().film.rate)

    def _reference_frames(self) -> list[int]:
        return [r.frame for r in self._project().references if r.frame is not None]

    def _edit(self, text: str, edit: Callable[..., Project], *values: object) -> None:
        if self.film is not None:
            self.film.document.edit(edit(self._project(), *values), text)

    def _set_segment(self, in_point: int | None, out_point: int | None) -> None:
        self._edit("Move segment", edits.with_segment, in_point, out_point)

    def _toggle(self) -> None:
        if self._clock is not None:
            self._clock.stop() if self._clock.is_playing else self._clock.play()

    def _shuttle(self, direction: int) -> None:
        """Play in a direction, faster with every press; single frames while the stop key is held."""
        if self._clock is None:
            return
        if self._keys.is_held:
            self._clock.step(direction)
            return
        self._clock.shuttle(direction)
        self._start_sound()
        self._tell()

    def _step(self, frames: int) -> None:
        if self._clock is not None:
            self._clock.step(frames)

    def _jump(self, frames: Iterable[int], direction: int) -> None:
        """Stop at the next of `frames` in a direction, if there is one."""
        ahead = [frame for frame in frames if (frame - self._here()) * direction > 0]
        self.stop()
        if ahead:
            self.go(min(ahead, key=lambda frame: abs(frame - self._here())))

    def _set_loop(self) -> None:
        if self._clock is not None:
            looping = self.desk.actions["loop"].isChecked()
            self._clock.set_loop(self._project().segment if looping else None)

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        if before is None or before.segment != after.segment:
            self._set_loop()
        has_segment = after.segment != FrameRange(0, after.film.frame_count)
        self.desk.actions.set_enabled(_SEGMENT, has_segment)
        self.desk.actions.set_enabled(_JUMPS[:2], len(after.cuts or ()) > 1)
        self.desk.actions.set_enabled(_JUMPS[2:], any(r.frame is not None for r in after.references))

    def _on_playing_changed(self, playing: bool) -> None:
        if playing:
            self._checking.start()
        else:
            self._checking.stop()
        self._start_sound()
        self._tell()

    def _on_sound_toggled(self, on: bool) -> None:
        self._settings.sound = on
        self._start_sound()

    def _on_sound_failed(self, sentence: str) -> None:
        self.desk.messages.show_message(Message(sentence, "warning", id=_SOUND))

    def _start_sound(self) -> None:
        """Let the sound begin at the playhead where the film plays forwards at its own rate, and be silent else."""
        if self._sound is None or self._clock is None or self.film is None:
            return
        if self._clock.speed == 1 and self.desk.actions["sound"].isChecked():
            self._sound_from = self._clock.frame
            self._sound.play(self._clock.seconds(self._sound_from))
        else:
            self._sound.stop()

    def _check(self) -> None:
        """Put pictures in step with the sound, which goes by a clock of its own."""
        if self._sound is not None and self._clock is not None and self.film is not None:
            played = self._sound.played_seconds()
            if played:
                heard = self._clock.frame_at(self._clock.seconds(self._sound_from) + played)
                late = self._clock.seconds(heard) - self._clock.seconds(self._clock.frame)
                if _OUT_OF_STEP < abs(late) < 1:
                    self._clock.set_frame(heard)
        self._tell()

    def _tell(self) -> None:
        if self._clock is not None:
            self.desk.transport.set_playing(self._clock.speed, self._clock.true_rate or None)
