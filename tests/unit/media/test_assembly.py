"""Joining segments: every frame in its place, the sound in step, nothing half-done under the final name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, Preset, Segment, SegmentWriter, assemble, open_film, plan_carried
from remaster_gui.media.codes import color_codes

RATE = Fraction(24000, 1001)
SIZE = (272, 144)
FRAMES = 30
SPAN = FrameRange(5, 25)
SAMPLE_RATE = 48000
SHOTS = (1, 7, 2, 10)

CODEC_NAMES = {
    "prores_ks": "apch",
    "prores-4444": "ap4h",
    "dnxhd": "AVdh",
    "libx264": "avc1",
    "libx265": "hvc1",
}
"""By which players and editing programs know a codec in MOV and MP4 files, by encoder or preset."""

Show = Callable[..., np.ndarray]
Reader = Callable[[np.ndarray], int]


def join(*arguments: Any, **options: Any) -> list[str]:
    """Join segments; returns what is said of it."""
    return [notice.text for notice in assemble(*arguments, **options)]


def write_segments(
    folder: Path, preset: Preset, show: Show, shots: Sequence[int] = SHOTS, rate: Fraction = RATE
) -> list[Segment]:
    """Segments whose frames show their numbers in the whole film: 0, 1, 2 and so on."""
    segments = []
    first = 0
    for number, frames in enumerate(shots):
        path = folder / f"segment{number}{'' if preset.is_sequence else preset.suffixes[0]}"
        with SegmentWriter(path, preset, *SIZE, rate, Fraction(16, 15)) as writer:
            for index in range(frames):
                grey = show(first + index, *SIZE).astype(np.float32) / 255
                writer.write(np.repeat(grey[..., None], 3, axis=2), index / rate)
        segments.append(Segment(path, frames))
        first += frames
    return segments


def write_source(
    path: Path, codec: str, audio: str, *, layout: str = "mono", tick: Fraction | None = None
) -> Path:
    """A film with a sound whose every sample tells its own time: a saw tooth of one second."""
    rate = 8000 if "amr" in audio else SAMPLE_RATE
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        if tick is not None:
            video.codec_context.time_base = tick
        sound = container.add_stream(audio, rate=rate)
        sound.layout = layout
        container.metadata["title"] = "An old film"
        video.metadata["timecode"] = "01:00:00:00"
        container.set_chapters(
            [
                {
                    "id": 1,
                    "start": 0,
                    "end": 600,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "one"},
                },
                {
                    "id": 2,
                    "start": 600,
                    "end": 1251,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "two"},
                },
            ]
        )
        done = 0
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 100 + index, np.uint8), "yuv420p")
            frame.pts = index if tick is None else index * 2 + index // 4
            if tick is not None:
                frame.time_base = tick
            container.mux(video.encode(frame))
            upto = int((index + 1) / RATE * rate)
            samples = (np.arange(done, upto) % rate * 30000 // rate - 15000).astype(np.int16)[None]
            chunk = av.AudioFrame.from_ndarray(samples, "s16", layout)
            chunk.sample_rate, chunk.pts, chunk.time_base = rate, done, Fraction(1, rate)
            container.mux(sound.encode(chunk))
            done = upto
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


def sound_packets(path: Path) -> tuple[str, list[tuple[Fraction, Fraction, bytes]]]:
    """Codec and (time, end, data) of all packets of the first sound track."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        packets = [
            (packet.pts * packet.time_base, (packet.pts + packet.duration) * packet.time_base, bytes(packet))
            for packet in container.demux(stream)
            if packet.size and packet.pts is not None
        ]
        return stream.codec_context.codec.canonical_name, packets


@pytest.mark.parametrize("key", PRESETS)
def test_every_frame_in_its_place(key: str, tmp_path: Path, show: Show, shown: Reader) -> None:
    preset = PRESETS[key]
    segments = write_segments(tmp_path, preset, show)
    for suffix in [""] if preset.is_sequence else preset.suffixes:
        output = tmp_path / f"film{suffix}"
        assert join(output, segments, preset, rate=RATE) == []
        with open_film(output) as film:
            assert film.info.frame_count == sum(SHOTS)
            assert [shown(frame.pixels) for frame in film.frames(FrameRange(0, sum(SHOTS)))] == list(
                range(sum(SHOTS))
            )
            if not preset.is_sequence:
                assert film.info.rate == RATE and not film.info.variable_rate
                assert film.info.pixel_aspect == Fraction(16, 15)
                assert film.start_time == 0
        if not preset.is_sequence:
            with av.open(str(output)) as container:
                first = next(container.decode(video=0))
                codes = (first.colorspace, first.color_range, first.color_primaries, first.color_trc)
                assert codes == color_codes(preset)
                if suffix != ".mkv":
                    name = container.streams.video[0].codec_context.codec_tag
                    assert name == CODEC_NAMES.get(key, CODEC_NAMES[preset.codec])
            with av.open(str(output)) as container:
                times = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
                assert times == sorted(set(times))


@pytest.mark.parametrize("key", ["h264-8", "ffv1-10", "png16"])
def test_same_segments_give_the_same_bytes(key: str, tmp_path: Path, show: Show) -> None:
    preset = PRESETS[key]
    segments = write_segments(tmp_path, preset, show)
    outputs = [
        tmp_path / f"{name}{'' if preset.is_sequence else preset.suffixes[0]}" for name in ("film", "again")
    ]
    for output in outputs:
        join(output, segments, preset, rate=RATE)
    contents = [
        [file.read_bytes() for file in sorted(output.iterdir())] if output.is_dir() else output.read_bytes()
        for output in outputs
    ]
    assert contents[0] == contents[1]


SOURCES = {
    "aac.mp4": ("libx264", "aac"),
    "pcm.mov": ("libx264", "pcm_s16le"),
    "ac3.ts": ("libx264", "ac3"),
    "mp2.mpg": ("mpeg2video", "mp2"),
    "flac.mkv": ("libx264", "flac"),
    "opus.mkv": ("libx264", "libopus"),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("sources")

    def source(name: str) -> Path:
        path = folder / name
        return path if path.exists() else write_source(path, *SOURCES[name])

    return source


@pytest.fixture(scope="module")
def segments_of(tmp_path_factory: pytest.TempPathFactory, show: Show) -> Callable[[str], list[Segment]]:
    made: dict[str, list[Segment]] = {}

    def segments(key: str) -> list[Segment]:
        if key not in made:
            made[key] = write_segments(tmp_path_factory.mktemp(key), PRESETS[key], show)
        return made[key]

    return segments


@pytest.mark.parametrize("key", ["h264-8", "prores-hq", "ffv1-10"])
@pytest.mark.parametrize("name", SOURCES)
def test_sound_is_copied_in_step(name: str, key: str, sources, segments_of, tmp_path: Path) -> None:
    """Copied packets are the source's own; each starts within half a tick of its place to the picture."""
    preset = PRESETS[key]
    source = sources(name)
    output = tmp_path / f"film{preset.suffixes[0]}"
    notes = join(output, segments_of(key), preset, rate=RATE, source=source, span=SPAN)
    codec, packets = sound_packets(source)
    new_codec, new_packets = sound_packets(output)
    with open_film(source) as film, open_film(output) as result:
        origin = film.start_time + film.times[SPAN.start]
        end = film.start_time + film.times[SPAN.stop]
        assert result.info.frame_count == len(SPAN)
        assert result.start_time == 0
    longest = max(stop - start for start, stop, _ in packets)
    if codec != new_codec:
        assert (codec, preset.suffixes[0]) in {("flac", ".mov"), ("opus", ".mov"), ("mp2", ".mp4")}
        # MP4 knows only one name for MPEG audio, whatever its layer.
        assert codec == "mp2" or (len(notes) == 1 and "converted" in notes[0] and notes[0].endswith("."))
    elif codec == "pcm_s16le":
        # Containers cut PCM into packets as they like, so samples are compared: each tells its time in the source.
        assert notes == []
        for start, _, data in new_packets:
            sample = int.from_bytes(data[:2], "little", signed=True)
            assert abs((sample + 15000) / 30000 - float((start + origin) % 1)) < 1e-3
    else:
        assert notes == []
        by_data: dict[bytes, list[Fraction]] = {}
        for start, _, data in packets:
            by_data.setdefault(data[-32:], []).append(start)
        for start, _, data in new_packets:
            places = by_data.get(data[-32:]) or by_data[data[:32]]
            assert min(abs(place - origin - start) for place in places) <= Fraction(1, 900)
    # Nothing from outside the span by more than a packet, nothing missing by more than one.
    assert -longest <= new_packets[0][0] <= longest + Fraction(1, 900)
    assert abs(new_packets[-1][1] - (end - origin)) <= longest + Fraction(1, 900)


@pytest.mark.parametrize("key", ["h264-8", "ffv1-10"])
def test_converted_sound_stays_in_step(key: str, segments_of, tmp_path: Path) -> None:
    source = write_source(tmp_path / "amr.mov", "libx264", "libopencore_amrnb")
    output = tmp_path / f"film{PRESETS[key].suffixes[0]}"
    notes = join(output, segments_of(key), PRESETS[key], rate=RATE, source=source, span=SPAN)
    assert len(notes) == 1 and "converted" in notes[0]
    samples, times = [], []
    with av.open(str(output)) as container:
        for frame in container.decode(audio=0):
            row = frame.to_ndarray()[0].astype(np.float64)
            if frame.format.name.startswith("s"):
                row /= np.iinfo(frame.to_ndarray().dtype).max
            samples.append(row)
            times.append(frame.time + np.arange(len(row)) / frame.sample_rate)
    level, time = np.concatenate(samples), np.concatenate(times)
    # The saw tooth jumps down once a second of the source; there it was 1 s, here it is that less the cut.
    jump = time[np.argmin(np.diff(level))]
    assert abs(jump - float(1 - SPAN.start / RATE)) < 0.02


def test_whole_film_keeps_chapters_title_and_timecode(sources, show: Show, tmp_path: Path) -> None:
    source = sources("pcm.mov")
    for key, name in (("prores-hq", "film.mov"), ("h264-8", "film.mp4"), ("ffv1-10", "film.mkv")):
        folder = tmp_path / key
        folder.mkdir()
        segments = write_segments(folder, PRESETS[key], show, (10, 10, 10))
        output = folder / name
        with open_film(source) as film:
            join(output, segments, PRESETS[key], rate=RATE, source=film)
        with av.open(str(output)) as container:
            chapters = [
                (chapter["start"] * chapter["time_base"], chapter["metadata"]["title"])
                for chapter in container.chapters()
            ]
            assert chapters == [(0, "one"), (Fraction(3, 5), "two")]
            assert container.metadata["title"] == "An old film"
        with open_film(output) as film:
            assert film.info.timecode == "01:00:00:00"
            assert film.info.has_audio


def test_part_of_a_film_shifts_chapters_and_timecode(sources, segments_of, tmp_path: Path) -> None:
    output = tmp_path / "film.mov"
    join(
        output,
        segments_of("prores-hq"),
        PRESETS["prores-hq"],
        rate=RATE,
        source=sources("pcm.mov"),
        span=SPAN,
    )
    with open_film(output) as film:
        assert film.info.timecode == "01:00:00:05"
    with av.open(str(output)) as container:
        first, second = container.chapters()
        start = SPAN.start / RATE
        assert abs(second["start"] * second["time_base"] - (Fraction(3, 5) - start)) < Fraction(1, 1000)
        assert first["start"] == 0
        assert abs(second["end"] * second["time_base"] - len(SPAN) / RATE) < Fraction(1, 1000)


@pytest.mark.parametrize(("key", "suffix"), [("h264-8", ".mp4"), ("prores-hq", ".mov"), ("ffv1-10", ".mkv")])
def test_varying_times_of_the_source_are_kept(
    key: str, suffix: str, show: Show, shown: Reader, tmp_path: Path
) -> None:
    source = write_source(tmp_path / "vfr.mp4", "libx264", "aac", tick=Fraction(1, 50))
    segments = write_segments(tmp_path, PRESETS[key], show, SHOTS)
    output = tmp_path / f"film{suffix}"
    with open_film(source) as film:
        assert film.info.variable_rate
        join(output, segments, PRESETS[key], rate=film.info.rate, source=film, span=SPAN)
        expected = [film.times[index] - film.times[SPAN.start] for index in SPAN]
    with open_film(output) as film:
        # Matroska counts in milliseconds.
        allowed = Fraction(1, 2000) if suffix == ".mkv" else 0
        assert all(abs(found - wanted) <= allowed for found, wanted in zip(film.times, expected, strict=True))
        assert [shown(frame.pixels) for frame in film.frames(FrameRange(0, len(SPAN)))] == list(
            range(len(SPAN))
        )


def test_pictures_are_numbered_like_the_source_and_sound_lies_beside(
    sources, segments_of, tmp_path: Path
) -> None:
    output = tmp_path / "scan"
    notes = join(
        output, segments_of("png16"), PRESETS["png16"], rate=RATE, source=sources("aac.mp4"), span=SPAN
    )
    assert sorted(each.name for each in output.iterdir())[:2] == ["scan.000005.png", "scan.000006.png"]
    assert len(list(output.iterdir())) == len(SPAN)
    assert notes == [
        "Pictures hold no timecode; that of the first one is 01:00:00:05.",
        "The sound lies beside the pictures in scan.mka.",
    ]
    with av.open(str(tmp_path / "scan.mka")) as container:
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["one", "two"]
        assert container.metadata["title"] == "An old film"
    codec, packets = sound_packets(tmp_path / "scan.mka")
    assert codec == "aac" and packets[0][0] < Fraction(1, 40)


@pytest.mark.parametrize("key", ["h264-8", "png16"])
def test_an_output_that_is_refused_at_last_leaves_nothing(
    key: str, sources, segments_of, tmp_path: Path
) -> None:
    """Neither pictures nor their sound: it belongs to a film that was found to be another one."""
    preset = PRESETS[key]
    output = tmp_path / f"film{'' if preset.is_sequence else preset.suffixes[0]}"

    def refuse(draft: Path, sound: Path | None) -> None:
        assert draft.exists() and (sound is not None and sound.exists()) == preset.is_sequence
        raise MediaError("The film was replaced.")

    with pytest.raises(MediaError, match="was replaced"):
        join(
            output, segments_of(key), preset,
            rate=RATE, source=sources("aac.mp4"), span=SPAN, joined=refuse,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["h264-8", "png16"])
def test_sound_may_be_left_out(key: str, sources, segments_of, tmp_path: Path) -> None:
    preset = PRESETS[key]
    output = tmp_path / f"film{'' if preset.is_sequence else preset.suffixes[0]}"
    source = sources("aac.mp4")
    with open_film(source) as film:
        carried, _ = complete(plan_carried(film, SPAN, output.suffix, sound="none"))
        notes = join(output, segments_of(key), preset, rate=RATE, source=film, span=SPAN, carried=carried)
    assert [note for note in notes if "chapters" in note or "timecode" in note] == notes
    assert len(notes) == (2 if preset.is_sequence else 0)
    assert list(tmp_path.iterdir()) == [output]
    with open_film(output) as film:
        assert not film.info.has_audio


class TestFailures:
    def test_missing_segment(self, segments_of, tmp_path: Path) -> None:
        segments = [*segments_of("ffv1-10"), Segment(tmp_path / "gone.mkv", 3)]
        with pytest.raises(MediaError, match=r"gone\.mkv is missing"):
            join(tmp_path / "film.mkv", segments, PRESETS["ffv1-10"], rate=RATE)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("key", ["ffv1-10", "png16"])
    def test_segment_of_wrong_length(self, key: str, segments_of, tmp_path: Path) -> None:
        segments = segments_of(key)
        wrong = [*segments[:-1], Segment(segments[-1].path, segments[-1].frames + 1)]
        with pytest.raises(MediaError, match="instead of 11"):
            join(tmp_path / "film", wrong, PRESETS[key], rate=RATE) if key == "png16" else join(
                tmp_path / "film.mkv", wrong, PRESETS[key], rate=RATE
            )
        assert list(tmp_path.iterdir()) == []

    def test_segments_of_different_settings(self, show: Show, tmp_path: Path) -> None:
        folders = [tmp_path / "a", tmp_path / "b"]
        for folder in folders:
            folder.mkdir()
        first = write_segments(folders[0], PRESETS["h264-8"], show, (3,))
        with SegmentWriter(folders[1] / "other.mp4", PRESETS["h264-8"], 64, 64, RATE) as writer:
            writer.write(np.zeros((64, 64, 3), np.float32), Fraction(0))
        with pytest.raises(MediaError, match="other settings"):
            join(
                tmp_path / "film.mp4",
                [*first, Segment(folders[1] / "other.mp4", 1)],
                PRESETS["h264-8"],
                rate=RATE,
            )
        assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "b"]

    def test_the_source_is_never_overwritten(self, sources, segments_of) -> None:
        source = sources("flac.mkv")
        before = source.read_bytes()
        with pytest.raises(SettingsError, match="is the film itself"):
            join(source, segments_of("ffv1-10"), PRESETS["ffv1-10"], rate=RATE, source=source, span=SPAN)
        assert source.read_bytes() == before

    def test_a_folder_with_other_files_is_never_replaced(self, segments_of, tmp_path: Path) -> None:
        (tmp_path / "keep.txt").touch()
        with pytest.raises(SettingsError, match="already holds"):
            join(tmp_path, segments_of("png16"), PRESETS["png16"], rate=RATE)
        assert [each.name for each in tmp_path.iterdir()] == ["keep.txt"]

    def test_an_older_result_is_replaced_only_at_the_end(self, segments_of, tmp_path: Path) -> None:
        output = tmp_path / "film.mkv"
        output.write_bytes(b"older")
        with pytest.raises(MediaError):
            join(output, [Segment(tmp_path / "gone.mkv", 1)], PRESETS["ffv1-10"], rate=RATE)
        assert output.read_bytes() == b"older"
        join(output, segments_of("ffv1-10"), PRESETS["ffv1-10"], rate=RATE)
        with open_film(output) as film:
            assert film.info.frame_count == sum(SHOTS)
