from __future__ import annotations

import json
from pathlib import Path

import pytest

from remaster_gui.base.errors import WeightsError
from remaster_gui.engine import shipped_weights as weights
from remaster_gui.engine.shipped_weights import (
    DEFAULT_NAME,
    MANIFEST,
    read_manifest,
    resolve_weights,
    weights_folder,
)
from remaster_gui.model import load_model, weights_hash
from remaster_gui.model.weights import read_metadata


def test_what_ships_is_what_the_manifest_says_and_can_be_used() -> None:
    for name, entry in read_manifest().items():
        path = weights_folder() / name
        assert path.stat().st_size == entry["bytes"] <= 30e6
        assert weights_hash(path) == entry["sha256"]
        assert path.with_suffix(".md").read_text(encoding="utf-8").startswith("# "), "there is a model card"
    assert load_model(resolve_weights(None)).config.name == "compact"
    assert read_metadata(resolve_weights(None)).keys() >= {"config", "preprocessing", "licence", "metrics"}


def test_weights_that_the_user_names_are_taken_as_they_are(tmp_path: Path) -> None:
    assert resolve_weights(tmp_path / "mine.pth.tar") == tmp_path / "mine.pth.tar"


def test_missing_or_damaged_weights_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "weights_folder", lambda: tmp_path)
    with pytest.raises(WeightsError, match="are missing"):
        resolve_weights(None)
    (tmp_path / DEFAULT_NAME).write_bytes(b"damaged")
    with pytest.raises(WeightsError, match=r"manifest\.json is missing or damaged"):
        resolve_weights(None)
    (tmp_path / MANIFEST).write_text(json.dumps({DEFAULT_NAME: {"sha256": "0" * 64, "bytes": 7}}))
    with pytest.raises(WeightsError, match="not those that shipped, or damaged"):
        resolve_weights(None)
    for text in ("[]", "{", '{"a": 1}'):
        (tmp_path / MANIFEST).write_text(text)
        with pytest.raises(WeightsError, match=r"manifest\.json is missing or damaged"):
            resolve_weights(None)
