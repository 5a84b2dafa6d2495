"""The sound of a film on its way into an output: as it was planned, or else as it can be had.

A film is never lost by its sound. What cannot be copied after all is converted, what cannot be converted is left out,
and the joining begins anew each time.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av

from remaster_gui.base.closable import Closable
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.media.sound_conversion import Conversion, ConversionError, Converted, convert
from remaster_gui.media.sound_copy import TrackCopies, TrackPlan
from remaster_gui.media.sound_plan import SoundPlan, conversions

log = logging.getLogger(__name__)

_NOTABLE_SECONDS = 0.1

SoundPacket: TypeAlias = "tuple[float, int, av.Packet[Any]]"
"""Seconds, number of the track in the film, packet."""


class SoundFaultError(Exception):
    """Sound cannot be taken over as was planned; the joining has to begin anew without it."""

    def __init__(self, reason: str, track: int | None = None) -> None:
        """``track``: number of the one that is at fault; None: it may be any."""
        super().__init__(reason)
        self.track = track


class SoundFeed(Closable):
    """Feeds the sound of a plan to one container after the other, until one takes it.

    Its methods yield a notice for whatever differs from the plan.
    """

    def __init__(self, plan: SoundPlan, folder: Path) -> None:
        """``folder``: on whose disk sound is converted."""
        self._plan, self._folder = plan, folder
        self._tracks = list(plan.tracks)
        self._is_damaged = False
        self._converted: dict[int, Converted] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of the sound."""
        return not self._tracks

    def prepare(self) -> Iterator[Notice]:
        """Convert what is to be converted and is not yet; raises `OSError` where the disk refuses."""
        for track in list(self._tracks):
            if track.conversion is None or track.number in self._converted:
                continue
            try:
                yield from self._convert(track, track.conversion)
            except ConversionError as error:
                self._tracks.remove(track)
                yield _left_out(track, tr("could not be converted: {error}", error=error))

    def add_to(self, container: av.container.OutputContainer, stack: ExitStack) -> Iterator[SoundPacket]:
        """Add all tracks to a container that was not started and return their packets, in the order of time.

        Raises `SoundFaultError`, and so do the packets.
        """
        copied = [track for track in self._tracks if track.conversion is None]
        feeds: list[Iterator[SoundPacket]] = []
        if copied:
            plan = self._plan
            try:
                copies = TrackCopies(plan.path, plan.identity, copied, container, plan.suffix, plan.span)
            except (MediaError, av.FFmpegError, ValueError) as error:
                raise SoundFaultError(str(error), copied[0].number if len(copied) == 1 else None) from error
            feeds.append(self._copied(stack.enter_context(copies)))
        for track in self._tracks:
            if track.conversion is not None:
                feeds.append(_read_back(track, self._converted[track.number], container, stack))
        return heapq.merge(*feeds, key=lambda each: each[0])

    def _copied(self, copies: TrackCopies) -> Iterator[SoundPacket]:
        try:
            for time, packet in copies.packets():
                yield time, copies.number_of(packet), packet
        except MediaError as error:
            raise SoundFaultError(str(error)) from error
        self._is_damaged = copies.is_damaged

    def damage(self) -> Iterator[Notice]:
        """Say what was wrong with the sound that a container has taken."""
        if self._is_damaged:
            yield Notice("warning", tr("The sound is damaged; it was taken over as far as it can be read."))

    def give_way(self, fault: SoundFaultError) -> Generator[Notice, None, bool]:
        """Change the plan so that another try may succeed; returns False where sound cannot be at fault any more."""
        blamed = [track for track in self._tracks if fault.track in (None, track.number)]
        log.warning("sound stands in the way of joining: %s", fault)
        for track in blamed:
            self._tracks.remove(track)
            if track.conversion is None and not isinstance(fault.__cause__, MediaError):
                converted = yield from self._converted_instead(track)
                if converted is not None:
                    self._tracks.append(converted)
                    continue
            yield _left_out(track, tr("could not be taken over: {fault}", fault=fault))
        self._tracks.sort(key=lambda track: track.number)
        return bool(blamed)

    def _converted_instead(self, track: TrackPlan) -> Generator[Notice, None, TrackPlan | None]:
        """Convert a track that cannot be copied, in the first way that succeeds."""
        for conversion in conversions(track, self._plan.suffix):
            try:
                yield from self._convert(track, conversion)
            except ConversionError:
                log.info("%s cannot be converted to %s", track.name, conversion, exc_info=True)
                continue
            yield Notice(
                "warning",
                tr(
                    "{track} could not be copied and was converted to {title}.",
                    track=track.name,
                    title=conversion.title,
                ),
            )
            return replace(track, conversion=conversion)
        return None

    def _convert(self, track: TrackPlan, conversion: Conversion) -> Iterator[Notice]:
        plan = self._plan
        done = self._converted[track.number] = convert(
            plan.path,
            plan.identity,
            track.number,
            track.places,
            conversion,
            span=plan.span,
            folder=self._folder,
        )
        if done.lost > _NOTABLE_SECONDS:
            yield Notice(
                "warning",
                tr(
                    "{track} is damaged: {lost:.1f} s of it cannot be decoded and are silent.",
                    track=track.name,
                    lost=done.lost,
                ),
            )

    def close(self) -> None:
        """Let go of what was converted."""
        for converted in self._converted.values():
            converted.file.close()


def _read_back(
    track: TrackPlan, converted: Converted, container: av.container.OutputContainer, stack: ExitStack
) -> Iterator[SoundPacket]:
    """Add a track that was converted to a container and return its packets."""
    converted.file.seek(0)
    source = stack.enter_context(av.open(converted.file, "r"))
    stream = source.streams.audio[0]
    target = container.add_stream_from_template(stream, opaque=True)
    target.metadata.update(track.metadata)

    def packets() -> Iterator[SoundPacket]:
        for packet in source.demux(stream):
            if packet.size and packet.pts is not None:
                packet.dts = packet.pts
                time = float(packet.pts * (packet.time_base or Fraction(1)))
                packet.stream = target
                yield time, track.number, packet

    return packets()


def _left_out(track: TrackPlan, reason: str) -> Notice:
    """``reason``: completes "because it"; a sentence may end it."""
    return Notice(
        "warning",
        tr("{track} was left out, because it {reason}.", track=track.name, reason=reason.rstrip(".")),
    )
