"""What becomes of a film's sound, found out by trying it before the first frame is rendered."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream

from remaster_gui.base.choices import SoundChoice
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.channels import MOST_CHANNELS, AudioChannels, settle_channels
from remaster_gui.media.film import Film
from remaster_gui.media.fixed_file import FileIdentity, FixedFile
from remaster_gui.media.sound_conversion import Conversion, ConversionError, convert
from remaster_gui.media.sound_copy import TrackPlan, copy_fault, track_metadata
from remaster_gui.media.sound_times import place_sound
from remaster_gui.media.streams import FilmInput

log = logging.getLogger(__name__)

_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_FASTEST_FLAC = 655350
_USUAL_RATE = 48000
_NOTABLE_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class SoundPlan:
    """What becomes of all sound of a film, in a container that ends in `suffix`."""

    path: Path
    identity: FileIdentity
    suffix: str
    span: tuple[float, float | None]
    """Seconds from frame 0 at which the output begins and ends; no end where it reaches that of the film."""
    tracks: tuple[TrackPlan, ...]


def plan_sound(
    film: Film, span: FrameRange, suffix: str, choice: SoundChoice, folder: Path | None = None
) -> Generator[Notice, None, SoundPlan]:
    """Find out how the sound of ``film`` can be taken over into a container; nothing it finds ends a render.

    Reads the stamps of the whole sound, copies some minutes of it and converts some seconds. ``folder``: see `convert`.
    Yields a notice of everything that is not taken over as it is.
    """
    times, info = film.times, film.info
    end = None if span.stop >= info.frame_count else float(times[span.stop])
    tracks: list[TrackPlan] = []
    file = FixedFile(info.path)
    plan = SoundPlan(info.path, file.identity, suffix, (float(times[span.start]), end), ())
    if choice == "none":
        yield Notice("note", tr("The film's sound is left out, as was asked for."))
        return plan
    with FilmInput(file) as source:
        found = yield from _found_tracks(film, source)
    for track in found:
        planned = yield from _planned(plan, track, choice, folder)
        if planned is not None:
            tracks.append(planned)
            yield from _notices_of_places(planned)
    return replace(plan, tracks=tuple(tracks))


def _found_tracks(film: Film, source: FilmInput) -> Generator[Notice, None, list[TrackPlan]]:
    streams = list(source.container.streams.audio)
    names = {
        stream.index: tr("The sound") if len(streams) == 1 else tr("Sound track {number}", number=number + 1)
        for number, stream in enumerate(streams)
    }
    known: list[tuple[AudioStream, AudioChannels]] = []
    for stream in streams:
        context: Any = stream.codec_context
        if context is None:
            yield _left_out(names[stream.index], tr("its codec is not known here"))
        elif context.sample_rate <= 0:
            yield _left_out(names[stream.index], tr("it is empty or damaged"))
        else:
            known.append((stream, settle_channels(context)))
    for other in source.container.streams:
        if all(other is not stream for stream, _ in known):
            other.discard = av.stream.Discard.all
    places = place_sound(film, source, [stream for stream, _ in known])
    tracks = []
    for stream, channels in known:
        if not len(places[stream.index].starts):
            yield _left_out(names[stream.index], tr("there is nothing in it"))
            continue
        context = stream.codec_context
        tracks.append(
            TrackPlan(
                stream.index,
                names[stream.index],
                context.codec.long_name,
                channels,
                context.sample_rate,
                _is_deep(context),
                places[stream.index],
                track_metadata(stream),
            )
        )
    return tracks


def _left_out(track: str, reason: str) -> Notice:
    return Notice("warning", tr("{track} is left out, because {reason}.", track=track, reason=reason))


def _is_deep(context: Any) -> bool:
    return context.format is None or context.format.name.rstrip("p") not in ("u8", "s16")


def _planned(
    plan: SoundPlan, track: TrackPlan, choice: SoundChoice, folder: Path | None
) -> Generator[Notice, None, TrackPlan | None]:
    """Decide what becomes of one track; None: it is left out."""
    fault = "" if choice == "convert" else copy_fault(plan.path, plan.identity, track, plan.suffix, plan.span)
    if choice == "copy" and not fault:
        return track
    name = f"{track.name} ({track.codec})"
    because = tr(", because {suffix} files cannot hold it as it is", suffix=plan.suffix) if fault else ""
    if fault:
        log.info("%s cannot be copied: %s", track.name, fault)
    reason = tr("no codec for so many channels is known")
    for conversion in conversions(track, plan.suffix):
        try:
            convert(
                plan.path, plan.identity, track.number, track.places, conversion,
                span=plan.span, folder=folder, trial=True,
            ).file.close()  # fmt: skip
        except (ConversionError, OSError) as error:
            log.info("%s cannot be converted to %s", track.name, conversion, exc_info=True)
            reason = str(error)
            continue
        yield Notice(
            "warning",
            tr(
                "{name} is converted to {title}{because}.", name=name, title=conversion.title, because=because
            ),
        )
        return replace(track, conversion=conversion)
    if choice == "convert" and not copy_fault(plan.path, plan.identity, track, plan.suffix, plan.span):
        yield Notice(
            "warning",
            tr("{name} is copied, because it cannot be converted: {reason}.", name=name, reason=reason),
        )
        return track
    cannot = tr("{suffix} files cannot hold it and ", suffix=plan.suffix) if fault else ""
    yield _left_out(name, tr("{cannot}it cannot be converted: {reason}", cannot=cannot, reason=reason))
    return None


def conversions(track: TrackPlan, suffix: str) -> Iterator[Conversion]:
    """Yield what a track may become in a container, the best first."""
    count, layout, rate = track.channels.count, track.channels.usual_layout, track.rate
    if not 0 < count <= MOST_CHANNELS:
        return
    if suffix == ".mp4":
        near = rate if rate in _AAC_RATES else next((r for r in _AAC_RATES if r > rate), _USUAL_RATE)
        near = _USUAL_RATE if rate > _AAC_RATES[-1] else near
        if count <= 8:
            yield Conversion(tr("AAC"), suffix, "aac", {"b": f"{128 * max(1, count)}k"}, "flt", layout, near)
        if count > 2:
            yield Conversion(tr("AAC, mixed to stereo"), suffix, "aac", {"b": "256k"}, "flt", "stereo", near)
    elif suffix == ".mkv" and count <= 8 and rate <= _FASTEST_FLAC:
        bits = "s32" if track.deep else "s16"
        yield Conversion(tr("FLAC"), suffix, "flac", {}, bits, layout, rate)
    if suffix != ".mp4":
        yield Conversion(tr("24-bit PCM"), suffix, "pcm_s24le", {}, "s32", layout, rate)


def _notices_of_places(track: TrackPlan) -> Iterator[Notice]:
    """Say what is not heard of a track that is taken over."""
    places = track.places
    seconds = float(places.durations.mean()) * places.left_out if places.left_out else 0.0
    if seconds > _NOTABLE_SECONDS:
        yield Notice(
            "warning",
            tr(
                "{seconds:.1f} s of the sound would be heard at the same time as others or long after the film; "
                "they are left out.",
                seconds=seconds,
            ),
        )
    if places.repaired:
        log.info("%s: %d stamps were wrong", track.name, places.repaired)
