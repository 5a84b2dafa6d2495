"""Check and time everything on a GPU within three minutes: tests marked `cuda`, agreement, time a frame, rendering.

    python scripts/check_gpu.py [--paper remasternet.pth.tar] [--film FILM --references FOLDER]

Prints one line of JSON for each figure and goes on whatever fails; the exit status is 1 if anything did. What there is
no time left for is said. With `--device cpu` it goes through the same at a small size, to try the script itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402

from remaster_gui.base.notices import complete  # noqa: E402
from remaster_gui.engine.device import describe_device, free_memory, make_plan  # noqa: E402
from remaster_gui.engine.messages import Settings  # noqa: E402
from remaster_gui.engine.references import encode_picture  # noqa: E402
from remaster_gui.engine.render import RenderRequest, render  # noqa: E402
from remaster_gui.engine.shipped_weights import resolve_weights  # noqa: E402
from remaster_gui.engine.sizes import Size  # noqa: E402
from remaster_gui.engine.stream import Pass, ShotStream  # noqa: E402
from remaster_gui.evaluation.agreement import agreement, built_in_clip, remaster  # noqa: E402
from remaster_gui.model import PAPER, RemasterNetwork, load_model  # noqa: E402
from remaster_gui.model.precision import FULL, best_precision  # noqa: E402

SECONDS = 175
TEST_SECONDS = 70


@dataclass(frozen=True)
class Scale:
    """Where to check, and how much."""

    device: torch.device
    size: Size
    references: tuple[int, ...]
    frames: int

    @staticmethod
    def of(device: torch.device) -> Scale:
        """Return what the figures are about on a GPU, and little on a processor."""
        if device.type == "cuda":
            return Scale(device, Size(528, 400), (4, 41), 96)
        return Scale(device, Size(64, 48), (2,), 16)


def finish(device: torch.device) -> None:
    """Wait for what a GPU has been given to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def say(**facts: Any) -> None:
    """Print figures as soon as they are there."""
    print(json.dumps(facts), flush=True)


def networks(paper: Path | None) -> dict[str, Callable[[torch.device], RemasterNetwork]]:
    """Return what makes either network on a device; without the authors' file, one of its shape."""

    def shaped(device: torch.device) -> RemasterNetwork:
        torch.manual_seed(0)
        return RemasterNetwork(PAPER).to(device).fold()

    return {
        "compact": lambda device: load_model(resolve_weights(None), device),
        "paper": (lambda device: load_model(paper, device)) if paper else shaped,
    }


def run_tests(seconds: float) -> None:
    """Run the tests that need a GPU, which skip themselves where there is none."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "cuda", str(ROOT / "tests" / "unit")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    say(check="tests", passed=done.returncode == 0, output=done.stdout[-1500:])
    if done.returncode:
        raise RuntimeError("tests failed")


def check_agreement(scale: Scale, name: str, make: Callable[[torch.device], RemasterNetwork]) -> None:
    """Compare the device's default and its float32 with float32 on the processor."""
    clip, references = built_in_clip(6 if name == "compact" else 2)
    truth = remaster(make(torch.device("cpu")), clip, references)
    for precision in dict.fromkeys((best_precision(scale.device), FULL)):
        network = make(scale.device).compute_in(precision)
        found = agreement(remaster(network, clip, references), truth)
        say(
            check="agreement",
            network=name,
            precision=precision.name,
            luminance=round(found.luminance, 1),
            chrominance=round(found.chrominance, 1),
            worst_frame=round(found.worst_frame, 1),
            suffices=found.suffices(name),
        )


def time_frames(
    scale: Scale, name: str, make: Callable[[torch.device], RemasterNetwork], references: int
) -> None:
    """Time both halves over a moving film, once memory is warm."""
    device, size, frames = scale.device, scale.size, scale.frames
    network = make(device).compute_in(best_precision(device))
    plan = make_plan(network.config, size, size, Settings(), device, free_memory(device))
    clip, pictures = built_in_clip(8, size)
    film = torch.from_numpy(np.concatenate([clip, clip[::-1]] * (frames // 16)))
    began = time.perf_counter()
    features = [encode_picture(network, pictures[i % len(pictures)]) for i in range(references)]
    finish(device)
    encoding = 1000 * (time.perf_counter() - began) / references
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    for halves in ({}, {"colorization": False}):
        best = float("inf")
        for _ in range(2):
            work = Pass(network, features, size, size, tile_edge=plan.tile_edge, limits=plan.limits, **halves)
            stream = ShotStream(work)
            began = time.perf_counter()
            for start in range(0, frames, plan.window):
                for _ in stream.push(film[start : start + plan.window], start + plan.window >= frames):
                    pass
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
            peak_mb=torch.cuda.max_memory_allocated() // 2**20 if device.type == "cuda" else None,
        )


def time_rendering(device: torch.device, film: Path, references: Path | None) -> None:
    """Render a film end to end."""
    with tempfile.TemporaryDirectory() as folder:
        request = RenderRequest(film, Path(folder) / "out.mov", references, device=str(device))
        report, notices = complete(render(request, Event()))
        say(
            check="render",
            frames=report.frames,
            frames_a_second=round(report.frames / report.seconds, 1),
            stages={stage: round(seconds, 2) for stage, seconds in report.stage_seconds.items()},
            rates={stage: round(work.rate, 1) for stage, work in report.stages.items()},
            notices=[notice.text for notice in notices],
        )


def main() -> int:
    """Run all checks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--paper", type=Path, help="the authors' checkpoint (default: random numbers)")
    parser.add_argument("--film", type=Path, help="film to render")
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
    scale = Scale.of(device)
    say(
        check="device",
        device=describe_device(device),
        torch=torch.__version__,
        precision=best_precision(device).name,
    )
    checks: list[Callable[[], None]] = []
    for name, make in networks(args.paper).items():
        checks += [partial(time_frames, scale, name, make, count) for count in scale.references]
        checks.append(partial(check_agreement, scale, name, make))
    if args.film:
        checks.append(partial(time_rendering, device, args.film, args.references))
    failed = False
    for check in checks:
        failed |= not attempt(check, SECONDS - TEST_SECONDS - (time.monotonic() - began))
    left = SECONDS - (time.monotonic() - began)
    failed |= not attempt(partial(run_tests, min(left, TEST_SECONDS)), left)
    say(check="end", seconds=round(time.monotonic() - began, 1))
    return int(failed)


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


if __name__ == "__main__":
    sys.exit(main())
