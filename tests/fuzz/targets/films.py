"""Films in files: opened and read, and rendered with their sound."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from threading import Event, Timer

import av
import numpy as np

from ..seeds import tiny_weights
from .base import Seed, Target, Trial

WIDTH, HEIGHT, FRAMES = 80, 64, 12


@dataclass(frozen=True)
class Kind:
    """What a film is made of; `format` is the name of the container where the suffix does not say it."""

    suffix: str
    codec: str
    pixel_format: str = "yuv420p"
    sound: str = ""
    options: dict[str, str] = field(default_factory=dict)
    container: str | None = None
    container_options: dict[str, str] = field(default_factory=dict)
    rate: Fraction = Fraction(25)
    size: tuple[int, int] = (WIDTH, HEIGHT)
    frames: int = FRAMES
    metadata: dict[str, str] = field(default_factory=dict)
    subtitles: str = ""
    uneven: bool = False
    channels: str = "stereo"
    sound_rate: int = 48_000


_X264 = {"g": "6", "bf": "2", "preset": "veryfast", "crf": "20", "threads": "1"}
_FIELDS = {"flags": "+ildct+ilme", "x264-params": "tff=1:threads=1", "preset": "veryfast"}
_FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
_TIMECODE = {"timecode": "01:00:00:00", "title": "Titel é"}

KINDS = {
    "mp4": Kind(".mp4", "libx264", sound="aac", options=_X264, metadata=_TIMECODE),
    "mp4-fragments": Kind(".mp4", "libx264", sound="aac", options=_X264, container_options=_FRAGMENTS),
    "mp4-fields": Kind(".mp4", "libx264", options=_FIELDS),
    "mp4-hevc": Kind(".mp4", "libx265", options={"preset": "ultrafast", "x265-params": "log-level=none:pools=1"}),
    "mp4-subtitles": Kind(".mp4", "mpeg4", sound="alac", subtitles="mov_text"),
    "mov": Kind(".mov", "prores_ks", "yuv422p10le", sound="pcm_s16le", metadata=_TIMECODE, frames=6),
    "mov-eight-channels": Kind(".mov", "mjpeg", "yuvj420p", sound="pcm_s24le", channels="7.1"),
    "mov-motion": Kind(".mov", "qtrle", "rgb24", sound="adpcm_ima_qt"),
    "mkv": Kind(".mkv", "ffv1", "yuv422p10le", sound="flac", metadata=_TIMECODE, subtitles="subrip"),
    "mkv-uneven": Kind(".mkv", "libx264", sound="libopus", options=_X264, uneven=True),
    "mkv-grey": Kind(".mkv", "ffv1", "gray16le", frames=6),
    "webm": Kind(".webm", "libvpx", sound="libopus", options={"threads": "1", "deadline": "realtime"}),
    "avi": Kind(".avi", "mpeg4", sound="pcm_s16le", metadata={"title": "Titel"}),
    "avi-jpeg": Kind(".avi", "mjpeg", "yuvj420p", sound="mp2"),
    "avi-raw": Kind(".avi", "rawvideo", "bgr24", frames=4),
    "ts": Kind(".ts", "libx264", sound="aac", options=_X264),
    "ts-mpeg2": Kind(".ts", "mpeg2video", sound="mp2", options={"g": "6", "bf": "2"}),
    "vob": Kind(".vob", "mpeg2video", sound="ac3", options={"g": "6", "bf": "2"}, container="vob"),
    "mpg": Kind(".mpg", "mpeg1video", sound="mp2", container="mpeg"),
    "mxf": Kind(".mxf", "mpeg2video", "yuv422p", sound="pcm_s16le", metadata=_TIMECODE, size=(720, 576), frames=4),
    "dv": Kind(".dv", "dvvideo", "yuv420p", sound="pcm_s16le", container="dv", size=(720, 576), frames=3),
    "ogg": Kind(".ogg", "libvpx", sound="libopus", container="ogg", options={"threads": "1"}),
    "wmv": Kind(".wmv", "wmv2", sound="wmav2", container="asf", sound_rate=44_100),
    "h264": Kind(".h264", "libx264", options=_X264, container="h264"),
    "m2v": Kind(".m2v", "mpeg2video", container="mpeg2video"),
}  # fmt: skip


def write_film(path: Path, kind: Kind) -> None:
    """Write a film whose picture and tone change, the same bytes each time."""
    options = {"fflags": "+bitexact"} | kind.container_options
    with av.open(str(path), "w", format=kind.container, container_options=options) as container:
        container.metadata.update(kind.metadata)
        video = container.add_stream(kind.codec, rate=kind.rate, options=dict(kind.options))
        video.width, video.height = kind.size
        video.pix_fmt = kind.pixel_format
        video.codec_context.thread_count = 1
        if "timecode" in kind.metadata and kind.container is None:
            video.metadata["timecode"] = kind.metadata["timecode"]
        audio = (
            container.add_stream(kind.sound, rate=kind.sound_rate, layout=kind.channels)
            if kind.sound
            else None
        )
        if kind.sound.startswith("wma"):
            audio.bit_rate = 96_000
        subtitles = container.add_stream(kind.subtitles) if kind.subtitles else None
        if subtitles is not None:
            subtitles.codec_context.subtitle_header = b"[Script Info]\n"
        for number in range(kind.frames):
            container.mux(video.encode(_frame(number, kind)))
        if audio is not None:
            _write_sound(container, audio, kind)
        for stream in (video, audio):
            if stream is not None:
                container.mux(stream.encode(None))


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return what frame `number` of a film shows, RGB ``(H, W, 3)`` uint8."""
    y, x = np.mgrid[:height, :width] * 80 / width
    return np.stack([(x + 2 * number) * 2 % 256, y * 3 + number, x + y], axis=2).astype(np.uint8)


def _frame(number: int, kind: Kind) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture(number, *kind.size), "rgb24").reformat(
        format=kind.pixel_format
    )
    frame.pts = number * 40 + (number // 3 * 25 if kind.uneven else 0)
    frame.time_base = Fraction(1, 1000)
    if not kind.uneven:
        frame.pts, frame.time_base = number, 1 / kind.rate
    return frame


def _write_sound(container: av.container.OutputContainer, audio: av.AudioStream, kind: Kind) -> None:
    count = round(kind.sound_rate * kind.frames / kind.rate)
    channels = audio.codec_context.layout.nb_channels
    tone = np.sin(np.arange(count) / 30)[None] * np.linspace(0.1, 0.5, channels)[:, None]
    packed = np.ascontiguousarray((tone * 32767).astype(np.int16).T).reshape(1, -1)
    source = av.AudioFrame.from_ndarray(packed, "s16", kind.channels)
    source.sample_rate, source.pts, source.time_base = kind.sound_rate, 0, Fraction(1, kind.sound_rate)
    resampler = av.AudioResampler(audio.codec_context.format, kind.channels, kind.sound_rate,
                                  frame_size=audio.codec_context.frame_size or None)  # fmt: skip
    for frame in [*resampler.resample(source), *resampler.resample(None)]:
        container.mux(audio.encode(frame))


def _seed(kind: Kind) -> Seed:
    return lambda folder: write_film(folder / f"film{kind.suffix}", kind)


def _playlist(folder: Path) -> None:
    write_film(folder / "part.ts", KINDS["ts"])
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:0.5,", "part.ts", "#EXT-X-ENDLIST"]
    (folder / "film.m3u8").write_text("\n".join(lines) + "\n")


def _script(folder: Path) -> None:
    write_film(folder / "part.mkv", KINDS["mkv"])
    (folder / "film.mkv.txt").write_text("ffconcat version 1.0\nfile part.mkv\nfile part.mkv\n")


def _joined(name: str) -> Seed:
    """Return a seed of two films in one file, as whoever joins parts of a tape with `cat` makes them."""

    def write(folder: Path) -> None:
        path = folder / f"film{KINDS[name].suffix}"
        write_film(path, KINDS[name])
        path.write_bytes(path.read_bytes() * 2)

    return write


SEEDS: dict[str, Seed] = {name: _seed(kind) for name, kind in KINDS.items()} | {
    "m3u8": _playlist, "script": _script, "ts-joined": _joined("ts-mpeg2"), "vob-joined": _joined("vob"),
    "mkv-joined": _joined("mkv"),
}  # fmt: skip


def _film_of(tree: Path) -> Path:
    return next((each for each in sorted(tree.glob("film*")) if not each.is_dir()), tree / "film.mkv")


def read_film(tree: Path, trial: Trial) -> None:
    """Open a film and read frames in and out of order."""
    from remaster_gui.base.timebase import FrameRange, parse_range
    from remaster_gui.media import content_hash, open_film
    from remaster_gui.project.film_identity import identify

    rng, path = trial.random, _film_of(tree)
    with open_film(path, deinterlace=rng.random() < 0.25) as film:
        count = film.info.frame_count
        channels = rng.choice(("luma", "rgb", "opencv"))
        for index in sorted({0, count // 2, count - 1}, key=lambda _: rng.random()):
            frame = film.read(index, channels)
            assert frame.pixels.shape[:2] == (film.info.height, film.info.width)
        for _ in film.frames(FrameRange(0, min(count, 6)), "luma"):
            pass
        assert all(later > earlier for earlier, later in zip(film.times[:50], film.times[1:50], strict=False))
        parse_range(":", count, film.info.rate, film.info.timecode)
        identify(film.info, content_hash(path))
        _ = film.problems


def render_film(tree: Path, trial: Trial) -> str | None:
    """Restore a film with its sound; it is stopped after a while, as damage makes long films and large pictures."""
    from remaster_gui.engine.messages import Settings
    from remaster_gui.engine.render import render
    from remaster_gui.engine.render_request import RenderRequest
    from remaster_gui.engine.session import CancelledError

    rng, cancel = trial.random, Event()
    timer = Timer(4.0, cancel.set)
    timer.daemon = True
    timer.start()
    request = RenderRequest(
        _film_of(tree), tree / f"out{rng.choice(('.mkv', '.mov', '.mp4'))}", weights=tiny_weights(trial.made),
        settings=Settings(edge=64, luminance="working", colorization=False), device="cpu", span="0:3",
        deinterlace=rng.random() < 0.1,
    )  # fmt: skip
    before = set(tree.iterdir())
    try:
        for _ in render(request, cancel):
            pass
    except CancelledError:
        return "stopped"
    finally:
        timer.cancel()
    left = sorted(each.name for each in tree.iterdir() if each.name.startswith(".") and each not in before)
    assert not left, f"left behind: {left}"
    return None


_POOR = frozenset({"m3u8", "script"})
FILM = Target("film", SEEDS, read_film, share=16, poor=_POOR, share_of_names=0.03)
RENDER = Target("render", SEEDS, render_film, share=2, slow=True, poor=_POOR, share_of_names=0.02)
