"""Films and pictures on disk: reading any frame exactly, writing by shots, finding cuts."""

from __future__ import annotations

from remaster_gui.media.assembly import assemble
from remaster_gui.media.carried import Carried, plan_carried
from remaster_gui.media.film import Channels, ColorTags, FieldOrder, Film, FilmInfo, Frame
from remaster_gui.media.film_file import FilmFile
from remaster_gui.media.opening import content_hash, open_film
from remaster_gui.media.output import check_output
from remaster_gui.media.pictures import PICTURE_SUFFIXES, read_picture, write_picture
from remaster_gui.media.presets import PRESETS, Preset, find_preset, preset_for
from remaster_gui.media.shots import find_shots
from remaster_gui.media.writer import Packed, Segment, SegmentWriter

__all__ = [
    "PICTURE_SUFFIXES",
    "PRESETS",
    "Carried",
    "Channels",
    "ColorTags",
    "FieldOrder",
    "Film",
    "FilmFile",
    "FilmInfo",
    "Frame",
    "Packed",
    "Preset",
    "Segment",
    "SegmentWriter",
    "assemble",
    "check_output",
    "content_hash",
    "find_preset",
    "find_shots",
    "open_film",
    "plan_carried",
    "preset_for",
    "read_picture",
    "write_picture",
]
