"""No sound can fail a film: it is copied, converted or left out, in step with the pictures, and that is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.media import PRESETS, Segment, SegmentWriter, assemble, open_film, plan_carried
from remaster_gui.media import sound_conversion as conversion
from remaster_gui.media.carried import Carried, clipped_chapters
from remaster_gui.media.sound_times import follow_each_other

RATE = Fraction(25)
FRAMES = 40
SAMPLE_RATE = 48000
BURST = 0.4
"""Seconds from the start at which a loud tone of 40 ms begins."""
KEYS = {".mp4": "h264-8", ".mov": "prores-hq", ".mkv": "ffv1-10"}

Packets = list[av.Packet]
Mangle = Callable[[Packets], Packets]


def waves(seconds: float, rate: int = SAMPLE_RATE) -> np.ndarray:
    """A soft hum with one loud burst (n,) int16."""
    times = np.arange(round(seconds * rate)) / rate
    loud = (times >= BURST) & (times < BURST + 0.04)
    return (np.sin(2 * np.pi * 1000 * times) * np.where(loud, 25000, 100)).astype(np.int16)


def write_film(
    path: Path,
    codec: str,
    *,
    layout: str = "stereo",
    seconds: float = FRAMES / RATE,
    rate: int = SAMPLE_RATE,
    mangle: Mangle = list,
    tracks: int = 1,
    frames: int = FRAMES,
) -> Path:
    """A film of grey pictures and sound whose packets pass through `mangle`."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg2video" if path.suffix in (".vob", ".ts") else "mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.max_b_frames = 0
        sounds = [container.add_stream(codec, rate=rate, layout=layout) for _ in range(tracks)]
        packets: Packets = []
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 3 * number, np.uint8), "yuv420p")
            packets += video.encode(frame)
        packets += video.encode(None)
        for sound in sounds:
            packets += mangle(sound_packets(sound, waves(seconds, rate), layout))
        packets.sort(key=lambda packet: packet.dts * packet.time_base)
        for packet in packets:
            container.mux(packet)
    return path


def sound_packets(stream: av.AudioStream, samples: np.ndarray, layout: str) -> Packets:
    count = av.AudioLayout(layout).nb_channels
    packets: Packets = []
    for start in range(0, len(samples), 1024):
        block = np.repeat(samples[start : start + 1024], count)[None]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "s16", layout)
        frame.sample_rate, frame.pts, frame.time_base = stream.rate, start, Fraction(1, stream.rate)
        packets += stream.encode(frame)
    return packets + stream.encode(None)


@pytest.fixture(scope="module")
def segments_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Segment]]:
    made: dict[tuple[str, int], list[Segment]] = {}

    def segments(suffix: str, frames: int = FRAMES) -> list[Segment]:
        if (suffix, frames) not in made:
            path = tmp_path_factory.mktemp("segments") / f"0{suffix}"
            with SegmentWriter(path, PRESETS[KEYS[suffix]], 64, 48, RATE) as writer:
                for index in range(frames):
                    writer.write(np.full((48, 64, 3), index / FRAMES, np.float32), index / RATE)
            made[suffix, frames] = [Segment(path, frames)]
        return made[suffix, frames]

    return segments


def join(
    source: Path,
    output: Path,
    segments: Sequence[Segment],
    *,
    change: Callable[[Carried], Carried] = lambda carried: carried,
    between: Callable[[], object] = lambda: None,
    span: FrameRange | None = None,
    **choice: str,
) -> list[str]:
    """Plan and join; `between` happens after the plan. Returns all that is said."""
    with open_film(source) as film:
        span = span or FrameRange(0, film.info.frame_count)
        carried, said = complete(plan_carried(film, span, output.suffix, folder=output.parent, **choice))
        carried = change(carried)
        between()
        said += assemble(
            output, segments, PRESETS[KEYS[output.suffix]], rate=RATE, source=film, span=span, carried=carried
        )
    with open_film(output) as film:
        assert film.info.frame_count == len(span)
    left = {each.name for each in output.parent.iterdir()} - {source.name, output.name}
    assert not left, "nothing else may be left"
    return [notice.text for notice in said]


def heard(path: Path, track: int = 0) -> tuple[str, float, float, float]:
    """Codec, start of the burst, start and end of a track of sound, in seconds."""
    levels, times = [], []
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        for frame in container.decode(stream):
            for block in resampler.resample(frame):
                samples = block.to_ndarray()[0]
                levels.append(np.abs(samples))
                times.append(float(block.pts * block.time_base) + np.arange(len(samples)) / SAMPLE_RATE)
        name = stream.codec_context.codec.canonical_name
    level, time = np.concatenate(levels), np.concatenate(times)
    return name, float(time[level > 0.3 * level.max()][0]), float(time[0]), float(time[-1])


def stamp_twice(packets: Packets) -> Packets:
    packets[29].pts = packets[29].dts = packets[28].pts
    return packets


def never_rising(packets: Packets) -> Packets:
    for packet in packets[5:]:
        packet.pts = packet.dts = packets[5].pts
    return packets


@pytest.mark.parametrize("suffix", KEYS)
@pytest.mark.parametrize("mangle", [stamp_twice, never_rising], ids=lambda each: each.__name__)
def test_stamps_that_do_not_rise_do_no_harm(
    mangle: Mangle, suffix: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "aac", mangle=mangle)
    output = tmp_path / f"out{suffix}"
    assert join(source, output, segments_of(suffix)) == []
    codec, burst, _, end = heard(output)
    assert codec == "aac"
    assert burst == pytest.approx(BURST, abs=0.023)
    assert end == pytest.approx(FRAMES / RATE, abs=0.045)


def test_sound_without_a_layout_is_converted_where_the_container_wants_one(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.avi", "pcm_s16le")
    output = tmp_path / "out.mp4"
    (note,) = join(source, output, segments_of(".mp4"))
    assert note.endswith("is converted to AAC, because .mp4 files cannot hold it as it is.")
    codec, burst, start, end = heard(output)
    assert (codec, start) == ("aac", 0)
    assert burst == pytest.approx(BURST, abs=0.001) and end == pytest.approx(FRAMES / RATE, abs=0.022)


@pytest.mark.parametrize("codec", ["pcm_f64le", "pcm_f64be"])
def test_sound_of_64_bits_becomes_what_mp4_is_read_with(
    codec: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mov", codec, layout="mono")
    for suffix in ("mp4", "mov"):
        (tmp_path / suffix).mkdir()
    (note,) = join(source, tmp_path / "mp4" / "out.mp4", segments_of(".mp4"))
    assert note.endswith("is converted to AAC, because .mp4 files cannot hold it as it is.")
    assert join(source, tmp_path / "mov" / "out.mov", segments_of(".mov")) == []
    name, burst, _, _ = heard(tmp_path / "mp4" / "out.mp4")
    assert name == "aac" and burst == pytest.approx(BURST, abs=0.001)
    assert heard(tmp_path / "mov" / "out.mov")[0] == codec


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".mov", "pcm_s24le"), (".mkv", "flac")])
def test_sound_is_converted_on_wish_and_cut_to_the_sample(
    suffix: str, codec: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "ac3", tracks=2)
    output = tmp_path / f"out{suffix}"
    span = FrameRange(5, 25)
    notes = join(source, output, segments_of(suffix, 20), span=span, sound="convert")
    assert len(notes) == 2 and all(note.startswith(f"Sound track {n + 1} (") for n, note in enumerate(notes))
    for track in (0, 1):
        name, burst, start, end = heard(output, track)
        assert (name, start) == (codec, 0)
        assert burst == pytest.approx(BURST - 5 / RATE, abs=0.002)
        assert end == pytest.approx(20 / RATE, abs=0.022 if codec == "aac" else 0.0001)


def test_sound_that_ends_with_a_short_packet_is_not_damaged(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "wavpack", seconds=1.6)
    (note,) = join(source, tmp_path / "out.mov", segments_of(".mov"))
    assert "is converted to 24-bit PCM" in note
    assert heard(tmp_path / "out.mov")[3] == pytest.approx(1.6, abs=0.001)


def test_sound_is_left_out_on_wish(segments_of: Callable[..., list[Segment]], tmp_path: Path) -> None:
    source = write_film(tmp_path / "film.mkv", "ac3")
    assert join(source, tmp_path / "out.mp4", segments_of(".mp4"), sound="none") == [
        "The film's sound is left out, as was asked for."
    ]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert not container.streams.audio


def test_a_codec_that_nobody_knows_is_left_out(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.avi", "pcm_s16le", layout="mono")
    data = bytearray(source.read_bytes())
    at = data.index(b"strf", data.index(b"auds"))
    data[at + 8 : at + 10] = b"\x99\x77"
    source.write_bytes(data)
    for suffix in KEYS:
        (note,) = join(source, tmp_path / f"out{suffix}", segments_of(suffix))
        assert note == "The sound is left out, because its codec is not known here."
        (tmp_path / f"out{suffix}").unlink()


def garbage(part: slice) -> Mangle:
    def mangle(packets: Packets) -> Packets:
        noise = np.random.default_rng(5)
        for number, packet in list(enumerate(packets))[part]:
            spoilt = av.Packet(noise.bytes(max(32, packet.size)))
            spoilt.pts, spoilt.dts, spoilt.time_base = packet.pts, packet.dts, packet.time_base
            spoilt.duration, spoilt.stream, spoilt.is_keyframe = packet.duration, packet.stream, True
            packets[number] = spoilt
        return packets

    return mangle


def test_sound_that_cannot_be_decoded_in_midway_is_silent_there(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "flac", mangle=garbage(slice(8, 13)), seconds=2.4, frames=60)
    notes = join(source, tmp_path / "out.mov", segments_of(".mov", 60))
    assert (
        len(notes) == 2
        and "is converted to 24-bit PCM" in notes[0]
        and "0.5 s of it cannot be decoded and are silent" in notes[1]
    )
    codec, burst, start, end = heard(tmp_path / "out.mov")
    assert (codec, start) == ("pcm_s24le", 0)
    assert burst == pytest.approx(BURST, abs=0.001) and end == pytest.approx(2.4, abs=0.001)


def test_sound_of_which_nothing_can_be_decoded_is_left_out_where_it_cannot_be_copied(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "flac", mangle=garbage(slice(None)))
    (note,) = join(source, tmp_path / "out.mov", segments_of(".mov"))
    assert "is left out, because .mov files cannot hold it and it cannot be converted" in note


@pytest.mark.parametrize("suffix", KEYS)
def test_sound_goes_on_where_the_clock_of_the_film_starts_anew(
    suffix: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    part = write_film(tmp_path / "part.vob", "mp2", layout="mono", seconds=0.8, frames=20)
    source = tmp_path / "film.vob"
    source.write_bytes(part.read_bytes() * 2)
    part.unlink()
    output = tmp_path / f"out{suffix}"
    assert join(source, output, segments_of(suffix)) == []
    with av.open(str(output)) as container:
        times = [
            float(packet.pts * packet.time_base)
            for packet in container.demux(audio=0)
            if packet.pts is not None
        ]
    assert times == sorted(set(times)) and 65 <= len(times) <= 69
    assert heard(output)[1] == pytest.approx(BURST, abs=0.03)
    # The second part's burst lies as far from its beginning.
    with av.open(str(output)) as container:
        late = [
            frame.time + int(np.argmax(loud)) / SAMPLE_RATE
            for frame in container.decode(audio=0)
            if frame.time > 0.7 and (loud := np.abs(frame.to_ndarray()[0].astype(np.float64)) > 6000).any()
        ] if suffix != ".mp4" else [0.8 + BURST]  # fmt: skip
    assert late[0] == pytest.approx(0.8 + BURST, abs=0.03)


@pytest.mark.parametrize("seconds", [0.7, 3.0])
@pytest.mark.parametrize("suffix", KEYS)
def test_sound_shorter_or_longer_than_the_film_keeps_its_length(
    suffix: str, seconds: float, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "ac3", seconds=seconds)
    output = tmp_path / f"out{suffix}"
    assert join(source, output, segments_of(suffix)) == []
    _, burst, _, end = heard(output)
    assert burst == pytest.approx(BURST, abs=0.03) and end == pytest.approx(seconds, abs=0.04)


@pytest.mark.parametrize("suffix", KEYS)
def test_packets_before_an_edit_list_are_not_heard(
    suffix: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mov", "aac")
    data = bytearray(source.read_bytes())
    at = data.rindex(b"elst")  # that of the sound
    skipped = 10 * 1024
    begin = int.from_bytes(data[at + 16 : at + 20], "big", signed=True)
    data[at + 16 : at + 20] = (begin + skipped).to_bytes(4, "big")
    source.write_bytes(data)
    expected = heard(source)[1]
    output = tmp_path / f"out{suffix}"
    assert join(source, output, segments_of(suffix)) == []
    assert expected == pytest.approx(BURST - skipped / SAMPLE_RATE, abs=0.003)
    assert heard(output)[1] == pytest.approx(expected, abs=0.003)


def test_what_cannot_be_copied_after_all_is_converted_and_the_film_is_there(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.avi", "pcm_s16le")
    with open_film(source) as film:
        wrong = complete(plan_carried(film, FrameRange(0, FRAMES), ".mkv"))[0].sound
    assert wrong is not None and wrong.tracks[0].conversion is None
    plan = dataclasses.replace(wrong, suffix=".mp4")
    *_, note = join(
        source, tmp_path / "out.mp4", segments_of(".mp4"),
        change=lambda carried: dataclasses.replace(carried, sound=plan),
    )  # fmt: skip
    assert note == "The sound could not be copied and was converted to AAC."
    assert heard(tmp_path / "out.mp4")[1] == pytest.approx(BURST, abs=0.001)


def test_sound_is_never_taken_from_another_film(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", "ac3")

    def replace() -> None:
        other = write_film(tmp_path / "other.mkv", "ac3", seconds=1.0)
        other.replace(source)

    (note,) = join(source, tmp_path / "out.mp4", segments_of(".mp4"), between=replace)
    assert "was left out" in note and "replaced or changed" in note
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert not container.streams.audio


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("import os\nos.abort()\n", "breaks down"),
        (
            "from remaster_gui.base.system import limit_work\nlimit_work(1)\nwhile True:\n    pass\n",
            "does not come to an end within",
        ),
    ],
    ids=["aborts", "goes on for ever"],
)
def test_a_decoder_that_breaks_down_takes_nothing_with_it(
    code: str,
    fault: str,
    segments_of: Callable[..., list[Segment]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "broken_child.py").write_text(code)
    work = tmp_path / "work"
    work.mkdir()
    source = write_film(work / "film.avi", "pcm_s16le")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(conversion, "DECODER", "broken_child")
    (note,) = join(source, work / "out.mp4", segments_of(".mp4"))
    assert "is left out" in note and f"its decoder {fault}" in note


def test_an_order_of_channels_of_the_files_own_is_copied_and_converted(
    segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mov", "pcm_s16le", layout="7.1")
    data = bytearray(source.read_bytes())
    at = data.index(b"chan") + 8
    data[at : at + 4] = (128 << 16 | 8).to_bytes(4, "big")
    source.write_bytes(data)
    assert join(source, tmp_path / "out.mov", segments_of(".mov")) == []
    (tmp_path / "out.mov").unlink()
    (note,) = join(source, tmp_path / "out.mkv", segments_of(".mkv"), sound="convert")
    assert "is converted to FLAC" in note
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert container.streams.audio[0].codec_context.layout.name == "7.1"
    assert heard(tmp_path / "out.mkv")[1] == pytest.approx(BURST, abs=0.001)


# --- where packets belong ---

STEP = 1024 / SAMPLE_RATE


def follow(times: Sequence[float], film_end: float = 100.0) -> tuple[np.ndarray, int]:
    return follow_each_other(np.array(times), np.full(len(times), STEP), 0.001, film_end)


def test_sound_joined_over_its_end_loses_no_more_than_what_overlaps() -> None:
    first = np.arange(40) * STEP
    second = first[-1] + STEP - 3.4 * STEP + np.arange(40) * STEP
    starts, repaired = follow([*first, *second])
    assert repaired == 0 and np.isnan(starts).sum() == 3
    kept = starts[np.isfinite(starts)]
    assert (np.diff(kept) > 0).all() and kept[-1] == pytest.approx(second[-1], abs=0.001)


def test_missing_and_lying_stamps_are_told_by_their_neighbours() -> None:
    times = np.arange(60) * STEP
    lies = times.copy()
    lies[[0, 7, 8]] = np.nan
    lies[20], lies[33] = 5000.0, -3.0
    starts, repaired = follow(lies)
    assert repaired == 5
    np.testing.assert_allclose(starts, times, atol=1e-9)


def test_gaps_stay_and_sound_long_after_the_film_goes() -> None:
    times = np.concatenate([np.arange(50) * STEP, 30 + np.arange(50) * STEP, 9000 + np.arange(50) * STEP])
    starts, _ = follow(times, film_end=9000.0)
    np.testing.assert_allclose(starts, times, atol=1e-9)
    starts, _ = follow(times, film_end=31.0)
    assert np.isfinite(starts[:100]).all() and np.isnan(starts[100:]).all()


# --- what else is taken over ---


def write_described(path: Path, **described: object) -> Path:
    """A film with chapters, texts and a timecode, as `described`."""
    rate = described.get("rate", RATE)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=rate)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.max_b_frames = 0
        if "labels" in described:
            video.metadata["timecode"] = described["timecode"]
            video.codec_context.time_base = 1 / rate
            video.codec_context.framerate = described["labels"]
        container.metadata.update(described.get("metadata", {}))
        container.set_chapters(described.get("chapters", []))
        packets = []
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 3 * number, np.uint8), "yuv420p")
            frame.pts, frame.time_base = number, 1 / rate
            packets += video.encode(frame)
        for packet in packets + video.encode(None):
            container.mux(packet)
    return path


def chapter(start: int, end: int, title: str) -> dict:
    return {
        "id": start + 7, "start": start, "end": end, "time_base": Fraction(1, 1000), "metadata": {"title": title}
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".mov", ".mp4"])
def test_a_timecode_that_counts_slower_than_the_pictures_goes_on_doing_so(
    suffix: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    rate = Fraction(60000, 1001)
    source = write_described(tmp_path / "film.mov", rate=rate, timecode="01:00:00;10", labels=rate / 2)
    output = tmp_path / f"out{suffix}"
    with open_film(source) as film:
        assert [format_timecode(each, rate, film.info.timecode) for each in (0, 1, 30)] == [
            "01:00:00;10", "01:00:00;10", "01:00:00;25",
        ]  # fmt: skip
        joining = assemble(
            output,
            segments_of(suffix, 3),
            PRESETS[KEYS[suffix]],
            rate=rate,
            source=film,
            span=FrameRange(30, 33),
        )
        assert list(joining) == []
    with open_film(output) as film:
        assert film.info.rate == rate
        assert [format_timecode(each, rate, film.info.timecode) for each in (0, 1, 2)] == [
            "01:00:00;25", "01:00:00;25", "01:00:00;26",
        ]  # fmt: skip


@pytest.mark.parametrize("suffix", KEYS)
def test_chapters_and_texts_of_every_kind_do_no_harm(
    suffix: str, segments_of: Callable[..., list[Segment]], tmp_path: Path
) -> None:
    chapters = [chapter(0, 1000, "first"), chapter(800, 1600, "second"), chapter(1200, 9000, "t" * 100_000)]
    texts = {"title": "x" * 200_000, "comment": "bell \a here"}
    source = write_described(tmp_path / "film.mkv", chapters=chapters, metadata=texts)
    output = tmp_path / f"out{suffix}"
    notes = join(source, output, segments_of(suffix))
    assert any("chapters overlap or cannot be" in note for note in notes)
    assert any(note == "The film's title was cut to 4096 characters." for note in notes)
    with av.open(str(output)) as container:
        found = [
            (each["start"] * each["time_base"], each["metadata"]["title"]) for each in container.chapters()
        ]
        said = {key.lower(): text for key, text in container.metadata.items()}
        assert said["title"] == "x" * 4096 and said["comment"] == "bell  here"
    assert [start for start, _ in found] == [0, Fraction(4, 5), Fraction(6, 5)]
    assert [title[:10] for _, title in found] == ["first", "second", "t" * 10]


def test_chapters_are_put_in_order_and_apart() -> None:
    given = [
        chapter(800, 1600, "second"), chapter(-500, 1000, "first"), chapter(400, 400, "empty"),
        chapter(900, 300, "backwards"), chapter(10**15, 10**16, "never"),
    ]  # fmt: skip
    found, notices = complete(clipped_chapters(given, Fraction(1, 10), Fraction(3, 2)))
    assert [(each["start"], each["end"], each["metadata"]["title"]) for each in found] == [
        (0, 700, "first"), (700, 1400, "second"),
    ]  # fmt: skip
    assert [notice.text for notice in notices] == [
        "4 of the film's chapters overlap or cannot be; they are shortened or left out."
    ]
