"""How long a long film takes on farms of several sizes: simulated, from what the parts of a real render took here.

What is simulated is the farm as it is: whoever is free gets the longest part that is left, hand-outs happen one after
another, each worker first starts and opens the film, and the joining of all parts begins when the last one is there.
Parts take as long for each frame as parts that were measured, drawn anew for each, so that there are slow ones.
"""

from __future__ import annotations

import heapq
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import printable
from remaster_gui.base.notices import complete
from remaster_gui.engine.farm_worker import Outcome
from remaster_gui.engine.workplace import Workplace, planned_job
from remaster_gui.media import assemble

WORKERS = (1, 4, 16, 64)
FRAMES = 150_000
"""A feature film."""

_HAND_OUTS = 50


@dataclass(frozen=True, slots=True)
class FarmCosts:
    """What was measured, in seconds: lengths (frames) of a film's parts in order, and `paces` of those that are there.

    starting: a worker until its first frame. handing: one part to one worker. joining: one frame into the output, its
    checksum included.
    """

    lengths: Sequence[int]
    paces: Sequence[float]
    starting: float
    handing: float
    joining: float


@dataclass(frozen=True, slots=True)
class FarmTime:
    """What so many workers make of a film: seconds until it is there, and the part of their time that was of use."""

    workers: int
    seconds: float
    efficiency: float


def measure_costs(folder: Path) -> FarmCosts:
    """Measure with the job in a work folder of which some parts are made, here; raises `SettingsError` without any."""
    job, _, work, _ = planned_job(folder)
    made = [(piece, segment) for piece in job.pieces if (segment := work.finished(piece)) is not None]
    facts = [(piece, work.facts_of(piece)) for piece, _ in made]
    paces = [
        each.seconds["frames"] / len(piece.span) for piece, each in facts if each is not None and each.seconds
    ]
    if not paces:
        raise SettingsError(
            f"No part of the job in {printable(folder)} is made yet; make some with 'remaster-gui part' first."
        )
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import remaster_gui.engine.workplace"], check=True)
    with Workplace() as place:
        place.open(folder, Event())
    starting = time.perf_counter() - began
    starting += max(
        (each.seconds.get("encode references", 0.0) for _, each in facts if each is not None), default=0.0
    )
    frames = sum(len(piece.span) for piece, _ in made)
    with tempfile.TemporaryDirectory(dir=folder.parent) as room:
        began = time.perf_counter()
        segments = [segment for piece, _ in made if (segment := work.finished(piece)) is not None]
        output = Path(room) / job.output
        complete(assemble(output, segments, work.preset, rate=job.film_rate))
        joining = (time.perf_counter() - began) / frames
    return FarmCosts([len(part.span) for part in job.parts], paces, starting, _handing(), joining)


def _handing() -> float:
    """Measure how long the library takes to bring a call to a process and its answer back."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", worker_dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):  # fmt: skip
        client.submit(Outcome, pure=False).result()
        began = time.perf_counter()
        for _ in range(_HAND_OUTS):
            client.submit(Outcome, pure=False).result()
        return (time.perf_counter() - began) / _HAND_OUTS


def simulate(costs: FarmCosts, workers: Sequence[int] = WORKERS, frames: int = FRAMES) -> list[FarmTime]:
    """Return what farms of several sizes make of a film of so many frames, whose parts are as long as those known."""
    drawn = random.Random(0)
    lengths = list[int]()
    while (left := frames - sum(lengths)) > 0:
        lengths.append(min(left, costs.lengths[len(lengths) % len(costs.lengths)]))
    parts = [length * drawn.choice(costs.paces) for length in sorted(lengths, reverse=True)]
    joining = frames * costs.joining
    alone = costs.starting + sum(parts) + joining
    found = []
    for count in workers:
        seconds = _made(parts, count, costs.starting, costs.handing) + joining
        found.append(FarmTime(count, seconds, alone / (count * seconds)))
    return found


def _made(parts: Sequence[float], workers: int, starting: float, handing: float) -> float:
    """Return when the last part is made."""
    free, last, hand_out = [starting] * workers, 0.0, 0.0
    for seconds in parts:
        hand_out = max(heapq.heappop(free), hand_out) + handing
        last = max(last, hand_out + seconds)
        heapq.heappush(free, hand_out + seconds)
    return last
