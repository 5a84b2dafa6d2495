"""Cut lists: edits that live in other programs, read as the cuts of a film and written from its shots.

They are read here and not by a library: what other programs write is not to be trusted, and the libraries that there
are end the process over a deep file, drop retimes, and count in floating-point rates.
"""

from __future__ import annotations

from remaster_gui.cutlists.differences import Difference, differences
from remaster_gui.cutlists.edl_text import reel_name
from remaster_gui.cutlists.events import CutEvent, CutList, ListError, Marker, Transition
from remaster_gui.cutlists.list_reading import SUFFIXES_READ, read_cut_list
from remaster_gui.cutlists.list_writing import SUFFIXES_WRITTEN, write_cut_list
from remaster_gui.cutlists.placing import BY, By, FilmClock, Mark, PlacedCuts, place
from remaster_gui.cutlists.shot_list import ListedShot, ShotList, listed_shots

__all__ = [
    "BY",
    "SUFFIXES_READ",
    "SUFFIXES_WRITTEN",
    "By",
    "CutEvent",
    "CutList",
    "Difference",
    "FilmClock",
    "ListError",
    "ListedShot",
    "Mark",
    "Marker",
    "PlacedCuts",
    "ShotList",
    "Transition",
    "differences",
    "listed_shots",
    "place",
    "read_cut_list",
    "reel_name",
    "write_cut_list",
]
