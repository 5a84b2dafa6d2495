"""Remaster: restore and colour vintage black-and-white film from a few colour references."""

import os

__version__ = "0.1.0"

# Read when torch first takes memory, so it is set before anything else: large pages spare a twentieth of restoration.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
