"""Films that are folders of pictures."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from remaster_gui.base.errors import MediaError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import pixels
from remaster_gui.media.faults import reading
from remaster_gui.media.film import Channels, ColorTags, Film, FilmInfo, Frame, FrameTimes, Pixels
from remaster_gui.media.orientation import oriented
from remaster_gui.media.pictures import PICTURE_SUFFIXES, decode_picture
from remaster_gui.media.tags import tags_of

DEFAULT_RATE = Fraction(24)

_PLACEHOLDER = re.compile(r"%0?(\d*)d|(#+)")
_CACHED_PICTURES = 4
_DECODING_THREADS = 2
_CHECKED_PICTURES = 24


def is_pattern(path: Path) -> bool:
    """Whether a name stands for numbered pictures: ``name.%06d.ext`` or ``name.######.ext``."""
    return _PLACEHOLDER.search(path.name) is not None and not path.exists()


def list_pictures(path: Path) -> list[Path]:
    """Pictures of a folder, or those whose names fit a pattern, in the order of their numbers.

    Raises `MediaError` where there are none or where they are of different kinds.
    """
    folder = path.parent if is_pattern(path) else path
    with reading(folder):
        if not folder.is_dir():
            raise MediaError(f"{folder} does not exist; check the path.")
        files = [each for each in folder.iterdir() if each.is_file()]
    if folder is path:
        found = [each for each in files if _is_picture(each)]
        if not found:
            raise MediaError(
                f"The folder {path} holds no pictures; choose one with PNG, TIFF, DPX, EXR or JPEG files."
            )
    else:
        name = _name_expression(path.name)
        found = [each for each in files if name.fullmatch(each.name)]
        if not found:
            raise MediaError(
                f"No picture in {folder} fits the name {path.name}; check the name and its digits."
            )
    kinds = Counter(each.suffix.lower() for each in found)
    if len(kinds) > 1:
        raise MediaError(
            f"{path} holds pictures of different kinds ({', '.join(sorted(kinds))}); "
            "name the ones that are meant, for instance as name.######.png."
        )
    return sorted(found, key=_natural_key)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def _name_expression(name: str) -> re.Pattern[str]:
    match = _PLACEHOLDER.search(name)
    assert match is not None
    digits = int(match[1]) if match[1] else len(match[2] or "")
    number = rf"\d{{{digits}}}" if digits > 1 else r"\d+"
    return re.compile(re.escape(name[: match.start()]) + number + re.escape(name[match.end() :]))


def _natural_key(path: Path) -> list[tuple[int, int | str]]:
    """Key by which 9.png comes before 10.png."""
    parts = re.split(r"(\d+)", path.name)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


def _holes(path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """Say in a sentence where numbers are missing between otherwise evenly numbered pictures."""
    numbers = [re.search(r"\d+$", each.stem) for each in files]
    if len(files) < 3 or len({each.stem.rstrip("0123456789") for each in files}) > 1 or None in numbers:
        return ()
    steps = [int(after[0]) - int(before[0]) for before, after in pairwise(filter(None, numbers))]
    usual = sorted(steps)[len(steps) // 2]
    first = next((at for at, step in enumerate(steps) if step > usual), None)
    if first is None:
        return ()
    return (
        f"Pictures are missing from {path}, the first between {files[first].name} and {files[first + 1].name}; "
        f"the {len(files)} that are there follow each other without a pause.",
    )


class SequenceFilm(Film):
    """A film of numbered pictures. Gaps in the numbers are not frames: each file is one frame, in order."""

    def __init__(self, path: Path, *, rate: Fraction | None = None, color: ColorTags | None = None) -> None:
        self._files = list_pictures(path)
        self._cache: OrderedDict[int, av.VideoFrame] = OrderedDict()
        opened = decode_picture(self._files[0])
        first = opened.frame
        turned = first.rotation % 180 != 0
        self._coded_size = (first.width, first.height)
        self._deep = pixels.picture_depth(first) > 8
        self._tags = color or tags_of(first, still=True)
        for number in np.unique(np.linspace(0, len(self._files) - 1, _CHECKED_PICTURES, dtype=int)):
            self._picture(int(number))
        rate = rate or DEFAULT_RATE
        self.info = FilmInfo(
            path=path,
            width=first.height if turned else first.width,
            height=first.width if turned else first.height,
            frame_count=len(self._files),
            rate=rate,
            pixel_aspect=1 / opened.pixel_aspect if turned else opened.pixel_aspect,
            rotation=int(first.rotation) % 360,
            field_order="progressive",
            bit_depth=pixels.picture_depth(first),
            color=self._tags,
            has_audio=False,
            timecode=opened.timecode,
            variable_rate=False,
            complete=True,
        )
        self.times: Sequence[Fraction] = FrameTimes(range(len(self._files)), 1 / rate)
        self.start_time = Fraction(0)
        self._problems = _holes(path, self._files)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is missing from the numbers; a picture that cannot be read is an error of its own."""
        return self._problems

    def read(self, index: int, channels: Channels = "luma") -> Frame:
        """Return frame ``index``; `MediaError` names the file where it is damaged or of another size."""
        self._check_index(index)
        picture = self._cache.get(index)
        if picture is None:
            picture = self._picture(index)
            self._cache[index] = picture
            if len(self._cache) > _CACHED_PICTURES:
                self._cache.popitem(last=False)
        return self._frame(index, picture, channels)

    def frames(self, span: FrameRange, channels: Channels = "luma") -> Iterator[Frame]:
        """Yield the frames of ``span`` in order; pictures are decoded ahead on other threads."""
        if len(span):
            self._check_index(span.start)
            self._check_index(span.stop - 1)
        ahead: deque[Future[Frame]] = deque()
        with ThreadPoolExecutor(_DECODING_THREADS) as pool:
            try:
                for index in span:
                    ahead.append(pool.submit(self._load, index, channels))
                    if len(ahead) > 2 * _DECODING_THREADS:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for waiting in ahead:
                    waiting.cancel()

    def close(self) -> None:
        """Forget the remembered pictures."""
        self._cache.clear()

    def _load(self, index: int, channels: Channels) -> Frame:
        return self._frame(index, self._picture(index), channels)

    def _picture(self, index: int) -> av.VideoFrame:
        path = self._files[index]
        picture = decode_picture(path).frame
        if (picture.width, picture.height) != self._coded_size:
            raise MediaError(
                f"{path} measures {picture.width}x{picture.height} pixels but the first picture "
                f"{self._coded_size[0]}x{self._coded_size[1]}; all frames of a film must have one size."
            )
        return picture

    def _frame(self, index: int, picture: av.VideoFrame, channels: Channels) -> Frame:
        array: Pixels = pixels.CONVERSIONS[channels](picture, self._tags)
        if self._deep and array.dtype == np.uint8:
            array = array.astype(np.uint16) * np.uint16(257)
        elif not self._deep and array.dtype == np.uint16:
            array = np.rint(array.astype(np.float32) / np.float32(257)).astype(np.uint8)
        return Frame(index, self.times[index], oriented(array, picture.rotation))
