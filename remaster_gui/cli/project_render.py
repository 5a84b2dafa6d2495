"""What ``remaster-gui render`` makes of a project: the film as the editor would export it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remaster_gui.engine.render_request import RenderRequest

_OF_THE_PROJECT = {
    "references": "--references",
    "vividness": "--vividness",
    "follow_motion": "--follow-motion",
    "rate": "--rate",
    "size": "--size",
    "luminance": "--luminance",
    "restoration_strength": "--restoration-strength",
    "saturation": "--saturation",
    "grain": "--grain",
    "dirt_sensitivity": "--dirt-sensitivity",
    "no_restoration": "--no-restoration",
    "no_colorization": "--no-colorization",
    "cuts": "--cuts",
    "deinterlace": "--deinterlace",
    "compat": "--compat",
}
"""Options that say what a project says itself."""


def is_project(path: Path) -> bool:
    """Whether a path names a project."""
    from remaster_gui.project.database import SUFFIX

    return path.suffix.lower() == SUFFIX and path.is_file()


@contextmanager
def project_request(args: argparse.Namespace) -> Iterator[RenderRequest]:
    """Lend the request that a project makes: its references, cuts, segment and settings, each shot by its own.

    Raises a `RemasterError`: for options that the project says itself, for a film that has become another one, and for
    weights that a project names unless `--weights` says that they are meant.
    """
    from remaster_gui import api
    from remaster_gui.base.errors import MediaError, SettingsError

    said = {option: getattr(args, name) for name, option in _OF_THE_PROJECT.items()}
    said["--no-follow-motion"] = args.follow_motion is False
    given = [option for option, value in said.items() if value is not None and value is not False]
    if given:
        raise SettingsError(
            f"{args.film.name} says itself what {given[0]} would say; leave it out, or change it in the editor."
        )
    with api.ProjectFile.open(args.film, read_only=True) as file:
        named = file.project.settings.weights
        if named is not None and args.weights is None:
            raise SettingsError(
                f"{args.film.name} names weights of its own; allow them with --weights {named}."
            )
        request = file.request(
            args.output,
            weights=args.weights,
            preset=args.preset,
            device=args.device,
            strict=args.strict,
            sound=args.sound,
            overlay=args.overlay,
            layers=args.layers,
            mattes=args.mattes,
            lut=args.lut,
            height=args.height,
            **({} if args.span is None else {"span": args.span}),
        )
        with api.open_film(request.film, deinterlace=request.deinterlace, rate=request.rate) as film:
            found, known = film.info.frame_count, file.project.film.frame_count
        if found != known:
            raise MediaError(
                f"{request.film.name} has {found} frames, and {args.film.name} is about a film of {known}; bring that "
                "film back, or relink it in the editor."
            )
        yield request
