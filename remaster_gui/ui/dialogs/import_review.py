"""What is known of pictures that are being imported, and how it is said; free of Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from remaster_gui.base.language import percent, tr
from remaster_gui.base.timebase import format_timecode
from remaster_gui.engine.picture_import import ReadPicture
from remaster_gui.painting.registration import FITS, Registration

WELL = 0.75
"""Fit from which a picture is said to fit well."""
_PIXEL, _PART, _DEGREE = 1.5, 0.01, 0.2
"""Least movement, change of scale, and turn that are spoken of."""

CandidateState = Literal["reading", "searching", "placed", "unplaced", "failed"]
"""``unplaced``: the film was not searched for it, or not to the end."""


@dataclass(frozen=True, slots=True)
class Filming:
    """What places in the film are called by."""

    rate: Fraction
    timecode: str | None
    frame_count: int
    numbers: tuple[int, ...] | None = None

    def name(self, frame: int) -> str:
        """Call a frame by its number and timecode."""
        return tr(
            "frame {frame} · {timecode}",
            frame=frame,
            timecode=format_timecode(frame, self.rate, self.timecode),
        )


@dataclass(slots=True)
class Candidate:
    """A picture on its way to a reference.

    `frame` and `registration`: where it was found, or where the user wants it. `is_free`: it is to stand free; None as
    long as the user has not said: then its fit decides. `wanted`: it is to be imported.
    """

    name: str
    state: CandidateState = "reading"
    fault: str = ""
    read: ReadPicture | None = None
    frame: int | None = None
    registration: Registration | None = None
    is_free: bool | None = None
    is_wanted: bool = True
    is_placing: bool = False
    """It is being registered to `frame`."""

    @property
    def stands_free(self) -> bool:
        """Whether it becomes a free-standing reference as things are."""
        if self.is_free is not None:
            return self.is_free
        return self.registration is None or not self.registration.fits

    @property
    def is_settled(self) -> bool:
        """Whether it can be imported as things are."""
        if self.read is None or self.is_placing:
            return False
        return self.is_free is True or self.state in ("placed", "unplaced")

    @property
    def counts(self) -> bool:
        """Whether it will be imported."""
        return self.is_wanted and self.state != "failed"


def fit_of(registration: Registration) -> str:
    """Write how well a picture fits, as users read it."""
    return percent(max(0.0, registration.fit))


def verdict(registration: Registration) -> str:
    """Say in words how well a picture fits."""
    if registration.fit >= WELL:
        return tr("fits well")
    return tr("fits") if registration.fit >= FITS else tr("does not fit")


def status(candidate: Candidate) -> str:
    """Say in a few words where a picture stands, for its row of the list."""
    if candidate.state == "failed":
        return tr("cannot be read")
    if candidate.state == "reading":
        return tr("reading …")
    if candidate.is_free:
        return tr("stands free")
    if candidate.is_placing:
        return tr("registering …")
    if candidate.state == "searching":
        return tr("searching …")
    found = candidate.registration
    if candidate.stands_free or found is None or candidate.frame is None:
        return tr("stands free") if candidate.state == "unplaced" else tr("fits nowhere, stands free")
    return tr("frame {frame} · {fit}", frame=candidate.frame, fit=fit_of(found))


def movement(registration: Registration) -> str:
    """Say how a picture had to be moved to fit its frame."""
    height, width = registration.frame
    usual = max(height / registration.picture[0], width / registration.picture[1])
    across = registration.scaled(
        round(registration.picture[1] * usual), round(registration.picture[0] * usual)
    )
    parts = []
    scale = 1 / across.scale
    if abs(scale - 1) > _PART:
        parts.append(tr("scaled to {scale:.0%}", scale=scale))
    if abs(registration.turn) > _DEGREE:
        parts.append(tr("turned by {turn:.1f}°", turn=abs(registration.turn)))
    if registration.bend is not None:
        parts.append(tr("unbent"))
    covered = float(registration.inside(*registration.places(64, 64)).mean())
    if covered < 1 - _PART:
        parts.append(tr("covers {covered:.0%} of the frame", covered=covered))
    return ", ".join(parts) or tr("lies just as the frame does")


def remarks(candidate: Candidate, others: Mapping[int, str]) -> tuple[str, bool]:
    """Return sentences about a picture, and whether they are doubts.

    `others`: names of references by the frames that they are on.
    """
    if candidate.fault:
        return candidate.fault, True
    said = []
    is_doubtful = False
    if candidate.read is not None and candidate.read.is_grey:
        is_doubtful = True
        said.append(tr("This picture is grey or toned in one colour; as a reference it takes colour away."))
    found = candidate.registration
    if candidate.stands_free:
        if candidate.read is not None and candidate.is_settled:
            size = f"{candidate.read.width} × {candidate.read.height}"
            said.append(
                tr(
                    "It stands free with its own size, {size}; the network looks for what is alike anywhere.",
                    size=size,
                )
            )
    elif found is not None and candidate.frame is not None:
        if not found.fits:
            is_doubtful = True
            said.append(tr("It does not fit this frame: colours would lie beside their things."))
        if candidate.frame in others:
            said.append(
                tr(
                    "There is a reference on this frame already, “{others}”; both count.",
                    others=others[candidate.frame],
                )
            )
    return " ".join(said), is_doubtful
