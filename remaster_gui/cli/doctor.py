"""``remaster-gui doctor``: what this machine has, and what it lacks, in a line each."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

EXAMPLES = """\
examples:
  remaster-gui doctor
  remaster-gui doctor /films/reel.mov --json
"""

_STYLES = {"good": "green", "note": "yellow", "missing": "red"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "doctor",
        help="look at device, weights, codecs, display, sound and disks of this machine",
        description="Say in a line each what this machine has and lacks: device, driver, memory, precision, how the "
        "device agrees with the processor, time for a frame with either network, weights, codecs, display, sound, free "
        "disk, versions. Takes some seconds, and ends well whatever is missing. What it prints belongs into a report "
        "of a fault.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "film",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="FILM",
        help="film, or folder of films, whose disk is looked at (default: the current folder)",
    )
    parser.add_argument("--device", help="cpu or cuda (default: the GPU where there is one)")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="network to look at (default: the one that ships)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="leave out what takes longest: trying the networks"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from rich.markup import escape
    from rich.table import Table

    from remaster_gui.cli.console import table_console
    from remaster_gui.cli.edit import check_display
    from remaster_gui.evaluation.checkup import Checkup

    checkup = Checkup(
        device=args.device,
        weights=args.weights,
        film=args.film,
        check_display=check_display,
        quick=args.quick,
    )
    if args.json:
        print(json.dumps([asdict(finding) for finding in checkup.findings()], indent=1))
        return 0
    console = table_console()
    table = Table("part", "verdict", "what was found")
    with console.status("looking at this machine"):
        for finding in checkup.findings():
            style = _STYLES[finding.verdict]
            table.add_row(finding.part, f"[{style}]{finding.verdict}[/]", escape(finding.text))
    console.print(table)
    return 0
