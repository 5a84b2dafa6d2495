"""The demo film: a short old film with its references, made on the user's own machine.

No footage is shipped. Camera moves over four photographs that come with scikit-image, in the public domain or
under CC0, give clean colour shots; cut back and forth between them, turned grey and damaged, they are the
film. Clean colour frames of it, one for each photograph, are its references. Equal versions of the packages
make equal films.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import cv2
import numpy as np
import skimage.data

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.color import to_unit
from remaster_gui.media.faults import location, writing
from remaster_gui.media.presets import PRESETS
from remaster_gui.media.writer import SegmentWriter
from remaster_gui.training.damage import DamageSplit
from remaster_gui.training.degradation import FILM, Degradation

WIDTH, HEIGHT = 480, 360
RATE = Fraction(24)
AUDIO_RATE = 48_000

_VERSION = 1
"""Part of the folder's name; raise it whenever the film changes, so that nobody keeps an old one."""

_DAMAGE_SEED = 7
"""A film with dust, hairs, scratches and much grain, but without stains that would hide the picture."""

_PRESET = replace(PRESETS["h264-8"], options={**PRESETS["h264-8"].options, "preset": "veryfast", "crf": "18"})
"""Nobody waits for a better compressed demo."""


@dataclass(frozen=True)
class CameraView:
    """What the camera sees: a window of a photograph.

    `x` and `y`: its centre, as fractions of the photograph's width and height; `height`: its height as a
    fraction of the photograph's; `degrees`: its rotation, counter-clockwise.
    """

    x: float
    y: float
    height: float
    degrees: float = 0.0


@dataclass(frozen=True)
class DemoPhotograph:
    """One photograph and the note (in hertz) that sounds while it is on the screen."""

    photograph: Callable[[], Bytes]
    note: float


@dataclass(frozen=True)
class Shot:
    """A camera move over one photograph, `frames` long, easing from `start` to `end`."""

    look: DemoPhotograph
    frames: int
    start: CameraView
    end: CameraView


ASTRONAUT = DemoPhotograph(skimage.data.astronaut, 220.0)
COFFEE = DemoPhotograph(skimage.data.coffee, 277.2)
CAT = DemoPhotograph(skimage.data.chelsea, 329.6)
ROCKET = DemoPhotograph(skimage.data.rocket, 440.0)

SHOTS = (
    Shot(ASTRONAUT, 36, CameraView(0.46, 0.36, 0.62, 0.8), CameraView(0.42, 0.40, 0.52, -0.6)),
    Shot(COFFEE, 30, CameraView(0.44, 0.50, 0.80, -2.0), CameraView(0.54, 0.50, 0.80, 2.0)),
    Shot(ASTRONAUT, 24, CameraView(0.55, 0.60, 0.60), CameraView(0.62, 0.42, 0.56)),
    Shot(ROCKET, 36, CameraView(0.50, 0.66, 0.60), CameraView(0.50, 0.45, 0.80)),
    Shot(CAT, 30, CameraView(0.52, 0.48, 0.88, -1.5), CameraView(0.55, 0.48, 0.66, 1.0)),
    Shot(COFFEE, 24, CameraView(0.60, 0.56, 0.55), CameraView(0.46, 0.42, 0.65)),
    Shot(CAT, 30, CameraView(0.42, 0.40, 0.62), CameraView(0.60, 0.56, 0.70)),
    Shot(ROCKET, 30, CameraView(0.60, 0.58, 0.70, 0.6), CameraView(0.44, 0.58, 0.70, -0.6)),
)

CUTS = (0, *accumulate(shot.frames for shot in SHOTS[:-1]))
"""First frame of each shot."""

REFERENCE_FRAMES = tuple(
    cut + shot.frames // 2
    for number, (cut, shot) in enumerate(zip(CUTS, SHOTS, strict=True))
    if shot.look not in {earlier.look for earlier in SHOTS[:number]}
)
"""The frames that become references: the middle of the first visit to each look, never of a later one."""


@dataclass(frozen=True)
class DemoProject:
    """Where the demo lies: the film and the folder of its references."""

    film: Path
    references: Path


def make_demo(folder: Path) -> DemoProject:
    """Return the demo inside `folder`, making it first (some seconds) unless it is there already.

    It appears all at once or not at all. Raises `StorageError` when `folder` cannot be written.
    """
    home = folder / f"remaster-demo-{_VERSION}"
    project = DemoProject(home / "old-film.mp4", home / "references")
    if _is_complete(project):
        return project
    with writing(home):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".remaster-demo-", dir=folder) as name:
            draft = Path(name) / home.name
            _write_demo(draft / project.film.name, draft / project.references.name)
            shutil.rmtree(home, ignore_errors=True)
            draft.rename(home)
    return project


def clean_frames() -> Iterator[Bytes]:
    """Yield the frames as they were before age took them: sRGB ``(360, 480, 3)`` uint8."""
    for shot in SHOTS:
        photograph = np.ascontiguousarray(shot.look.photograph()[..., :3])
        for index in range(shot.frames):
            yield _seen(photograph, _between(shot.start, shot.end, index / (shot.frames - 1)))


def sound() -> Float:
    """Return the sound track, mono at `AUDIO_RATE`: a note for each look, so a slip in time can be heard."""
    parts = []
    for shot in SHOTS:
        time = np.arange(shot.frames * AUDIO_RATE // RATE) / AUDIO_RATE
        ends = np.minimum(time, time[-1] - time)
        parts.append(np.sin(2 * np.pi * shot.look.note * time) * np.minimum(ends / 0.02, 1.0) * 0.2)
    return np.concatenate(parts).astype(np.float32)


def _is_complete(project: DemoProject) -> bool:
    files = [project.film, *(project.references / _reference_name(index) for index in REFERENCE_FRAMES)]
    return all(path.is_file() for path in files)


def _reference_name(index: int) -> str:
    return f"ref_{index:06d}.png"


def _between(start: CameraView, end: CameraView, part: float) -> CameraView:
    """Return the view `part` (0 to 1) of the way from `start` to `end`, setting off and stopping gently."""
    eased = part * part * (3.0 - 2.0 * part)

    def mix(a: float, b: float) -> float:
        return a + (b - a) * eased

    return CameraView(
        mix(start.x, end.x),
        mix(start.y, end.y),
        mix(start.height, end.height),
        mix(start.degrees, end.degrees),
    )


def _seen(photograph: Bytes, view: CameraView) -> Bytes:
    """Resample the part of `photograph` that `view` shows to the film's size, at sub-pixel positions."""
    height, width = photograph.shape[:2]
    centre = (view.x * width, view.y * height)
    matrix = cv2.getRotationMatrix2D(centre, -view.degrees, HEIGHT / (view.height * height))
    matrix[:, 2] += (WIDTH / 2 - centre[0], HEIGHT / 2 - centre[1])
    return np.asarray(cv2.warpAffine(photograph, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), np.uint8)


def _write_demo(film: Path, references: Path) -> None:
    """Write the film and its references into a folder that does not exist yet."""
    references.mkdir(parents=True)
    silent = film.with_name("silent" + film.suffix)
    age = Degradation(_DAMAGE_SEED, HEIGHT, WIDTH, DamageSplit.EVALUATION, FILM)
    with SegmentWriter(silent, _PRESET, WIDTH, HEIGHT, RATE) as writer:
        for index, clean in enumerate(clean_frames()):
            if index in REFERENCE_FRAMES:
                _, png = cv2.imencode(".png", cv2.cvtColor(clean, cv2.COLOR_RGB2BGR))
                (references / _reference_name(index)).write_bytes(png.tobytes())
            grey = age.apply(np.asarray(cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY), np.uint8), index)
            writer.write(np.repeat(to_unit(grey)[..., None], 3, axis=2), index / RATE)
    _join(silent, sound(), film)
    silent.unlink()


def _join(silent: Path, samples: Float, film: Path) -> None:
    """Put the pictures of `silent` and a sound track into one file."""
    with av.open(location(silent)) as pictures, av.open(location(film), "w") as container:
        source = pictures.streams.video[0]
        video = container.add_stream_from_template(source)
        audio = container.add_stream("aac", AUDIO_RATE, layout="mono")
        for packet in pictures.demux(source):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
        track = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
        track.sample_rate = AUDIO_RATE
        container.mux(audio.encode(track))
        container.mux(audio.encode(None))
