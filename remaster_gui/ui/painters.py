"""Painters that end, and states that are given back, whatever is raised while something is painted.

What is raised keeps all that was at hand, and a painter that is kept goes on painting on its widget: Qt crashes at the
next one that it paints.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPaintDevice, QPainter


@contextmanager
def painting(on: QPaintDevice) -> Iterator[QPainter]:
    """Lend a painter on a widget that is asked to paint itself, or on a picture."""
    painter = QPainter(on)
    try:
        yield painter
    finally:
        if painter.isActive():
            painter.end()


@contextmanager
def saved(painter: QPainter) -> Iterator[None]:
    """Give a painter back as it was: pen, clip, transform and all."""
    painter.save()
    try:
        yield
    finally:
        painter.restore()
