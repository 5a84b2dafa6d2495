"""What is opened as a film and what is not: formats of a list, one file and no other, within bounds, at will."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread

import av
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import decoder, limits, open_film
from remaster_gui.media import fixed_file as source
from remaster_gui.media.faults import reading, writing
from remaster_gui.media.fixed_file import FixedFile, OpeningCancelledError
from remaster_gui.media.streams import FORMATS, FilmInput

from .conftest import FILMS, FRAMES, barcode, read_barcode, write_film

Reader = Callable[[np.ndarray], int]
Ending = Callable[[], AbstractContextManager[None]]


def sentence(path: Path) -> str:
    """Open what is no film; returns the one sentence that is said."""
    with pytest.raises(MediaError) as caught:
        open_film(path)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and str(path) in text
    return text


class TestPlaylists:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("live.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfilm.ts\n"),
            ("itself.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nitself.m3u8\n#EXT-X-ENDLIST\n"),
            ("list.ffconcat", "ffconcat version 1.0\nfile film.ts\n"),
            ("list.txt", "ffconcat version 1.0\nfile film.ts\n"),
            ("list.mpd", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>'),
            ("list.xml", '<?xml version="1.0"?><CompositionPlaylist></CompositionPlaylist>'),
            ("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n"),
            ("list.pls", "[playlist]\nFile1=film.ts\n"),
            ("list.cue", 'FILE "film.ts" BINARY\n'),
            ("list.asx", '<asx><entry><ref href="film.ts"/></entry></asx>'),
            ("list.mov", "#EXTM3U\n#EXTINF:1,\nfilm.ts\n#EXT-X-ENDLIST\n"),
            ("list.ts", "#EXTM3U\r\n#EXTINF:1,\r\nfilm.ts\r\n#EXT-X-ENDLIST\r\n"),
            ("list.wpl", '\ufeff<?wpl version="1.0"?>'),
            ("graph.lavfi", "testsrc"),
            ("notes.txt", "Reel 1\n"),
        ],
    )
    def test_are_not_films(self, name: str, text: str, clips, tmp_path: Path) -> None:
        (tmp_path / "film.ts").write_bytes(clips.film("h264-ts").read_bytes())
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert "playlist" in sentence(tmp_path / name)

    def test_nor_are_names_that_mean_something_to_the_library(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.chdir(tmp_path)
        for name in (
            "lavfi:testsrc",
            "concat:a.ts|b.ts",
            "http://127.0.0.1/film.ts",
            "pipe:0",
            "testsrc",
            "crypto:a",
        ):
            assert "does not exist" in sentence(Path(name))

    def test_only_formats_of_the_list_are_read(self, tmp_path: Path) -> None:
        """Single pictures under another name, and subtitles, are formats that the library knows."""
        for name, data in (
            ("one.mov", b"\x89PNG\r\n\x1a\n" + bytes(200)),
            ("two.mov", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello \x01\n"),
        ):
            (tmp_path / name).write_bytes(data)
            sentence(tmp_path / name)
        known = {name for each in av.formats_available for name in each.split(",")}
        assert set(FORMATS) <= known


class TestNoFiles:
    def test_pipes_sockets_devices_and_folders(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.mov")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "socket.mov"))
            for path in (tmp_path / "pipe.mov", tmp_path / "socket.mov", Path("/dev/zero")):
                assert "not a file with content of its own" in sentence(path)
        (tmp_path / "link.mov").symlink_to(tmp_path / "pipe.mov")
        assert "not a file with content of its own" in sentence(tmp_path / "link.mov")
        (tmp_path / "loop.mov").symlink_to(tmp_path / "loop.mov")
        sentence(tmp_path / "loop.mov")

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "film.mov").touch()
        assert "is empty" in sentence(tmp_path / "film.mov")

    def test_name_that_is_no_text(self, clips, tmp_path: Path) -> None:
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xfclm.mkv"))
        path.write_bytes(clips.film("ffv1-mkv").read_bytes())
        with open_film(path) as film:
            assert film.info.frame_count == 40


class TestTracks:
    @pytest.mark.parametrize("count", [4, 12])
    def test_a_still_picture_before_the_film(self, count: int, tmp_path: Path, shown: Reader) -> None:
        path = tmp_path / "film.mkv"
        with av.open(str(path), "w") as container:
            still = container.add_stream("mjpeg", rate=25)
            still.width, still.height, still.pix_fmt = 64, 64, "yuvj420p"
            still.disposition = av.stream.Disposition.default
            film = container.add_stream("mpeg4", rate=25)
            film.width, film.height, film.pix_fmt = 96, 64, "yuv420p"
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64), np.uint8), "gray").reformat(
                format="yuvj420p"
            )
            container.mux([*still.encode(picture), *still.encode(None)])
            for index in range(count):
                frame = av.VideoFrame.from_ndarray(barcode(index), "gray").reformat(format="yuv420p")
                container.mux(film.encode(frame))
            container.mux(film.encode(None))
        with open_film(path) as opened:
            assert (opened.info.frame_count, opened.info.width) == (count, 96)
            assert [shown(frame.pixels) for frame in opened.frames(FrameRange(0, count))] == list(
                range(count)
            )
            assert shown(opened.read(3).pixels) == 3

    @pytest.mark.parametrize("name", ["mpeg4-avi", "mjpeg-avi"])
    def test_unknown_codec(self, name: str, clips, tmp_path: Path) -> None:
        data = clips.film(name).read_bytes()
        for code in (b"FMP4", b"MJPG"):
            data = data.replace(code, b"QQ7Z")
        (tmp_path / "film.avi").write_bytes(data)
        assert "not known here" in sentence(tmp_path / "film.avi")

    @pytest.mark.parametrize("suffix", [".avi", ".mov", ".mkv", ".ts"])
    def test_titles_that_are_no_text(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"film{suffix}"
        with av.open(str(path), "w") as container:
            container.metadata["title"] = container.metadata["service_name"] = "Der Fall XYZ"
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            for index in range(30):
                frame = av.VideoFrame.from_ndarray(barcode(index), "gray").reformat(format="yuv420p")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        data = path.read_bytes()
        assert b"Der Fall XYZ" in data
        path.write_bytes(data.replace(b"Der Fall XYZ", b"Der F\xe4ll \xff\xfe\x80"))
        with open_film(path) as film:
            assert film.info.frame_count == 30

    def test_too_many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("remaster_gui.media.streams.MOST_TRACKS", 2)
        path = tmp_path / "film.mkv"
        with av.open(str(path), "w") as container:
            tracks = [container.add_stream("mpeg4", rate=25) for _ in range(3)]
            packets = []
            for track in tracks:
                track.width, track.height, track.pix_fmt = 96, 64, "yuv420p"
                frame = av.VideoFrame.from_ndarray(barcode(1), "gray").reformat(format="yuv420p")
                packets += [*track.encode(frame), *track.encode(None)]
            container.mux(packets)
        assert "more than 2 tracks" in sentence(path)


class TestLimits:
    def test_frames(self, clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("remaster_gui.media.index.MOST_FRAMES", 30)
        path = tmp_path / "film.mkv"
        path.write_bytes(clips.film("ffv1-mkv").read_bytes())
        assert "more than 30 frames" in sentence(path)

    def test_large_pictures_are_told_before_they_are_decoded(self, clips, tmp_path: Path) -> None:
        data = clips.film("ffv1-mkv").read_bytes()
        assert data.count(b"\xb0\x81\x60\xba\x81\x40") == 1
        path = tmp_path / "film.mkv"
        path.write_bytes(data.replace(b"\xb0\x81\x60\xba\x81\x40", b"\xb0\x82\xea\x60\xba\x80"))
        sentence(path)

    def test_allocations_of_the_library(self) -> None:
        limits.limit_allocations()
        with pytest.raises(MemoryError):
            av.VideoFrame(16000, 16000, "rgba64le")
        assert av.VideoFrame(4096, 2160, "rgba64le").planes[0].buffer_size > 0

    def test_large_packets(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The library takes a large packet in parts, each asked of the file."""
        monkeypatch.setattr(source, "LARGEST_PACKET", 32 * 2**20)
        path = tmp_path / "film.bin"
        with path.open("wb") as file:
            file.truncate(200 * 2**20)
        file = FixedFile(path)
        while file.read(20 * 2**20):
            pass
        with pytest.raises(MediaError, match="one picture takes more than 32 MB"):
            file.check()
        file.close()

    @pytest.mark.parametrize(
        "text", ["1e999999999:00:00", "00:00:1/0", "00:00:01e99999999", "9" * 9000 + ":0:0"]
    )
    def test_durations_that_are_bombs(self, text: str, tmp_path: Path, ending: Ending) -> None:
        path = tmp_path / "film.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.metadata["NOITARUD"] = text
            for index in range(3):
                frame = av.VideoFrame.from_ndarray(barcode(index), "gray").reformat(format="yuv420p")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        path.write_bytes(path.read_bytes().replace(b"NOITARUD", b"DURATION"))
        with ending(), open_film(path) as film:
            assert film.info.frame_count == 3


class TestTime:
    def test_a_library_that_turns_in_circles(self, clips, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source, "LONGEST_LIBRARY_SECONDS", -1)
        assert "cannot be made sense of" in sentence(clips.film("h264-mp4"))

    def test_a_hole_of_terabytes(self, clips, tmp_path: Path, ending: Ending) -> None:
        """A file that begins as programme stream and goes on with nothing."""
        path = tmp_path / "film.vob"
        path.write_bytes(clips.film("mpeg2-ps").read_bytes()[:64])
        os.truncate(path, 2**40)
        with ending():
            sentence(path)

    @pytest.mark.parametrize("start", [0, 200_000, 2**31])
    def test_a_hole_in_a_format_without_marks(self, start: int, tmp_path: Path, ending: Ending) -> None:
        """What is not there would be frame upon frame of DV."""
        path = tmp_path / "film.dv"
        path.write_bytes(b"\x1f\x07\x00" + bytes(200_000))
        with path.open("r+b") as file:
            for at in range(2**29, start, 2**29):
                file.seek(at)
                file.write(b"x")
        os.truncate(path, start + 2**40)
        with ending():
            assert "in one piece" in sentence(path)

    def test_a_film_before_a_gap(self, clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Recorders set room aside that a power cut leaves empty."""
        monkeypatch.setattr(source, "LARGEST_GAP", 2**22)
        path = tmp_path / "film.mpg"
        path.write_bytes(clips.film("mpeg2-ps").read_bytes() + bytes(2**24))
        with open_film(path) as film:
            assert film.info.frame_count in (FRAMES - 1, FRAMES) and not film.info.complete
            assert any("cut short or damaged" in problem for problem in film.problems)
            for index, frame in enumerate(film.frames(FrameRange(0, film.info.frame_count))):
                assert read_barcode(frame.pixels) == index

    def test_a_disk_that_does_not_answer(self, clips, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source, "LONGEST_DISK_SECONDS", -1)
        assert "takes longer than" in sentence(clips.film("h264-mp4"))

    def test_cancelled_before_it_begins(self, clips) -> None:
        cancel = Event()
        cancel.set()
        with pytest.raises(OpeningCancelledError, match="cancelled"):
            open_film(clips.film("h264-mp4"), cancel=cancel)

    def test_cancelled_while_the_film_is_read_through(
        self, clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "film.ts"
        path.write_bytes(clips.film("h264-ts").read_bytes() * 20)
        cancel, begun, reads = Event(), Event(), FixedFile.read

        def slow(self: FixedFile, count: int) -> bytes:
            begun.set()
            cancel.wait(60)
            return reads(self, count)

        monkeypatch.setattr(FixedFile, "read", slow)
        faults: list[BaseException] = []

        def attempt() -> None:
            try:
                open_film(path, cancel=cancel)
            except BaseException as error:
                faults.append(error)

        thread = Thread(target=attempt)
        thread.start()
        assert begun.wait(60)
        cancel.set()
        thread.join(20)
        assert isinstance(faults[0], OpeningCancelledError)


class TestFilesThatChange:
    @pytest.fixture(autouse=True)
    def _small_cache(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decoder, "CACHE_BYTES", 40_000)

    @pytest.mark.parametrize(
        "name", ["ffv1-mkv", "mjpeg-avi", "h264-mp4", "h264-ts", "mpeg2-ps", "prores-mov"]
    )
    def test_shorter(self, name: str, tmp_path: Path) -> None:
        kind = FILMS[name]
        path = tmp_path / f"film{kind.suffix}"
        rng = np.random.default_rng(0)
        write_film(path, kind, [rng.integers(0, 256, (64, 96), np.uint8) for _ in range(120)])
        with open_film(path) as film:
            film.read(60)
            os.truncate(path, path.stat().st_size // 4)
            for index in (100, 5, 119, 0, 60, 90):
                with pytest.raises(MediaError, match="has become shorter while it was open"):
                    for each in range(index, index + 1):
                        film.read(each)
                        film.read(119 - each)
        with pytest.raises(MediaError) if name in ("h264-mp4", "prores-mov") else open_film(path):
            open_film(path)

    @pytest.mark.parametrize("name", ["ffv1-mkv", "h264-mp4", "h264-ts"])
    def test_replaced_by_another(self, name: str, clips, tmp_path: Path, shown: Reader) -> None:
        """What was opened stays what it is."""
        path = tmp_path / clips.film(name).name
        path.write_bytes(clips.film(name).read_bytes())
        with open_film(path) as film:
            film.read(20)
            other = tmp_path / "other"
            other.write_bytes(b"something else entirely")
            other.replace(path)
            for index in (3, 39, 20, 0, 17):
                assert shown(film.read(index).pixels) == index

    @pytest.mark.parametrize("name", ["ffv1-mkv", "mjpeg-avi", "h264-ts"])
    def test_written_over(self, name: str, clips, tmp_path: Path) -> None:
        """Packets that are not those that were found at opening are never shown under a wrong number."""
        kind = FILMS[name]
        path = tmp_path / f"film{kind.suffix}"
        rng = np.random.default_rng(0)
        first = write_film(path, kind, [rng.integers(0, 256, (64, 96), np.uint8) for _ in range(60)])
        assert first is None
        size = path.stat().st_size
        with open_film(path) as film:
            film.read(30)
            write_film(path, kind, [rng.integers(0, 256, (64, 96), np.uint8) for _ in range(80)])
            assert path.stat().st_size > size
            with pytest.raises(MediaError, match="has changed since it was opened"):
                for index in range(60):
                    film.read(index)

    def test_longer(self, clips, tmp_path: Path, shown: Reader) -> None:
        """A film that is still being recorded is as long as it was when it was opened."""
        path = tmp_path / "film.ts"
        data = clips.film("h264-ts").read_bytes()
        path.write_bytes(data)
        with open_film(path) as film:
            with path.open("ab") as file:
                file.write(data)
            for index in (39, 0, 20):
                assert shown(film.read(index).pixels) == index


class TestTranslation:
    """The library's numbers are those of the operating system by chance."""

    @pytest.mark.parametrize("number", [1, 2, 13])
    def test_reading(self, number: int, tmp_path: Path) -> None:
        path = tmp_path / "film.mov"
        path.write_bytes(b"x")
        with pytest.raises(MediaError, match="damaged, cut short or of an unknown kind"), reading(path):
            av.error.err_check(-number)
        with pytest.raises(MediaError, match="does not exist"), reading(tmp_path / "none.mov"):
            av.error.err_check(-number)

    @pytest.mark.parametrize("number", [1, 13, 22])
    def test_writing(self, number: int, tmp_path: Path) -> None:
        with pytest.raises(MediaError, match="cannot be written in this format"), writing(tmp_path / "o.mov"):
            av.error.err_check(-number)

    def test_out_of_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mov"
        path.write_bytes(b"x")
        with pytest.raises(MediaError, match="needs more memory"), reading(path):
            av.error.err_check(-12)

    def test_packets_end_where_the_file_does(self, clips) -> None:
        file = FixedFile(clips.film("mpeg4-avi"))
        with FilmInput(file) as film:
            assert sum(1 for _ in film.packets(*film.container.streams)) == 40
            assert not film.damaged
            assert film.seek(0, film.container.streams.video[0])
            assert film.container.streams.video[0].time_base == Fraction(1001, 24000)
        file.close()
