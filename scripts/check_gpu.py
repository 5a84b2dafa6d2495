"""Check and time everything on a GPU within three minutes, and say what does not reach what is asked of it.

    python scripts/check_gpu.py [--paper remasternet.pth.tar] [--film FILM --references FOLDER] [--json FILE]

Prints a plain verdict a line and goes on whatever fails: `good` and `missed` for what is asked of a GPU, `shown` for
what nothing is asked of, `failed` for what could not be done, `left out` for what there was no time for. The exit
status is 1 if anything was missed, failed or left out. All figures go to FILE, a line of JSON each. With
`--device cpu` it goes through the same at small sizes, where no time is judged: to try the script itself where there is
no GPU, in two minutes.
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

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
import torch  # noqa: E402
from check_films import make_film, views, write_pictures  # noqa: E402
from gpu_findings import Findings  # noqa: E402
from gpu_scale import Scale  # noqa: E402

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

TEST_SECONDS = 60
PRIOR_EDGE = 176


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line names."""

    paper: Path | None
    film: Path | None
    references: Path | None


def main() -> int:
    """Run all checks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--paper", type=Path, help="the authors' checkpoint (default: random numbers)")
    parser.add_argument("--film", type=Path, help="film to check with (default: one that is made)")
    parser.add_argument("--references", type=Path, help="its references")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N or cpu (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    args = parser.parse_args()
    device = torch.device(args.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print(
            "This machine has no CUDA GPU that PyTorch can use; there is nothing to check.", file=sys.stderr
        )
        return 1
    scale, given = Scale.of(device), Given(args.paper, args.film, args.references)
    with tempfile.TemporaryDirectory() as folder, Findings(args.json, scale.seconds) as found:
        name = describe_device(device)
        found.shown(
            f"{name}, PyTorch {torch.__version__}, {best_precision(device).name}", check="device", device=name
        )
        for check in _checks(scale, given, Path(folder)):
            found.attempt(check)
        return found.end()


def _checks(scale: Scale, given: Given, folder: Path) -> Iterator[Callable[[Findings], None]]:
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
    yield partial(run_tests, scale)
    for count in scale.references:
        yield partial(time_frames, scale, "compact without prior", made["compact without prior"], count)
        yield partial(time_frames, scale, "paper", made["paper"], count)
    yield partial(check_agreement, scale, "paper", made["paper"], given, scale.agreement[0])
    yield partial(time_following, scale, folder)


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


def check_agreement(scale: Scale, name: str, make: Make, given: Given, size: Size, found: Findings) -> None:
    """Compare the device's default and its float32 with float32 on the processor."""
    frames = scale.agreement_frames if name == "compact" else 2
    clip, references = shot(given, frames, size)
    truth = remaster(make(torch.device("cpu")), clip, references)
    for precision in dict.fromkeys((best_precision(scale.device), FULL)):
        network = make(scale.device).compute_in(precision)
        result = agreement(remaster(network, clip, references), truth)
        found.judged(
            result.suffices(name),
            f"{name} at {size} in {precision.name} agrees with the processor: luminance {result.luminance:.1f} dB, "
            f"chrominance {result.chrominance:.1f} dB, worst of {len(clip)} frames {result.worst_frame:.1f} dB",
            check="agreement",
            network=name,
            size=str(size),
            precision=precision.name,
            luminance=result.luminance,
            chrominance=result.chrominance,
            worst_frame=result.worst_frame,
        )


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


def time_frames(scale: Scale, name: str, make: Make, references: int, found: Findings) -> None:
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
        torch.cuda.reset_peak_memory_stats(device)
    for halves in ({"colorization": False}, {}):
        best, waits = float("inf"), 0
        for _ in range(2):
            work = Pass(network, features, size, size, tile_edge=plan.tile_edge, limits=plan.limits, **halves)
            began = time.perf_counter()
            waits = _push_all(ShotStream(work), film, plan.window, scale)
            finish(device)
            best = min(best, 1000 * (time.perf_counter() - began) / frames)
        what = "restoration" if halves else "both halves"
        waited = waits * plan.window / frames
        peak = torch.cuda.max_memory_allocated(device) // 2**20 if scale.is_gpu else 0
        found.timed(
            f"{name}, {what} at {size} with {references} references (windows of {plan.window}, {waited:.1f} waits in "
            f"each, {peak} MB, {encoding:.1f} ms a reference), ms a frame",
            best,
            most=scale.references[references] if name == "compact" and not halves else None,
            check="time",
            network=name,
            halves=what,
            references=references,
            window=plan.window,
            ms_a_reference=encoding,
            waits_a_window=waited,
            peak_mb=peak,
        )


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


def time_rendering(scale: Scale, given: Given, folder: Path, found: Findings) -> None:
    """Render a film end to end, with four references that belong to no frame of it."""
    film, references = given.film, given.references
    if film is None or references is None:
        film, references = make_film(folder / "film", scale.film, scale.film_frames, tied=False)
    _time_render(scale, "render", RenderRequest(film, folder / "out.mov", references), scale.film_rate, found)


def time_large_rendering(scale: Scale, folder: Path, found: Findings) -> None:
    """Render a large film to ProRes, restored at its full size."""
    film, references = make_film(folder / "large", scale.large, scale.large_frames, tied=False)
    request = RenderRequest(film, folder / "large.mov", references, preset="prores-hq")
    _time_render(scale, "render of a large film", request, scale.large_rate, found)


def time_following(scale: Scale, folder: Path, found: Findings) -> None:
    """Render the film end to end with references that are followed along its motion, which a processor looks for."""
    film, references = make_film(folder / "followed", scale.film, scale.film_frames, tied=True)
    request = RenderRequest(film, folder / "followed.mov", references)
    _time_render(scale, "render with references that are followed", request, None, found)


def _time_render(
    scale: Scale, name: str, request: RenderRequest, least: float | None, found: Findings
) -> None:
    edge = 320 if scale.is_gpu else 64
    request = dataclasses.replace(request, device=str(scale.device), settings=Settings(edge=edge))
    report, notices = complete(render(request, Event()))
    rates = {stage: round(work.rate, 1) for stage, work in report.stages.items()}
    found.timed(
        f"{name}, {report.frames} frames of {report.size} to {report.preset} "
        f"({', '.join(f'{stage} {rate:g}' for stage, rate in rates.items())}), frames a second",
        report.frames / report.stage_seconds["frames"],
        least=least,
        check="render",
        size=report.size,
        preset=report.preset,
        with_start_and_end=report.frames / report.seconds,
        rates=rates,
        notices=[notice.text for notice in notices],
    )
    for notice in notices:
        found.shown(f"{name} says: {notice.text}")


def time_prior(scale: Scale, found: Findings) -> None:
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
    found.timed(f"colour prior at a shorter edge of {edge}, ms a frame", best, most=scale.prior_milliseconds)


def check_training(scale: Scale, folder: Path, found: Findings) -> None:
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
    if seconds is None:
        raise RuntimeError(f"training has made no step: {said[-300:]}")
    found.timed("training: seconds to the first step", seconds, most=scale.training_seconds, said=said[-300:])
    recompiled = said.count("Recompiling")
    found.judged(recompiled == 0, f"training: {recompiled} parts are compiled anew")


def _until_first_step(training: subprocess.Popen[bytes], losses: Path, patience: float) -> float | None:
    """Return the seconds until the table of losses has a row; None where training ends before, or takes too long."""
    began = time.monotonic()
    while training.poll() is None and time.monotonic() - began < patience:
        if losses.is_file() and losses.read_text().count("\n") > 1:
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def check_doctor(scale: Scale, folder: Path, found: Findings) -> None:
    """See what the command ``doctor`` finds out about device and networks."""
    quick = [] if scale.is_gpu else ["--quick"]
    command = [sys.executable, "-m", "remaster_gui", "doctor", str(folder), "--json", *quick]
    done = subprocess.run(
        [*command, "--device", str(scale.device)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"doctor ended with {done.returncode}: {done.stderr[-300:]}")
    for finding in json.loads(done.stdout):
        part, verdict, text = finding["part"], finding["verdict"], finding["text"]
        passed = verdict == "good" if part == "device" or part.endswith("agreement") else None
        found.judged(passed, f"doctor, {part}: {verdict}: {text}", check="doctor", value=finding["value"])


def run_tests(scale: Scale, found: Findings) -> None:
    """Run the tests that need a GPU, which skip themselves where there is none."""
    marked = [
        str(path) for path in (ROOT / "tests" / "unit").rglob("test_*.py") if "mark.cuda" in path.read_text()
    ]
    seconds = min(TEST_SECONDS, max(1.0, found.left)) if scale.is_gpu else scale.patience
    command = [sys.executable, "-m", "pytest", "-q", "-m", "cuda", "-p", "no:cacheprovider", *marked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    *_, last = done.stdout.strip().splitlines() or ["no output"]
    found.judged(
        done.returncode == 0, f"tests that need a GPU: {last}", check="tests", output=done.stdout[-1500:]
    )


if __name__ == "__main__":
    sys.exit(main())
