"""``remaster-gui assemble``: join the parts of a planned render."""

from __future__ import annotations

import argparse
from pathlib import Path

from remaster_gui.cli.ending import add_ending_arguments, end
from remaster_gui.cli.following import follow_stoppably

STOPPING = "Stopping; nothing is lost. Press Ctrl-C again to stop at once."
STOPPED = "Stopped at once; the same command joins the parts anew."

EXAMPLES = """\
examples:
  remaster-gui assemble .film.mkv.remaster --archive
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "assemble",
        help="join the parts of a planned render",
        description="Join the parts of the job that 'remaster-gui job' has planned, when all of them are made.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="work folder of the job")
    add_ending_arguments(parser)
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from remaster_gui.engine.render import assemble_job
    from remaster_gui.engine.signing import signer_for
    from remaster_gui.engine.signing_files import SigningFiles
    from remaster_gui.engine.workplace import request_of

    request = request_of(args.folder)
    signer = None if args.sign is None else signer_for(request, SigningFiles(*args.sign))
    report = follow_stoppably(lambda cancel: assemble_job(args.folder, cancel), "Joining", STOPPING, STOPPED)
    end(request, report, archives=args.archive, signer=signer)
    return 0
