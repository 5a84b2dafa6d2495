"""``remaster-gui bench``: time and memory of every stage on this machine."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from remaster_gui.cli.numbers import shown, whole

if TYPE_CHECKING:
    from remaster_gui.benchmarks.stage_times import Measured, Setup, StageTime
    from remaster_gui.engine.sizes import Size

EXAMPLES = """\
examples:
  remaster-gui bench
  remaster-gui bench --device cuda --references 4,41
  remaster-gui bench --ui
  remaster-gui bench --farm .film.mkv.remaster
  remaster-gui bench --sizes 432x320 --references 4,41 --weights remasternet.pth.tar --json bench.json
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "bench",
        help="measure time and memory of every stage",
        description="Measure milliseconds per frame and peak memory of every stage on a device, beside the "
        "authors' scheme (references encoded again for each block of five frames, attention maps held in memory) with "
        "the same weights. Compare within one run only.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="network to measure (default: the one that ships)"
    )
    parser.add_argument("--sizes", default="352x256,432x320,528x400", help="sizes WxH (default: %(default)s)")
    parser.add_argument(
        "--references", default="1,4,16,64", help="numbers of references (default: %(default)s)"
    )
    parser.add_argument(
        "--schemes",
        default="ours,unfilled,authors",
        help="ours, ours without the colour prior (unfilled), authors (default: all)",
    )
    parser.add_argument(
        "--windows", type=whole(1, 10**6), default=2, help="timed windows; the fastest counts (default: 2)"
    )
    parser.add_argument(
        "--device", default="cpu", help="cpu, cuda or cuda:N for the networks (default: %(default)s)"
    )
    parser.add_argument("--threads", type=whole(1, 1024), help="processor threads (default: all)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all rows to this file")
    parser.add_argument(
        "--ui",
        action="store_true",
        help="measure instead how soon the editor shows a frame that is asked for, follows the pen, and previews",
    )
    parser.add_argument(
        "--memory",
        action="store_true",
        help="measure instead how much memory the editor takes for a film of two hours with 200 references",
    )
    parser.add_argument(
        "--farm", type=Path, metavar="FOLDER",
        help="simulate instead what farms of several sizes make of a film of 150,000 frames, from what the parts took "
        "that lie in this work folder of a job",
    )  # fmt: skip
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.ui:
        return _run_ui()
    if args.memory:
        return _run_memory()
    if args.farm is not None:
        return _run_farm(args.farm)
    return _run_stages(args)


def _run_stages(args: argparse.Namespace) -> int:
    """Measure each setup, and show the table; with ``--json`` the file is written anew after each."""
    from rich.table import Table

    from remaster_gui.benchmarks.stage_times import STAGES, measure_apart
    from remaster_gui.cli.console import table_console
    from remaster_gui.engine.device import describe_device
    from remaster_gui.model.weights import usable_device

    console, device = table_console(), usable_device(args.device)
    table = Table(
        *("size", "references", "scheme", "precision", *STAGES, "total", "peak MB", "device MB"),
        *("GFLOP", "of matrix rate", "speed-up"),
    )
    rows: list[StageTime] = []
    ours: Measured | None = None
    for setup in _setups(args, str(device)):
        with console.status(f"{setup.size}, {setup.references} references, {setup.scheme}"):
            measured = measure_apart(setup, args.windows, args.threads)
        rows += measured.rows
        ratio = ""
        if setup.scheme == "ours":
            ours = measured
        elif ours is not None and setup.scheme == "authors":
            ratio = f"{measured.rows[-1].ms_per_frame / ours.rows[-1].ms_per_frame:.2f}x"
        table.add_row(*_row(setup, measured, device.type == "cuda"), ratio)
        _write_rows(args.json, rows)
    console.print(table)
    console.print(f"Networks on: {describe_device(device)}.")
    console.print("Milliseconds per frame. Speed-up: frames per second of ours over the authors' scheme.")
    return 0


def _setups(args: argparse.Namespace, device: str) -> Iterator[Setup]:
    """Return what the arguments ask to measure; where the table cannot be written is said before the work."""
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.benchmarks.stage_times import SCHEMES, setups
    from remaster_gui.engine.shipped_weights import resolve_weights
    from remaster_gui.media.faults import writing

    schemes = [scheme for scheme in SCHEMES if scheme in args.schemes.split(",")]
    counts = [_number(text, "--references") for text in args.references.split(",")]
    if not schemes or args.windows < 1:
        raise SettingsError("Name at least one scheme (ours, unfilled, authors) and one window to measure.")
    weights = resolve_weights(args.weights)
    if args.json is not None:
        with writing(args.json):
            args.json.touch()
    return setups(weights, _sizes(args.sizes), counts, schemes, device)


def _row(setup: Setup, measured: Measured, is_cuda: bool) -> Iterator[str]:
    """Yield the cells of a setup's row, but for the last."""
    total = measured.rows[-1]
    yield from (str(setup.size), str(setup.references), setup.scheme, total.precision)
    yield from (f"{row.ms_per_frame:.1f}" for row in measured.rows)
    yield f"{total.peak_rss_mb:.0f}"
    yield f"{total.peak_device_mb:.0f}" if is_cuda else ""
    yield f"{measured.gflop_per_frame:.1f}"
    yield f"{measured.share_of_matrix_rate:.0%}"


def _write_rows(path: Path | None, rows: Sequence[StageTime]) -> None:
    from remaster_gui.base.files import hand_out
    from remaster_gui.media.faults import writing

    if path is not None:
        with writing(path):
            hand_out(path, json.dumps([asdict(row) for row in rows], indent=1).encode() + b"\n")


def _run_farm(folder: Path) -> int:
    from rich.table import Table

    from remaster_gui.benchmarks.farm_times import FRAMES, measure_costs, simulate
    from remaster_gui.cli.console import table_console

    console = table_console()
    with console.status("Measuring"):
        costs = measure_costs(folder)
    pace = sum(costs.paces) / len(costs.paces)
    console.print(
        f"Measured: {1 / pace:.2f} frames/s in {len(costs.paces)} parts (slowest {1 / max(costs.paces):.2f}), "
        f"{costs.starting:.1f} s for a worker to start, {1000 * costs.handing:.1f} ms to hand out a part, "
        f"{1 / costs.joining:.0f} frames/s joined"
    )
    table = Table("workers", "hours", "efficiency", title=f"Simulated: {FRAMES} frames")
    for each in simulate(costs):
        table.add_row(str(each.workers), f"{each.seconds / 3600:.2f}", f"{100 * each.efficiency:.0f} %")
    console.print(table)
    return 0


def _run_ui() -> int:
    from rich.console import Console
    from rich.table import Table

    from remaster_gui.app import make_application
    from remaster_gui.benchmarks.painting import measure_painting
    from remaster_gui.benchmarks.previewing import measure_previewing
    from remaster_gui.benchmarks.scrubbing import GROUP, HEIGHT, WIDTH, measure_scrubbing
    from remaster_gui.benchmarks.spreading import measure_spreading
    from remaster_gui.cli.edit import check_display

    check_display()
    application = make_application()
    console = Console()
    table = Table("from the wish to the screen", "times", "median ms", "worst ms", "wanted")
    with console.status("scrubbing, painting and previewing"):
        timings = [*measure_scrubbing(), *measure_painting(), *measure_spreading(), *measure_previewing()]
    for timing in timings:
        table.add_row(
            timing.name, str(timing.times), f"{timing.median:.1f}", f"{timing.worst:.1f}", timing.limit
        )
    console.print(table)
    console.print(
        f"Scrubbing: H.264 of {WIDTH}x{HEIGHT} with grain, a key frame in {GROUP}; uncached frames lie anywhere. "
        "Previews: 768x576 with four references; the first one loads the network."
    )
    application.quit()
    return 0


def _run_memory() -> int:
    from rich.console import Console
    from rich.table import Table

    from remaster_gui.app import make_application
    from remaster_gui.benchmarks.memory import FRAMES, REFERENCES, measure_memory
    from remaster_gui.cli.edit import check_display

    check_display()
    application = make_application()
    console = Console()
    table = Table("after", "MB in use", "MB at most", "seconds")
    with console.status("making a film of two hours") as status:
        for use in measure_memory():
            table.add_row(use.name, f"{use.now:.0f}", f"{use.peak:.0f}", f"{use.seconds:.1f}")
            status.update(use.name)
    console.print(table)
    console.print(f"A film of {FRAMES} frames with {REFERENCES} references, all of them in use.")
    application.quit()
    return 0


def _sizes(text: str) -> list[Size]:
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.engine.sizes import Size
    from remaster_gui.model.colorization import SIZE_MULTIPLE

    sizes = []
    for part in text.split(","):
        width, _, height = part.partition("x")
        size = Size(_number(width, "--sizes"), _number(height, "--sizes"))
        if size.width % SIZE_MULTIPLE or size.height % SIZE_MULTIPLE:
            raise SettingsError(
                f"The size {part} cannot be measured; both sides have to be multiples of {SIZE_MULTIPLE}."
            )
        sizes.append(size)
    return sizes


def _number(text: str, option: str) -> int:
    from remaster_gui.base.errors import SettingsError

    if not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise SettingsError(f"{shown(text)} is no number for {option}; write it like 352x256 or 1,4.")
    return int(text)
