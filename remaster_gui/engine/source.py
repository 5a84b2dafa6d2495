"""The film of a render as it was at the beginning; what becomes of it meanwhile is noticed."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import printable
from remaster_gui.engine.session import CancelledError
from remaster_gui.media import content_hash
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
            f"{printable(self._path)} was changed, replaced or removed while it was being rendered; bring it back as "
            "it was and run the same command again to go on, or run it with the new film to begin anew."
        )


def _state(path: Path) -> tuple[tuple[int, ...], ...]:
    """Ask the disk about a film without reading it; () where it is missing."""
    try:
        is_sequence = path.is_dir() or is_pattern(path)
        found = [each.stat() for each in (list_pictures(path) if is_sequence else [path])]
    except (OSError, MediaError):
        return ()
    return tuple((s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in found)
