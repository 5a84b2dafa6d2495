"""``remaster-gui demo``: make the demo film and open it in the editor, or remaster it where there is no display."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from remaster_gui.base.paths import user_folder
from remaster_gui.cli.terminal import tell

EXAMPLES = """\
examples:
  remaster-gui demo
  remaster-gui demo --headless --folder /tmp/demo --weights mine.safetensors
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "demo",
        help="make a short old film and open or remaster it",
        description="Make a short old film with its colour references, from photographs that are installed, and open "
        "them in the editor; without a display, remaster the film instead. All is kept: the next time there is "
        "nothing left to make.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where to put it (default: your data folder)"
    )
    parser.add_argument("--headless", action="store_true", help="remaster it, even where there is a display")
    group = parser.add_argument_group("without a display")
    group.add_argument(
        "--weights", type=Path, metavar="FILE", help="network to use (default: the one that ships)"
    )
    group.add_argument("--device", help="cpu, cuda or cuda:N (default: a GPU if there is one)")
    group.add_argument("--again", action="store_true", help="remaster it even if that was done before")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from remaster_gui.base.errors import DisplayError
    from remaster_gui.cli.edit import check_display

    folder = args.folder or user_folder("data")
    if not args.headless:
        try:
            check_display()
        except DisplayError as error:
            print(f"{error}\nThe demo film is remastered without the editor.", file=sys.stderr)
        else:
            return _edit(folder)
    return _remaster(args, folder)


def _edit(folder: Path) -> int:
    from rich.console import Console

    from remaster_gui.app import run_editor
    from remaster_gui.document.demo_project import make_demo_project

    with Console(stderr=True).status("Making the demo film"):
        project = make_demo_project(folder)
    tell(f"The demo project: {project}")
    return run_editor(project)


def _remaster(args: argparse.Namespace, folder: Path) -> int:
    from rich.console import Console

    from remaster_gui.cli.render import run_request
    from remaster_gui.demo import make_demo
    from remaster_gui.engine.render_request import RenderRequest
    from remaster_gui.engine.shipped_weights import resolve_weights

    weights = resolve_weights(args.weights)
    with Console(stderr=True).status("Making the demo film"):
        project = make_demo(folder)
    output = project.film.with_name("remastered.mp4")
    tell(f"The old film: {project.film}")
    tell(f"Its references: {project.references}")
    if not args.again and _is_remastered(project.film, output, weights):
        tell(f"Remastered before: {output}")
        return 0
    return run_request(
        RenderRequest(
            film=project.film,
            output=output,
            references=project.references,
            weights=weights,
            device=args.device,
        )
    )


def _is_remastered(film: Path, output: Path, weights: Path) -> bool:
    """Whether `output` is what this version of the application makes of `film` with these weights."""
    from remaster_gui import __version__
    from remaster_gui.engine.report import report_path
    from remaster_gui.media import content_hash
    from remaster_gui.model import weights_hash

    if not output.is_file():
        return False
    try:
        report = json.loads(report_path(output).read_text(encoding="utf-8"))
        made_from = report["film"]["hash"], report["weights"]["hash"], report["application"]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return bool(made_from == (content_hash(film), weights_hash(weights), __version__))
