"""Measures of quality: protocols, comparison methods and reports."""

from __future__ import annotations

from remaster_gui.evaluation.measuring import Degrade, Report, Row
from remaster_gui.evaluation.validation import (
    ValidationClips,
    evaluate_colorization,
    evaluate_remastering,
    evaluate_restoration,
)

__all__ = [
    "Degrade",
    "Report",
    "Row",
    "ValidationClips",
    "evaluate_colorization",
    "evaluate_remastering",
    "evaluate_restoration",
]
