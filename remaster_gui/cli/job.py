"""``remaster-gui job``: plan a render, for others to make its parts."""

from __future__ import annotations

import argparse
from pathlib import Path

from remaster_gui.cli.following import follow_stoppably
from remaster_gui.cli.render import add_render_arguments, requested
from remaster_gui.cli.terminal import tell

STOPPING = "Stopping. Press Ctrl-C again to stop at once."
STOPPED = "Stopped at once."

EXAMPLES = """\
examples:
  remaster-gui job film.mov --references colours/ --output film.mkv --openjd film.yaml
  remaster-gui part .film.mkv.remaster 0
  remaster-gui assemble .film.mkv.remaster

Every machine has to see the film and the folder under the same names. The parts of a job are made in any order and by
any number of machines; what is finished is not made again, also not by 'remaster-gui render' with the same options.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "job",
        help="plan a render whose parts other machines make",
        description="Plan a render into a work folder beside its output, for a studio's own scheduler.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_render_arguments(parser)
    parser.add_argument(
        "--openjd", type=Path, metavar="FILE",
        help="write an Open Job Description template whose tasks are the parts and whose last step joins them",
    )  # fmt: skip
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from remaster_gui.base.files import hand_out
    from remaster_gui.engine.kept_parts import work_folder
    from remaster_gui.engine.open_job import job_template
    from remaster_gui.engine.render import plan_render
    from remaster_gui.media.faults import writing

    with requested(args) as request:
        job = follow_stoppably(lambda cancel: plan_render(request, cancel), "Planning", STOPPING, STOPPED)
    folder = work_folder(request.output.absolute())
    tell(f"Parts to be made: {len(job.parts)}, in {folder}")
    if args.openjd is not None:
        with writing(args.openjd):
            hand_out(args.openjd, job_template(job).encode())
        tell(f"Template: {args.openjd}; its parameter Folder is the folder of the parts")
    return 0
