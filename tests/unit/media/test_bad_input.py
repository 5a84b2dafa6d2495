"""Everything that can be wrong with a film or picture is told in one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, RemasterError, SettingsError, StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import (
    PRESETS,
    Segment,
    SegmentWriter,
    assemble,
    check_output,
    content_hash,
    open_film,
    read_picture,
)

Reader = Callable[[np.ndarray], int]


def sentence(call: Callable[[], object], kind: type[RemasterError] = MediaError) -> str:
    """The one sentence with which ``call`` fails."""
    with pytest.raises(kind) as caught:
        call()
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and "Errno" not in text and "Traceback" not in text
    return text


def write_tiny(path: Path, width: int, height: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "gray"
        frame = av.VideoFrame.from_ndarray(np.zeros((height, width), np.uint8), "gray")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_segment(path: Path) -> Segment:
    with SegmentWriter(path, PRESETS["ffv1-16"], 64, 64, Fraction(24)) as writer:
        writer.write(np.zeros((64, 64, 3), np.float32), Fraction(0))
    return Segment(path, writer.frames)


class TestFilms:
    def test_missing(self, tmp_path: Path) -> None:
        assert "does not exist" in sentence(lambda: open_film(tmp_path / "absent.mp4"))

    def test_link_in_a_circle(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mp4"
        path.symlink_to(path)
        check_output(tmp_path / "out.mkv", path)
        assert str(path) in sentence(lambda: open_film(path))

    @pytest.mark.parametrize("name", ["notes.mp4", "notes.mov", "notes.txt", "notes.mkv", "notes"])
    def test_text(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / name
        path.write_text("Once upon a time there was no film at all.\n" * 200)
        assert str(path) in sentence(lambda: open_film(path))

    def test_empty_file(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mp4"
        path.touch()
        sentence(lambda: open_film(path))

    @pytest.mark.parametrize("target", ["pipe", "/dev/zero"])
    def test_what_would_never_end(self, target: str, tmp_path: Path) -> None:
        path = tmp_path / "film.mp4"
        if target == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to(target)
        assert str(path) in sentence(lambda: open_film(path))

    def test_only_sound(self, tmp_path: Path) -> None:
        path = tmp_path / "sound.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=48000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), "fltp", "mono")
            frame.sample_rate = 48000
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        assert "no picture track" in sentence(lambda: open_film(path))

    def test_no_frames(self, tmp_path: Path) -> None:
        path = tmp_path / "film.avi"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mjpeg", rate=24)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
            container.start_encoding()
        assert "without a single frame" in sentence(lambda: open_film(path))

    @pytest.mark.parametrize(("width", "height"), [(1, 1), (16384, 16)])
    def test_sizes_that_are_no_film(self, width: int, height: int, tmp_path: Path) -> None:
        path = write_tiny(tmp_path / "film.mkv", width, height)
        assert f"{width}x{height}" in sentence(lambda: open_film(path))

    @pytest.mark.parametrize(
        "name", ["9:30.mkv", "file:x.mkv", "-.mkv", "100%.mkv", "alter Film „Ü“ 映画.mkv"]
    )
    def test_any_name_will_do(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The codec library has a meaning of its own for some."""
        monkeypatch.chdir(tmp_path)
        write_tiny(tmp_path / "film.mkv", 64, 64).rename(tmp_path / name)
        with open_film(name) as film:
            segment = write_segment(Path(f"part {name}"))
            list(
                assemble(Path(f"new {name}"), [segment], PRESETS["ffv1-16"], rate=film.info.rate, source=film)
            )
        with open_film(f"new {name}") as film:
            assert film.info.frame_count == 1

    def test_a_single_picture(self, clips) -> None:
        picture = next(clips.sequence("png").iterdir())
        assert "single picture" in sentence(lambda: open_film(picture))

    def test_rate_for_a_file_that_has_one(self, clips) -> None:
        path = clips.film("ffv1-mkv")
        assert "rate of its own" in sentence(lambda: open_film(path, rate=Fraction(18)), SettingsError)

    def test_deinterlacing_pictures(self, clips) -> None:
        folder = clips.sequence("png")
        assert "whole pictures" in sentence(lambda: open_film(folder, deinterlace=True), SettingsError)

    def test_range_outside_a_sequence(self, clips) -> None:
        with open_film(clips.sequence("png")) as film:
            assert "outside" in sentence(lambda: list(film.frames(FrameRange(30, 41))), SettingsError)


class TestTruncatedFilms:
    @pytest.mark.parametrize("name", ["prores-mov", "ffv1-mkv", "mjpeg-avi", "h264-ts", "mpeg2-ps"])
    @pytest.mark.parametrize("part", [0.6, 0.85])
    def test_the_readable_part_is_a_film(
        self, name: str, part: float, clips, tmp_path: Path, shown: Reader
    ) -> None:
        whole = clips.film(name)
        path = tmp_path / whole.name
        data = whole.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])
        if name == "prores-mov":
            # The table of such files is at their end; without it nothing can be found.
            sentence(lambda: open_film(path))
            return
        with open_film(path) as film:
            count = film.info.frame_count
            # Headers and the padding at the end of a programme stream take their share of the bytes.
            assert 5 < count < clips.frames or (name == "mpeg2-ps" and count == clips.frames)
            numbers = [shown(frame.pixels) for frame in film.frames(FrameRange(0, count))]
            # The very last frames may be torn.
            assert numbers[:-3] == list(range(count - 3))
            if name in ("ffv1-mkv", "mjpeg-avi"):
                assert not film.info.complete
                assert f"{count} frames" in film.problems[0] and film.problems[0].endswith(".")

    def test_table_first_and_frames_missing(self, clips, tmp_path: Path, shown: Reader) -> None:
        """MP4 with its table at the start, the kind that half-finished downloads are."""
        path = tmp_path / "film.mp4"
        with (
            av.open(str(clips.film("h264-mp4"))) as source,
            av.open(str(path), "w", options={"movflags": "faststart"}) as target,
        ):
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    target.mux(packet)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * 0.7)])
        with open_film(path) as film:
            count = film.info.frame_count
            assert not film.info.complete and len(film.problems) == 1
            assert 8 < count < clips.frames
            assert [shown(frame.pixels) for frame in film.frames(FrameRange(0, count))] == list(range(count))
            assert film.info.rate == Fraction(24000, 1001)

    def test_a_hole_is_bridged_by_the_frame_before(self, clips, tmp_path: Path, shown: Reader) -> None:
        """Zeroed data in mid-film costs the frames in it, not their places or those after them."""
        path = tmp_path / "film.mkv"
        with av.open(str(clips.film("ffv1-mkv"))) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
        data = bytearray(clips.film("ffv1-mkv").read_bytes())
        for packet in packets[20:22]:
            start = data.index(bytes(packet))
            data[start : start + packet.size] = bytes(packet.size)
        path.write_bytes(data)
        with open_film(path) as film:
            numbers = [shown(frame.pixels) for frame in film.frames(FrameRange(0, clips.frames))]
            assert len(numbers) == clips.frames
            assert numbers[:20] == list(range(20)) and numbers[22:] == list(range(22, clips.frames))


class TestSequences:
    def test_empty_folder(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").touch()
        assert "no pictures" in sentence(lambda: open_film(tmp_path))

    @pytest.mark.parametrize("name", ["shot.%06d.png", "shot.####.png"])
    def test_no_picture_fits(self, name: str, tmp_path: Path) -> None:
        assert "fits the name" in sentence(lambda: open_film(tmp_path / name))
        assert "does not exist" in sentence(lambda: open_film(tmp_path / "absent" / name))

    def test_mixed_sizes(self, tmp_path: Path) -> None:
        for index in range(5):
            cv2.imwrite(str(tmp_path / f"{index}.png"), np.zeros((64, 64 + 16 * (index == 3)), np.uint8))
        assert "80x64" in sentence(lambda: open_film(tmp_path))

    def test_mixed_kinds(self, tmp_path: Path) -> None:
        for name in ("1.png", "2.jpg"):
            cv2.imwrite(str(tmp_path / name), np.zeros((64, 64), np.uint8))
        assert "different kinds" in sentence(lambda: open_film(tmp_path))

    @pytest.mark.parametrize(
        ("numbers", "between"),
        [
            ((0, 1, 2, 5, 6), ("000002", "000005")),
            ((86400, 86401, 86403, 86404), ("086401", "086403")),
            ((10, 20, 30, 40), None),
            ((7, 9), None),
            ((3,), None),
        ],
    )
    def test_missing_pictures_are_told(
        self, numbers: tuple[int, ...], between: tuple[str, str] | None, tmp_path: Path
    ) -> None:
        for number in numbers:
            cv2.imwrite(str(tmp_path / f"scan.{number:06d}.png"), np.zeros((64, 64), np.uint8))
        with open_film(tmp_path) as film:
            assert film.info.frame_count == len(numbers)
            problems = film.problems
        assert len(problems) == (between is not None)
        assert all(f"scan.{number}.png" in problems[0] for number in between or ())

    def test_pictures_with_names_of_their_own_are_not_missed(self, tmp_path: Path) -> None:
        for name in ("a1.png", "b2.png", "c9.png", "d.png"):
            cv2.imwrite(str(tmp_path / name), np.zeros((64, 64), np.uint8))
        with open_film(tmp_path) as film:
            assert film.problems == ()

    @pytest.mark.parametrize("name", ["", "scan.%d.png"])
    def test_pipes_are_no_pictures(self, name: str, tmp_path: Path) -> None:
        for number in range(3):
            cv2.imwrite(str(tmp_path / f"scan.{number}.png"), np.zeros((64, 64), np.uint8))
        os.mkfifo(tmp_path / "scan.3.png")
        with open_film(tmp_path / name) as film:
            assert film.info.frame_count == 3


class TestPictures:
    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".exr", ".dpx", ".webp"])
    def test_unreadable(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"reference{suffix}"
        path.write_text("not a picture")
        assert str(path) in sentence(lambda: read_picture(path))
        path.write_bytes(b"")
        sentence(lambda: read_picture(path))

    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".bmp"])
    def test_cut_short(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"reference{suffix}"
        cv2.imwrite(str(path), np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))
        path.write_bytes(path.read_bytes()[:300])
        assert str(path) in sentence(lambda: read_picture(path))

    def test_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "picture.png")
        assert "picture.png" in sentence(lambda: read_picture(tmp_path / "picture.png"))

    def test_missing_or_folder(self, tmp_path: Path) -> None:
        assert "does not exist" in sentence(lambda: read_picture(tmp_path / "absent.png"))
        assert "folder" in sentence(lambda: read_picture(tmp_path))

    def test_too_small(self, tmp_path: Path) -> None:
        cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((1, 1), np.uint8))
        assert "1x1" in sentence(lambda: read_picture(tmp_path / "dot.png"))


class TestOutput:
    def test_good_places(self, clips, tmp_path: Path) -> None:
        check_output(tmp_path / "out.mkv", clips.film("ffv1-mkv"))
        check_output(tmp_path / "out", is_folder=True)
        (tmp_path / "empty").mkdir()
        check_output(tmp_path / "empty", is_folder=True)
        assert [each.name for each in tmp_path.iterdir()] == ["empty"]

    def test_missing_folder(self, tmp_path: Path) -> None:
        assert "does not exist" in sentence(lambda: check_output(tmp_path / "a" / "out.mkv"), StorageError)

    def test_output_is_the_source(self, clips, tmp_path: Path) -> None:
        film = clips.film("ffv1-mkv")
        assert "is the film itself" in sentence(lambda: check_output(film, film), SettingsError)
        alias = tmp_path / "alias.mkv"
        alias.symlink_to(film)
        assert "is the film itself" in sentence(lambda: check_output(alias, film), SettingsError)
        folder = clips.sequence("png")
        assert "is the film itself" in sentence(
            lambda: check_output(folder, folder, is_folder=True), SettingsError
        )

    def test_wrong_kind_of_place(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "is a folder" in sentence(lambda: check_output(tmp_path), SettingsError)
        assert "is a file" in sentence(lambda: check_output(tmp_path / "file", is_folder=True), SettingsError)
        assert "already holds" in sentence(lambda: check_output(tmp_path, is_folder=True), SettingsError)

    @pytest.mark.parametrize(
        "number", ["ENOSPC", "EROFS", "EACCES", "ENOENT", "ENOTDIR", "ENAMETOOLONG", "EIO"]
    )
    def test_every_fault_of_a_disk_is_a_sentence(self, number: str, tmp_path: Path) -> None:
        import errno

        from remaster_gui.media.faults import storage_sentence

        error = OSError(getattr(errno, number), "raw text of the system")
        text = storage_sentence(tmp_path / "out.mkv", error)
        assert text.endswith(".") and "raw text" not in text.replace("(raw text of the system)", "")
        assert str(tmp_path) in text or "out.mkv" in text


class TestFaultsOfTheLibrary:
    def test_its_input_errors_are_damage(self, tmp_path: Path) -> None:
        import errno

        from remaster_gui.media.faults import reading

        (tmp_path / "film.mkv").write_bytes(b"film")

        def fail() -> None:
            with reading(tmp_path / "film.mkv"):
                raise av.OSError(errno.EIO, "Input/output error")

        assert "it is damaged" in sentence(fail, MediaError)

    def test_those_of_the_system_are_the_disks(self, tmp_path: Path) -> None:
        import errno

        from remaster_gui.media.faults import reading

        def fail() -> None:
            with reading(tmp_path / "film.mkv"):
                raise OSError(errno.EIO, "Input/output error")

        assert "check the disk" in sentence(fail, MediaError)


class TestContentHash:
    def test_follows_content_not_name(self, clips, tmp_path: Path) -> None:
        film = clips.film("ffv1-mkv")
        copy = tmp_path / "copy.mkv"
        copy.write_bytes(film.read_bytes())
        assert content_hash(copy) == content_hash(film)
        copy.write_bytes(film.read_bytes()[:-1] + b"x")
        assert content_hash(copy) != content_hash(film)

    def test_sequence_counts_every_picture_and_name(self, clips, tmp_path: Path) -> None:
        for picture in clips.sequence("png").iterdir():
            (tmp_path / picture.name).write_bytes(picture.read_bytes())
        whole = content_hash(tmp_path)
        assert whole == content_hash(clips.sequence("png")) == content_hash(tmp_path / "scan.######.png")
        first, second = sorted(tmp_path.iterdir())[:2]
        first.rename(tmp_path / "other.png")
        assert content_hash(tmp_path) != whole
        (tmp_path / "other.png").rename(first)
        second.unlink()
        assert content_hash(tmp_path) != whole

    def test_missing(self, tmp_path: Path) -> None:
        assert "does not exist" in sentence(lambda: content_hash(tmp_path / "absent.mp4"))
