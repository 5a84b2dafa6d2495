"""What a film says of itself: that a network has remastered it, in the words of the IPTC.

Films of QuickTime and MP4 hold it as XMP, the former in their user data, the latter in a box of its own at the end;
Matroska as tags. None of it disturbs a player.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
EDITED_BY_NETWORK = f"{_VOCABULARY}compositeWithTrainedAlgorithmicMedia"
"""A picture of which a trained network has made parts, such as its colours."""
ENHANCED = f"{_VOCABULARY}algorithmicallyEnhanced"
"""A picture that was corrected, without anything that was not in it."""

_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Name of the box that holds XMP in ISO media files (XMP specification, part 3)."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """source_type: address of a term of the IPTC's. statement: one sentence for people. tool: what has made it."""

    source_type: str
    statement: str
    tool: str

    def xmp(self) -> str:
        """Return it as an XMP packet."""
        return (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
            ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
            f" Iptc4xmpExt:DigitalSourceType={quoteattr(self.source_type)} xmp:CreatorTool={quoteattr(self.tool)}>"
            f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(self.statement)}</rdf:li></rdf:Alt>'
            "</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
        )

    def tags(self, suffix: str) -> Mapping[str, str]:
        """Return what a container of this suffix takes as tags."""
        if suffix == ".mov":
            return {"xmp": self.xmp()}
        if suffix in (".mkv", ".mka"):
            return {
                "DIGITAL_SOURCE_TYPE": self.source_type,
                "REMASTERED": self.statement,
                "REMASTERED_WITH": self.tool,
            }
        return {}


def add_box(path: Path, declaration: Declaration) -> None:
    """Add XMP to the end of an MP4 file that is complete; raises `OSError`."""
    packet = declaration.xmp().encode()
    with path.open("ab") as file:
        file.write(struct.pack(">I", 24 + len(packet)) + b"uuid" + _XMP_BOX + packet)
