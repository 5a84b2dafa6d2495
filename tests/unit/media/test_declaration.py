"""What a film says of itself comes back from its file, and does no harm there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, Carried, Segment, SegmentWriter, assemble, open_film
from remaster_gui.media.declaration import EDITED_BY_NETWORK, Declaration

SAID = Declaration(EDITED_BY_NETWORK, "Coloured by a <network> & nobody else.", "Remaster 0")


@pytest.mark.parametrize(
    ("name", "preset"), [("a.mov", "prores-hq"), ("a.mp4", "h264-8"), ("a.mkv", "ffv1-10")]
)
def test_a_film_declares_how_it_was_made(
    name: str, preset: str, tmp_path: Path, textured: Callable[..., np.ndarray]
) -> None:
    segment = tmp_path / f"segment{PRESETS[preset].suffixes[0]}"
    with SegmentWriter(segment, PRESETS[preset], 272, 144, Fraction(24)) as writer:
        for index, grey in enumerate(textured(3, 144, 272)):
            writer.write(np.repeat(grey[..., None], 3, axis=2), Fraction(index, 24))
    carried = replace(Carried(FrameRange(0, 3), metadata={"title": "A film"}), declaration=SAID)
    output = tmp_path / name
    complete(assemble(output, [Segment(segment, 3)], PRESETS[preset], rate=Fraction(24), carried=carried))
    with open_film(output) as film:
        assert film.info.frame_count == 3 and film.info.complete and not film.problems
        assert film.read(2).pixels.shape == (144, 272)
    with av.open(str(output), options={"export_xmp": "1"}) as container:
        tags = {key.lower(): text for key, text in container.metadata.items()}
    assert tags["title"] == "A film"
    if name == "a.mkv":
        assert tags["digital_source_type"] == SAID.source_type and tags["remastered"] == SAID.statement
        return
    if name == "a.mov":
        packet = tags["xmp"]
    else:
        data = output.read_bytes()
        at = data.index(b"uuid" + bytes.fromhex("be7acfcb97a942e89c71999491e3afac"))
        assert int.from_bytes(data[at - 4 : at]) == len(data) - at + 4
        packet = data[at + 20 :].decode()
    (described,) = ElementTree.fromstring(packet).iter(
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
    )
    own = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    assert described.attrib[own] == SAID.source_type
    assert "".join(described.itertext()) == SAID.statement
