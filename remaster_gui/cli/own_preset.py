"""In which format ``remaster-gui render`` writes, and what it takes of a preset of the user's own."""

from __future__ import annotations

import argparse

from remaster_gui.cli.numbers import whole

_MOST = 10**9


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add what says in which format a film is written, and how large."""
    parser.add_argument(
        "--preset", metavar="NAME",
        help="output format, e.g. prores-hq, ffv1-16, h264-8, png16 (default: by suffix); h264-8:20 for another rate "
        "factor than 16; or a preset of your own, as the editor keeps it",
    )  # fmt: skip
    parser.add_argument(
        "--height", type=whole(1, _MOST), metavar="N",
        help="lines of the output where the film has more; its shape is kept (default: as many as the film)",
    )  # fmt: skip


def with_own_preset(args: argparse.Namespace) -> argparse.Namespace:
    """Return options in which a preset of the user's stands for all that it says and the command does not."""
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.media import find_preset
    from remaster_gui.media.own_presets import OwnPresets

    is_known = args.preset is None or find_preset(args.preset) is not None
    own = None if is_known else OwnPresets().find(args.preset)
    if own is None:
        if args.output is None:
            raise SettingsError(
                "Say where the film goes with --output; only presets of your own know a place."
            )
        return args
    height = own.height if args.height is None else args.height
    output = own.output(args.film) if args.output is None else args.output
    return argparse.Namespace(**vars(args) | {"preset": own.key, "height": height, "output": output})
