"""Copies of reference pictures that lie in a folder: what is painted on later, or moved, does not change them."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import discard, printable, replace_bytes
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import NamedRegion
from remaster_gui.base.system import link_or_copy
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.sealed_records import file_digest
from remaster_gui.media import read_picture
from remaster_gui.media.faults import writing


def copy_reference(reference: Reference, path: Path) -> Reference:
    """Store a reference's picture without loss, as PNG, and beside it what strokes have painted, where any has.

    Returns the reference that reads the copies. Raises `StorageError`, and `MediaError` for a picture that cannot be
    had.
    """
    _write(reference, reference.load()[..., ::-1], path)
    strokes = None if reference.load_strokes is None or reference.frame is None else reference.load_strokes()
    if strokes is not None and strokes.any():
        _write(reference, strokes, _strokes_path(path))
    return with_strokes(dataclasses.replace(reference, load=partial(read_picture, path)), path)


def with_strokes(reference: Reference, path: Path) -> Reference:
    """Return a reference that reads what strokes have painted from beside the copy of its picture in `path`."""
    strokes = _strokes_path(path)
    load = partial(_read_strokes, strokes) if strokes.exists() else None
    return dataclasses.replace(reference, load_strokes=load)


def _strokes_path(path: Path) -> Path:
    return path.with_suffix(".strokes.png")


def _write(reference: Reference, pixels: Pixels, path: Path) -> None:
    known, code = cv2.imencode(".png", np.ascontiguousarray(pixels))
    if not known:
        raise StorageError(
            tr(
                "The reference {reference} cannot be copied; import it anew.",
                reference=printable(reference.name),
            )
        )
    with writing(path):
        replace_bytes(path, code.tobytes(), private=True)


def _read_strokes(path: Path) -> Bytes:
    return np.asarray(read_picture(path)[..., 0], np.uint8)


@dataclass(frozen=True, slots=True)
class KeptReference:
    """A reference whose picture lies in a folder; `content` is the digest of the file there, and of its strokes'.

    vivid: the same guess with the vividness that single shots have, each with its digest and that of its file.
    """

    name: str
    digest: str
    frame: int | None
    is_guessed: bool
    content: str
    vivid: tuple[tuple[float, str, str], ...] = ()
    validity: Validity = EVERYWHERE
    names: tuple[str, ...] = ()
    named: tuple[NamedRegion, ...] = ()

    @staticmethod
    def of(reference: Reference) -> KeptReference:
        """Take a reference that has no copy yet."""
        return KeptReference(
            reference.name,
            reference.digest,
            reference.frame,
            reference.is_guessed,
            "",
            validity=reference.validity,
            names=reference.names,
            named=reference.named,
        )

    @property
    def copies(self) -> Iterator[tuple[str, str]]:
        """Digests of all pictures, each with that of its file."""
        yield self.digest, self.content
        yield from ((digest, content) for _, digest, content in self.vivid)

    def digest_for(self, vividness: float) -> str:
        """Return the digest of what guides frames: of a guess that is as vivid as their settings say."""
        return next((digest for known, digest, _ in self.vivid if known == vividness), self.digest)

    def kept(
        self, reference: Reference, folder: Path, known: Mapping[str, str], vividness: Iterable[float]
    ) -> KeptReference:
        """Copy the picture into a folder, and that of a guess as vivid as each of `vividness` says.

        known: digests of files that an earlier run has made there, by those of the pictures.
        """
        content, vivid = _kept(reference, folder, known), list[tuple[float, str, str]]()
        if reference.as_vivid is not None:
            others = [(each, reference.as_vivid(each)) for each in vividness]
            vivid = [(each, other.digest, _kept(other, folder, known)) for each, other in others]
        return dataclasses.replace(self, content=content, vivid=tuple(vivid))

    def reference(self, folder: Path) -> Reference:
        """Return the reference that reads the copy; raises `StorageError` where that is not as it was written."""
        as_vivid = partial(self._as_vivid, folder) if self.vivid else None
        return self._read(folder, self.digest, self.content, as_vivid)

    def _as_vivid(self, folder: Path, vividness: float) -> Reference:
        for known, digest, content in self.vivid:
            if known == vividness:
                return self._read(folder, digest, content, partial(self._as_vivid, folder))
        raise ValueError(f"no guess with a vividness of {vividness} was planned")

    def _read(
        self, folder: Path, digest: str, content: str, as_vivid: Callable[[float], Reference] | None
    ) -> Reference:
        path = _path(folder, digest)
        if not _is_sound(path, content):
            raise StorageError(
                tr(
                    "The copy of the reference {name} in {folder} is missing or damaged; run "
                    "the command that began the job again, which makes it anew.",
                    name=printable(self.name),
                    folder=printable(folder),
                )
            )
        load = partial(read_picture, path)
        reference = Reference(
            self.name, digest, load, self.frame, self.is_guessed, as_vivid, validity=self.validity,
            names=self.names, named=self.named,
        )  # fmt: skip
        return with_strokes(reference, path)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        plain = dataclasses.asdict(dataclasses.replace(self, validity=EVERYWHERE, named=()))
        named = [each.as_data() for each in self.named]
        return plain | {"validity": self.validity.as_data(), "named": named}

    @staticmethod
    def from_dict(data: Any) -> KeptReference:
        """Read what `as_dict` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        frame = said["frame"]
        return KeptReference(
            plain_data.text(said["name"]),
            plain_data.text(said["digest"]),
            None if frame is None else plain_data.whole(frame),
            plain_data.switch(said["is_guessed"]),
            plain_data.text(said["content"]),
            tuple(_vivid(each) for each in plain_data.listed(said["vivid"])),
            Validity.of_data(said["validity"]),
            tuple(plain_data.text(each) for each in plain_data.listed(said["names"])),
            tuple(NamedRegion.of_data(each) for each in plain_data.listed(said["named"])),
        )


def _vivid(data: Any) -> tuple[float, str, str]:
    vividness, digest, content = plain_data.listed(data)
    return plain_data.number(vividness, 0.0, 1.0), plain_data.text(digest), plain_data.text(content)


def _kept(reference: Reference, folder: Path, known: Mapping[str, str]) -> str:
    path, content = _path(folder, reference.digest), known.get(reference.digest)
    if content is None or not _is_sound(path, content):
        with writing(path):
            discard(path)
            discard(_strokes_path(path))
        copy_reference(reference, path)
        content = _content(path)
    return content


def take_copy(reference: KeptReference, source: Path, folder: Path) -> None:
    """Take over the copies of a reference from another folder, where they are not there yet. Raises `StorageError`."""
    for digest, _ in reference.copies:
        path, other = _path(folder, digest), _path(source, digest)
        with writing(path):
            for mine, theirs in ((path, other), (_strokes_path(path), _strokes_path(other))):
                if theirs.is_file() and not mine.exists():
                    link_or_copy(theirs, mine)


def _path(folder: Path, digest: str) -> Path:
    """Name the copy of a picture; digests of pictures that are painted are no names of files."""
    return folder / f"{hashlib.blake2b(digest.encode(), digest_size=16).hexdigest()}.png"


def _is_sound(path: Path, content: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return _content(path) == content
    return False


def _content(path: Path) -> str:
    """Identify a copy, with what strokes have painted on it."""
    strokes = _strokes_path(path)
    return file_digest(path) + (f"+{file_digest(strokes)}" if strokes.exists() else "")
