"""Run the command line, as ``python -m remaster_gui`` and as the program ``remaster-gui``."""

from __future__ import annotations

import signal
import sys


def run() -> int:
    """Run the command line; Ctrl-C while its modules are still being loaded ends the process without a word."""
    raising = signal.getsignal(signal.SIGINT)
    if raising is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from remaster_gui.cli import main

    if raising is signal.default_int_handler:
        signal.signal(signal.SIGINT, raising)
    return main()


if __name__ == "__main__":
    sys.exit(run())
