"""Converting a sound track to another codec, in a process of its own.

Decoders are the part of the codec library that damaged sound crashes or hangs. So the film's sound is decoded and
encoded by a child process into a file without a name, which is there for the joining to copy from; whatever becomes of
the child, a film is never lost by it.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.system import WORKED_ENOUGH, hand_down
from remaster_gui.media.fixed_file import FileIdentity
from remaster_gui.media.sound_times import SoundPlaces

log = logging.getLogger(__name__)

DECODER = "remaster_gui.media.sound_child"
"""The module that decodes in a process of its own, so that what breaks it takes nothing else with it."""
_LEAST_SECONDS = 60
_SLOWEST = 2.0
"""Times as long as the sound itself that the processor may work on converting it."""
_BUSIEST = 30
"""Times as long as that it may take, on a machine that does other things."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a track becomes."""

    title: str
    """As the user is told."""
    suffix: str
    """Of the container."""
    codec: str
    options: dict[str, str]
    sample_format: str
    """A packed one; see `Resampler`."""
    layout: str
    rate: int


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a conversion."""

    file: BinaryIO
    """One without a name."""
    lost: float
    """Seconds that could not be decoded; it is silent there."""


class ConversionError(MediaError):
    """A track cannot be converted; the sentence is a part of one and says why."""


def convert(
    path: Path,
    identity: FileIdentity,
    track: int,
    places: SoundPlaces,
    conversion: Conversion,
    *,
    span: tuple[float, float | None],
    folder: Path | None,
    trial: bool = False,
) -> Converted:
    """Convert track ``track`` of the film at ``path``; ``span``: what of it is wanted.

    ``trial`` decodes a few packets here and there and puts them after each other. The result lies in a nameless file
    on the disk of ``folder`` (None: of temporary files). Raises `ConversionError`, and `OSError` of that disk.
    """
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # the caller closes it
    try:
        order = {
            "path": os.fsencode(path).hex(),
            "identity": list(identity[1:]),
            "track": track,
            "conversion": dataclasses.asdict(conversion),
            "span": span,
            "trial": trial,
        }
        limit = _LEAST_SECONDS + (0 if trial else math.ceil(_SLOWEST * float(places.durations.sum())))
        order["seconds"] = limit
        columns = np.stack([places.starts, places.durations]).astype("<f8")
        order["file"], handed = hand_down(file.fileno())
        found = _run(json.dumps(order).encode() + b"\n" + columns.tobytes(), handed, limit)
        if found["samples"] == 0:
            raise ConversionError(tr("none of it can be decoded"))
        return Converted(file, float(found["lost"]))
    except BaseException:
        file.close()
        raise


def _run(order: bytes, handed: dict[str, Any], limit: int) -> dict[str, Any]:
    """Let the child do it; returns what it found."""
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", DECODER],
            input=order,
            capture_output=True,
            **handed,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            timeout=_BUSIEST * limit,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ConversionError(tr("its decoder does not come to an end")) from error
    if done.stderr:
        log.info("converting sound: %s", done.stderr.decode("utf-8", "replace"))
    if done.returncode == WORKED_ENOUGH:
        raise ConversionError(tr("its decoder does not come to an end within {limit} seconds", limit=limit))
    if done.returncode < 0:
        raise ConversionError(tr("its decoder breaks down"))
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise ConversionError(tr("its decoder fails")) from error
    if "errno" in found:
        raise OSError(found["errno"], os.strerror(found["errno"]))
    if "fault" in found:
        raise ConversionError(found["fault"])
    return found
