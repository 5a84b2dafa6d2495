"""`remaster-gui evaluate`: measure networks and simpler methods on a folder of colour films."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from remaster_gui.base.choices import GRAINS
from remaster_gui.cli.numbers import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from remaster_gui.base.arrays import Float
    from remaster_gui.evaluation.measuring import Degrade, Report
    from remaster_gui.evaluation.methods import Method
    from remaster_gui.evaluation.paper_tables import Comparison

_MOST = 10**9
SMALLEST_SIZE = 32
"""Shorter edge in pixels; below it the networks' features at 1/16 size mean nothing."""

EXAMPLES = """\
examples:
  remaster-gui evaluate films --task colorization --protocol 90
  remaster-gui evaluate films --task colorization --protocol cuts --methods network,copy --csv cuts.csv
  remaster-gui evaluate films --task restoration --protocol 90 --limit 4 --contact-sheet look.png
  remaster-gui evaluate films --task remastering --protocol 90 --weights a.safetensors --weights b.safetensors
  remaster-gui evaluate pack.bin --task hints --size 160
  remaster-gui evaluate films --table 6 --split held-out --markdown table-6.md --json table-6.json

Where the folder has a clips.csv (columns name and split), its validation films are taken, else all films.
Restoration and remastering measure on damage that depends on nothing but the film's name.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure quality on a folder of colour films",
        description="Measure networks and simpler methods on colour films, by the paper's protocols.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="folder of colour films; for hints also a pack of photographs",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--table",
        type=int,
        choices=(4, 5, 6),
        help="a table of the paper, with the systems that it compares: 4 remastering, 5 restoration, 6 colourisation",
    )
    what.add_argument(
        "--task",
        choices=("colorization", "restoration", "remastering", "hints"),
        help="hints: how the colour prior does with strokes, palettes and colours that references carry",
    )
    parser.add_argument(
        "--protocol",
        choices=("90", "300", "cuts", "unseen", "fades"),
        help="90: first 90 frames, the first is the reference; 300: first 300 frames, every 60th is one; "
        "cuts: two films cut together alternately, references and measured frames on different sides of cuts; "
        "unseen: first 30 frames, a third of the first one masked out, and only what shows there is measured; "
        "fades: as 90, with tones that change along the film",
    )
    parser.add_argument(
        "--weights",
        action="append",
        type=Path,
        metavar="F",
        help="weights of the method network (default: those that ship); repeat it to compare further ones; also "
        "those of the systems in model_weights/rivals",
    )
    parser.add_argument(
        "--methods",
        metavar="A,B",
        help="methods to run, separated by commas (default: network and the simple ones of the task); also the systems "
        "that the paper compares with: dncnn, wdsr, vondrick, zhang, dncnn+zhang and so on",
    )
    parser.add_argument(
        "--references", type=whole(0, _MOST), metavar="N", help="use N references at most; 0: none at all"
    )
    parser.add_argument(
        "--follow-motion", action=argparse.BooleanOptionalAction,
        help="whether the networks' colours also follow the motion from references, as in render (default: they do)",
    )  # fmt: skip
    parser.add_argument("--limit", type=whole(1, _MOST), metavar="N", help="use the first N films only")
    parser.add_argument(
        "--split",
        choices=("validation", "train", "held-out", "all"),
        help="films of clips.csv to use; held-out: those that neither taught nor chose anything",
    )
    parser.add_argument(
        "--size",
        type=whole(SMALLEST_SIZE, _MOST),
        default=256,
        metavar="PX",
        help="shorter edge (default: 256); none is enlarged",
    )
    parser.add_argument("--csv", type=Path, metavar="OUT", help="write the table as CSV")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the table as Markdown")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write a table of the paper as JSON")
    parser.add_argument(
        "--contact-sheet", type=Path, metavar="OUT.png", help="write the last frame of all clips and methods"
    )
    parser.add_argument(
        "--grain", choices=GRAINS,
        help="what becomes of grain in what the network restores, as in render (default: out, the network alone)",
    )  # fmt: skip
    parser.add_argument(
        "--undamaged", action="store_true",
        help="restore the clean films themselves: detail and sharpness say what that costs",
    )  # fmt: skip
    parser.add_argument(
        "--damage", type=Path, metavar="FOLDER", help="take half of the damage from scans in this folder"
    )
    parser.add_argument("--device", help="cpu, cuda or cuda:N (default: a GPU if there is one)")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the evaluation and hand out its tables."""
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.cli.following import follow
    from remaster_gui.evaluation.contact_sheet import ContactSheet
    from remaster_gui.evaluation.film_frames import LISTING, films_of
    from remaster_gui.evaluation.running import Evaluation
    from remaster_gui.evaluation.tables import to_csv, to_markdown, write
    from remaster_gui.media.output import check_output

    for path in filter(None, (args.csv, args.markdown, args.json, args.contact_sheet)):
        check_output(path, args.folder / LISTING)
    if args.table is not None:
        return _run_table(args)
    if args.json is not None:
        raise SettingsError(
            "JSON is written of the paper's tables; name one with --table, or leave out --json."
        )
    if args.task == "hints":
        return _run_hints(args)
    if (args.undamaged or args.grain) and args.task == "colorization":
        raise SettingsError(
            "--undamaged and --grain are of what is restored, and here colours alone are made; leave them out."
        )
    if args.protocol is None:
        raise SettingsError("Films are measured by a protocol; name one with --protocol.")
    films = films_of(args.folder, args.split)[: args.limit]
    methods = _methods(args)
    degrade = (
        None if args.task == "colorization" else _undamaged if args.undamaged else _degradation(args.damage)
    )
    evaluation = Evaluation(
        films, args.task, args.protocol, size=args.size, references=args.references, degrade=degrade
    )
    sheet = ContactSheet() if args.contact_sheet else None
    report = follow(evaluation.run(methods, sheet), "Evaluating")
    if args.csv:
        write(args.csv, to_csv(report).encode("utf-8", "backslashreplace"))
    if args.markdown:
        write(args.markdown, to_markdown(report, _title(args)).encode("utf-8", "backslashreplace"))
    if sheet:
        write(args.contact_sheet, sheet.to_png())
    _show(report, _title(args))
    return 0


def _run_table(args: argparse.Namespace) -> int:
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.cli.following import follow
    from remaster_gui.engine.device import choose_device
    from remaster_gui.evaluation import comparison_report, paper_tables
    from remaster_gui.evaluation.comparison import RivalMethods
    from remaster_gui.evaluation.film_frames import films_of
    from remaster_gui.evaluation.tables import write
    from remaster_gui.model.weights import usable_device

    for option in ("protocol", "weights", "methods", "references", "contact_sheet", "follow_motion"):
        if getattr(args, option) is not None:
            name = option.replace("_", "-")
            raise SettingsError(f"A table of the paper says itself what is measured; leave out --{name}.")
    table = paper_tables.TABLES[args.table]
    rivals = RivalMethods(usable_device(choose_device(args.device)))
    methods = {entry.method: rivals.method(table.task, entry.method) for entry in table.entries}
    training = {entry.method: rivals.training(table.task, entry.method) for entry in table.entries}
    films = films_of(args.folder, args.split)[: args.limit]
    degrade = None if table.task == "colorization" else _degradation(args.damage)
    work = paper_tables.measure(table, films, methods, training, size=args.size, degrade=degrade)
    comparison = follow(work, "Evaluating")
    for path, text in (
        (args.csv, comparison_report.to_csv),
        (args.markdown, comparison_report.to_markdown),
        (args.json, comparison_report.to_json),
    ):
        if path is not None:
            write(path, text(comparison).encode("utf-8", "backslashreplace"))
    _show_comparison(comparison)
    return 0


def _show_comparison(comparison: Comparison) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from remaster_gui.cli.console import table_console
    from remaster_gui.evaluation import comparison_report

    console = table_console()
    for result in comparison.results:
        title = f"Table {comparison.table.number}, first {result.protocol.frames} frames"
        table = Table(title=title, box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
        for number, heading in enumerate(comparison_report.COLUMNS):
            table.add_column(heading, justify="right" if number else "left")
        for cells in comparison_report.rows_of(comparison, result):
            table.add_row(*cells)
        console.print(table)
    for remark in comparison_report.remarks(comparison):
        console.print(remark, highlight=False, markup=False)


def _run_hints(args: argparse.Namespace) -> int:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from remaster_gui.cli.console import table_console
    from remaster_gui.cli.following import follow
    from remaster_gui.engine.device import choose_device
    from remaster_gui.engine.shipped_weights import PRIOR_NAME, resolve_weights
    from remaster_gui.evaluation import hints
    from remaster_gui.evaluation.tables import write
    from remaster_gui.model.prior_weights import load_prior

    weights = resolve_weights(args.weights[0] if args.weights else None, PRIOR_NAME)
    prior = load_prior(weights, choose_device(args.device))
    count, pictures = _still_pictures(args)
    count = min(count, args.limit or count)
    work = hints.measure_hints(prior, itertools.islice(pictures, count), count, size=args.size)
    report = follow(work, "Evaluating")
    title = f"hints, {args.size} pixels"
    if args.csv:
        write(args.csv, hints.to_csv(report).encode())
    if args.markdown:
        write(args.markdown, hints.to_markdown(report, title).encode())
    table = Table(title=title, box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for heading in hints.COLUMNS:
        table.add_column(heading, justify="left" if heading == "hints" else "right", no_wrap=True)
    for row in report.rows:
        table.add_row(*hints.cells(row))
    console = table_console()
    console.print(table)
    console.print(hints.remark(report), highlight=False, markup=False)
    return 0


def _still_pictures(args: argparse.Namespace) -> tuple[int, Iterator[NDArray[np.uint8]]]:
    """Return the photographs of a pack, or the first frame of each film of a folder, and how many there are."""
    from remaster_gui.evaluation.film_frames import films_of, read_frames
    from remaster_gui.media.photo_packs import PhotoPack

    if args.folder.is_dir():
        films = films_of(args.folder, args.split)
        return len(films), (read_frames(film, 1, args.size)[0] for film in films)
    pack = PhotoPack(args.folder)
    return len(pack), pack.pictures()


def _methods(args: argparse.Namespace) -> dict[str, Method]:
    """Put the methods asked for in order, networks first unless the user says otherwise."""
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.engine.device import choose_device
    from remaster_gui.evaluation.comparison import NETWORK, RivalMethods, rival_names
    from remaster_gui.evaluation.running import comparison_methods
    from remaster_gui.model.weights import usable_device

    with_references = args.references != 0
    if args.methods is None:
        comparisons = comparison_methods(args.task, None, references=with_references)
        return {**_networks(args), **comparisons}
    names = [name.strip() for name in args.methods.split(",") if name.strip()]
    if not names:
        raise SettingsError("--methods names no method; leave it out to run all of them.")
    simple = [name for name in names if name != NETWORK and name not in rival_names(args.task)]
    others = comparison_methods(args.task, simple, references=with_references)
    rivals = RivalMethods(usable_device(choose_device(args.device)))
    chosen: dict[str, Method] = {}
    for name in names:
        if name == NETWORK:
            chosen.update(_networks(args))
        else:
            chosen[name] = others[name] if name in others else rivals.method(args.task, name)
    return chosen


def _networks(args: argparse.Namespace) -> dict[str, Method]:
    """Load the weights: the first are the method `network`, further ones are named after their files."""
    from remaster_gui.engine.device import choose_device
    from remaster_gui.engine.shipped_weights import resolve_weights
    from remaster_gui.evaluation.comparison import weights_method
    from remaster_gui.model.weights import usable_device

    paths = [resolve_weights(path) for path in args.weights or (None,)]
    device = usable_device(choose_device(args.device))
    methods: dict[str, Method] = {}
    for path in paths:
        name = f"network {path.stem}" if methods else "network"
        name = f"network {path}" if name in methods else name
        methods[name] = weights_method(
            path, device, args.task, args.grain or "out", follows=args.follow_motion is not False
        )
    return methods


def _show(report: Report, title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from remaster_gui.cli.console import table_console
    from remaster_gui.evaluation.tables import cells, ordered, remarks

    table = Table(title=title, box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column("clip", no_wrap=True, min_width=12)
    table.add_column("method", no_wrap=True)
    for heading in ("frames", "refs", "PSNR", "SSIM", "flicker", "color", "ms", "CDC", "detail", "edges"):
        table.add_column(heading, justify="right", no_wrap=True)
    previous = ""
    for row in ordered(report):
        if previous and row.clip != previous:
            table.add_section()
        table.add_row(*map(Text, cells(row)), style="bold" if row.clip == "mean" else None)
        previous = row.clip
    console = table_console()
    console.print(table)
    for remark in remarks(report):
        console.print(remark, highlight=False, markup=False)


def _undamaged(luminance: Float, _seed: int) -> Float:
    return luminance


def _title(args: argparse.Namespace) -> str:
    cap = "" if args.references is None else f", at most {args.references} references"
    how = (", undamaged" if args.undamaged else "") + (f", grain {args.grain}" if args.grain else "")
    return f"{args.task}, protocol {args.protocol}{cap}, {args.size} pixels{how}"


def _degradation(damage: Path | None) -> Degrade:
    """Return the damage of measurements, which training never shows; `damage` holds scanned examples."""
    from remaster_gui.training.damage import DamageSplit
    from remaster_gui.training.degradation import degrade_clip

    return lambda luminance, seed: degrade_clip(luminance, seed, split=DamageSplit.EVALUATION, folder=damage)
