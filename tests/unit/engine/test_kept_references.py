"""Copies of references bring back picture and strokes, or say that they cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import StorageError
from remaster_gui.engine.kept_references import KeptReference
from remaster_gui.engine.messages import Reference


def test_what_strokes_have_painted_is_kept_beside_the_picture(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    picture, strokes = rng.integers(0, 256, (20, 30, 3), np.uint8), rng.integers(0, 256, (20, 30), np.uint8)
    given = Reference("a", "a:1", lambda: picture, 3, load_strokes=lambda: strokes)
    kept = KeptReference.of(given).kept(given, tmp_path, {}, ())
    found = kept.reference(tmp_path)
    assert found.load_strokes is not None
    np.testing.assert_array_equal(found.load(), picture)
    np.testing.assert_array_equal(found.load_strokes(), strokes)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    made = [path.stat().st_mtime_ns for path in files]
    assert KeptReference.of(given).kept(given, tmp_path, dict(kept.copies), ()) == kept
    assert [path.stat().st_mtime_ns for path in files] == made, "what is known is not made anew"
    files[1].unlink()
    with pytest.raises(StorageError, match="missing or damaged"):
        kept.reference(tmp_path)
    assert KeptReference.of(given).kept(given, tmp_path, dict(kept.copies), ()) == kept


@pytest.mark.parametrize("frame", [None, 3])
def test_where_no_stroke_shows_nothing_is_kept_of_them(tmp_path: Path, frame: int | None) -> None:
    strokes = np.full((20, 30), 255 * (frame is None), np.uint8)
    given = Reference(
        "a", "a:1", lambda: np.zeros((20, 30, 3), np.uint8), frame, load_strokes=lambda: strokes
    )
    found = KeptReference.of(given).kept(given, tmp_path, {}, ()).reference(tmp_path)
    assert found.load_strokes is None and len(list(tmp_path.iterdir())) == 1
