"""``remaster-gui cuts``: exchange the cuts of a film with editing programs."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from remaster_gui.base.counting import counted
from remaster_gui.cli.following import follow, show_notices
from remaster_gui.cli.terminal import stopped_by_ctrl_c, tell

if TYPE_CHECKING:
    from remaster_gui.api import ProjectFile
    from remaster_gui.base.notices import Progress
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.cutlists import Difference, FilmClock, Marker, PlacedCuts
    from remaster_gui.media import Film

EXAMPLES = """\
examples:
  remaster-gui cuts film.mov
  remaster-gui cuts film.remaster --import edit.edl
  remaster-gui cuts reel3.mov --import edit.otio --by source --reel A003 --export shots.csv
  remaster-gui cuts film.remaster --export shots.edl --report film.mov.report.json
"""

_STOPPING = "Stopping. Press Ctrl-C again to stop at once."
_STOPPED = "Stopped at once; nothing was changed."


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "cuts",
        help="read cuts from the list of an editing program, or write them as one",
        description="Show the cuts of a film, as they are in its project or as they are found; lay a cut list on the "
        "film, and say each difference; write the shots as a cut list, with notes and markers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "film", type=Path, metavar="FILM|PROJECT", help="film, folder of pictures, or .remaster project"
    )
    parser.add_argument(
        "--import", dest="list", type=Path, metavar="LIST",
        help="cut list to lay on the film: .edl, .otio, .xml (Final Cut Pro 7), .csv or .txt (frames); a project takes "
        "the cuts over",
    )  # fmt: skip
    add_placing(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would change in the project")
    parser.add_argument(
        "--export", type=Path, metavar="LIST", help="cut list to write: .edl, .otio or .csv, by its suffix"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE",
        help="report of a render (OUTPUT.report.json), of which markers are written: where colours are guessed",
    )  # fmt: skip
    parser.add_argument(
        "--rate", metavar="R", help="frames per second of a folder of pictures, like 18 (default: 24)"
    )
    parser.set_defaults(func=run)


def add_placing(parser: argparse._ActionsContainer) -> None:
    """Add what says where a cut list lies on a film."""
    parser.add_argument(
        "--by", choices=("record", "source"), default="record",
        help="what of the list's events lies on the film: where they are seen in the edit (record, default), or what "
        "they take from their source",
    )  # fmt: skip
    parser.add_argument("--reel", metavar="NAME", help="take the events of this reel alone")
    parser.add_argument(
        "--start", metavar="TIMECODE", help="timecode of the film's first frame, in place of its own"
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from remaster_gui.base.timebase import parse_rate
    from remaster_gui.cutlists import differences, write_cut_list
    from remaster_gui.engine.cut_lists import clock_of, listed_film, markers_of_report, placed_list

    markers = () if args.report is None else markers_of_report(args.report)
    with (
        stopped_by_ctrl_c(_STOPPING, _STOPPED) as cancel,
        _opened(args.film, None if args.rate is None else parse_rate(args.rate)) as subject,
    ):
        before, info = subject.cuts(cancel), subject.film.info
        cuts, names, notes, own = before, dict[int, str](), subject.notes(), subject.markers()
        if args.list is not None:
            placed = placed_list(args.list, info, by=args.by, reel=args.reel, start=args.start)
            cuts, names = placed.cuts, dict(placed.names)
            _tell_placed(placed, differences(before, cuts), clock_of(info))
            if not args.dry_run:
                notes, own = subject.take_over(placed)
        elif args.export is None:
            for cut in before:
                tell(f"{cut:>8}  {clock_of(info).label(cut)}")
        if args.export is not None:
            shots = listed_film(
                info, cuts, names=names, notes=notes, markers=(*own, *markers), reel=args.reel
            )
            write_cut_list(args.export, shots)
            tell(f"{counted(len(shots.shots), 'shot')}: {args.export}")
    return 0


def _tell_placed(placed: PlacedCuts, found: Sequence[Difference], clock: FilmClock) -> None:
    """Say how a list differs from the cuts that there were, and what cuts cannot say."""
    show_notices(placed.notices)
    for each in found:
        tell(f"{each.frame:>8}  {clock.label(each.frame)}  {each}")
    for mark in placed.marks:
        tell(f"{mark.span.start:>8}  {clock.label(mark.span.start)}  {mark.text}")
    same = len(placed.cuts) - sum(each.kind != "removed" for each in found)
    tell(f"{counted(len(placed.cuts), 'shot')}; as before: {same}, different: {len(found)}.")


@dataclass(frozen=True, slots=True)
class _Subject:
    """The film that is spoken of, and its project, if it has one."""

    film: Film
    file: ProjectFile | None = None

    def cuts(self, cancel: Event) -> tuple[int, ...]:
        """Return the cuts of the project, or look for those of the film."""
        from remaster_gui.engine.stored_shots import shots_of
        from remaster_gui.media import content_hash

        if self.file is not None and self.file.project.cuts is not None:
            return tuple(shot.start for shot in self.file.project.shots)

        def search() -> Generator[Progress, None, list[FrameRange]]:
            digest = content_hash(self.film.info.path, cancel)
            return (yield from shots_of(self.film, digest, cancel))

        shots = follow(search(), "Looking for cuts")
        if cancel.is_set():
            raise KeyboardInterrupt
        return tuple(shot.start for shot in shots)

    def notes(self) -> dict[int, str]:
        """Return what the project notes of shots, by their first frames."""
        if self.file is None:
            return {}
        return {record.first: record.notes for record in self.file.project.shot_records if record.notes}

    def markers(self) -> tuple[Marker, ...]:
        """Return the project's own markers."""
        from remaster_gui.project.cut_imports import markers_of

        return () if self.file is None else markers_of(self.file.project)

    def take_over(self, placed: PlacedCuts) -> tuple[dict[int, str], tuple[Marker, ...]]:
        """Give the project the cuts and markers of a list, and shots the notes of it; returns all notes and markers."""
        from remaster_gui.project.cut_imports import notes_of, with_placed

        if self.file is None:
            return notes_of(placed), placed.markers
        self.file.edit(with_placed(self.file.project, placed))
        tell("The project has these cuts now.")
        return self.notes(), self.markers()


@contextmanager
def _opened(path: Path, rate: Fraction | None) -> Iterator[_Subject]:
    from remaster_gui.api import ProjectFile, open_film
    from remaster_gui.media.sequences import is_sequence
    from remaster_gui.project.database import SUFFIX

    with ExitStack() as stack:
        file = None
        if path.suffix.lower() == SUFFIX and path.is_file():
            file = stack.enter_context(ProjectFile.open(path))
            film = file.project.film
            path = film.path
            rate = film.rate if is_sequence(path) else None
        yield _Subject(stack.enter_context(open_film(path, rate=rate)), file)
