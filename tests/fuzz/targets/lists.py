"""Cut lists of editing programs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random

from ..inputs import Tree
from ..mutations import content, text_lines
from .base import Seed, Target, Trial

RATE, FRAMES = Fraction(30000, 1001), 5000
_EDL = """TITLE: Reel
FCM: DROP FRAME
001  A001     V     C        01:00:00;00 01:00:10;00 01:00:00;00 01:00:10;00
* FROM CLIP NAME: street.mov
* LOC: 01:00:01;00 RED     look here
002  A001     V     C        01:00:10;00 01:00:10;00 01:00:10;00 01:00:10;00
002  B002     V     D    012 02:00:00;00 02:00:20;00 01:00:10;00 01:00:30;00
* TO CLIP NAME: house.mov
M2   B002          015.0                02:00:00;00
003  BL       V     C        00:00:00;00 00:00:01;00 01:00:30;00 01:00:31;00
"""
_RATE = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
_XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="5"><sequence id="s"><name>Reel</name>{_RATE}<timecode>{_RATE}<frame>107892</frame></timecode>
<media><video><track>
<clipitem id="1"><name>street</name><start>0</start><end>-1</end><in>10</in><out>62</out>
<file id="f"><name>street.mov</name>
<timecode>{_RATE}<frame>86400</frame><reel><name>A001</name></reel></timecode></file>
<marker><name>look</name><in>20</in><out>25</out></marker></clipitem>
<transitionitem><start>40</start><end>52</end><effect><name>Cross Dissolve</name></effect></transitionitem>
<clipitem id="2"><name>house</name><start>-1</start><end>80</end><in>0</in><out>40</out><file id="f"/>
<filter><effect><effectid>timeremap</effectid>
<parameter><parameterid>speed</parameterid><value>50</value></parameter></effect></filter></clipitem>
</track></video></media></sequence></xmeml>
"""
_TABLE = "first_frame,last_frame,name,note\n0,299,street,too red\n300,899,house,\n900,4999,,\n"


def _text(name: str, text: str) -> Seed:
    def write(folder: Path) -> None:
        (folder / name).write_text(text)

    return write


def _timeline(folder: Path) -> None:
    from remaster_gui.cutlists import Marker, ShotList, listed_shots, write_cut_list

    markers = [Marker(40, "colour is guessed", "magenta", 7)]
    shots = listed_shots([300, 900], FRAMES, names={0: "street"}, notes={300: "too red"}, markers=markers)
    write_cut_list(folder / "list.otio", ShotList("film.mov", "A001", RATE, shots, "01:00:00;00"))


def _harm(rng: Random, tree: Tree) -> None:
    name = next(iter(tree))
    entry = tree[name]
    assert isinstance(entry, bytes)
    tree[name] = text_lines(rng, entry) if rng.random() < 0.5 else content(rng, name, entry)


def read_list(tree: Path, trial: Trial) -> None:
    """Read a list, lay it on a film, and write what came of it as every kind of list."""
    from remaster_gui.base.errors import RemasterError
    from remaster_gui.cutlists import (
        BY,
        FilmClock,
        ShotList,
        listed_shots,
        place,
        read_cut_list,
        write_cut_list,
    )
    from remaster_gui.project.cut_imports import notes_of

    rng = trial.random
    # What is whole fits the film; then the list is damaged, or the way in which it is laid there.
    is_whole = trial.steps == 0
    clock = FilmClock(RATE, FRAMES, None if is_whole else rng.choice((None, "01:00:00;00")))
    read = read_cut_list(next(iter(sorted(tree.iterdir()))), RATE, clock.timecode)
    by, reel = ("record", None) if is_whole else (rng.choice(BY), rng.choice((None, None, "A001")))
    placed = place(read, clock, by=by, reel=reel)
    assert placed.cuts[0] == 0 and all(0 <= cut < FRAMES for cut in placed.cuts)
    assert sum(len(shot) for shot in placed.shots(FRAMES)) == FRAMES
    shots = listed_shots(
        placed.cuts, FRAMES, names=dict(placed.names), notes=notes_of(placed), markers=placed.markers
    )
    for suffix in ("edl", "otio", "csv"):
        path = tree.parent / f"written.{suffix}"
        try:
            write_cut_list(path, ShotList("film.mov", "A001", RATE, shots, clock.timecode))
        except RemasterError:
            continue
        assert place(read_cut_list(path, RATE, clock.timecode), clock).cuts == placed.cuts


LISTS = Target(
    "cutlist",
    {
        "edl": _text("list.edl", _EDL),
        "xml": _text("list.xml", _XML),
        "csv": _text("list.csv", _TABLE),
        "otio": _timeline,
    },
    read_list,
    harm=_harm,
    share=4,
)  # fmt: skip
