"""What the processes of a farm are called by. It loads nothing, as the scheduler looks up what it hands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remaster_gui.engine.farm_worker import Outcome


def make_part(folder: str, number: int, topic: str, beside: int, *, spread: bool) -> Outcome:
    """Make a part of a job, see `farm_worker.make_part`."""
    from remaster_gui.engine import farm_worker

    return farm_worker.make_part(folder, number, topic, beside, spread=spread)
