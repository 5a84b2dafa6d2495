"""What runs in the processes of a farm: called by name, with plain data, and answering with plain data."""

from __future__ import annotations

import logging
import signal
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import torch

from remaster_gui.base import system
from remaster_gui.base.errors import DeviceError, RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress
from remaster_gui.engine.session import CancelledError
from remaster_gui.engine.workplace import Workplace

log = logging.getLogger(__name__)

_BETWEEN = 0.5
"""Seconds between two words about how far a part is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a part: made where both are empty.

    failed: why not. refused: why this process is to be given no more parts.
    """

    failed: str = ""
    refused: str = ""


_turns: dict[int, Workplace] = {}
"""Where this process works, by its turn among those of its machine."""
_stops: dict[str, Event] = {}
"""What ends the work of a render, by its topic."""


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to who started this process: called by dask.distributed in processes of this machine."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop(topic: str) -> None:
    """End what is under way here for a render, after the window at hand."""
    _stops.setdefault(topic, Event()).set()


def make_part(folder: str, number: int, topic: str, beside: int, *, spread: bool) -> Outcome:
    """Make a part of the job in a folder, with a share of the machine's cores.

    beside: how many processes share them. topic: under which the farm is told how far it is. spread: whether the
    processes of this machine, which are numbered, have to share its GPUs by themselves.
    """
    from distributed import get_worker

    worker = get_worker()
    cancel = _stops.setdefault(topic, Event())
    try:
        # A job that is computed by processors says itself by how many threads.
        torch.set_num_threads(max(1, system.usable_cores() // beside))
        turn = int(worker.name) if spread else 0
        place = _turns.setdefault(turn, Workplace(turn=turn))
        place.open(Path(folder), cancel)
    except RemasterError as error:
        return Outcome(refused=str(error))
    began = told = time.monotonic()
    try:
        with closing(place.make(Path(folder), number, cancel)) as work:
            for step in work:
                now = time.monotonic()
                if isinstance(step, Progress) and not step.doing and now - told > _BETWEEN:
                    told = now
                    said = {"worker": worker.address, "number": number, "done": step.done}
                    worker.log_event(topic, said | {"rate": step.done / (now - began)})
    except CancelledError:
        return Outcome(failed=tr("it was stopped"))
    except DeviceError as error:
        # A card that is lost, or has too little memory, does no better with the next part.
        return Outcome(failed=str(error), refused=str(error))
    except RemasterError as error:
        log.warning("part %d failed", number, exc_info=True)
        return Outcome(failed=str(error))
    except Exception as error:  # whatever it is, it is this part's, and is told with it
        log.error("part %d failed", number, exc_info=True)
        first = next(iter(str(error).splitlines()), "")
        return Outcome(failed=f"{type(error).__name__}: {first}"[:200])
    return Outcome()
