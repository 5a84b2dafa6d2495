"""Folders of colour films as clips to train on or to validate with."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Progress, Update
from remaster_gui.base.timebase import FrameRange
from remaster_gui.evaluation.film_frames import LISTING, films_of
from remaster_gui.evaluation.held_out import may_be_learned
from remaster_gui.training.decoded_films import SHORTER_EDGE, cached_frames, cached_shots, open_frames

Split = Literal["train", "validation"]

_VALIDATION_SHARE = 0.15
"""Share of the films held out where no listing says which."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clip:
    """One shot of a film: neighbouring frames that show the same thing. Cheap to send to another process.

    `name` is the film's, followed by ``#`` and the first frame's index where the film has several shots;
    `cached` holds the decoded frames of the film, `span` says which of them are the shot's.
    """

    name: str
    film: Path
    cached: Path
    span: FrameRange

    @property
    def frames(self) -> Bytes:
        """The shot's frames, ``(T, H, W, 3)`` uint8 sRGB, mapped read-only from disk."""
        return open_frames(self.cached)[self.span.start : self.span.stop]


@dataclass(frozen=True)
class ClipLibrary:
    """The clips of one split of one folder, ordered by name."""

    clips: tuple[Clip, ...]

    @classmethod
    def open(
        cls,
        folder: Path,
        split: Split | None = None,
        cache: Path | None = None,
        shorter_edge: int = SHORTER_EDGE,
    ) -> Generator[Update, None, Self]:
        """Decode what is not in the cache yet and return the shots of `split` (None: of the whole folder).

        A split divides whole films, never their frames. It is read from `LISTING` where the folder has one;
        else the hash of a film's name decides, so that adding films moves none from one side to the other. Films
        that only judge (`remaster_gui.evaluation.held_out`) are in no split.
        Yields which film it is at, how far that is decoded, and what is wrong with it.

        Raises `StorageError` without folder, `SettingsError` when nothing is left to use, `MediaError` for a
        film that cannot be decoded.
        """
        films = _films(folder, split)
        clips = []
        for done, film in enumerate(films):
            yield Progress(done, len(films), doing=f"Preparing {film.name}", unit="films")
            cached = yield from cached_frames(film, cache, shorter_edge)
            spans = yield from cached_shots(film, cached)
            clips += [_clip(film, cached, span, is_all=len(spans) == 1) for span in spans]
        return cls(tuple(clips))

    def at_least(self, frames: int) -> Self:
        """Keep the clips that have this many frames; `SettingsError` when none has."""
        kept = tuple(clip for clip in self.clips if len(clip.frames) >= frames)
        for clip in self.clips:
            if clip not in kept:
                _log.info("%s is left out: it has fewer than %d frames", clip.name, frames)
        if not kept:
            raise SettingsError(f"No film has {frames} frames; choose shorter sequences or longer films.")
        return type(self)(kept)


def _clip(film: Path, cached: Path, span: FrameRange, *, is_all: bool) -> Clip:
    return Clip(film.name if is_all else f"{film.name}#{span.start}", film, cached, span)


def _films(folder: Path, split: Split | None) -> list[Path]:
    if (folder / LISTING).is_file():
        return films_of(folder, split or "all")
    films = films_of(folder, "all")
    if split is not None:
        films = [film for film in films if may_be_learned(film.name) and split_of(film.name) == split]
    if not films:
        raise SettingsError(
            f"The folder {folder} holds too few films to have some for {split}; add films or a {LISTING} "
            "with the columns name and split."
        )
    return films


def split_of(name: str) -> Split:
    """Return the split that a film of this name belongs to, the same in every folder that lists none."""
    number = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest())
    return "validation" if number / 2**64 < _VALIDATION_SHARE else "train"
