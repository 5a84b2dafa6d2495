"""Films that no network here learns from and no choice is made by: they only judge.

Validation films choose: which of several attempts is kept, when training ends. What they measure flatters the winner.
These are measured once the choice is made. Whatever a listing says of them, they are never trained on.
"""

from __future__ import annotations

HELD_OUT = frozenset(
    {
        "ask-anything-hitting_baseball-1.mp4",
        "ask-anything-jesse_dance-1.mp4",
        "bg-vids-clouds.mp4",
        "cutie-example-1.mp4",
        "liveportrait-s13.mp4",
        "liveportrait-s29.mp4",
        "liveportrait-s32.mp4",
        "mmaction2-test.mp4",
        "pllava-cooking-1.mp4",
        "rave-truck.mp4",
        "sample-videos-car-detection.mp4",
        "sample-videos-fruit-and-vegetable-detection.mp4",
    }
)
"""Twelve clips by name, from twelve sources."""

_SIBLINGS = frozenset(
    {
        "ask-anything-hitting_baseball-2.mp4",
        "ask-anything-jesse_dance-2.mp4",
        "cutie-example-2.mp4",
        "pllava-cooking-2.mp4",
    }
)
"""Other clips of the same sources, which would give away what those show."""


def may_be_learned(name: str) -> bool:
    """Whether a film of this name may be trained on or validated with."""
    return name not in HELD_OUT and name not in _SIBLINGS
