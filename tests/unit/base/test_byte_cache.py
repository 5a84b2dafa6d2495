"""What is kept stays within its budget, and what was used last stays longest."""

from __future__ import annotations

from remaster_gui.base.byte_cache import ByteCache


def cache(budget: int) -> ByteCache[str, bytes]:
    return ByteCache(budget, len)


def test_the_least_recently_used_go_first() -> None:
    kept = cache(10)
    for key in "abc":
        assert kept.put(key, bytes(3)) == []
    assert kept.get("a") == bytes(3) and kept.get("z") is None
    assert kept.put("d", bytes(4)) == ["b"]
    assert "b" not in kept and len(kept) == 3 and kept.nbytes == 10


def test_the_newest_stays_however_large() -> None:
    kept = cache(10)
    kept.put("a", bytes(3))
    assert kept.put("b", bytes(50)) == ["a"]
    assert kept.get("b") == bytes(50) and kept.nbytes == 50


def test_another_value_of_a_key_takes_the_place_of_the_first() -> None:
    kept = cache(10)
    kept.put("a", bytes(8))
    assert kept.put("a", bytes(2)) == [] and kept.nbytes == 2
    kept.clear()
    assert len(kept) == kept.nbytes == 0
