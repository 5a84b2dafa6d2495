"""``remaster-gui part``: make one part of a planned render."""

from __future__ import annotations

import argparse
from pathlib import Path

from remaster_gui.cli.following import follow_stoppably
from remaster_gui.cli.numbers import whole
from remaster_gui.cli.terminal import tell

STOPPING = "Stopping after this window; the part is made anew later. Press Ctrl-C again to stop at once."
STOPPED = "Stopped at once; the part is made anew later."
_MOST = 10**9

EXAMPLES = """\
examples:
  remaster-gui part .film.mkv.remaster 0
  remaster-gui part .film.mkv.remaster 3 --device cuda:1
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "part",
        help="make one part of a planned render",
        description="Make a part of the job that 'remaster-gui job' has planned, unless it is there and sound.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="work folder of the job")
    parser.add_argument("number", type=whole(0, _MOST), help="of the part, from 0")
    parser.add_argument(
        "--device", help="cpu, cuda or cuda:N (default: of the kind for which the job was planned)"
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from remaster_gui.engine.workplace import Workplace

    with Workplace(args.device) as place:
        follow_stoppably(
            lambda cancel: place.make(args.folder, args.number, cancel), "Remastering", STOPPING, STOPPED
        )
    tell(f"Part {args.number} is finished")
    return 0
