"""Check and time everything on a GPU within three minutes: tests marked `cuda`, agreement, time a frame, rendering.

    python scripts/check_gpu.py [--paper remasternet.pth.tar] [--film FILM --references FOLDER]

Prints one line of JSON for each figure and goes on whatever fails; the exit status is 1 if anything did.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
from remaster_gui.engine.sizes import Size  # noqa: E402
from remaster_gui.engine.stream import Pass, ShotStream  # noqa: E402
from remaster_gui.engine.weights import resolve_weights  # noqa: E402
from remaster_gui.evaluation.agreement import agreement, built_in_clip, remaster  # noqa: E402
from remaster_gui.model import PAPER, RemasterNetwork, load_model  # noqa: E402
from remaster_gui.model.precision import FULL, best_precision  # noqa: E402

SIZE = Size(528, 400)
REFERENCES = (4, 41)
FRAMES = 96
TEST_SECONDS = 70
DEVICE = torch.device("cuda")


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


def run_tests() -> None:
    """Run the tests that need a GPU."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "cuda", str(ROOT / "tests" / "unit")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=TEST_SECONDS, check=False
    )
    say(check="tests", passed=done.returncode == 0, output=done.stdout[-1500:])
    if done.returncode:
        raise RuntimeError("tests failed")


def check_agreement(name: str, make: Callable[[torch.device], RemasterNetwork]) -> None:
    """Compare the GPU's default and its float32 with float32 on the processor."""
    clip, references = built_in_clip(6 if name == "compact" else 2)
    truth = remaster(make(torch.device("cpu")), clip, references)
    for precision in dict.fromkeys((best_precision(DEVICE), FULL)):
        network = make(DEVICE).compute_in(precision)
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


def time_frames(name: str, make: Callable[[torch.device], RemasterNetwork], references: int) -> None:
    """Time both halves over a moving film, once memory is warm."""
    network = make(DEVICE).compute_in(best_precision(DEVICE))
    plan = make_plan(network.config, SIZE, SIZE, Settings(), DEVICE, free_memory(DEVICE))
    clip, pictures = built_in_clip(8, SIZE)
    film = torch.from_numpy(np.concatenate([clip, clip[::-1]] * (FRAMES // 16)))
    began = time.perf_counter()
    features = [encode_picture(network, pictures[i % len(pictures)]) for i in range(references)]
    torch.cuda.synchronize()
    encoding = 1000 * (time.perf_counter() - began) / references
    torch.cuda.reset_peak_memory_stats()
    for halves in ({}, {"colorization": False}):
        best = float("inf")
        for _ in range(2):
            work = Pass(network, features, SIZE, SIZE, tile_edge=plan.tile_edge, limits=plan.limits, **halves)
            stream = ShotStream(work)
            began = time.perf_counter()
            for start in range(0, FRAMES, plan.window):
                stream.push(film[start : start + plan.window], start + plan.window >= FRAMES)
            torch.cuda.synchronize()
            best = min(best, 1000 * (time.perf_counter() - began) / FRAMES)
        say(
            check="time",
            network=name,
            size=str(SIZE),
            references=references,
            window=plan.window,
            halves="restoration" if halves else "both",
            ms_a_frame=round(best, 2),
            ms_a_reference=round(encoding, 2),
            peak_mb=torch.cuda.max_memory_allocated() // 2**20,
        )


def time_rendering(film: Path, references: Path | None) -> None:
    """Render a film end to end."""
    with tempfile.TemporaryDirectory() as folder:
        request = RenderRequest(film, Path(folder) / "out.mov", references, device="cuda")
        report, notices = complete(render(request, Event()))
        say(
            check="render",
            frames=report.frames,
            frames_a_second=round(report.frames / report.seconds, 1),
            stages={stage: round(seconds, 2) for stage, seconds in report.stage_seconds.items()},
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
    args = parser.parse_args()
    if not torch.cuda.is_available():
        print(
            "This machine has no CUDA GPU that PyTorch can use; there is nothing to check.", file=sys.stderr
        )
        return 1
    say(
        check="device",
        device=describe_device(DEVICE),
        torch=torch.__version__,
        precision=best_precision(DEVICE).name,
    )
    checks: list[Callable[[], None]] = []
    for name, make in networks(args.paper).items():
        checks += [lambda n=name, m=make, r=r: time_frames(n, m, r) for r in REFERENCES]  # type: ignore[misc]
        checks.append(lambda n=name, m=make: check_agreement(n, m))  # type: ignore[misc]
    if args.film:
        checks.append(lambda: time_rendering(args.film, args.references))
    checks.append(run_tests)
    failed = False
    for check in checks:
        try:
            check()
        except Exception as error:  # the figures that can be had are worth having
            failed = True
            say(check="failed", error=f"{type(error).__name__}: {error}"[:500])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
