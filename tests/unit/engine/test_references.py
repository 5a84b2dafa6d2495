from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from remaster_gui.base.color import to_unit
from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.references import ReferenceStore, encoding_size, find_references, scaled_picture
from remaster_gui.engine.sizes import Size, resize, working_size
from remaster_gui.model import RemasterNetwork

WORKING = Size(96, 64)


def found_in(folder: Path, frame_count: int, numbers: Sequence[int] | None = None) -> list[Reference]:
    return complete(find_references(folder, frame_count, numbers))[0]


def test_names_tie_references_to_frames_that_exist(references: Path) -> None:
    found = {reference.name: reference.frame for reference in found_in(references, frame_count=100)}
    assert found == {"0000874_out.png": None, "b.jpg": None, "ref_000007.png": 7}
    assert found_in(references, frame_count=900)[0].frame == 874


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_what_is_there_and_no_folder_is_called_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="is not a file with content"):
        found_in(tmp_path / "pipe", 5)
    with pytest.raises(SettingsError, match="no folder of references"):
        found_in(tmp_path / "missing", 5)


def test_one_picture_is_a_set_of_one(references: Path) -> None:
    assert [r.name for r in found_in(references / "b.jpg", 5)] == ["b.jpg"]


def test_each_reference_is_encoded_once(network: RemasterNetwork, references: Path) -> None:
    store = ReferenceStore(network, "weights")
    pictures = found_in(references, 100)
    first = store.all_features(pictures[:2], WORKING)
    assert store.encoded == 2
    again = store.all_features(pictures, WORKING)
    assert store.encoded == 3
    assert again[:2] == first
    store.all_features(reversed(pictures), WORKING)
    assert store.encoded == 3


def test_equal_content_under_another_name_costs_nothing(network: RemasterNetwork, references: Path) -> None:
    (references / "copy.png").write_bytes((references / "ref_000007.png").read_bytes())
    store = ReferenceStore(network, "weights")
    store.all_features(found_in(references, 100), WORKING)
    assert store.encoded == 3


def test_the_store_keeps_to_its_budget(network: RemasterNetwork, references: Path) -> None:
    pictures = found_in(references, 100)
    one = ReferenceStore(network, "w").features(pictures[0], WORKING).nbytes()
    store = ReferenceStore(network, "w", budget=int(1.5 * one))
    store.all_features(pictures, WORKING)
    assert store.nbytes() <= 1.5 * one


def test_references_keep_their_own_shape(network: RemasterNetwork, references: Path) -> None:
    store = ReferenceStore(network, "w")
    sizes = [f.size for f in store.all_features(found_in(references, 100), WORKING)]
    assert sizes == [(256, 256), (336, 256), (256, 320)]
    assert encoding_size(Size(80, 64), WORKING, None) == Size(80, 64)


@pytest.mark.parametrize("content", [None, "empty folder"])
def test_missing_references_are_told(tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "none"
    if content:
        folder.mkdir()
    with pytest.raises(SettingsError, match=r"^[^\n]+\.$"):
        found_in(folder, 10)


def test_a_damaged_reference_is_told(network: RemasterNetwork, references: Path) -> None:
    (references / "b.jpg").write_bytes(b"no picture")
    store = ReferenceStore(network, "w")
    with pytest.raises(MediaError, match=r"b\.jpg"):
        store.all_features(found_in(references, 10), WORKING)


def test_a_pipe_among_references_is_told(references: Path) -> None:
    os.mkfifo(references / "pipe.png")
    with pytest.raises(MediaError, match=r"pipe\.png"):
        found_in(references, 10)


def test_names_may_mean_the_numbers_of_pictures(references: Path) -> None:
    (references / "0000874_out.png").rename(references / "0086403_out.png")
    (references / "b.jpg").rename(references / "reel_0086402.jpg")
    found = found_in(references, 5, (86400, 86401, 86403, 86404, 86405))
    assert {each.name: each.frame for each in found} == {
        "0086403_out.png": 2,
        "reel_0086402.jpg": None,
        "ref_000007.png": None,
    }
    assert found_in(references, 8, (0, 1, 3, 4, 5, 6, 7, 9))[-1].frame == 6


def test_what_is_not_used_is_said(references: Path) -> None:
    (references / "a.avif").write_bytes(b"\0\0\0\x20ftypavif" + bytes(40))
    (references / "b.tga").write_bytes(bytes(100))
    (references / "more").mkdir()
    (references / ".hidden").touch()
    pictures, notices = complete(find_references(references, 5))
    said = [notice.text for notice in notices]
    assert len(pictures) == 3
    assert len(said) == 1 and said[0].endswith(".") and ".hidden" not in said[0]
    for text in ("a.avif (an AVIF picture)", "b.tga (of a kind that is not read)", "more (a folder)"):
        assert text in said[0]
    for name in ("0000874_out.png", "b.jpg", "ref_000007.png"):
        (references / name).unlink()
    with pytest.raises(SettingsError, match=r"a\.avif \(an AVIF picture\)"):
        found_in(references, 5)


def test_colors_that_are_a_guess_are_said(references: Path) -> None:
    Image.new("CMYK", (64, 64)).save(references / "inks.tif")
    pictures, notices = complete(find_references(references, 5))
    said = [notice.text for notice in notices]
    assert len(pictures) == 4
    assert len(said) == 1 and "inks.tif" in said[0] and "guess" in said[0] and said[0].endswith(".")


def test_nothing_is_said_where_all_is_used(references: Path) -> None:
    assert complete(find_references(references, 5))[1] == []


def test_a_large_file_of_nothing_is_not_read(references: Path) -> None:
    with (references / "b.jpg").open("wb") as file:
        file.write(b"nothing")
        file.truncate(60 * 2**30)
    with pytest.raises(MediaError, match=r"b\.jpg"):
        found_in(references, 10)


def test_large_pictures_shrink_like_small_ones() -> None:
    """By strips, without a copy of the whole as floats."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (67, 90, 3), np.uint8)
    picture = np.ascontiguousarray(small.repeat(60, axis=0).repeat(70, axis=1))
    assert picture.nbytes > 64 * 2**20
    for size in (Size(128, 96), Size(352, 256)):
        np.testing.assert_allclose(scaled_picture(picture, size), resize(to_unit(picture), size), atol=2e-6)


def test_memory_grows_by_features_alone(network: RemasterNetwork, references: Path, tmp_path: Path) -> None:
    """One more reference costs its keys and values, nothing that grows with the number of references squared."""
    rng = np.random.default_rng(0)
    for number in range(12):
        cv2.imwrite(str(references / f"more{number}.png"), rng.integers(0, 256, (64, 64, 3), np.uint8))
    store = ReferenceStore(network, "w")
    pictures = [p for p in found_in(references, 10) if p.name.startswith("more")]
    sizes = []
    for count in range(1, len(pictures) + 1):
        store.all_features(pictures[:count], WORKING)
        sizes.append(store.nbytes())
    assert np.ptp(np.diff(sizes)) == 0


@pytest.mark.parametrize(
    ("source", "edge", "expected"),
    [
        (Size(432, 320), 320, Size(432, 320)),
        (Size(1920, 1080), 320, Size(576, 320)),
        (Size(720, 576), 256, Size(320, 256)),
        (Size(1, 1), 64, Size(64, 64)),
        (Size(300, 1000), 320, Size(320, 1072)),
    ],
)
def test_working_sizes(source: Size, edge: int, expected: Size) -> None:
    assert working_size(source, edge) == expected


def test_absurd_working_sizes_are_refused() -> None:
    for edge in (0, -5, 10_000):
        with pytest.raises(SettingsError):
            working_size(Size(640, 480), edge)


def test_features_do_not_hold_gradients(network: RemasterNetwork, references: Path) -> None:
    features = ReferenceStore(network, "w").features(found_in(references, 10)[0], WORKING)
    assert not features.fine.keys.requires_grad
    assert features.fine.keys.dtype == torch.float32
