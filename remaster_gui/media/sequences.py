"""Films that are folders of pictures."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.color_encoding import Encoding, tagged_encoding
from remaster_gui.media.faults import reading
from remaster_gui.media.film import Channels, ColorTags, Film, FilmInfo, Frame, FrameTimes
from remaster_gui.media.numbering import Numbered, arranged, gap, in_order, is_pattern, pattern_expression
from remaster_gui.media.picture_kinds import OTHER_SUFFIXES, READ_KINDS
from remaster_gui.media.pictures import PICTURE_SUFFIXES, Picture, decode_picture
from remaster_gui.media.pixels import at_depth
from remaster_gui.media.tags import LUMA_WEIGHTS

__all__ = ["DEFAULT_RATE", "SequenceFilm", "is_pattern", "list_pictures"]

DEFAULT_RATE = Fraction(24)

_CACHED_PICTURES = 4
_DECODING_THREADS = 2
_CHECKED_PICTURES = 24
_BRIDGED = 100
"""Unreadable pictures in a row for which a neighbour stands in; beyond, a disk is gone rather than a picture."""


def is_sequence(path: Path) -> bool:
    """Whether a path stands for pictures rather than for a film file."""
    return path.is_dir() or is_pattern(path)


def list_pictures(path: Path) -> list[Path]:
    """Pictures of a folder, or those whose names fit a pattern, in the order of their numbers.

    Raises `MediaError` where there are none, where they are of different kinds or make several sequences.
    """
    return list(_find(path).files)


def _find(path: Path) -> Numbered:
    folder = path.parent if is_pattern(path) else path
    with reading(folder):
        if not folder.is_dir():
            raise MediaError(tr("{folder} does not exist; check the path.", folder=folder))
        files = [each for each in folder.iterdir() if each.is_file()]
    if folder is path:
        found = [each for each in files if _is_picture(each)]
        if not found:
            raise MediaError(
                tr(
                    "The folder {path} holds no pictures; choose one with PNG, TIFF, DPX, EXR or JPEG files.",
                    path=path,
                )
            )
        _check_kinds(path, found)
        return arranged(path, found)
    numbered = in_order(files, pattern_expression(path.name))
    if not numbered.files:
        raise MediaError(
            tr(
                "No picture in {folder} fits the name {path}; check the name and its digits.",
                folder=folder,
                path=path.name,
            )
        )
    return numbered


def _check_kinds(path: Path, found: Sequence[Path]) -> None:
    kinds = Counter(each.suffix.lower() for each in found)
    if len(kinds) > 1:
        raise MediaError(
            tr(
                "{path} holds pictures of different kinds ({sorted}); "
                "name the ones that are meant, for instance as name.######.png.",
                path=path,
                sorted=", ".join(sorted(kinds)),
            )
        )


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def _faults_of_names(path: Path, numbered: Numbered) -> list[str]:
    """Say in sentences what names tell of pictures that are missing or do not belong here."""
    found = []
    missing = gap(numbered)
    if missing is not None:
        found.append(
            tr(
                "Pictures are missing from {path}, the first between {name} and {name2}; "
                "the {count} that are there follow each other without a pause.",
                path=path,
                name=missing[0].name,
                name2=missing[1].name,
                count=len(numbered.files),
            )
        )
    if numbered.strays:
        found.append(
            tr(
                "{name} in {path} is not numbered like the other pictures but read as a frame, too; "
                "name the sequence as name.######.ext to leave it out.",
                name=numbered.strays[0].name,
                path=path,
            )
        )
    return found


def _others(folder: Path) -> list[str]:
    """Say which files of a folder are pictures that are not read."""
    with reading(folder):
        names = [each.name for each in folder.iterdir() if each.suffix.lower() in OTHER_SUFFIXES]
    names = sorted(name for name in names if not name.startswith("."))
    if not names:
        return []
    which = (
        tr("{names} is", names=names[0])
        if len(names) == 1
        else tr("{names} and {count} more are", names=names[0], count=len(names) - 1)
    )
    return [
        tr(
            "{which} of a kind that is not read and left out of {folder}; save pictures as {read_kinds}.",
            which=which,
            folder=folder,
            read_kinds=READ_KINDS,
        )
    ]


class SequenceFilm(Film):
    """A film of numbered pictures. Gaps in the numbers are not frames: each file is one frame, in order.

    For a picture that cannot be read, or that has another size, the nearest readable one before it stands in (at the
    start of the film the first one after it), which `problems` says.
    """

    def __init__(self, path: Path, *, rate: Fraction | None = None, color: ColorTags | None = None) -> None:
        numbered = _find(path)
        others = [] if is_pattern(path) else _others(path)
        self._files = numbered.files
        self._cache: OrderedDict[int, Picture] = OrderedDict()
        self._lock = Lock()
        self._faults: dict[int, str] = {}
        self._told: dict[str, None] = dict.fromkeys([*_faults_of_names(path, numbered), *others])
        self._size: tuple[int, int] | None = None
        self._name = path.name
        first = self._look_through()
        self._size = first.size
        self._is_deep = first.codes.dtype != np.uint8
        own = ColorTags("rgb", "full", first.encoding.primaries, first.encoding.transfer)
        self._encoding: Encoding | None = None if color in (None, own) else tagged_encoding(color or own)
        rate = rate or DEFAULT_RATE
        self.info = FilmInfo(
            path=path,
            width=first.size[0],
            height=first.size[1],
            frame_count=len(self._files),
            rate=rate,
            pixel_aspect=first.pixel_aspect,
            rotation=0,
            field_order="progressive",
            bit_depth=first.bits,
            color=color or own,
            has_audio=False,
            timecode=first.timecode,
            variable_rate=False,
            complete=not self._faults,
            is_sequence=True,
            numbers=numbered.numbers,
        )
        self.times: Sequence[Fraction] = FrameTimes(range(len(self._files)), 1 / rate)
        self.start_time = Fraction(0)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is missing from the numbers, and every picture found so far for which another stands in."""
        with self._lock:
            return tuple(self._told)

    def read(self, index: int, channels: Channels = "luma") -> Frame:
        """Return frame ``index``; `MediaError` where no picture anywhere near it can be read."""
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

    def _look_through(self) -> Picture:
        """Try pictures all over the film; returns the first one that can be read, whose size is the film's."""
        first: Picture | None = None
        numbers = np.unique(np.linspace(0, len(self._files) - 1, _CHECKED_PICTURES, dtype=int))
        fault: MediaError | None = None
        for number in numbers:
            try:
                picture = decode_picture(self._files[number])
            except MediaError as error:
                fault = fault or error
                self._note(int(number), error)
                continue
            self._tell_colors(int(number), picture)
            first = first or picture
            self._check_like_first(int(number), picture, first.size)
        if first is None:
            assert fault is not None
            raise fault
        return first

    def _check_like_first(self, index: int, picture: Picture, size: tuple[int, int]) -> None:
        if picture.size != size:
            raise MediaError(
                tr(
                    "{files} measures {size}x{size2} pixels but the first picture "
                    "{size3}x{size4}; all frames of a film must have one size.",
                    files=self._files[index],
                    size=picture.size[0],
                    size2=picture.size[1],
                    size3=size[0],
                    size4=size[1],
                )
            )

    def _load(self, index: int, channels: Channels) -> Frame:
        return self._frame(index, self._picture(index), channels)

    def _picture(self, index: int) -> Picture:
        """Decode picture ``index``, or what stands in for it: the same, however one came to it."""
        before = range(index, max(-1, index - _BRIDGED), -1)
        after = range(index + 1, min(len(self._files), index + _BRIDGED)) if index < _BRIDGED else range(0)
        for number in (*before, *after):
            picture = self._readable(number)
            if picture is not None:
                return picture
        raise MediaError(self._faults[index])

    def _readable(self, index: int) -> Picture | None:
        with self._lock:
            if index in self._faults:
                return None
        try:
            picture = decode_picture(self._files[index])
            assert self._size is not None
            self._check_like_first(index, picture, self._size)
        except MediaError as error:
            self._note(index, error)
            return None
        self._tell_colors(index, picture)
        return picture

    def _tell_colors(self, index: int, picture: Picture) -> None:
        """Say once for the whole film what of its colours cannot be converted."""
        if picture.problem:
            with self._lock:
                self._told.setdefault(picture.problem.replace(self._files[index].name, self._name))

    def _note(self, index: int, error: MediaError) -> None:
        with self._lock:
            self._faults[index] = str(error)
            self._told.setdefault(
                tr(
                    "{error}; the nearest picture stands in for frame {index}.",
                    error=str(error).rstrip("."),
                    index=index,
                )
            )

    def _frame(self, index: int, picture: Picture, channels: Channels) -> Frame:
        array: NDArray[Any] = picture.srgb(self._encoding)
        array = np.ascontiguousarray(_in_channels(at_depth(array, deep=self._is_deep), channels))
        array.flags.writeable = False
        return Frame(index, self.times[index], array)


def _in_channels(array: NDArray[Any], channels: Channels) -> NDArray[Any]:
    """Luma (H, W), or RGB (H, W, 3), of sRGB; for "opencv" with 8 bits."""
    if channels == "luma":
        if array.ndim == 2:
            return array
        red, blue = LUMA_WEIGHTS["rgb"]
        return cv2.transform(array, np.array([[red, 1 - red - blue, blue]]))
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if channels == "opencv" and array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    return array
