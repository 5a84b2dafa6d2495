"""What a work folder says of the job that its parts are of."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remaster_gui.engine.device import Plan
from remaster_gui.engine.sealed_records import read_sealed

log = logging.getLogger(__name__)

JOB = "job.json"
_FORMAT = "remaster-job-6"
"""Raised whenever parts are stored, or come out, otherwise."""
_REFERENCES = "references"
_TIED = "tied"
_COLORS = "recolorings"


@dataclass(frozen=True, slots=True)
class SetAside:
    """Parts of an earlier run that lie apart; `is_published`: its output is complete, and they may go."""

    path: Path
    job: Mapping[str, Any]
    is_published: bool


def described(identity: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return what is written down of a job at first."""
    return {"format": _FORMAT, "identity": identity, "plan": dataclasses.asdict(plan)}


def read_job(folder: Path) -> dict[str, Any] | None:
    """Return a work folder's description if it is sound."""
    try:
        job = read_sealed(folder / JOB)
        if job["format"] == _FORMAT and isinstance(job["identity"], dict):
            Plan(**job["plan"])
            return job
        log.warning("the work in %s is of another version; starting over", folder)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("the description of the work in %s is damaged; starting over", folder, exc_info=True)
    return None


def differ_in_references_alone(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the parts of two jobs depend on the same but for their references, and the colours that names have."""
    own = {_REFERENCES, _TIED, _COLORS}
    first, second = ({k: v for k, v in each.items() if k not in own} for each in (one, other))
    return first == second
