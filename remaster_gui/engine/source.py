"""The film of a render as it was at the beginning; what becomes of it meanwhile is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.engine.session import CancelledError
from remaster_gui.media import Film, content_hash
from remaster_gui.media.sequences import is_pattern, list_pictures


class Source:
    """A film's content, told by its hash, and a way of asking whether it is still the same.

    To be made before the film is opened. Files that were touched or copied back are the same as long as their content
    is.
    """

    def __init__(self, path: Path, cancel: Event) -> None:
        """Note what the film looks like on disk; nothing is read yet."""
        self._path, self._cancel = path, cancel
        self._state = _state(path)
        self.digest = ""

    def identify(self) -> str:
        """Hash the film, which is open by now; raises `MediaError` if it was changed since, `CancelledError`."""
        self.digest = self._hash()
        if _state(self._path) != self._state:
            raise self._changed()
        return self.digest

    @property
    def stamp(self) -> str:
        """Sizes and times of change of its files, digested: the same from wherever they are looked at."""
        seen = repr([(size, changed) for _, _, size, changed, _ in self._state])
        return hashlib.blake2b(seen.encode(), digest_size=16).hexdigest()

    def recognize(self, digest: str, stamp: str) -> None:
        """Take the film for the one of a job, which takes long only if it was touched or copied since.

        Raises `MediaError` where its content is another one, `CancelledError`.
        """
        if self.stamp != stamp and self._hash() != digest:
            raise MediaError(
                tr(
                    "{path} is not the film that the job was planned for; bring that back, or plan the "
                    "job again.",
                    path=printable(self._path),
                )
            )
        self.digest = digest

    def check(self) -> None:
        """Raise `MediaError` if the film has become another one or is gone; takes long only if it was touched."""
        state = _state(self._path)
        if state == self._state:
            return
        if not state or self._hash() != self.digest or _state(self._path) != state:
            raise self._changed()
        self._state = state

    def _hash(self) -> str:
        digest = content_hash(self._path, self._cancel)
        if self._cancel.is_set():
            raise CancelledError
        return digest

    def _changed(self) -> MediaError:
        return MediaError(
            tr(
                "{path} was changed, replaced or removed while it was being rendered; bring it back as "
                "it was and run the same command again to go on, or run it with the new film to begin anew.",
                path=printable(self._path),
            )
        )


def _state(path: Path) -> tuple[tuple[int, ...], ...]:
    """Ask the disk about a film without reading it; () where it is missing."""
    try:
        is_sequence = path.is_dir() or is_pattern(path)
        found = [each.stat() for each in (list_pictures(path) if is_sequence else [path])]
    except (OSError, MediaError):
        return ()
    return tuple((s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in found)


def film_notices(film: Film, *, deinterlace: bool) -> Iterator[Notice]:
    """Say what has been found wrong with a film so far."""
    yield from film.notices()
    if film.info.field_order != "progressive" and not deinterlace:
        yield Notice(
            "warning",
            tr(
                "The film is interlaced and its fields are restored as they lie; have them joined first, by "
                "File > Join interlaced fields in the editor or by --deinterlace on the command line."
            ),
        )
    if film.info.field_order == "progressive" and deinterlace:
        yield Notice(
            "note",
            tr(
                "Nothing in the film says that it is interlaced; its fields are joined as if the upper one came first. "
                "Leave that out if whole frames become softer by it."
            ),
        )


def check_readable(film: Film, *, strict: bool) -> None:
    """Raise `MediaError` for a damaged film where that is not to be rendered."""
    if strict and film.problems:
        raise MediaError(film.problems[0])
