"""Lists as editing programs write them, and what is said of those that cannot be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from remaster_gui.base.notices import Notice
from remaster_gui.cutlists import CutList, FilmClock, ListError, place, read_cut_list

EDL = """TITLE: Reel 1
FCM: NON-DROP FRAME

001  A001     V     C        01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00
* FROM CLIP NAME: street.mov
* COMMENT: sky too red
* LOC: 10:00:01:00 RED     look here
002  A001     AA    C        01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00
* FROM CLIP NAME: heard.wav
003  A001     V     C        01:00:02:00 01:00:02:00 10:00:02:00 10:00:02:00
003  B002     V     D    012 02:00:00:00 02:00:01:00 10:00:02:00 10:00:03:00
* FROM CLIP NAME: street.mov
* TO CLIP NAME: house.mov
004  A001     V     C        01:00:10:00 01:00:10:12 10:00:03:00 10:00:04:00
M2   A001          012.0                01:00:10:00
005  A001     V2    C        01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00
006  BL       V     C        00:00:00:00 00:00:01:00 10:00:04:00 10:00:05:00
"""

FCP = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="5"><sequence id="s"><name>Reel 1</name>
<rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate>
<timecode><rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate><string>10:00:00:00</string><frame>864000</frame></timecode>
<media><video><track>
<clipitem id="1"><name>street</name><start>0</start><end>-1</end><in>10</in><out>62</out>
 <file id="f"><name>street.mov</name><timecode><rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate><frame>86400</frame>
 <reel><name>A001</name></reel></timecode></file>
 <marker><name>look</name><in>20</in><out>25</out></marker></clipitem>
<transitionitem><start>40</start><end>52</end><alignment>center</alignment>
 <effect><name>Cross Dissolve</name></effect></transitionitem>
<clipitem id="2"><name>house</name><start>-1</start><end>80</end><in>0</in><out>40</out><file id="f"/>
 <filter><effect><name>Time Remap</name><effectid>timeremap</effectid>
 <parameter><parameterid>speed</parameterid><value>50</value></parameter></effect></filter></clipitem>
</track></video></media></sequence></xmeml>
"""

TIME = '{"value": 1, "rate": 24}'
RANGE = f'{{"start_time": {TIME}, "duration": {TIME}}}'
SLOWED = f'{{"OTIO_SCHEMA": "Clip.2", "source_range": {RANGE}, "effects": [{", ".join(["3"] * 2000)}]}}'


def timeline(track: str) -> str:
    return (
        f'{{"OTIO_SCHEMA": "Timeline.1", "tracks": {{"children": [{{"OTIO_SCHEMA": "Track.1", {track}}}]}}}}'
    )


def read(folder: Path, name: str, text: str, rate: Fraction = Fraction(24)) -> CutList:
    (folder / name).write_text(text)
    return read_cut_list(folder / name, rate)


def test_an_edit_decision_list_by_record_time(tmp_path: Path) -> None:
    cut_list = read(tmp_path, "a.edl", EDL)
    placed = place(cut_list, FilmClock(Fraction(24), 130, "10:00:00:00"))
    assert placed.cuts == (0, 54, 72, 96, 120)
    assert dict(placed.names) == {0: "street.mov", 54: "house.mov"}
    assert dict(placed.texts) == {0: "sky too red"}
    assert [(marker.frame, marker.text, marker.color) for marker in placed.markers] == [
        (24, "look here", "red")
    ]
    assert [(str(mark.span), mark.text) for mark in placed.marks] == [
        ("48:60", "Dissolve of 12 frames from the shot before"),
        ("72:96", "50 % speed"),
    ]
    assert tuple(notice.text for notice in placed.notices) == (
        "Passed over: 1 event of sound.",
        "Passed over: 1 event of upper picture tracks; the first track says the cuts.",
        "Kept as marks, with cuts in the middle: 1 transition.",
        "Kept as marks: 1 event at another speed than filmed.",
    )


def test_an_edit_decision_list_by_source_time(tmp_path: Path) -> None:
    cut_list = read(tmp_path, "a.edl", EDL)
    film = FilmClock(Fraction(24), 400, "01:00:00:00")
    with pytest.raises(ListError, match=r"from 2 reels \(A001, B002\); say which"):
        place(cut_list, film, by="source")
    placed = place(cut_list, film, by="source", reel="a001")
    assert placed.cuts == (0, 48, 240, 252)
    assert Notice("note", "Passed over: 2 events of other reels.") in placed.notices
    with pytest.raises(ListError, match="No event of the list is of the reel C003; it names A001, B002"):
        place(cut_list, film, by="source", reel="C003")


def test_a_film_without_timecode_begins_where_the_list_does(tmp_path: Path) -> None:
    cut_list = read(tmp_path, "a.edl", EDL)
    assert place(cut_list, FilmClock(Fraction(24), 130)).cuts == (0, 54, 72, 96, 120)
    later = place(cut_list, FilmClock(Fraction(24), 130), start="09:59:59:00")
    assert later.cuts == (0, 24, 78, 96, 120)
    with pytest.raises(ListError, match=r"from 01:00:00:00 to 01:00:05:09; the first begins at 10:00:00:00"):
        place(cut_list, FilmClock(Fraction(24), 130, "01:00:00:00"))
    with pytest.raises(ListError, match="cannot begin at 1 o'clock"):
        place(cut_list, FilmClock(Fraction(24), 130), start="1 o'clock")


def test_drop_frame_is_counted_as_the_list_says(tmp_path: Path) -> None:
    line = "001  AX       V     C        {0} {1} {0} {1}\n"
    rate = Fraction(30000, 1001)
    for header, mark in (("FCM: DROP FRAME\n", ":"), ("", ";")):
        text = header + line.format(f"00:00:59{mark}00", f"00:01:00{mark}02")
        (event,) = read(tmp_path, "a.edl", text, rate).events
        assert str(event.record) == "1770:1800"
    (event,) = read(tmp_path, "a.edl", line.format("00:00:59:00", "00:01:00:02"), rate).events
    assert str(event.record) == "1770:1802"
    with pytest.raises(ListError, match=r"Line 1 .* drop-frame counting leaves it out"):
        read(tmp_path, "a.edl", line.format("00:00:59;00", "00:01:00;01"), rate)
    with pytest.raises(ListError, match=r"Line 1 .* drop-frame, which exists at 29\.97"):
        read(tmp_path, "a.edl", line.format("00:00:59;00", "00:01:01;01"), Fraction(25))


def test_silent_films_are_not_counted_in_edit_decision_lists(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"this film has 18; use \.otio or \.csv"):
        read(tmp_path, "a.edl", EDL, Fraction(18))


def test_timecode_goes_on_past_midnight(tmp_path: Path) -> None:
    text = "001  AX       V     C        23:59:59:00 00:00:01:00 23:59:59:00 00:00:01:00\n"
    (event,) = read(tmp_path, "a.edl", text).events
    assert len(event.record) == len(event.source or ()) == 48


def test_the_xml_of_final_cut_pro(tmp_path: Path) -> None:
    cut_list = read(tmp_path, "a.xml", FCP)
    assert cut_list.rate == Fraction(24000, 1001)
    assert [str(event.source) for event in cut_list.events] == ["86410:86462", "86400:86420"]
    placed = place(cut_list, FilmClock(Fraction(24000, 1001), 80, "10:00:00:00"))
    assert placed.cuts == (0, 46)
    assert [(str(mark.span), mark.text) for mark in placed.marks] == [
        ("40:52", "Dissolve of 12 frames from the shot before"),
        ("46:80", "50 % speed"),
    ]
    assert [(marker.frame, marker.frames, marker.text) for marker in placed.markers] == [(10, 5, "look")]
    assert place(cut_list, FilmClock(Fraction(24), 80)).cuts == (0, 46)


def test_a_list_of_another_rate_is_refused(tmp_path: Path) -> None:
    cut_list = read(tmp_path, "a.xml", FCP)
    with pytest.raises(ListError, match=r"counts 23\.976 frames a second and the film 18"):
        place(cut_list, FilmClock(Fraction(18), 80))


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("0\n12\n30\n", (0, 12, 30)),
        ("30\n12\n12\n", (0, 12, 30)),
        ("first_frame,last_frame,note\n0,11,\n12,29,red\n30,99,\n", (0, 12, 30)),
        ("start;stop\n0;12\n20;100\n", (0, 12, 20)),
        ("Timecode List:,00:00:00.500\nScene Number,Start Frame,End Frame\n1,1,12\n2,13,100\n", (0, 12)),
        ("\ufefffirst_frame\tname\n12\tä\n", (0, 12)),
    ],
)
def test_tables_of_frames(text: str, cuts: tuple[int, ...], tmp_path: Path) -> None:
    assert place(read(tmp_path, "a.csv", text), FilmClock(Fraction(18), 100)).cuts == cuts


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.edl", "", "no event of pictures"),
        ("a.edl", "001  AX  V  C  01:00:00:00 01:00:01:00\n", "Line 1 .* is no event"),
        ("a.edl", "001  AX  V  C  01:00:00:30 01:00:01:00 01:00:00:00 01:00:01:00\n", "01:00:00:30 does not exist"),
        ("a.edl", "M2 AX fast\n", "says no speed"),
        ("a.edl", f"001 AX{' ' * 200_000}x\n", "Line 1 .* is no event"),
        ("a.edl", f"M2 AX{' ' * 200_000}fast\n", "says no speed"),
        ("a.otio", "{", "cannot be read"),
        ("a.otio", "[" * 100_000, "cannot be read"),
        ("a.otio", '{"OTIO_SCHEMA": "Clip.1"}', "holds no timeline"),
        ("a.otio", '{"OTIO_SCHEMA": "Timeline.1", "tracks": 3}', "cannot be read"),
        ("a.otio", '{"OTIO_SCHEMA": "SerializableCollection.1", "children": []}', "holds 0 timelines"),
        ("a.otio", timeline('"kind": "Video"'), "'children' is missing"),
        ("a.otio", timeline('"kind": "Video", "children": null'), "not a list"),
        ("a.otio", timeline('"kind": "Video", "children": 5'), "not a list"),
        ("a.otio", timeline(f'"kind": "Video", "children": [{SLOWED}]'), "2000 effects on one clip"),
        ("a.xml", "<xmeml>", "cannot be read"),
        ("a.xml", "<a>" * 10_000, "deeper than"),
        ("a.xml", "<fcpxml/>", "Final Cut Pro X"),
        ("a.xml", '<!DOCTYPE x [<!ENTITY a "b">]><xmeml/>', "entities of its own"),
        ("a.xml", '<!DOCTYPE x [<!ATTLIST a b CDATA "b">]><xmeml/>', "entities of its own"),
        ("a.xml", "<xmeml><sequence><rate><timebase>24</timebase></rate></sequence></xmeml>", "no clip"),
        ("a.csv", "shot,colour\n1,red\n", "no column of first frames"),
        ("a.csv", "first_frame\nx\n", "Row 1 .* names no frame"),
        ("a.csv", "start,stop\n5,5\n", "Row 1 .* ends before it begins"),
        ("a.csv", "", "no column"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(name: str, text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ListError, match=why) as raised:
        read(tmp_path, name, text)
    assert str(raised.value).startswith(f"{name}: ") and str(raised.value).endswith(".")


def test_events_outside_the_film_are_passed_over(tmp_path: Path) -> None:
    placed = place(read(tmp_path, "a.csv", "0\n12\n500\n600\n"), FilmClock(Fraction(18), 100))
    assert (
        placed.cuts == (0, 12) and Notice("note", "Passed over: 2 events outside the film.") in placed.notices
    )
    with pytest.raises(ListError, match="lie outside the film, which has 100"):
        place(read(tmp_path, "a.csv", "500\n600\n"), FilmClock(Fraction(18), 100))


def test_letters_of_older_programs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("first_frame,name\n0,Straße\n".encode("cp1252"))
    assert read_cut_list(tmp_path / "a.csv", Fraction(18)).events[0].name == "Straße"


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="holds no frame"):
        read(tmp_path, "a.csv", "first_frame,name\n")
