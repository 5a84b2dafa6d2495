"""The document made of the cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from . import films, pictures

PATH = Path(__file__).resolve().parents[2] / "docs" / "formats.md"

_HEAD = """\
# Formats

What is read, what a rendered film keeps of it, and what is said. Made by `make docs` from the cases in `tests/formats`,
each of which is written, read and joined when `make test` runs; do not change it by hand.

## Films

Every frame that was written is read, in order, with its time. Besides what is listed, chapters are kept, and the
shape of pixels. Sound that a container cannot hold is converted, which is said before the first frame; what can be
neither copied nor converted is left out with a sentence, and never ends a render. Sound that is copied begins at its
place: MP4 and MOV hide what a packet holds from before the first frame, other containers leave out such a packet, so
that there up to a tenth of a second of silence may come first.
"""

_PICTURES = """
## Pictures

References and the frames of sequences. Colours are sRGB when they are read: "as they are" where the file says nothing
else.
"""

_REFUSALS = """
## What is not read

The sentence says why; FILE stands for the file.
"""


def document() -> str:
    """Return the document as it should be."""
    film_head = ("film", "read as", *(f"sound in {suffix}" for suffix in films.OUTPUTS), "also kept", "said")
    return (
        _HEAD
        + _table(film_head, (case.row for case in films.CASES))
        + _PICTURES
        + _table(("picture", "read as", "colours"), (case.row for case in pictures.CASES))
        + _REFUSALS
        + _table(("file", "said"), (case.row for case in pictures.REFUSALS))
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
