"""Check and time everything on a GPU within three minutes, and say what does not reach what is asked of it.

    python scripts/check_gpu.py [--paper remasternet.pth.tar] [--film FILM --references FOLDER]

Prints one line of JSON for each figure and goes on whatever fails; the exit status is 1 if anything did, or there was
no time left for it. With `--device cpu` it goes through the same at small sizes, where no time is judged: to try the
script itself where there is no GPU.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
import torch  # noqa: E402
from check_films import make_film, views, write_pictures  # noqa: E402

from remaster_gui.base.arrays import Float  # noqa: E402
from remaster_gui.base.color import luma_to_lightness, to_unit  # noqa: E402
from remaster_gui.base.notices import complete  # noqa: E402
from remaster_gui.base.timebase import FrameRange  # noqa: E402
from remaster_gui.engine.device import describe_device, free_memory, make_plan  # noqa: E402
from remaster_gui.engine.loaded import LoadedNetwork  # noqa: E402
from remaster_gui.engine.messages import Settings  # noqa: E402
from remaster_gui.engine.references import encode_reference  # noqa: E402
from remaster_gui.engine.render import RenderRequest, render  # noqa: E402
from remaster_gui.engine.shipped_weights import resolve_weights  # noqa: E402
from remaster_gui.engine.sizes import Size, resize  # noqa: E402
from remaster_gui.engine.stream import Pass, ShotStream  # noqa: E402
from remaster_gui.evaluation.agreement import agreement, built_in_clip, remaster  # noqa: E402
from remaster_gui.media import open_film, read_picture  # noqa: E402
from remaster_gui.model import PAPER, RemasterNetwork, load_model  # noqa: E402
from remaster_gui.model.precision import FULL, best_precision  # noqa: E402

SECONDS = 178
TEST_SECONDS = 60
PRIOR_EDGE, PRIOR_MILLISECONDS = 176, 1.5
TRAINING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Where to check, how much, and what has to be reached; None where no time is judged."""

    device: torch.device
    size: Size
    references: dict[int, float | None]
    """How many, and the milliseconds that a frame may take with them."""
    frames: int
    agreement: tuple[Size, ...]
    agreement_frames: int
    film: Size
    film_frames: int
    film_rate: float | None
    large: Size
    large_frames: int
    large_rate: float | None
    prior_milliseconds: float | None
    training_seconds: float | None
    seconds: float
    """For everything."""
    patience: float
    """Seconds to wait for a step of training."""

    @property
    def is_gpu(self) -> bool:
        """Whether it is a GPU that is checked."""
        return self.device.type == "cuda"

    @staticmethod
    def of(device: torch.device) -> Scale:
        """Return what the figures are about on a GPU, and little on a processor."""
        if device.type == "cuda":
            return Scale(
                device, Size(528, 400), {4: 6.0, 41: 12.0}, 96, (Size(208, 160), Size(432, 320)), 16,
                Size(432, 320), 360, 60.0, Size(1920, 1440), 60, 12.0, PRIOR_MILLISECONDS, TRAINING_SECONDS,
                SECONDS, 30,
            )  # fmt: skip
        return Scale(
            device, Size(64, 48), {2: None}, 16, (Size(64, 48),), 3,
            Size(96, 64), 12, None, Size(160, 128), 6, None, None, None, 3600, 600,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line names."""

    paper: Path | None
    film: Path | None
    references: Path | None


class MissedError(Exception):
    """A figure does not reach what is asked of it."""


def main() -> int:
    """Run all checks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--paper", type=Path, help="the authors' checkpoint (default: random numbers)")
    parser.add_argument("--film", type=Path, help="film to check with (default: one that is made)")
    parser.add_argument("--references", type=Path, help="its references")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N or cpu (default: %(default)s)")
    args = parser.parse_args()
    device = torch.device(args.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print(
            "This machine has no CUDA GPU that PyTorch can use; there is nothing to check.", file=sys.stderr
        )
        return 1
    began = time.monotonic()
    say(
        check="device",
        device=describe_device(device),
        torch=torch.__version__,
        precision=best_precision(device).name,
    )
    failed = False
    scale, given = Scale.of(device), Given(args.paper, args.film, args.references)
    with tempfile.TemporaryDirectory() as folder:
        for check in _checks(scale, given, Path(folder)):
            failed |= not attempt(check, scale.seconds - (time.monotonic() - began))
    say(check="end", passed=not failed, seconds=round(time.monotonic() - began, 1))
    return int(failed)


def _checks(scale: Scale, given: Given, folder: Path) -> Iterator[Callable[[], None]]:
    """Yield the checks, the most telling first."""
    made = networks(given.paper)
    for size in scale.agreement:
        yield partial(check_agreement, scale, "compact", made["compact"], given, size)
    for count in scale.references:
        yield partial(time_frames, scale, "compact", made["compact"], count)
    yield partial(time_rendering, scale, given, folder)
    yield partial(time_large_rendering, scale, folder)
    yield partial(time_prior, scale)
    yield partial(check_training, scale, folder)
    yield partial(check_doctor, scale, folder)
    yield partial(run_tests, TEST_SECONDS if scale.is_gpu else scale.patience)
    for count in scale.references:
        yield partial(time_frames, scale, "compact without prior", made["compact without prior"], count)
        yield partial(time_frames, scale, "paper", made["paper"], count)
    yield partial(check_agreement, scale, "paper", made["paper"], given, scale.agreement[0])


def attempt(check: Callable[[], None], seconds_left: float) -> bool:
    """Try a check if there is time left; says whether it succeeded."""
    what = getattr(check, "func", check).__name__
    if seconds_left <= 0:
        say(check="left out", what=what, error="there is no time left")
        return False
    began = time.monotonic()
    try:
        check()
    except Exception as error:  # the figures that can be had are worth having
        say(check="failed", what=what, error=f"{type(error).__name__}: {error}"[:500])
        return False
    say(check="done", what=what, seconds=round(time.monotonic() - began, 1))
    return True


def say(**facts: Any) -> None:
    """Print figures as soon as they are there."""
    print(json.dumps(facts), flush=True)


def judge(what: str, value: float, *, least: float | None = None, most: float | None = None) -> None:
    """Raise `MissedError` where a figure is not what it has to be."""
    if (least is not None and value < least) or (most is not None and value > most):
        raise MissedError(
            f"{what} is {value:.2f}, and has to be {'at least' if least else 'at most'} {least or most}"
        )


def finish(device: torch.device) -> None:
    """Wait for what a GPU has been given to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


Make = Callable[[torch.device], RemasterNetwork]


def networks(paper: Path | None) -> dict[str, Make]:
    """Return what makes each network on a device; without the authors' file, one of its shape."""

    def shaped(device: torch.device) -> RemasterNetwork:
        torch.manual_seed(0)
        return RemasterNetwork(PAPER).to(device).fold()

    return {
        "compact": lambda device: LoadedNetwork.load(None, device, precision=FULL).network,
        "compact without prior": lambda device: load_model(resolve_weights(None), device),
        "paper": (lambda device: load_model(paper, device)) if paper else shaped,
    }


def check_agreement(scale: Scale, name: str, make: Make, given: Given, size: Size) -> None:
    """Compare the device's default and its float32 with float32 on the processor."""
    frames = scale.agreement_frames if name == "compact" else 2
    clip, references = shot(given, frames, size)
    truth = remaster(make(torch.device("cpu")), clip, references)
    missed = []
    for precision in dict.fromkeys((best_precision(scale.device), FULL)):
        network = make(scale.device).compute_in(precision)
        found = agreement(remaster(network, clip, references), truth)
        say(
            check="agreement",
            network=name,
            size=str(size),
            frames=frames,
            precision=precision.name,
            luminance=round(found.luminance, 1),
            chrominance=round(found.chrominance, 1),
            worst_frame=round(found.worst_frame, 1),
            suffices=found.suffices(name),
        )
        missed += [precision.name] if not found.suffices(name) else []
    if missed:
        raise MissedError(f"{name} makes another picture in {', '.join(missed)}")


def shot(given: Given, frames: int, size: Size) -> tuple[Float, list[Float]]:
    """Return luminance ``(T, H, W)`` and references ``(H, W, 3)`` of the film that is given, or a built-in one."""
    if given.film is None or given.references is None:
        return built_in_clip(frames, size)
    with open_film(given.film) as film:
        start = min(50, max(0, film.info.frame_count - frames))
        span = FrameRange(start, min(start + frames, film.info.frame_count))
        clip = [resize(luma_to_lightness(frame.pixels), size) for frame in film.frames(span)]
    paths = sorted(given.references.glob("*.png"))[:4]
    return np.stack(clip), [resize(to_unit(read_picture(path)), size) for path in paths]


def time_frames(scale: Scale, name: str, make: Make, references: int) -> None:
    """Time both halves over a moving film, once memory is warm, and count how often the GPU is waited for."""
    device, size, frames = scale.device, scale.size, scale.frames
    network = make(device).compute_in(best_precision(device))
    plan = make_plan(network.config, size, size, Settings(), device, free_memory(device))
    clip, pictures = built_in_clip(8, size)
    film = torch.from_numpy(np.concatenate([clip, clip[::-1]] * (frames // 16)))
    began = time.perf_counter()
    features = [encode_reference(network, pictures[i % len(pictures)]) for i in range(references)]
    finish(device)
    encoding = 1000 * (time.perf_counter() - began) / references
    if scale.is_gpu:
        torch.cuda.reset_peak_memory_stats()
    best = 0.0
    for halves in ({"colorization": False}, {}):
        best, waits = float("inf"), 0
        for _ in range(2):
            work = Pass(network, features, size, size, tile_edge=plan.tile_edge, limits=plan.limits, **halves)
            began = time.perf_counter()
            waits = _push_all(ShotStream(work), film, plan.window, scale)
            finish(device)
            best = min(best, 1000 * (time.perf_counter() - began) / frames)
        say(
            check="time",
            network=name,
            size=str(size),
            references=references,
            window=plan.window,
            halves="restoration" if halves else "both",
            ms_a_frame=round(best, 2),
            ms_a_reference=round(encoding, 2),
            waits_a_window=round(waits * plan.window / frames, 1),
            peak_mb=torch.cuda.max_memory_allocated() // 2**20 if scale.is_gpu else None,
        )
    if name == "compact":
        judge(f"ms a frame with {references} references", best, most=scale.references[references])


def _push_all(stream: ShotStream, film: torch.Tensor, window: int, scale: Scale) -> int:
    """Push a film through; return how often PyTorch had to wait for the GPU."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if scale.is_gpu:
            torch.cuda.set_sync_debug_mode("warn")
        try:
            for start in range(0, len(film), window):
                for _ in stream.push(film[start : start + window], start + window >= len(film)):
                    pass
        finally:
            if scale.is_gpu:
                torch.cuda.set_sync_debug_mode("default")
    return sum("synchroniz" in str(each.message) for each in caught)


def time_rendering(scale: Scale, given: Given, folder: Path) -> None:
    """Render a film end to end, with four references."""
    film, references = given.film, given.references
    if film is None or references is None:
        film, references = make_film(folder / "film", scale.film, scale.film_frames)
    _time_render(scale, "render", RenderRequest(film, folder / "out.mov", references), scale.film_rate)


def time_large_rendering(scale: Scale, folder: Path) -> None:
    """Render a large film to ProRes, restored at its full size."""
    film, references = make_film(folder / "large", scale.large, scale.large_frames)
    request = RenderRequest(film, folder / "large.mov", references, preset="prores-hq")
    _time_render(scale, "render large", request, scale.large_rate)


def _time_render(scale: Scale, name: str, request: RenderRequest, least: float | None) -> None:
    edge = 320 if scale.is_gpu else 64
    request = dataclasses.replace(request, device=str(scale.device), settings=Settings(edge=edge))
    report, notices = complete(render(request, Event()))
    rate = report.frames / report.stage_seconds["frames"]
    say(
        check=name,
        size=report.size,
        preset=report.preset,
        frames=report.frames,
        frames_a_second=round(rate, 1),
        with_start_and_end=round(report.frames / report.seconds, 1),
        rates={stage: round(work.rate, 1) for stage, work in report.stages.items()},
        notices=[notice.text for notice in notices],
    )
    judge(f"{name}: frames a second", rate, least=least)


def time_prior(scale: Scale) -> None:
    """Time the colour prior by itself, frame after frame of a window."""
    prior = LoadedNetwork.load(None, scale.device).prior
    assert prior is not None
    edge, count = (PRIOR_EDGE, 16) if scale.is_gpu else (64, 2)
    frames = torch.rand(count, 1, edge, edge * 4 // 3, device=scale.device)
    best = float("inf")
    for _ in range(4):
        finish(scale.device)
        began = time.perf_counter()
        prior.guess(frames)
        finish(scale.device)
        best = min(best, 1000 * (time.perf_counter() - began) / count)
    say(check="prior", edge=edge, ms_a_frame=round(best, 2))
    judge("ms a frame of the prior", best, most=scale.prior_milliseconds)


def check_training(scale: Scale, folder: Path) -> None:
    """Start training, and see how soon it has made a step, and that nothing is compiled anew."""
    films = folder / "colour films"
    films.mkdir()
    for number, photograph in enumerate((skimage.data.astronaut, skimage.data.coffee, skimage.data.chelsea)):
        write_pictures(films / f"{number}.mp4", views(photograph(), Size(256, 192), 24))
    run, log = folder / "run", folder / "training.log"
    command = [
        *(sys.executable, "-m", "remaster_gui", "train", "--data", films, "--out", run),
        *("--cache", folder / "cache", "--minutes", "1", "--device", scale.device, "--workers", "2"),
        *(() if scale.is_gpu else ("--stages", "matching", "--set", "colorization.width=0.05")),
    ]
    with log.open("wb") as output:
        training = subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TORCH_LOGS": "recompiles"},
        )
        try:
            seconds = _until_first_step(training, run / "losses.csv", scale.patience)
            training.send_signal(signal.SIGINT)
            training.wait(scale.patience)
        finally:
            training.kill()
            training.wait()
    said = log.read_text(errors="replace")
    say(
        check="training",
        seconds_to_the_first_step=None if seconds is None else round(seconds, 1),
        recompiled=said.count("Recompiling"),
        said=said[-300:],
    )
    if seconds is None:
        raise MissedError("training has made no step")
    judge("seconds to the first step of training", seconds, most=scale.training_seconds)
    judge("parts compiled anew", said.count("Recompiling"), most=0.5)


def _until_first_step(training: subprocess.Popen[bytes], losses: Path, patience: float) -> float | None:
    """Return the seconds until the table of losses has a row; None where training ends before, or takes too long."""
    began = time.monotonic()
    while training.poll() is None and time.monotonic() - began < patience:
        if losses.is_file() and losses.read_text().count("\n") > 1:
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def check_doctor(scale: Scale, folder: Path) -> None:
    """See what the command ``doctor`` finds out about device and networks."""
    quick = [] if scale.is_gpu else ["--quick"]
    command = [sys.executable, "-m", "remaster_gui", "doctor", str(folder), "--json", *quick]
    done = subprocess.run(
        [*command, "--device", str(scale.device)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"doctor ended with {done.returncode}: {done.stderr[-300:]}")
    found = {finding["part"]: finding for finding in json.loads(done.stdout)}
    say(check="doctor", found={part: f"{each['verdict']}: {each['text']}" for part, each in found.items()})
    bad = [part for part in found if part.endswith("agreement") and found[part]["verdict"] != "good"]
    if bad or found["device"]["verdict"] != "good":
        raise MissedError(f"doctor does not find everything good: {', '.join(bad) or 'device'}")


def run_tests(seconds: float) -> None:
    """Run the tests that need a GPU, which skip themselves where there is none."""
    marked = [
        str(path) for path in (ROOT / "tests" / "unit").rglob("test_*.py") if "mark.cuda" in path.read_text()
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "cuda", "-p", "no:cacheprovider", *marked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    say(check="tests", passed=done.returncode == 0, output=done.stdout[-1500:])
    if done.returncode:
        raise MissedError("tests failed")


if __name__ == "__main__":
    sys.exit(main())
