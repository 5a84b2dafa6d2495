"""Films: how each kind is read, and what of it a rendered film keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import Film, Segment, SegmentWriter, assemble, open_film, plan_carried, preset_for
from tests.fuzz.targets.films import KINDS, SEEDS, Kind, picture

OUTPUTS = (".mkv", ".mov", ".mp4")
_JOINED = "The clock of FILE is set anew at frame 12; all frames follow each other in the order of the file."


@dataclass(frozen=True)
class FilmCase:
    """A kind of film; `seed` names how it is written."""

    kind: str
    seed: str
    read: str
    sound: tuple[str, str, str] = ("", "", "")
    """What becomes of its sound in each of `OUTPUTS`; '' where it has none."""
    kept: str = ""
    said: str = ""

    @property
    def row(self) -> tuple[str, ...]:
        """The row of the table."""
        return self.kind, self.read, *self.sound, self.kept, self.said


_COPIED = ("copied", "copied", "copied")
_PCM_AVI = ("copied", "copied", "made AAC")
_OPEN = ("copied", "made PCM", "copied")

CASES = (
    FilmCase("MP4: H.264, AAC", "mp4", "8 bits, 25 a second", _COPIED, "timecode, title"),
    FilmCase("MP4 in fragments: H.264, AAC", "mp4-fragments", "8 bits, 25 a second", _COPIED),
    FilmCase("MP4: H.264 in fields", "mp4-fields", "8 bits, 25 a second, top field first"),
    FilmCase("MP4: HEVC", "mp4-hevc", "8 bits, 25 a second"),
    FilmCase("MP4: MPEG-4, ALAC, subtitles", "mp4-subtitles", "8 bits, 25 a second", _COPIED),
    FilmCase("MOV: ProRes, PCM", "mov", "10 bits, 25 a second", _COPIED, "timecode, title"),
    FilmCase("MOV: JPEG, PCM of 24 bits in 8 channels", "mov-eight-channels", "8 bits, 25 a second", _COPIED),
    FilmCase(
        "MOV: Animation, IMA ADPCM", "mov-motion", "8 bits, 25 a second", ("made FLAC", "copied", "made AAC")
    ),
    FilmCase("Matroska: FFV1, FLAC, subtitles", "mkv", "10 bits, 25 a second", _OPEN, "timecode, title"),
    FilmCase("Matroska: H.264 at uneven times, Opus", "mkv-uneven", "8 bits, uneven times", _OPEN, "times"),
    FilmCase("Matroska: FFV1, grey", "mkv-grey", "16 bits, 25 a second"),
    FilmCase("WebM: VP8, Opus", "webm", "8 bits, 25 a second", _OPEN),
    FilmCase("AVI: MPEG-4, PCM", "avi", "8 bits, 25 a second", _PCM_AVI, "title"),
    FilmCase("AVI: JPEG, MP2", "avi-jpeg", "8 bits, 25 a second", _COPIED),
    FilmCase("AVI: uncompressed", "avi-raw", "8 bits, 25 a second"),
    FilmCase("MPEG-TS: H.264, AAC", "ts", "8 bits, 25 a second", _COPIED),
    FilmCase("MPEG-TS: MPEG-2, MP2", "ts-mpeg2", "8 bits, 25 a second", _COPIED),
    FilmCase("MPEG-TS, two joined", "ts-joined", "8 bits, 25 a second", _COPIED, said=_JOINED),
    FilmCase("VOB: MPEG-2, AC-3", "vob", "8 bits, 25 a second", _COPIED),
    FilmCase("VOB, two joined", "vob-joined", "8 bits, 25 a second", _COPIED, said=_JOINED),
    FilmCase("MPEG-PS: MPEG-1, MP2", "mpg", "8 bits, 25 a second", _COPIED),
    FilmCase("MXF: MPEG-2, PCM", "mxf", "8 bits, 25 a second", _PCM_AVI, "timecode"),
    FilmCase("DV", "dv", "8 bits, 25 a second, bottom field first", _COPIED, "timecode"),
    FilmCase("Ogg: VP8, Opus", "ogg", "8 bits, 25 a second", _OPEN),
    FilmCase("WMV: WMV 8, WMA", "wmv", "8 bits, 25 a second", ("made FLAC", "made PCM", "made AAC")),
    FilmCase("H.264 without a container", "h264", "8 bits, 25 a second"),
    FilmCase("MPEG-2 without a container", "m2v", "8 bits, 25 a second"),
)


def observed(case: FilmCase, folder: Path) -> FilmCase:
    """Read a film and join a film of as many frames with what it keeps of it; returns what there is to see."""
    SEEDS[case.seed](folder)
    (source,) = folder.iterdir()
    with open_film(source) as film:
        _check_pictures(film, KINDS[case.seed.removesuffix("-joined")])
        kept: list[set[str]] = []
        sound: list[str] = []
        for suffix in OUTPUTS:
            output = folder / f"out{suffix}"
            notes = _joined(film, output)
            sound.append(_sound_of(source, output))
            assert sound[-1] in ("", "copied") or any("sound" in note.lower() for note in notes)
            kept.append(_kept(film, output))
        assert kept[0] == kept[1] == kept[2]
        return FilmCase(
            case.kind, case.seed, _read_as(film), (sound[0], sound[1], sound[2]), ", ".join(sorted(kept[0])),
            " ".join(_said(film)),
        )  # fmt: skip


def _check_pictures(film: Film, kind: Kind) -> None:
    """Compare frames with those that were written, as far as compression lets them be compared."""
    assert (film.info.width, film.info.height) == kind.size
    for index, frame in enumerate(film.frames(FrameRange(0, film.info.frame_count), "luma")):
        truth = picture(index % kind.frames, *kind.size).astype(np.float64) @ [0.299, 0.587, 0.114]
        scale = 257.0 if frame.pixels.dtype == np.uint16 else 1.0
        assert np.abs(frame.pixels / scale - truth).mean() < 25, index


def _read_as(film: Film) -> str:
    info = film.info
    fields = "" if info.field_order == "progressive" else f", {info.field_order} field first"
    rate = "uneven times" if info.variable_rate else f"{float(info.rate):g} a second"
    return f"{info.bit_depth} bits, {rate}{fields}"


def _said(film: Film) -> Sequence[str]:
    return [problem.replace(film.info.path.name, "FILE") for problem in film.problems]


def _joined(film: Film, output: Path) -> list[str]:
    """Join a grey film that keeps what there is to keep of `film`."""
    span, preset = FrameRange(0, film.info.frame_count), preset_for(output, None)
    part = output.with_name(f"part{output.suffix}")
    with SegmentWriter(part, preset, 64, 64, film.info.rate) as writer:
        for index in span:
            writer.write(np.full((64, 64, 3), 0.5, np.float32), film.times[index])
    carried, said = complete(plan_carried(film, span, output.suffix))
    said += assemble(
        output,
        [Segment(part, len(span))],
        preset,
        rate=film.info.rate,
        source=film,
        span=span,
        carried=carried,
    )
    return [notice.text for notice in said]


def _sound_of(source: Path, output: Path) -> str:
    with av.open(str(source)) as before, av.open(str(output)) as after:
        names = [[_codec(each) for each in film.streams.audio] for film in (before, after)]
        if not names[0]:
            return ""
        if not names[1]:
            return "left out"
        return "copied" if names[0] == names[1] else f"made {_NAMES[names[1][0].partition('_')[0]]}"


def _codec(stream: av.AudioStream) -> str:
    """Return the codec of a track; the layers of MPEG audio are decoded by one another's decoders."""
    name = stream.codec_context.name
    return "mpeg" if name.startswith(("mp2", "mp3")) else name


_NAMES = {"aac": "AAC", "flac": "FLAC", "pcm": "PCM"}


def _kept(film: Film, output: Path) -> set[str]:
    """Return what of the things beside picture and sound is in the output as it was in the film."""
    found = set[str]()
    with open_film(output) as made:
        assert made.info.frame_count == film.info.frame_count and made.info.rate == film.info.rate
        if film.info.timecode and made.info.timecode == film.info.timecode:
            found.add("timecode")
        if film.info.variable_rate and made.info.variable_rate:
            found.add("times")
        if film.info.pixel_aspect != 1 and made.info.pixel_aspect == film.info.pixel_aspect:
            found.add("pixel shape")
    with av.open(str(film.info.path)) as before, av.open(str(output)) as after:
        titles = [
            {key.lower(): value for key, value in each.metadata.items()}.get("title")
            for each in (before, after)
        ]
        if titles[0] and titles[0] == titles[1]:
            found.add("title")
    return found
