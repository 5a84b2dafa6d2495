"""``python -m tests.formats``: write the document."""

from __future__ import annotations

from .document import PATH, document

PATH.parent.mkdir(exist_ok=True)
PATH.write_text(document(), encoding="utf-8")
