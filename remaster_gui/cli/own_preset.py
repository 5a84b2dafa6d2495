"""What ``remaster-gui render`` takes of a preset of the user's own."""

from __future__ import annotations

import argparse


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
