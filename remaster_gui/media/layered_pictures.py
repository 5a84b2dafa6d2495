"""OpenEXR pictures that hold more than colours: further channels, in layers as compositing programs name them.

The encoder that other pictures go through writes colours alone; so these are written by OpenImageIO, packed alike.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.srgb import to_linear
from remaster_gui.media.color_encoding import CHROMATICITIES

COLORS = ("R", "G", "B")


@dataclass(frozen=True, slots=True)
class LayeredPicture:
    """A picture ready to be written: `samples` ``(H, W, C)`` half floats in linear light, of these `channels`.

    With `facts` some are floats of 32 bits, and there is more in the header.
    """

    channels: tuple[str, ...]
    samples: NDArray[np.float16] | NDArray[np.float32]
    facts: LayerFacts | None = None


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """Channels that keep all their 32 bits, and texts that stand in the header."""

    exact: frozenset[str]
    texts: Mapping[str, str]


def layered_picture(
    rgb: Float, layers: Mapping[str, Float], facts: LayerFacts | None = None
) -> LayeredPicture:
    """Put gamma-coded BT.709 RGB (H, W, 3) in [0, 1] and layers (H, W) together, which are kept as they are.

    The names of layers are those of channels, ``layer.channel``.
    """
    height, width = rgb.shape[:2]
    kind = np.float16 if facts is None else np.float32
    samples: NDArray[Any] = np.empty((height, width, len(COLORS) + len(layers)), kind)
    samples[..., : len(COLORS)] = to_linear(np.clip(rgb, 0.0, 1.0))
    for number, plane in enumerate(layers.values(), len(COLORS)):
        if plane.shape != (height, width):
            raise ValueError(f"a layer of {plane.shape} does not fit a picture of {(height, width)}")
        samples[..., number] = plane
    return LayeredPicture((*COLORS, *layers), samples, facts)


def write_layered(picture: LayeredPicture, path: Path, pixel_aspect: Fraction) -> None:
    """Write a picture to a new file `path`, which has to end in ``.exr``; raises `OSError`."""
    height, width, count = picture.samples.shape
    spec = OpenImageIO.ImageSpec(width, height, count, OpenImageIO.HALF)
    spec.channelnames = picture.channels
    if picture.facts is not None:
        exact, half = OpenImageIO.TypeDesc("float"), OpenImageIO.TypeDesc("half")
        spec.channelformats = tuple(
            exact if name in picture.facts.exact else half for name in picture.channels
        )
        for name, text in picture.facts.texts.items():
            spec.attribute(name, text)
    spec.attribute("DateTime", "")  # else it is the hour of writing, and no two runs would write the same
    spec.attribute("compression", "zips")
    spec.attribute("PixelAspectRatio", float(pixel_aspect))
    spec.attribute("chromaticities", "float[8]", CHROMATICITIES["bt709"])
    with _nameable(path) as name:
        output = OpenImageIO.ImageOutput.create(name)
        if output is None or not (
            output.open(name, spec) and output.write_image(picture.samples) and output.close()
        ):
            message = (OpenImageIO if output is None else output).geterror()
            # The library has no numbers for what went wrong, and a full disk is what mostly does.
            is_full = shutil.disk_usage(path.parent).free < picture.samples.nbytes
            raise OSError(errno.ENOSPC if is_full else errno.EIO, message, str(path))


@contextmanager
def _nameable(path: Path) -> Iterator[str]:
    """Lend a name in Unicode, which the library needs, and bring what is written there to `path`."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="remaster-picture-") as folder:
            alias = Path(folder, f"picture{path.suffix}")
            yield str(alias)
            shutil.copyfile(alias, path)
    else:
        yield str(path)
