"""Playback: play and shuttle, steps, jumps between cuts and references, in and out points, and the sound in step."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange, nominal_rate
from remaster_gui.document.playback import PlaybackClock
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.project import edits
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.sound_player import SoundPlayer

_SOUND = "sound"
_CHECK_MILLISECONDS = 250
_OUT_OF_STEP = 0.08
"""Seconds by which pictures may be ahead of the sound, or behind it, before they are put right."""


class PlaybackController(Controller):
    """Moves the playhead, by keys and by the clock."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        keys: KeyFilter,
        settings: UserSettings,
    ) -> None:
        """Serve a film; nothing plays at first."""
        super().__init__(session, film, widgets)
        self._keys, self._settings = keys, settings
        film.view.is_sounding = film.info.has_audio and settings.sound
        self._sound: SoundPlayer | None = None
        self._sound_from = 0
        self._checking = QTimer(self, interval=_CHECK_MILLISECONDS)
        self._checking.timeout.connect(self._check)
        widgets.timeline.scrub_began.connect(self.stop)
        widgets.timeline.frame_requested.connect(film.view.go)
        widgets.timeline.segment_requested.connect(self._set_segment)
        widgets.transport.time.frame_entered.connect(film.view.go)
        self._clock = PlaybackClock(film.info.rate, film.info.frame_count, self, times=film.decoder.times)
        self._clock.frame_due.connect(film.view.go)
        self._clock.playing_changed.connect(self._on_playing_changed)
        self._clock.looped.connect(self._start_sound)
        if film.info.has_audio:
            self._sound = SoundPlayer(film.info.path, film.decoder.start_time, film.decoder.restarts, self)
            self._sound.failed.connect(self._on_sound_failed)
        film.view.events.playhead.connect(self._on_playhead_changed)
        film.view.events.is_looping.connect(self._set_loop)
        film.view.events.is_sounding.connect(self._on_sound_switched)
        film.document.project_changed.connect(self._on_project_changed)
        self._clock.set_frame(film.view.playhead)
        self._set_loop()

    @property
    def speed(self) -> int:
        """Times the film's rate, negative backwards; 0 while nothing plays."""
        return self._clock.speed

    @property
    def has_segment(self) -> bool:
        """Whether a part of the film is marked."""
        return self._project.segment != FrameRange(0, self._project.film.frame_count)

    @property
    def has_cuts(self) -> bool:
        """Whether the film is known to have more than one shot."""
        return len(self._project.cuts or ()) > 1

    @property
    def reference_frames(self) -> list[int]:
        """Frames that have references."""
        return [r.frame for r in self._project.references if r.frame is not None]

    def toggle(self) -> None:
        """Play, or stop."""
        self._clock.stop() if self._clock.is_playing else self._clock.play()

    def stop(self) -> None:
        """Stop playing."""
        self._clock.stop()

    def shuttle(self, direction: int) -> None:
        """Play in a direction, faster with every press; single frames while the stop key is held."""
        if self._keys.is_held:
            self._clock.step(direction)
            return
        self._clock.shuttle(direction)
        self._start_sound()
        self._tell()

    def step(self, frames: int) -> None:
        """Stop, that many frames on."""
        self._clock.step(frames)

    def step_seconds(self, seconds: int) -> None:
        """Stop, that many seconds on."""
        self._clock.step(seconds * nominal_rate(self._project.film.rate))

    def go_last(self) -> None:
        """Go to the last frame."""
        self.film.view.go(self._project.film.frame_count - 1)

    def jump_to_cut(self, direction: int) -> None:
        """Stop at the next cut in a direction, if there is one."""
        self._jump(self._project.cuts or (), direction)

    def jump_to_reference(self, direction: int) -> None:
        """Stop at the next frame in a direction that has a reference, if there is one."""
        self._jump(self.reference_frames, direction)

    def jump_to_marker(self, direction: int) -> None:
        """Stop at the next marker in a direction, if there is one."""
        self._jump((marker.frame for marker in self._project.markers), direction)

    def mark_in(self) -> None:
        """Let the segment begin at the playhead."""
        self._edit(
            edits.with_in_point(self._project, self._here),
            tr("Set in point at frame {here}", here=self._here),
        )

    def mark_out(self) -> None:
        """Let the segment end with the frame at the playhead."""
        self._edit(
            edits.with_out_point(self._project, self._here + 1),
            tr("Set out point at frame {here}", here=self._here),
        )

    def clear_segment(self) -> None:
        """Let no part of the film be marked."""
        self._edit(edits.with_segment(self._project, None, None), tr("Clear in and out points"))

    def go_in(self) -> None:
        """Go to the first frame of the segment."""
        self.film.view.go(self._project.segment.start)

    def go_out(self) -> None:
        """Go to the last frame of the segment."""
        self.film.view.go(self._project.segment.stop - 1)

    def toggle_loop(self) -> None:
        """Play the segment, or the film, again and again, or no longer."""
        self.film.view.is_looping = not self.film.view.is_looping

    def toggle_sound(self) -> None:
        """Switch the sound on or off."""
        self.film.view.is_sounding = not self.film.view.is_sounding

    @property
    def _project(self) -> Project:
        return self.film.document.project

    @property
    def _here(self) -> int:
        return self.film.view.playhead

    def _edit(self, after: Project, text: str) -> None:
        self.film.document.edit(after, text)

    def _set_segment(self, in_point: int | None, out_point: int | None) -> None:
        self._edit(edits.with_segment(self._project, in_point, out_point), tr("Move segment"))

    def _jump(self, frames: Iterable[int], direction: int) -> None:
        ahead = [frame for frame in frames if (frame - self._here) * direction > 0]
        self.stop()
        if ahead:
            self.film.view.go(min(ahead, key=lambda frame: abs(frame - self._here)))

    def _set_loop(self) -> None:
        self._clock.set_loop(self._project.segment if self.film.view.is_looping else None)

    def _on_sound_switched(self, on: bool) -> None:
        self._settings.sound = on
        self._start_sound()

    def _on_playhead_changed(self, frame: int) -> None:
        """Go on from where the playhead was sent, by whomever."""
        if frame != self._clock.frame:
            self._clock.set_frame(frame)
            self._start_sound()

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.segment != after.segment:
            self._set_loop()

    def _on_playing_changed(self, playing: bool) -> None:
        if playing:
            self._checking.start()
        else:
            self._checking.stop()
        self._start_sound()
        self._tell()

    def _on_sound_failed(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "warning", id=_SOUND))

    def _start_sound(self) -> None:
        """Let the sound begin at the playhead where the film plays forwards at its own rate, and be silent else."""
        if self._sound is None:
            return
        if self._clock.speed == 1 and self.film.view.is_sounding:
            self._sound_from = self._clock.frame
            self._sound.play(self._clock.seconds(self._sound_from))
        else:
            self._sound.stop()

    def _check(self) -> None:
        """Put pictures in step with the sound, which goes by a clock of its own."""
        if self._sound is not None:
            played = self._sound.played_seconds()
            if played:
                heard = self._clock.frame_at(self._clock.seconds(self._sound_from) + played)
                late = self._clock.seconds(heard) - self._clock.seconds(self._clock.frame)
                if _OUT_OF_STEP < abs(late) < 1:
                    self._clock.set_frame(heard)
        self._tell()

    def _tell(self) -> None:
        self.widgets.transport.set_playing(self._clock.speed, self._clock.true_rate or None)
