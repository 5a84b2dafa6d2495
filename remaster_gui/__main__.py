"""Run the command line as ``python -m remaster_gui``."""

from __future__ import annotations

import sys

from remaster_gui.cli import main

sys.exit(main())
