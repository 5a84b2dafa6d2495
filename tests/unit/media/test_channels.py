"""Sound with any number and order of channels is decoded, each channel to its place, and never ends the process."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from remaster_gui.media.channels import AudioChannels, Resampler, settle_channels

RATE = 48000
SAMPLES = 3000
LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 6: "5.1", 8: "7.1"}


def write_sound(path: Path, count: int, order_tag: int | None = None) -> Path:
    """Packed PCM whose channels hold 500, 1000 and so on; `order_tag`: QuickTime's number of an order of channels."""
    layout = LAYOUTS.get(count, f"{count} channels")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout=layout)
        values = np.tile(np.arange(1, count + 1, dtype=np.int16) * 500, SAMPLES)[None]
        frame = av.AudioFrame.from_ndarray(values, "s16", layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if order_tag is not None:
        data = bytearray(path.read_bytes())
        at = data.index(b"chan") + 8
        data[at : at + 4] = order_tag.to_bytes(4, "big")
        path.write_bytes(data)
    return path


def decode(path: Path, layout: str) -> tuple[AudioChannels, np.ndarray]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        channels = settle_channels(stream.codec_context)
        resampler = Resampler(channels, sample_format="s16", layout=layout, rate=RATE)
        frames = [*container.decode(stream), None]
        return channels, np.concatenate([block for frame in frames for block in resampler.samples(frame)])


if __name__ == "__main__":
    found, sound = decode(Path(sys.argv[1]), sys.argv[2])
    print(found.count, found.layout, *sound[SAMPLES // 2])


def decode_apart(path: Path, layout: str) -> list[str]:
    """What `decode` finds, in a process of its own: what is tested would end this one."""
    command = [sys.executable, "-X", "faulthandler", __file__, str(path), layout]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert found.returncode == 0, found.stderr
    return found.stdout.split()


@pytest.mark.parametrize(
    ("count", "tag", "layout", "values"),
    [
        (8, 128 << 16 | 8, "7.1", (500, 1000, 1500, 2000, 3500, 4000, 2500, 3000)),
        (6, 124 << 16 | 6, "5.1(side)", (1000, 1500, 500, 3000, 2000, 2500)),
        (3, 150 << 16 | 3, "3.0", (500, 1500, 1000)),
    ],
)
def test_channels_in_an_order_of_the_files_own_go_to_their_places(
    count: int, tag: int, layout: str, values: tuple[int, ...], tmp_path: Path
) -> None:
    path = write_sound(tmp_path / "sound.mov", count, tag)
    assert decode_apart(path, layout) == [str(count), layout, *(str(value) for value in values)]


@pytest.mark.parametrize("count", [8, 6])
def test_an_order_of_the_files_own_can_be_heard_in_stereo(count: int, tmp_path: Path) -> None:
    tag = {8: 128 << 16 | 8, 6: 124 << 16 | 6}[count]
    path = write_sound(tmp_path / "sound.mov", count, tag)
    left, right = (int(value) for value in decode_apart(path, "stereo")[2:])
    assert left > 500 and right > 500


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 16, 24, 33, 64])
def test_any_number_of_channels_is_decoded(count: int, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "sound.mkv", count)
    channels, stereo = decode(path, "stereo")
    assert channels.count == count and stereo.shape == (SAMPLES, 2) and stereo.any()
    _, all_of_them = decode(path, f"{count} channels")
    assert all_of_them.shape == (SAMPLES, count)
    assert all_of_them[SAMPLES // 2].tolist() == [500 * number for number in range(1, count + 1)]


def test_sound_that_changes_its_format_in_midway_is_resampled_on() -> None:
    resampler = Resampler(AudioChannels(2, "stereo"), sample_format="s16", layout="stereo", rate=RATE)
    blocks = []
    for layout, rate in (("stereo", RATE), ("mono", RATE // 2), ("5.1", RATE)):
        count = av.AudioLayout(layout).nb_channels
        frame = av.AudioFrame.from_ndarray(np.full((1, 2400 * count), 900, np.int16), "s16", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        blocks += list(resampler.samples(frame))
    blocks += list(resampler.samples(None))
    assert sum(len(block) for block in blocks) == pytest.approx(2400 + 4800 + 2400, abs=64)
