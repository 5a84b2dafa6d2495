"""The child process that converts a sound track; see `sound_conversion`. Nothing imports this module."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.system import inherited, limit_work
from remaster_gui.media.channels import Resampler, settle_channels
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.sound_conversion import Conversion, ConversionError
from remaster_gui.media.streams import FilmInput
from remaster_gui.media.writer import CONTAINERS, make_bitexact

_TYPES = {"s16": np.int16, "s32": np.int32, "flt": np.float32}
_JITTER = Fraction(1, 50)
"""Seconds by which times may be off before sound is taken to have a hole there, or too much."""
_EARLY = 0.25
"""Seconds of sound that are decoded before the first that is wanted, so that the codec has settled."""
_BLOCK = 16384
"""Samples that are handed to an encoder at once."""
_TRIAL_PACKETS = 60
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _Track:
    """A sound track that is being decoded, packet by packet."""

    def __init__(self, source: FilmInput, stream: AudioStream, starts: NDArray[np.float64]) -> None:
        self._source, self._stream, self._starts = source, stream, starts

    def frames(self, wanted: NDArray[np.bool_]) -> Iterator[tuple[float | None, av.AudioFrame]]:
        """Yield what the ``wanted`` packets hold, with its time in seconds where that is known."""
        tick = self._stream.time_base or Fraction(1, 1000)
        last = int(np.flatnonzero(wanted)[-1]) if wanted.any() else -1
        for number, packet in enumerate(self._source.packets(self._stream)):
            if number > last:
                break
            if wanted[number]:
                packet.pts = packet.dts = round(Fraction(self._starts[number]) / tick)
                yield from self._decoded(packet)
        yield from self._decoded(None)

    def _decoded(self, packet: av.Packet[AudioStream] | None) -> Iterator[tuple[float | None, av.AudioFrame]]:
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.FFmpegError:
            return
        for frame in frames:
            known = frame.pts is not None and frame.time_base is not None
            yield float((frame.pts or 0) * (frame.time_base or 0)) if known else None, frame


class _Tape:
    """Samples one after the other, each at its time: holes are filled with silence, and what overlaps is cut."""

    def __init__(self, container: av.container.OutputContainer, conversion: Conversion) -> None:
        self._container, self._conversion = container, conversion
        stream = container.add_stream(
            conversion.codec, rate=conversion.rate, options=dict(conversion.options)
        )
        assert isinstance(stream, AudioStream)
        self._stream = stream
        self._stream.codec_context.layout = conversion.layout
        if conversion.codec == "flac":
            self._stream.codec_context.format = conversion.sample_format
        self._count = av.AudioLayout(conversion.layout).nb_channels
        self._begun = False
        self.position = 0

    def put(self, samples: NDArray[Any], begin: int, stop: int | None) -> int:
        """Write samples (n, channels) that begin at sample ``begin``; returns where the next ones do."""
        late = self.position - begin
        if self._begun and abs(late) < float(_JITTER) * self._conversion.rate:
            late = 0
        end = begin + len(samples)
        if late < 0:
            self._silence(-late if stop is None else min(-late, max(0, stop - self.position)))
            late = 0
        samples = samples[late:]
        if stop is not None:
            samples = samples[: max(0, stop - self.position)]
        if len(samples):
            self._begun = True
            self._write(samples)
        return end

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))

    def _silence(self, count: int) -> None:
        while count > 0:
            block = min(count, _BLOCK)
            self._write(np.zeros((block, self._count), _TYPES[self._conversion.sample_format]))
            count -= block

    def _write(self, samples: NDArray[Any]) -> None:
        for first in range(0, len(samples), _BLOCK):
            block = np.ascontiguousarray(samples[first : first + _BLOCK]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, self._conversion.sample_format, self._conversion.layout)
            frame.sample_rate = self._conversion.rate
            frame.pts, frame.time_base = self.position, Fraction(1, self._conversion.rate)
            self._container.mux(self._stream.encode(frame))
            self.position += block.shape[1] // self._count


def _wanted(starts: NDArray[np.float64], span: tuple[float, float | None], trial: bool) -> NDArray[np.bool_]:
    """Choose the packets that are decoded."""
    wanted = np.isfinite(starts)
    wanted &= np.nan_to_num(starts) >= span[0] - _EARLY
    if span[1] is not None:
        wanted &= np.nan_to_num(starts) < span[1]
    if trial:
        numbers = np.flatnonzero(wanted)
        places = (0, len(numbers) // 2, max(0, len(numbers) - _TRIAL_PACKETS))
        few = np.concatenate([numbers[place : place + _TRIAL_PACKETS] for place in places])
        wanted = np.zeros(len(starts), np.bool_)
        wanted[few] = True
    return wanted


def _convert(
    order: dict[str, Any], starts: NDArray[np.float64], durations: NDArray[np.float64]
) -> dict[str, float]:
    conversion, trial = Conversion(**order["conversion"]), bool(order["trial"])
    span: tuple[float, float | None] = (order["span"][0], order["span"][1])
    film = FixedFile(Path(os.fsdecode(bytes.fromhex(order["path"]))))
    if list(film.identity[1:]) != order["identity"]:
        raise ConversionError(tr("the film was replaced or changed meanwhile"))
    with FilmInput(film) as source, os.fdopen(inherited(order["file"]), "r+b", closefd=False) as file:
        stream = source.container.streams[order["track"]]
        assert isinstance(stream, AudioStream)
        channels = settle_channels(stream.codec_context)
        resampler = Resampler(
            channels, sample_format=conversion.sample_format, layout=conversion.layout, rate=conversion.rate
        )
        track = _Track(source, stream, starts)
        wanted = _wanted(starts, span, trial)
        heard = 0.0
        with av.open(file, "w", format=CONTAINERS[conversion.suffix]) as container:
            make_bitexact(container)
            tape = _Tape(container, conversion)
            stop = None if span[1] is None or trial else round((span[1] - span[0]) * conversion.rate)
            begin = 0
            for time, frame in track.frames(wanted):
                heard += frame.samples / max(1, frame.sample_rate)
                if time is not None and not trial:
                    begin = round((time - span[0]) * conversion.rate)
                for samples in resampler.samples(frame):
                    begin = tape.put(samples, begin, stop)
            for samples in resampler.samples(None):
                begin = tape.put(samples, begin, stop)
            tape.close()
        file.flush()
    lost = float(durations[wanted].sum()) - heard
    # Where no packet says how long it is, the last one counts as long as all others.
    is_end = bool(len(wanted) and wanted[-1] and lost < durations[-1])
    return {"samples": tape.position if heard else 0, "lost": 0.0 if is_end else lost}


def _main() -> None:
    """Do what standard input asks for and say on standard output what came of it."""
    order = json.loads(sys.stdin.buffer.readline())
    limit_work(order["seconds"])
    starts, durations = np.frombuffer(sys.stdin.buffer.read(), "<f8").reshape(2, -1)
    found: dict[str, Any]
    try:
        found = _convert(order, starts, durations)
    except MediaError as error:
        found = {"fault": str(error)}
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        number = getattr(error, "errno", None)
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        found = {"errno": number} if number in _DISK else {"fault": reason.lower()}
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _main()
    # What a broken decoder has left behind is not tidied up.
    os._exit(0)
