"""Many processes, on this machine or on others, that make the parts of a render together.

The work folder is the only truth: what is finished lies there, and whoever starts the same command again, on a new farm
or on none, goes on from it. dask.distributed carries calls to the processes and says who is there. Which of them makes
which part is decided here, one part at a time for each, so that nothing waits in a queue that dies with its owner.

Whoever reaches a farm's scheduler can run code on all its machines; so addresses beyond this machine need TLS.
"""

from __future__ import annotations

import logging
import queue
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import torch

from remaster_gui.base import system
from remaster_gui.base.errors import RemasterError, SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update
from remaster_gui.engine import farm_calls, farm_worker
from remaster_gui.engine.farm_address import FarmAddress, check_installed
from remaster_gui.engine.farm_worker import Outcome
from remaster_gui.engine.part_maker import Finished
from remaster_gui.engine.parts import Part
from remaster_gui.engine.render_plan import Planned
from remaster_gui.engine.session import CancelledError

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)

TRIES = 3
"""How often a part is tried, on different workers where there are so many, before it is given up."""

_PAUSE = 0.25
"""Seconds between two looks at who is there."""
PATIENCE = 10
"""Seconds in which a scheduler has to answer, and in which there has to be a worker."""


@dataclass(slots=True)
class _Try:
    """A part, and who has tried it so far with what result."""

    part: Part
    number: int
    frames: int
    """Frames of the part that are missing."""
    tried: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Worker:
    """A process of the farm: what it is doing, and how fast."""

    name: str
    beside: int
    """Workers on the same machine, itself included."""
    task: _Try | None = None
    future: Future[Outcome] | None = None
    done: int = 0
    """Frames of the part at hand."""
    rate: float = 0.0
    refused: str = ""
    """Why it is given no more parts."""


class Farm:
    """Makes parts on the workers of a farm."""

    def __init__(self, address: FarmAddress) -> None:
        """Use the farm at an address; raises `SettingsError` where what it needs is not installed."""
        check_installed()
        import distributed  # noqa: F401  # its loggers are there from now on

        self._address = address
        _log_as_we_do()

    def sharing(self, device: torch.device) -> int:
        """Return how many makers share the memory of a device of this machine; what others have is not known."""
        cards = torch.cuda.device_count() if device.type == "cuda" else 1
        return max(1, -(-self._address.workers // cards))

    def make(
        self, planned: Planned, parts: Mapping[Part, int], cancel: Event
    ) -> Generator[Update, None, dict[Part, Finished]]:
        """Make parts; where some cannot be made, all others are, before a `SettingsError` says why."""
        yield Progress(0, sum(parts.values()), doing=tr("Starting the farm"))
        with self._connected(planned) as client:
            run = _Run(client, planned, parts, is_local=bool(self._address.workers))
            yield from run.make(cancel)
        return {}

    @contextmanager
    def _connected(self, planned: Planned) -> Iterator[Client]:
        from distributed import Client
        from distributed.security import Security

        tls = self._address.tls
        security = None if tls is None else Security(
            tls_ca_file=str(tls.authority), tls_client_cert=str(tls.certificate), tls_client_key=str(tls.key),
            require_encryption=True,
        )  # fmt: skip
        with ExitStack() as stack:
            url = self._address.url or stack.enter_context(_local_cluster(self._address.workers, planned))
            try:
                client = Client(url, security=security, timeout=PATIENCE, set_as_default=False)
            except (OSError, ValueError, TypeError) as error:
                log.warning("no farm at %s", url, exc_info=True)
                raise SettingsError(
                    tr(
                        "There is no farm at {url} ({error}); start its scheduler, check the address and the "
                        "TLS files.",
                        url=url,
                        error=_in_short(error),
                    )
                ) from error
            yield stack.enter_context(client)


def _log_as_we_do() -> None:
    """Send what the library logs where our own records go, and not to the terminal."""
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in ("distributed", "tornado"):
            logger.handlers.clear()
            logger.propagate = True


@contextmanager
def _local_cluster(workers: int, planned: Planned) -> Iterator[str]:
    """Start processes on this machine, and end them; one part each, at a time."""
    import dask
    from distributed import LocalCluster

    threads = max(1, system.usable_cores() // workers)
    environment = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
    configured = {
        "distributed.nanny.pre-spawn-environ": environment,
        "distributed.scheduler.work-stealing": False,
        # Who holds the interpreter for long, as encoding does, is not gone.
        "distributed.scheduler.worker-ttl": None,
    }
    with (
        dask.config.set(configured),
        tempfile.TemporaryDirectory() as scratch,
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
            # Where nothing is said of them all farms want one and the same port.
            dashboard_address="127.0.0.1:0", worker_dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL, memory_limit=0, resources=_needed(planned), local_directory=scratch,
            preload=farm_worker.__name__,
        ) as cluster,
    ):  # fmt: skip
        yield cluster.scheduler_address


def _needed(planned: Planned) -> dict[str, float] | None:
    """Return what of its worker a part takes for itself: a whole card, where the job is computed by cards."""
    return {"GPU": 1} if planned.job.device == "cuda" else None


class _Run:
    """The parts of one render on their way through a farm."""

    def __init__(
        self, client: Client, planned: Planned, parts: Mapping[Part, int], *, is_local: bool
    ) -> None:
        self._client, self._planned, self._is_local = client, planned, is_local
        self._needed = _needed(planned)
        numbers = {part: number for number, part in enumerate(planned.job.parts)}
        # The longest first, so that none of them is what all others wait for at the end.
        ordered = sorted(parts.items(), key=lambda item: item[1], reverse=True)
        self._waiting = [_Try(part, numbers[part], frames) for part, frames in ordered]
        self._total = sum(parts.values())
        self._done = 0
        self._workers: dict[str, _Worker] = {}
        self._poisoned: list[_Try] = []
        self._said: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._topic = f"remaster-{uuid4().hex}"
        self._alone = 0.0

    def make(self, cancel: Event) -> Generator[Update]:
        """Make all that can be made; raises `CancelledError`, and `SettingsError` for what could not."""
        self._client.subscribe_topic(self._topic, self._heard)
        try:
            while self._waiting or any(worker.task for worker in self._workers.values()):
                if cancel.is_set():
                    raise CancelledError
                yield from self._update_workers()
                self._hand_out()
                yield self._progress()
                self._listen()
        finally:
            self._stop()
        if self._poisoned:
            raise SettingsError(_poison(self._poisoned))

    # --- who is there ---

    def _update_workers(self) -> Iterator[Notice]:
        """Notice who has come and who has gone."""
        there = self._answered(lambda: self._client.scheduler_info(n_workers=-1)["workers"])
        hosts = [_host(address) for address in there]
        for address, facts in there.items():
            if address not in self._workers:
                name = str(facts["name"])
                label = name if name != address else address.rpartition("://")[2]
                worker = self._workers[address] = _Worker(label, hosts.count(_host(address)))
                if self._needed is not None and facts["resources"].get("GPU", 0) < self._needed["GPU"]:
                    # The scheduler would keep a part for it forever.
                    worker.refused = (
                        "it declares no GPU, which the job needs; start it with --resources GPU=1."
                    )
        for address in [address for address in self._workers if address not in there]:
            worker = self._workers.pop(address)
            if worker.task is not None:
                yield Notice(
                    "warning",
                    tr(
                        "Worker {worker} of the farm has gone; its part is made by another.",
                        worker=worker.name,
                    ),
                )
                self._failed(worker.task, address, tr("worker {worker} died over it", worker=worker.name))
        for worker in self._workers.values():
            if worker.refused:
                yield Notice(
                    "warning",
                    tr(
                        "Worker {worker} of the farm makes no parts: {refused}",
                        worker=worker.name,
                        refused=worker.refused,
                    ),
                )
        self._check_workers()

    def _check_workers(self) -> None:
        useful = [worker for worker in self._workers.values() if not worker.refused]
        self._alone = 0.0 if useful else self._alone + _PAUSE
        if not useful and self._workers:
            raise SettingsError(next(worker.refused for worker in self._workers.values()))
        if self._alone > PATIENCE:
            raise SettingsError(
                tr("The farm has no workers; start some, and run the same command again to go on.")
            )

    def _answered(self, ask: Callable[[], Any]) -> Any:
        try:
            if self._client.status == "running":
                return ask()
        except (OSError, RuntimeError, TimeoutError):
            log.warning("the farm does not answer", exc_info=True)
        raise SettingsError(
            tr(
                "The farm's scheduler cannot be reached any more; the parts that are finished are kept, and the same "
                "command goes on from them once it is there again."
            )
        )

    # --- who does what ---

    def _hand_out(self) -> None:
        for address, worker in self._workers.items():
            if worker.task is None and not worker.refused and (task := self._next_for(address)) is not None:
                worker.task, worker.done = task, 0
                self._waiting.remove(task)
                self._begin(address, worker, task)

    def _next_for(self, address: str) -> _Try | None:
        """Return a part that a worker has not tried yet, or that nobody is left to try who has not."""
        useful = {address for address, worker in self._workers.items() if not worker.refused}
        for task in self._waiting:
            if address not in task.tried or useful <= set(task.tried):
                return task
        return None

    def _begin(self, address: str, worker: _Worker, task: _Try) -> None:
        future = worker.future = self._client.submit(
            farm_calls.make_part, str(self._planned.work.path), task.number, self._topic, worker.beside,
            spread=self._is_local, pure=False, workers=[address], allow_other_workers=False,
            resources=self._needed,
        )  # fmt: skip
        future.add_done_callback(lambda ended: self._said.put(lambda: self._ended(address, task, ended)))

    # --- what is said ---

    def _listen(self) -> None:
        """Wait for the next thing that is said, and take in what has been said meanwhile."""
        try:
            self._said.get(timeout=_PAUSE)()
            while True:
                self._said.get_nowait()()
        except queue.Empty:
            return

    def _heard(self, event: tuple[float, Any]) -> None:
        """Take a word of a worker, on the client's own thread."""
        said = event[1]
        self._said.put(lambda: self._note(said["worker"], said["number"], said["done"], said["rate"]))

    def _note(self, address: str, number: int, done: int, rate: float) -> None:
        worker = self._workers.get(address)
        if worker is not None and worker.task is not None and worker.task.number == number:
            worker.done, worker.rate = done, rate

    def _ended(self, address: str, task: _Try, future: Future[Outcome]) -> None:
        """Take in what has become of a part."""
        worker = self._workers.get(address)
        if worker is None or worker.task is not task:
            return  # it has gone, and the part with it
        worker.task = worker.future = None
        worker.done = 0
        if self._client.status != "running":
            self._waiting.insert(0, task)  # what ended is the farm
            return
        outcome = self._outcome(future)
        if outcome.refused:
            worker.refused = outcome.refused
        if outcome.failed:
            self._failed(task, address, outcome.failed)
        elif outcome.refused:
            self._waiting.insert(0, task)
        else:
            self._done += task.frames

    def _outcome(self, future: Future[Outcome]) -> Outcome:
        if future.status not in ("finished", "error"):
            return Outcome(failed=tr("the farm has {status} it", status=future.status))
        try:
            return future.result(timeout=PATIENCE)
        except Exception as error:  # of the farm itself, which may bring any
            log.warning("a part failed", exc_info=True)
            return Outcome(failed=_in_short(error))

    def _failed(self, task: _Try, address: str, reason: str) -> None:
        task.tried.append(address)
        task.reasons.append(reason)
        if len(task.tried) < TRIES:
            self._waiting.append(task)
        else:
            self._poisoned.append(task)

    def _progress(self) -> Progress:
        busy = [worker for worker in self._workers.values() if worker.task is not None]
        rates = ", ".join(f"{worker.name} {worker.rate:.2f}" for worker in busy)
        done = self._done + sum(worker.done for worker in busy)
        doing = tr("Frames/s of each worker: {rates}", rates=rates) if rates else tr("Waiting for workers")
        return Progress(done, self._total, sum(worker.rate for worker in busy), doing)

    def _stop(self) -> None:
        """Let workers end after the window at hand what is still under way."""
        under_way = [worker.future for worker in self._workers.values() if worker.future is not None]
        if not under_way or self._client.status != "running":
            return
        try:
            self._client.run(farm_worker.stop, self._topic, on_error="ignore")
            self._client.cancel(under_way, force=True)
        except Exception:  # whatever the farm says, nobody waits for it any more
            log.info("the farm could not be stopped", exc_info=True)


def _poison(parts: Sequence[_Try]) -> str:
    first = parts[0]
    reason = max(set(first.reasons), key=first.reasons.count).rstrip(".")
    others = tr(" Of {count} more parts as well.", count=len(parts) - 1) if len(parts) > 1 else ""
    return tr(
        "Part {number} (frames {span}) could not be made in {count} tries: {reason}."
        "{others} All other parts are finished; the same command tries again what is missing.",
        number=first.number,
        span=first.part.span,
        count=len(first.tried),
        reason=reason,
        others=others,
    )


def _host(address: str) -> str:
    return address.rpartition("://")[2].rpartition(":")[0]


def _in_short(error: BaseException) -> str:
    if isinstance(error, RemasterError):
        return str(error)
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"[:160] if first else type(error).__name__
