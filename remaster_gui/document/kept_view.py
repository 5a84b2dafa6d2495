"""What of a view comes back with its project the next time."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from typing import get_args

from remaster_gui.base import plain_data
from remaster_gui.base.choices import Layer
from remaster_gui.document.view_state import CompareMode, ViewState

log = logging.getLogger(__name__)

NAME = "view"
FORM = 1
"""Raised whenever it is written otherwise; what an earlier version wrote is passed over."""
_LEAST_ZOOM, _MOST_ZOOM = 0.02, 64.0
_FARTHEST = 1e6


def pack_view(view: ViewState) -> bytes:
    """Write down how a film is looked at."""
    return json.dumps(
        {
            "playhead": view.playhead,
            "selected": view.selected_reference,
            "compare": view.compare.value,
            "overlay": [view.attention, view.origin, view.dirt],
            "layer": view.layer,
            "wipe": view.wipe,
            "zoom": view.zoom,
            "center": list(view.center),
            "is_fitted": view.is_fitted,
            "rotation": view.rotation,
            "is_mirrored": view.is_mirrored,
            "is_looping": view.is_looping,
            "lut": None if view.lut is None else str(view.lut),
            "is_lut_on": view.is_lut_on,
        }
    ).encode()


def unpack_view(content: bytes, frame_count: int, references: Collection[str]) -> ViewState:
    """Return the view that was written down, of a film with these references; a new one where nothing sensible was."""
    view = ViewState(frame_count=frame_count)
    if not content:
        return view
    try:
        found = plain_data.table(plain_data.parse(content))
        selected, lut = found["selected"], found.get("lut")
        across, down = (
            plain_data.number(each, -_FARTHEST, _FARTHEST) for each in plain_data.listed(found["center"])
        )
        overlays = [plain_data.switch(each) for each in plain_data.listed(found.get("overlay", [False] * 3))]
        attention, origin, dirt = overlays
        kept = ViewState(
            frame_count=frame_count,
            selected_reference=selected if selected in tuple(references) else None,
            compare=CompareMode(plain_data.choice(found["compare"], [mode.value for mode in CompareMode])),
            wipe=plain_data.number(found["wipe"], 0.0, 1.0),
            zoom=plain_data.number(found["zoom"], _LEAST_ZOOM, _MOST_ZOOM),
            center=(across, down),
            is_fitted=plain_data.switch(found["is_fitted"]),
            is_looping=plain_data.switch(found["is_looping"]),
            # Views of earlier versions do not have these.
            attention=attention,
            origin=origin,
            dirt=dirt,
            layer=plain_data.choice(found.get("layer", "fine"), get_args(Layer)),
            lut=None if lut is None else plain_data.path(lut),
            rotation=plain_data.number(found.get("rotation", 0.0), 0.0, 360.0) % 360,
            is_mirrored=plain_data.switch(found.get("is_mirrored", False)),
            is_lut_on=plain_data.switch(found.get("is_lut_on", False)),
        )
        kept.go(plain_data.whole(found["playhead"]))
        return kept
    except (ValueError, TypeError):
        log.warning("the view that was kept makes no sense", exc_info=True)
        return view
