"""The command line: one module of this package for each command.

A command module has ``add_parser(subparsers)``, which sets ``func=run`` as default, and ``run(args) -> int``.
All of them are imported at every start, so torch, av and cv2 are imported inside ``run`` only.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from remaster_gui import __version__
from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import printable
from remaster_gui.base.paths import log_file
from remaster_gui.cli.console import LOG_LEVELS, guarded, logging_to_file
from remaster_gui.cli.terminal import prepare_streams

COMMANDS = (
    "edit",
    "render",
    "cuts",
    "job",
    "part",
    "assemble",
    "demo",
    "degrade",
    "evaluate",
    "bench",
    "train",
    "doctor",
    "install-desktop",
)
"""The commands, in the order in which the help lists them; their modules have underscores in the place of hyphens."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line with `argv` (default: the process's own) and return its exit status.

    Without a command the editor opens, with the film or project that is named, if one is.

    0: done; 1: a defect of ours; 2: a fault that the user can act on, or wrong usage; 130: Ctrl-C.
    """
    prepare_streams()
    return guarded(lambda: _run(with_command(sys.argv[1:] if argv is None else argv)), None)


def with_command(argv: list[str]) -> list[str]:
    """Let a film or a project alone stand for opening it in the editor, and nothing for the start page."""
    if not argv:
        return ["edit"]
    first = argv[0]
    is_path = first not in COMMANDS and not first.startswith("-") and (Path(first).exists() or "." in first)
    return ["edit", *argv] if is_path else argv


def _run(argv: list[str]) -> int:
    try:
        args = build_parser().parse_args(argv)
    except SystemExit as leaving:  # argparse has printed its help or its complaint
        return leaving.code if isinstance(leaving.code, int) else 1
    with logging_to_file(args.log_level, verbose=args.verbose) as log_path:
        return guarded(lambda: int(args.func(args)), log_path)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="remaster-gui",
        description="Restore and colour vintage black-and-white film from a few colour references.",
        epilog="'remaster-gui COMMAND --help' explains one command and shows examples.",
    )
    parser.add_argument("--version", action="version", version=f"remaster-gui {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"{__name__}.{name.replace('-', '_')}").add_parser(commands)
    for command in commands.choices.values():
        _add_common_arguments(command)
    return parser


def _add_common_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("messages")
    group.add_argument("--verbose", action="store_true", help="show on the terminal what is logged, too")
    try:
        path = printable(log_file()).replace("%", "%%")
    except StorageError:
        path = "no file, as this user has no home"
    group.add_argument(
        "--log-level",
        choices=LOG_LEVELS,
        default="info",
        help=f"least severe message that is logged to {path} (default: info)",
    )
