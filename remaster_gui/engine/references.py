"""References, wherever their pictures come from, and the features that the network draws from each, computed once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
import torch

from remaster_gui.base.arrays import Float, Mask, Pixels
from remaster_gui.base.byte_cache import ByteCache
from remaster_gui.base.color import to_unit
from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import NamedRegion, identity_of
from remaster_gui.base.notices import Notice
from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.engine.frame_names import frame_named
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.sizes import Size, resize, working_size
from remaster_gui.media import PICTURE_SUFFIXES, read_picture
from remaster_gui.media.faults import reading
from remaster_gui.media.picture_kinds import READ_KINDS
from remaster_gui.media.pictures import decode_picture
from remaster_gui.media.stills import other_kind
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.lab import LUMA
from remaster_gui.painting.region import laid_over

DEFAULT_BUDGET = 2 * 2**30
_LARGE = 64 * 2**20
"""Bytes of a picture that is not turned into floats as a whole."""
_STRIP = 256
_LEAST_WITHIN = 1 / 8
"""Part of a pixel that has to lie within a region for its colour to be told from what lies outside."""
_NAMED = 5
"""Files that are named one by one where they are not used."""


def find_references(
    folder: Path,
    frame_count: int,
    numbers: Sequence[int] | None = None,
) -> Generator[Notice, None, list[Reference]]:
    """List the pictures of a folder (or the one picture that `folder` is), in order of their names.

    ``ref_000123.png`` and ``0000874_out.png`` are tied to frames 123 and 874 of a film that has so many; where the
    pictures of the film bear `numbers` of their own (rising), to the pictures of these numbers. Yields a notice
    about what lies in the folder and is not used, and for every picture whose colours are a guess. Raises
    `SettingsError` for a missing or empty folder and `MediaError` for a file that ends like a picture and is none.
    """
    others: list[Path] = []
    with reading(folder):
        if folder.is_file():
            paths = [folder]
        elif folder.is_dir():
            shown = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
            paths = [path for path in shown if path.suffix.lower() in PICTURE_SUFFIXES]
            others = [path for path in shown if path not in set(paths)]
        elif folder.exists():
            raise SettingsError(
                tr("{path} is not a file with content of its own; choose a film or picture.", path=folder)
            )
        else:
            raise SettingsError(
                tr("There is no folder of references {folder}; check the path.", folder=folder)
            )
    if not paths:
        instead = tr(" but {listed}", listed=_listed(others)) if others else ""
        raise SettingsError(
            tr(
                "The folder {folder} holds no picture{instead}; put colour references in it (PNG, TIFF, JPEG) "
                "or leave out --references.",
                folder=folder,
                instead=instead,
            )
        )
    if others:
        yield Notice(
            "warning",
            tr(
                "Not used as references from {folder}: {listed}; what is meant to be one has to be saved as "
                "{read_kinds}.",
                folder=folder,
                listed=_listed(others),
                read_kinds=READ_KINDS,
            ),
        )
    found = []
    for path in paths:
        # One that cannot be read is told before a long film is searched for cuts.
        problem = decode_picture(path).problem
        if problem:
            yield Notice("warning", problem)
        found.append(_describe(path, frame_count, numbers))
    return found


def _listed(files: Sequence[Path]) -> str:
    """Name files that are not used, and what they are, as far as there is room."""
    shown = [f"{path.name} ({_kind(path)})" for path in files[:_NAMED]]
    if len(files) > _NAMED:
        shown.append(tr("{count} more", count=len(files) - _NAMED))
    return ", ".join(shown)


def _kind(path: Path) -> str:
    if path.is_dir():
        return tr("a folder")
    try:
        return other_kind(path) or tr("of a kind that is not read")
    except MediaError:
        return tr("cannot be read")


def _describe(path: Path, frame_count: int, numbers: Sequence[int] | None) -> Reference:
    with reading(path), path.open("rb") as file:
        digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16)).hexdigest()
    frame = frame_named(path, frame_count, numbers)
    return Reference(path.name, digest, partial(read_picture, path), frame, path=path)


def encoding_size(picture: Size, source_working: Size, reference_edge: int | None) -> Size:
    """Return the size at which a reference of its own shape is encoded, its aspect ratio kept.

    A network that compares patches needs references at the scale of the source's working size (`reference_edge` None).
    """
    return working_size(picture, reference_edge or min(source_working.width, source_working.height))


class ReferenceStore:
    """Owns the features of references, keyed by content, weights and encoding size, within a byte budget.

    Adding one reference to a set costs one encoding. The least recently used features are dropped first; those that
    a caller still holds live on until it lets go. Safe on any thread.
    """

    def __init__(self, network: RemasterNetwork, weights: str, budget: int = DEFAULT_BUDGET) -> None:
        """Serve `network`, whose weights have the hash `weights`."""
        self._network, self._weights = network, weights
        self._features: ByteCache[tuple[str, str, Size, str], ReferenceFeatures] = ByteCache(
            budget, lambda features: features.nbytes()
        )
        self._shapes: dict[str, Size] = {}
        self._lock = Lock()
        self.encoded = 0
        """How many references have been encoded so far."""

    def features(self, reference: Reference, source_working: Size) -> ReferenceFeatures:
        """Return the features of a reference for a source of that working size, encoding it if need be."""
        with self._lock:
            features, size = self._features_of(reference, source_working)
            return features if not reference.names else self._labelled(features, size, reference)

    def _labelled(self, features: ReferenceFeatures, size: Size, reference: Reference) -> ReferenceFeatures:
        """Let features know which part of the reference has which name."""
        labels = "\0".join([*reference.names, identity_of([reference.named])])
        key = (reference.digest, self._weights, size, labels)
        found = self._features.get(key)
        if found is None:
            found = features.labelled(torch.from_numpy(name_masks(reference.names, reference.named, size)))
            self._features.put(key, found)
        return found

    def _features_of(self, reference: Reference, source_working: Size) -> tuple[ReferenceFeatures, Size]:
        shape = self._shapes.get(reference.digest)
        picture = None if shape else reference.load()
        if shape is None:
            assert picture is not None
            shape = self._shapes[reference.digest] = Size(picture.shape[1], picture.shape[0])
        size = encoding_size(shape, source_working, self._network.config.reference_edge)
        key = (reference.digest, self._weights, size, "")
        features = self._features.get(key)
        if features is None:
            if picture is None:
                picture = reference.load()
            region = reference.validity.region
            if region:
                features = encode_reference(
                    self._network, *partial_picture(picture, unpack_region(region), size)
                )
            else:
                features = encode_reference(self._network, scaled_picture(picture, size))
            features = features.weighed(reference.validity.strength)
            self._features.put(key, features)
            self.encoded += 1
        return features, size

    def known(self, digest: str, source_working: Size) -> ReferenceFeatures | None:
        """Return the features of a reference that may be there no more, if they are in memory yet."""
        with self._lock:
            shape = self._shapes.get(digest)
            if shape is None:
                return None
            size = encoding_size(shape, source_working, self._network.config.reference_edge)
            return self._features.get((digest, self._weights, size, ""))

    def all_features(
        self,
        references: Iterable[Reference],
        source_working: Size,
        check: Callable[[], None] = lambda: None,
    ) -> list[ReferenceFeatures]:
        """Return the features of several references, in their order; `check` is called before each and may raise."""
        found = []
        for reference in references:
            check()
            found.append(self.features(reference, source_working))
        return found

    def nbytes(self) -> int:
        """Bytes that the stored features take."""
        return self._features.nbytes


def name_masks(names: Sequence[str], named: Sequence[NamedRegion], size: Size) -> Float:
    """Return how much of each pixel of a reference of `size` has each of the names ``(K, h, w)``, in [0, 1]."""
    masks = np.zeros((len(names), size.height, size.width), np.float32)
    for each in named:
        mask = masks[names.index(each.name)]
        share = (
            resize(unpack_region(each.region).astype(np.float32), size) if each.region else np.ones_like(mask)
        )
        np.maximum(mask, share, out=mask)
    return masks.clip(max=1.0)


def scaled_picture(picture: Pixels, size: Size) -> Float:
    """Bring a picture (H, W, 3) to `size` in [0, 1]; by strips where it is large, as floats would take gigabytes."""
    if picture.nbytes <= _LARGE or size.width >= picture.shape[1] or size.height >= picture.shape[0]:
        return resize(to_unit(picture), size)
    narrow = np.empty((picture.shape[0], size.width, 3), np.float32)
    for top in range(0, len(picture), _STRIP):
        strip = to_unit(picture[top : top + _STRIP])
        # Averaging of areas is the same along one axis after the other.
        narrow[top : top + _STRIP] = resize(strip, Size(size.width, len(strip)))
    return resize(narrow, size)


def partial_picture(picture: Pixels, region: Mask, size: Size) -> tuple[Float, Float]:
    """Bring a picture (H, W, 3) to `size`, with how much of each pixel lies within a region ``(h, w)`` in [0, 1].

    Pixels at its edge have the colour of what lies within, so nothing is left of the colours outside.
    """
    mask = laid_over(region, picture.shape[1], picture.shape[0])
    shown = picture.copy()
    for top in range(0, len(picture), _STRIP):
        rows = slice(top, top + _STRIP)
        grey = picture[rows].astype(np.float32) @ np.array(LUMA, np.float32)
        np.copyto(shown[rows], np.rint(grey)[..., None].astype(picture.dtype), where=~mask[rows, :, None])
    small, share = scaled_picture(shown, size), resize(mask.astype(np.float32), size)
    share[share < _LEAST_WITHIN] = 0.0
    luma = (small @ np.array(LUMA, np.float32))[..., None]
    within = np.where(share > 0, share, np.float32(1.0))[..., None]
    return (luma + (small - luma) / within).clip(0.0, 1.0).astype(np.float32), share


@torch.inference_mode()
def encode_reference(
    network: RemasterNetwork, picture: Float, weights: Float | None = None
) -> ReferenceFeatures:
    """Encode one picture, sRGB ``(H, W, 3)`` in [0, 1]; weights ``(H, W)``: how much each pixel counts."""
    counted = None if weights is None else torch.from_numpy(weights)[None, None, None]
    return network.encode_references(torch.from_numpy(picture.transpose(2, 0, 1).copy())[None, None], counted)
