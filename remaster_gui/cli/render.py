"""``remaster-gui render``: restore and colour a film."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from remaster_gui.base.choices import (
    DEFAULT_EDGE,
    DEFAULT_GRAIN,
    DEFAULT_VIVIDNESS,
    GRAINS,
    LUMINANCES,
    MOST_SATURATION,
    MOST_SENSITIVITY,
    OVERLAY_KINDS,
    SOUND_CHOICES,
)
from remaster_gui.cli.cuts import add_placing
from remaster_gui.cli.ending import STOPPED, STOPPING, add_ending_arguments, end
from remaster_gui.cli.following import follow_stoppably, show_notices
from remaster_gui.cli.numbers import real, whole
from remaster_gui.cli.own_preset import add_format, with_own_preset
from remaster_gui.cli.project_render import is_project, project_request

if TYPE_CHECKING:
    from fractions import Fraction

    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.engine.delivery import Delivery
    from remaster_gui.engine.farm import Farm
    from remaster_gui.engine.messages import Settings
    from remaster_gui.engine.render_request import RenderRequest
    from remaster_gui.engine.signing import FilmSigner

Value = TypeVar("Value")

EXAMPLES = """\
examples:
  remaster-gui render film.mp4 --references colours/ --output film.mov
  remaster-gui render film.mp4 --output guessed.mov --vividness 0.6
  remaster-gui render film.mkv --references colours/ --output test.mp4 --range 100:220
  remaster-gui render film.remaster --output film.mov
  remaster-gui render scans/ --rate 18 --output restored.mkv --no-colorization --preset ffv1-16
  remaster-gui render film.mov --references colours/ --output frames/ --preset png16 --luminance source
  remaster-gui render film.mov --references colours/ --output film.mkv --farm local:2
"""

_MOST = 10**9


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "render",
        help="restore and colour a film",
        description="Restore a film and colour it after a few references. A run that was stopped or killed goes on "
        "where it was when the same command is given again.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_render_arguments(parser)
    add_ending_arguments(parser)
    farm = parser.add_argument_group("farm")
    farm.add_argument(
        "--farm", metavar="ADDRESS",
        help="let others make the parts: local:N for N processes of this machine, or the address of the scheduler of a "
        "dask.distributed cluster whose machines see the film and the output's folder under the same names",
    )  # fmt: skip
    farm.add_argument("--tls-ca", type=Path, metavar="FILE", help="certificate of who signs for the farm")
    farm.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate of this machine")
    farm.add_argument("--tls-key", type=Path, metavar="FILE", help="its key")
    parser.set_defaults(func=run)


def add_render_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says which film is rendered, and how."""
    parser.add_argument(
        "film", type=Path, help="film file, folder of pictures, name.%%06d.ext, or .remaster project"
    )
    parser.add_argument(
        "--output", "-o", type=Path,
        help="file or folder to write; may be left out with a --preset of your own, which knows a place",
    )  # fmt: skip
    parser.add_argument(
        "--references", "-r", type=Path, metavar="DIR",
        help="folder of colour pictures; ref_000123.png belongs to frame 123 (default: the colours are guessed)",
    )  # fmt: skip
    parser.add_argument(
        "--vividness", type=real(0, 1), metavar="V",
        help=f"of colours that are guessed, from 0 (pale, and right most often) to 1 (default: {DEFAULT_VIVIDNESS:g})",
    )  # fmt: skip
    parser.add_argument(
        "--follow-motion", action=argparse.BooleanOptionalAction,
        help="whether colours also follow the motion, from the frames that references show to those around them "
        "(default: they do)",
    )  # fmt: skip
    parser.add_argument(
        "--range", dest="span", metavar="A:B", help="frames A up to B, or timecodes (default: all)"
    )
    cuts = parser.add_argument_group("cuts")
    cuts.add_argument(
        "--cuts", type=Path, metavar="LIST",
        help="cut list that says where shots begin (default: cuts are looked for): .edl, .otio, .xml, .csv or .txt",
    )  # fmt: skip
    add_placing(cuts)
    shots = parser.add_argument_group("shot by shot")
    shots.add_argument(
        "--per-shot", action="store_true",
        help="write a file for each shot into the folder that --output names; needs --preset",
    )  # fmt: skip
    shots.add_argument(
        "--handles", type=whole(0, 1000), metavar="N",
        help="frames before and behind each shot that its file holds as well (default: 0)",
    )  # fmt: skip
    shots.add_argument(
        "--names", metavar="PATTERN",
        help="names of these files: {film}, {reel} (of --reel), {shot}, {timecode}, {frame} and {last} stand for what "
        "they name, {shot:05} for five digits (default: {film}_{shot})",
    )  # fmt: skip
    parser.add_argument(
        "--rate",
        metavar="R",
        help="frames per second of a folder of pictures, like 18 or 24000/1001 (default: 24)",
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="network to use (default: the one that ships)"
    )
    add_format(parser)
    parser.add_argument(
        "--size", type=whole(-_MOST, _MOST), metavar="N",
        help=f"shorter edge at which colours are computed (default: {DEFAULT_EDGE}); the output has the film's size "
        "anyway",
    )  # fmt: skip
    parser.add_argument(
        "--luminance",
        choices=LUMINANCES,
        help="restored at full size (default), restored at --size and enlarged, or the source's own",
    )
    parser.add_argument(
        "--restoration-strength", type=real(0, 1), metavar="S",
        help="share of the restored luminance from 0 to 1 (default: 1); the rest is the source's own, with its grain",
    )  # fmt: skip
    parser.add_argument(
        "--grain", choices=GRAINS,
        help="of what is restored: take it out, keep the film's own wherever no dirt was taken away (default), or put "
        "new grain as strong and as coarse as the film's was measured to be in its place",
    )  # fmt: skip
    parser.add_argument(
        "--dirt-sensitivity", type=real(0, MOST_SENSITIVITY), metavar="S",
        help=f"how faint dirt may be that is taken away, from 0 (none is) to {MOST_SENSITIVITY:g} (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--saturation", type=real(0, MOST_SATURATION), metavar="S",
        help=f"of the colours, from 0 to {MOST_SATURATION:g} (default: 1, as the network has them)",
    )  # fmt: skip
    parser.add_argument(
        "--sound", choices=SOUND_CHOICES, default="copy",
        help="take the sound over as it is where the output can hold it and convert what it cannot (default), convert "
        "all of it to AAC (mp4), 24-bit PCM (mov) or FLAC (mkv), or leave it out",
    )  # fmt: skip
    parser.add_argument(
        "--overlay", choices=OVERLAY_KINDS,
        help="write a film beside the output, that shows which reference each region "
        "draws its colours from, or what is painted, carried over and guessed",
    )  # fmt: skip
    parser.add_argument(
        "--layers", action="store_true",
        help="write into OpenEXR pictures what part of each pixel's colour is painted, carried over and guessed, and "
        "from which reference, as layers for compositing",
    )  # fmt: skip
    parser.add_argument(
        "--mattes", action="store_true",
        help="write mattes of a project's named colours into OpenEXR pictures, as Cryptomatte",
    )  # fmt: skip
    parser.add_argument(
        "--lut", type=Path, metavar="FILE",
        help="bake a table of colours (.cube, 1D or 3D) into the pictures; the report says so",
    )  # fmt: skip
    parser.add_argument(
        "--keep-parts", action="store_true",
        help="keep the parts that the output is joined of in the hidden folder beside it, so that a next run with a "
        "repainted reference makes anew only those that draw from it",
    )  # fmt: skip
    parser.add_argument(
        "--exact", action="store_true",
        help="make all parts anew that were made with other references, also those that draw nothing from what changed",
    )  # fmt: skip
    parser.add_argument("--device", help="cpu, cuda or cuda:N (default: a GPU if there is one)")
    parser.add_argument("--no-restoration", action="store_true", help="keep noise and damage, only colour")
    parser.add_argument("--no-colorization", action="store_true", help="stay black and white, only restore")
    parser.add_argument("--deinterlace", action="store_true", help="join the two fields of interlaced frames")
    parser.add_argument(
        "--strict", action="store_true", help="refuse a damaged film instead of rendering what is readable"
    )
    parser.add_argument(
        "--compat", choices=("authors",),
        help="compute exactly what the authors' script does: blocks of five, no cuts, output at --size",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from remaster_gui.engine.signing import signer_for
    from remaster_gui.engine.signing_files import SigningFiles

    farm = _farm(args)
    with requested(args) as request:
        signer = None if args.sign is None else signer_for(request, SigningFiles(*args.sign))
        return run_request(request, farm, archives=args.archive, signer=signer)


def _farm(args: argparse.Namespace) -> Farm | None:
    """Return the farm that the command names; raises `SettingsError`."""
    from remaster_gui.base.errors import SettingsError

    files = (args.tls_ca, args.tls_cert, args.tls_key)
    if args.farm is None and any(files):
        raise SettingsError(
            "The TLS files are those of a farm; give its address with --farm, or leave them out."
        )
    if any(files) and not all(files):
        raise SettingsError("A farm with TLS needs all three files: --tls-ca, --tls-cert and --tls-key.")
    if args.farm is None:
        return None
    from remaster_gui.engine.farm import Farm
    from remaster_gui.engine.farm_address import FarmAddress, Tls

    return Farm(FarmAddress.read(args.farm, Tls(*files) if all(files) else None))


@contextmanager
def requested(args: argparse.Namespace) -> Iterator[RenderRequest]:
    """Lend what `add_render_arguments` asks for, of a film or a project, which stays open meanwhile.

    Raises `SettingsError` for what contradicts itself.
    """
    args = with_own_preset(args)
    if is_project(args.film):
        _check_cuts(args)
        with project_request(args) as request:
            yield _with_parts(replace(request, delivery=_delivery(args)), args)
    else:
        yield _with_parts(_film_request(args), args)


def _with_parts(request: RenderRequest, args: argparse.Namespace) -> RenderRequest:
    return replace(request, exact=args.exact, keeps_parts=args.keep_parts)


def _film_request(args: argparse.Namespace) -> RenderRequest:
    from remaster_gui.base.timebase import parse_rate
    from remaster_gui.engine.render_request import RenderRequest

    _check_options(args)
    _check_cuts(args)
    delivery = _delivery(args)
    rate = None if args.rate is None else parse_rate(args.rate)
    return RenderRequest(
        film=args.film,
        output=args.output,
        references=args.references,
        span=args.span,
        rate=rate,
        weights=args.weights,
        preset=args.preset,
        settings=_settings(args),
        device=args.device,
        strict=args.strict,
        deinterlace=args.deinterlace,
        sound=args.sound,
        overlay=args.overlay,
        delivery=delivery,
        shots=None if args.cuts is None else _listed_shots(args, rate),
        layers=args.layers,
        mattes=args.mattes,
        lut=args.lut,
        height=args.height,
    )


def _check_options(args: argparse.Namespace) -> None:
    """Refuse options that contradict each other; raises `SettingsError`."""
    from remaster_gui.base.errors import SettingsError

    if args.no_restoration and args.no_colorization:
        raise SettingsError(
            "With both --no-restoration and --no-colorization nothing is left to do; leave one out."
        )
    if args.no_colorization and args.references is not None:
        raise SettingsError(
            "References colour a film, which --no-colorization forbids; leave one of the two out."
        )
    if args.vividness is not None and (args.no_colorization or args.compat or args.references is not None):
        raise SettingsError(
            "--vividness is of colours that are guessed, and here nothing would be guessed; leave it out, or leave out "
            f"--{'no-colorization' if args.no_colorization else 'compat' if args.compat else 'references'}."
        )
    if args.restoration_strength is not None and (
        args.no_restoration or args.luminance == "source" or args.compat
    ):
        raise SettingsError(
            "--restoration-strength mixes restored and own luminance, and here is one of them alone; leave it out."
        )
    for option, value in (("--grain", args.grain), ("--dirt-sensitivity", args.dirt_sensitivity)):
        if value is not None and (args.no_restoration or args.luminance == "source" or args.compat):
            raise SettingsError(
                f"{option} is of what restoration takes away, and here it takes nothing away so; leave it out."
            )
    if args.saturation is not None and (args.no_colorization or args.compat):
        raise SettingsError(
            "--saturation is of the colours that the network makes, and here they stay as they are; leave it out."
        )
    if args.follow_motion is not None and (args.no_colorization or args.compat or args.references is None):
        option = "--follow-motion" if args.follow_motion else "--no-follow-motion"
        raise SettingsError(
            f"{option} is of how the colours of references are carried, and here are none to be carried; leave it out, "
            "or give --references."
        )


def _settings(args: argparse.Namespace) -> Settings:
    from remaster_gui.engine.messages import Settings

    return Settings(
        edge=DEFAULT_EDGE if args.size is None else args.size,
        luminance=args.luminance or "restored",
        restoration=not args.no_restoration,
        colorization=not args.no_colorization,
        authors_scheme=args.compat == "authors",
        restoration_strength=1.0 if args.restoration_strength is None else args.restoration_strength,
        saturation=1.0 if args.saturation is None else args.saturation,
        vividness=DEFAULT_VIVIDNESS if args.vividness is None else args.vividness,
        grain=args.grain or DEFAULT_GRAIN,
        dirt_sensitivity=1.0 if args.dirt_sensitivity is None else args.dirt_sensitivity,
        following=args.follow_motion is not False and not args.compat,
    )


def _delivery(args: argparse.Namespace) -> Delivery | None:
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.engine.delivery import DEFAULT_PATTERN, Delivery, delivery_preset

    if not args.per_shot:
        if args.handles is not None or args.names is not None:
            raise SettingsError(
                "--handles and --names are of files for each shot; add --per-shot or leave them out."
            )
        return None
    delivery_preset(args.preset)
    return Delivery(args.handles or 0, args.names or DEFAULT_PATTERN, args.reel or "")


def _check_cuts(args: argparse.Namespace) -> None:
    from remaster_gui.base.errors import SettingsError

    asks_for_reel = args.reel is not None and not args.per_shot
    if args.cuts is None and (args.by != "record" or asks_for_reel or args.start is not None):
        raise SettingsError(
            "--by, --reel and --start say how a cut list lies on the film, and none is given; add --cuts LIST."
        )
    if args.cuts is not None and args.compat:
        raise SettingsError("The authors' script knows no cuts; leave out --cuts or --compat.")


def _listed_shots(args: argparse.Namespace, rate: Fraction | None) -> tuple[FrameRange, ...]:
    """Return the shots of a cut list, and say what of it could not be taken over."""
    from remaster_gui.engine.cut_lists import placed_list
    from remaster_gui.media import open_film

    with open_film(args.film, deinterlace=args.deinterlace, rate=rate) as film:
        placed = placed_list(args.cuts, film.info, by=args.by, reel=args.reel, start=args.start)
        show_notices(placed.notices)
        return placed.shots(film.info.frame_count)


def run_request(
    request: RenderRequest,
    farm: Farm | None = None,
    *,
    archives: bool = False,
    signer: FilmSigner | None = None,
) -> int:
    """Render, on a farm if there is one, and show how far it is; sign, and write what archives want if asked to.

    Returns the exit status.
    """
    from remaster_gui.engine.render import render

    report = follow_stoppably(lambda cancel: render(request, cancel, farm), "Remastering", STOPPING, STOPPED)
    end(request, report, archives=archives, signer=signer)
    return 0
