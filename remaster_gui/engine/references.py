"""References, wherever their pictures come from, and the features that the network draws from each, computed once."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from threading import Lock

import torch

from remaster_gui.base.color import Float, to_unit
from remaster_gui.base.errors import SettingsError
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.sizes import Size, resize, working_size
from remaster_gui.media import PICTURE_SUFFIXES, read_picture
from remaster_gui.media.faults import check_file, reading
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures

DEFAULT_BUDGET = 2 * 2**30
_FRAME_NUMBER = re.compile(r"\d{4,}")


def find_references(folder: Path, frame_count: int) -> list[Reference]:
    """List the pictures of a folder (or the one picture that `folder` is), in order of their names.

    ``ref_000123.png`` and ``0000874_out.png`` are tied to frames 123 and 874 of a film that has so many. Raises
    `SettingsError` for a missing or empty folder.
    """
    with reading(folder):
        if folder.is_file():
            paths = [folder]
        elif folder.is_dir():
            found = (p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
            paths = sorted(p for p in found if not p.name.startswith("."))
        else:
            raise SettingsError(f"There is no folder of references {folder}; check the path.")
    if not paths:
        raise SettingsError(
            f"The folder {folder} holds no picture; put colour references in it (PNG, TIFF, JPEG) "
            "or leave out --references."
        )
    return [_describe(path, frame_count) for path in paths]


def _describe(path: Path, frame_count: int) -> Reference:
    numbers = _FRAME_NUMBER.findall(path.stem)
    frame = int(numbers[0]) if len(numbers) == 1 and int(numbers[0]) < frame_count else None
    check_file(path)
    with reading(path):
        digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return Reference(path.name, digest, partial(read_picture, path), frame)


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
        self._network, self._weights, self._budget = network, weights, budget
        self._features: OrderedDict[tuple[str, str, Size], ReferenceFeatures] = OrderedDict()
        self._shapes: dict[str, Size] = {}
        self._lock = Lock()
        self.encoded = 0
        """How many references have been encoded so far."""

    def features(self, reference: Reference, source_working: Size) -> ReferenceFeatures:
        """Return the features of a reference for a source of that working size, encoding it if need be."""
        with self._lock:
            return self._features_of(reference, source_working)

    def _features_of(self, reference: Reference, source_working: Size) -> ReferenceFeatures:
        shape = self._shapes.get(reference.digest)
        picture = None if shape else to_unit(reference.load())
        if shape is None:
            assert picture is not None
            shape = self._shapes[reference.digest] = Size(picture.shape[1], picture.shape[0])
        size = encoding_size(shape, source_working, self._network.config.reference_edge)
        key = (reference.digest, self._weights, size)
        if key not in self._features:
            if picture is None:
                picture = to_unit(reference.load())
            self._features[key] = encode_picture(self._network, resize(picture, size))
            self.encoded += 1
        self._features.move_to_end(key)
        self._shrink()
        return self._features[key]

    def all_features(self, references: Iterable[Reference], source_working: Size) -> list[ReferenceFeatures]:
        """Return the features of several references, in their order."""
        return [self.features(reference, source_working) for reference in references]

    def nbytes(self) -> int:
        """Bytes that the stored features take."""
        return sum(features.nbytes() for features in self._features.values())

    def _shrink(self) -> None:
        while len(self._features) > 1 and self.nbytes() > self._budget:
            self._features.popitem(last=False)


@torch.inference_mode()
def encode_picture(network: RemasterNetwork, picture: Float) -> ReferenceFeatures:
    """Encode one picture, sRGB ``(H, W, 3)`` in [0, 1]."""
    return network.encode_references(torch.from_numpy(picture.transpose(2, 0, 1).copy())[None, None])
