"""`remaster-gui degrade`: make an old film out of any film."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from remaster_gui.cli.following import follow
from remaster_gui.cli.numbers import real, whole
from remaster_gui.cli.terminal import tell

if TYPE_CHECKING:
    from remaster_gui.base.arrays import Bytes
    from remaster_gui.base.notices import Update
    from remaster_gui.media import Film
    from remaster_gui.media.presets import Preset
    from remaster_gui.media.writer import Segment
    from remaster_gui.training.degradation import Strength

STRONGEST = 4.0

EXAMPLES = """\
examples:
  remaster-gui degrade holiday.mp4 old-holiday.mp4 --seed 7
  remaster-gui degrade holiday.mp4 ruined.mov --seed 7 --strength 2 --damage scans
  remaster-gui degrade --contact-sheet degradation.jpg
  remaster-gui degrade holiday.mp4 --contact-sheet degradation.png --seed 40

The film becomes black and white; frames, rate and sound stay. The same seed makes the same damage.
A contact sheet shows four frames of FILM, or four photographs without it, as three old films whose seeds
follow each other.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser(
        "degrade",
        help="make an old film out of any film",
        description="Make a black-and-white film with dust, scratches, grain and flicker out of any film.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("film", nargs="?", type=Path, metavar="FILM", help="film file or folder of pictures")
    parser.add_argument("output", nargs="?", type=Path, metavar="OUT", help="the old film to write")
    parser.add_argument(
        "--seed", type=whole(0, 2**32 - 1), default=0, metavar="N", help="which damage (default: 0)"
    )
    parser.add_argument(
        "--strength",
        type=real(0, STRONGEST),
        default=1.0,
        metavar="X",
        help=f"factor of the usual damage, 0 to {STRONGEST:g} (default: 1; 0 only takes the colour away)",
    )
    parser.add_argument(
        "--damage", type=Path, metavar="FOLDER", help="take half of the damage from scans in this folder"
    )
    parser.add_argument("--preset", metavar="P", help="how to encode (default: by the suffix of OUT)")
    parser.add_argument(
        "--contact-sheet", type=Path, metavar="PNG", help="write one picture with examples instead of a film"
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Write the film, or the contact sheet."""
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.training.degradation import FILM

    strength = FILM.times(args.strength)
    if args.contact_sheet is not None:
        if args.output is not None:
            raise SettingsError("A contact sheet is written instead of a film; leave out OUT.")
        _write_contact_sheet(args, strength)
        return 0
    if args.film is None or args.output is None:
        raise SettingsError("Name the film to degrade and the film to write, or ask for --contact-sheet.")
    frames = follow(_write_film(args, strength), "Ageing")
    tell(f"{args.output}: {frames} frames")
    return 0


def _write_film(args: argparse.Namespace, strength: Strength) -> Generator[Update, None, int]:
    """Write the film; returns how many frames it has."""
    from remaster_gui.base.files import Draft
    from remaster_gui.media import open_film
    from remaster_gui.media.assembly import assemble
    from remaster_gui.media.faults import writing
    from remaster_gui.media.output import check_output
    from remaster_gui.media.presets import preset_for

    preset = preset_for(args.output, args.preset)
    with open_film(args.film) as film:
        check_output(args.output, args.film, is_folder=preset.is_sequence)
        with writing(args.output), Draft(args.output, is_folder=True) as room:
            segment = yield from _write_pictures(args, strength, film, preset, room.path / "pictures")
            yield from assemble(args.output, [segment], preset, rate=film.info.rate, source=film)
        yield from film.notices()
        return segment.frames


def _write_pictures(
    args: argparse.Namespace, strength: Strength, film: Film, preset: Preset, path: Path
) -> Generator[Update, None, Segment]:
    """Write all frames, aged, as one silent segment."""
    import numpy as np

    from remaster_gui.base.color import to_unit
    from remaster_gui.base.notices import Progress
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.rate_meter import RateMeter
    from remaster_gui.media.writer import Segment, SegmentWriter
    from remaster_gui.training.damage import DamageSplit
    from remaster_gui.training.degradation import Degradation

    info, clock = film.info, RateMeter()
    age = Degradation(
        args.seed, info.height, info.width, DamageSplit.EVALUATION, strength, folder=args.damage
    )
    with SegmentWriter(path, preset, info.width, info.height, info.rate, info.pixel_aspect) as writer:
        for frame in film.frames(FrameRange(0, info.frame_count)):
            grey = age.apply(to_unit(frame.pixels), frame.index)
            writer.write(np.repeat(grey[..., None], 3, axis=2), frame.time)
            yield Progress(writer.frames, info.frame_count, clock.rate(1))
    return Segment(path, writer.frames)


def _write_contact_sheet(args: argparse.Namespace, strength: Strength) -> None:
    from remaster_gui.training.damage_sheet import damage_sheet, write_sheet

    pictures = _photographs() if args.film is None else _stills(args.film)
    seeds = range(args.seed, args.seed + 3)
    write_sheet(args.contact_sheet, damage_sheet(pictures, seeds, strength, args.damage))


def _stills(path: Path) -> list[Bytes]:
    """Four frames spread over a film."""
    import numpy as np

    from remaster_gui.base.color import to_unit
    from remaster_gui.media import open_film

    with open_film(path) as film:
        indices = [(2 * number + 1) * film.info.frame_count // 8 for number in range(4)]
        frames = [film.read(index, "rgb").pixels for index in indices]
    return [np.rint(to_unit(pixels) * 255).astype(np.uint8) for pixels in frames]


def _photographs() -> list[Bytes]:
    """Photographs in the public domain or under CC0, as scikit-image ships them."""
    from remaster_gui.demo import ASTRONAUT, CAT, COFFEE, ROCKET

    return [look.photograph()[..., :3] for look in (ASTRONAUT, COFFEE, CAT, ROCKET)]
