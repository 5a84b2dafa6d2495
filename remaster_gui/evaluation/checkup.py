"""What support needs to know of a user's machine: device, weights, codecs, disks, one finding for each.

A missing part is a finding, never an error.
"""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import torch

from remaster_gui import __version__
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.paths import user_folder
from remaster_gui.engine.device import choose_device, describe_device, free_memory
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.report import library_version
from remaster_gui.engine.shipped_weights import AUTHORS_NAME, DEFAULT_NAME, read_manifest, weights_folder
from remaster_gui.evaluation.agreement import agreement, built_in_clip, remaster
from remaster_gui.media import PRESETS
from remaster_gui.model import PAPER, RemasterNetwork, load_model, weights_hash
from remaster_gui.model.precision import FULL, best_precision
from remaster_gui.model.weights import usable_device

log = logging.getLogger(__name__)

Verdict = Literal["good", "note", "missing"]
"""All is well; worth knowing, though everything works; something cannot be done here."""

LITTLE_MEMORY, LITTLE_DISK = 4 * 2**30, 10 * 2**30
"""Free bytes below which a film of usual size may not fit."""

_LIBRARIES = ("torch", "av", "cv2", "numpy", "scipy", "skimage", "PySide6")
_PROCESSOR = torch.device("cpu")
_FRAMES = 2
_SOUND_SECONDS = 30
_SOUND = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtMultimedia import QMediaDevices
application = QCoreApplication([])
print(QMediaDevices.defaultAudioOutput().description())
"""
_DRIVER = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one part, in words for a table and, where there is one, as a number."""

    part: str
    verdict: Verdict
    text: str
    value: float | None = None


Findings = Iterator[Finding]


class Checkup:
    """Looks at this machine for one device, one weight file, one place of films and one display."""

    def __init__(
        self,
        *,
        device: str | None,
        weights: Path | None,
        film: Path,
        check_display: Callable[[], None],
        quick: bool = False,
    ) -> None:
        """Prepare; nothing is looked at yet.

        `film`: a film, or the folder of films. `check_display` raises a `RemasterError` where windows cannot be shown.
        `quick` leaves out what takes longest, the networks.
        """
        self._name, self._film, self._check_display = device, film, check_display
        self._weights = weights or weights_folder() / DEFAULT_NAME
        self._quick = quick
        self._device = _PROCESSOR

    def findings(self) -> Findings:
        """Look at one part after another."""
        parts: tuple[tuple[str, Callable[[], Findings]], ...] = (
            ("versions", self._versions),
            ("device", self._devices),
            ("weights", self._weight_files),
            ("networks", self._networks),
            ("codecs", self._codecs),
            ("display", self._display),
            ("sound", self._sound),
            ("disk", self._disks),
        )
        for name, look in parts:
            if self._quick and name == "networks":
                continue
            try:
                yield from look()
            except RemasterError as error:
                yield Finding(name, "missing", str(error))
            except Exception as error:  # whatever is wrong with a machine must not end its checkup
                log.warning("looking at %s failed", name, exc_info=True)
                yield Finding(name, "missing", f"This could not be looked at ({_in_short(error)}).")

    def _versions(self) -> Findings:
        yield Finding("Remaster", "good", f"{__version__}, Python {platform.python_version()}")
        yield Finding("system", "good", f"{platform.system()} {platform.release()}, {platform.machine()}")
        versions, absent = [], []
        for name in _LIBRARIES:
            try:
                versions.append(f"{name} {library_version(name)}")
            except Exception:  # what a broken library raises on import is its own affair
                log.warning("%s cannot be used", name, exc_info=True)
                absent.append(name)
        lacking = f"; not usable: {', '.join(absent)}" if absent else ""
        yield Finding("libraries", "missing" if absent else "good", ", ".join(versions) + lacking)

    def _devices(self) -> Findings:
        self._device = device = usable_device(choose_device(self._name))
        yield Finding("device", "good", describe_device(device))
        yield _driver()
        yield _memory("processor memory", _PROCESSOR)
        if device.type == "cuda":
            yield _memory("device memory", device)
        yield Finding("precision", "good", best_precision(device).name)

    def _weight_files(self) -> Findings:
        if not self._weights.is_file():
            yield Finding(
                "weights", "missing", f"There is no file {self._weights}; install the application again."
            )
        else:
            digest = weights_hash(self._weights)
            shipped = any(entry["sha256"] == digest for entry in read_manifest().values())
            origin = "as shipped" if shipped else "not a file that shipped"
            yield Finding(
                "weights", "good" if shipped else "note", f"{self._weights}, {origin}, SHA-256 {digest}"
            )
        authors = weights_folder() / AUTHORS_NAME
        found = (
            f"{authors}, SHA-256 {weights_hash(authors)}"
            if authors.is_file()
            else f"not here; optional: put it at {authors}"
        )
        yield Finding("authors' weights", "good" if authors.is_file() else "note", found)

    def _networks(self) -> Findings:
        loaded = LoadedNetwork.load(self._weights, _PROCESSOR)
        yield _prior(loaded)
        makers: list[tuple[str, Make]] = [
            ("compact", lambda device: LoadedNetwork.load(self._weights, device, precision=FULL).network)
        ]
        if loaded.filling:
            makers.append(("compact without prior", lambda device: load_model(self._weights, device)))
        makers.append(("paper", _paper))
        for name, make in makers:
            try:
                yield from try_network(name, make, self._device)
            except RemasterError as error:
                yield Finding(f"{name} network", "missing", str(error))

    def _codecs(self) -> Findings:
        known = av.codec.codecs_available
        lacking = {preset.codec for preset in PRESETS.values() if preset.codec not in known}
        presets = [key for key, preset in PRESETS.items() if preset.codec in lacking]
        if presets:
            yield Finding("codecs", "missing", f"These presets cannot be written: {', '.join(presets)}.")
        else:
            yield Finding("codecs", "good", f"all {len(PRESETS)} presets can be written")

    def _display(self) -> Findings:
        self._check_display()
        shown = os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY") or "DISPLAY"
        yield Finding("display", "good", f"windows can be shown ({shown})")

    def _sound(self) -> Findings:
        # In a process of its own: a system library that is missing would end this one.
        try:
            done = subprocess.run(
                [sys.executable, "-c", _SOUND],
                capture_output=True,
                text=True,
                timeout=_SOUND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            yield Finding("sound", "missing", "The sound system does not answer; films play without sound.")
            return
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            yield Finding("sound", "missing", f"The sound library cannot be used ({last}).")
        elif not done.stdout.strip():
            yield Finding("sound", "note", "no sound card; films play without sound")
        else:
            yield Finding("sound", "good", done.stdout.strip())

    def _disks(self) -> Findings:
        yield _disk("disk of the cache", user_folder("cache"))
        yield _disk("disk of films", self._film.absolute())


Make = Callable[[torch.device], RemasterNetwork]


def _prior(loaded: LoadedNetwork) -> Finding:
    """Say whether the colour prior fills what references do not show, beside these weights."""
    if loaded.notices:
        return Finding("colour prior", "missing", " ".join(notice.text for notice in loaded.notices))
    if not loaded.filling:
        return Finding("colour prior", "note", "not for these weights; what no reference shows stays pale")
    return Finding("colour prior", "good", f"fills what no reference shows, SHA-256 {loaded.filling}")


def _paper(device: torch.device) -> RemasterNetwork:
    """Return the authors' network if it is here, else one of its shape: time and agreement are much the same."""
    authors = weights_folder() / AUTHORS_NAME
    if authors.is_file():
        return load_model(authors, device)
    torch.manual_seed(0)
    return RemasterNetwork(PAPER).to(device).fold()


def try_network(name: str, make: Make, device: torch.device) -> Findings:
    """Let a network remaster a few frames on the device and on the processor."""
    clip, references = built_in_clip(_FRAMES)
    began = time.perf_counter()
    truth = remaster(make(_PROCESSOR), clip, references)
    spent = time.perf_counter() - began
    if device.type == "cpu":
        yield Finding(f"{name} agreement", "good", "the processor is what others are compared with")
    else:
        network = make(device).compute_in(best_precision(device))
        result = agreement(remaster(network, clip, references), truth)
        suffices = result.suffices(name)
        text = (
            f"luminance {result.luminance:.1f} dB, chrominance {result.chrominance:.1f} dB, worst frame "
            f"{result.worst_frame:.1f} dB" + ("" if suffices else "; use --device cpu")
        )
        least = min(result.luminance, result.chrominance)
        yield Finding(f"{name} agreement", "good" if suffices else "missing", text, least)
        began = time.perf_counter()
        remaster(network, clip, references)
        spent = time.perf_counter() - began
    each = 1000 * spent / len(clip)
    size = f"{clip.shape[2]}x{clip.shape[1]}"
    text = f"{each:.0f} ms for each of {len(clip)} frames of {size}, with {len(references)} references"
    yield Finding(f"{name} time", "good", text, each)


def _driver() -> Finding:
    """Say which driver of GPUs there is, and whether PyTorch can use it."""
    driver = ""
    if _DRIVER.is_file():
        driver = _DRIVER.read_text(encoding="utf-8", errors="replace").splitlines()[0].strip()
    built = torch.version.cuda
    if torch.cuda.is_available():
        return Finding("driver", "good", f"{driver or 'NVIDIA driver'}; PyTorch for CUDA {built}")
    if driver and built is None:
        return Finding(
            "driver", "missing", f"{driver}, but PyTorch is built for processors; install it for CUDA."
        )
    if driver:
        return Finding(
            "driver", "missing", f"{driver}, but PyTorch for CUDA {built} cannot use it; update the driver."
        )
    return Finding("driver", "note", "no NVIDIA driver; the processor does the work")


def _memory(part: str, device: torch.device) -> Finding:
    free = free_memory(device)
    enough = free >= LITTLE_MEMORY
    text = f"{free / 2**30:.1f} GiB free" + ("" if enough else "; close other programs for large films")
    return Finding(part, "good" if enough else "note", text, free)


def _disk(part: str, place: Path) -> Finding:
    """Say how much is free on the disk of a path, which need not exist yet."""
    existing = next((p for p in (place, *place.parents) if p.exists()), place)
    folder = existing if existing.is_dir() else existing.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(part, "missing", f"{folder} cannot be read ({error.strerror}).")
    if not os.access(folder, os.W_OK):
        return Finding(part, "missing", f"{folder} cannot be written; choose another place.", free)
    enough = free >= LITTLE_DISK
    return Finding(part, "good" if enough else "note", f"{free / 2**30:.1f} GiB free at {folder}", free)


def _in_short(error: Exception) -> str:
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
