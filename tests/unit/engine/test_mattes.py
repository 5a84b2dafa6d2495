"""Mattes, and named colours in other colours than on their references."""

from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.named_colors import Chroma, NamedRegion, Recoloring, identity_of
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.engine.mattes import Mattes, mattes_of, recolored, recolored_mean
from remaster_gui.engine.references import name_masks
from remaster_gui.engine.sizes import Size


def _color(*colors: Chroma) -> Float:
    return (np.array([colors], np.float32) / 255 + NEUTRAL).astype(np.float32)


def _ab(chrominance: Float) -> Float:
    return (chrominance[0] - np.float32(NEUTRAL)) * np.float32(255)


def _planes(*levels: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array(levels, np.uint8)[:, None, :]


def _mattes(names: tuple[str, ...], *levels: list[int]) -> Mattes:
    return mattes_of(names, _planes(*levels), _color(*((0.0, 0.0),) * len(levels[0])))


def test_only_what_is_on_a_frame_is_kept() -> None:
    mattes = _mattes(("a", "b", "c"), [0, 9, 3], [255, 0, 0], [0, 0, 40])
    assert mattes.names == ("b", "c")
    found = mattes.of("c")
    assert mattes.of("a") is None and found is not None and found.tolist() == [[0, 0, 40]]
    assert not mattes.planes.flags.writeable and mattes.nbytes == 6
    assert _mattes(("a",), [9, 3, 0]).by_name == {}


def test_a_vivid_color_is_turned_and_a_grey_one_shifted() -> None:
    seen = _color((20, 0), (24, 0), (20, 4), (20, 0))
    mattes = _mattes(("coat",), [255, 255, 255, 0])
    blue = recolored(seen, mattes, [Recoloring("coat", (20, 0), (0, -40))])
    # The mean becomes just what is wished; what is more vivid, or of another hue, stays so beside it.
    assert np.allclose(_ab(blue), [(0, -40), (0, -48), (8, -40), (20, 0)], atol=0.5)
    grey = recolored(seen, mattes, [Recoloring("coat", (0, 0), (0, -40))])
    assert np.allclose(_ab(grey), [(20, -40), (24, -40), (20, -36), (20, 0)], atol=1e-3)
    faded = recolored(seen, mattes, [Recoloring("coat", (20, 0), (0, 0))])
    assert np.allclose(_ab(faded)[:3], 0, atol=0.3)
    # However much more vivid the mean becomes, noise does not grow without bound.
    assert recolored_mean((20, 0), Recoloring("coat", (20, 0), (0, -40))) == pytest.approx((0, -40), abs=1e-4)
    wild = recolored(seen, mattes, [Recoloring("coat", (12, 0), (60, 0))])
    assert np.abs(_ab(wild)[1] - _ab(wild)[0])[0] < 3 * 4


def test_another_thing_at_the_edge_of_a_matte_is_only_shifted() -> None:
    """Where yellow has become blue, a sky that shines through a little must not become orange."""
    sky = _color((-5, -25))
    mattes = _mattes(("sign",), [51])
    found = _ab(recolored(sky, mattes, [Recoloring("sign", (-2, 16), (10, -48))]))[0]
    assert found[0] == pytest.approx(-5 + 0.2 * 12, abs=1.5) and found[1] < -25


def test_it_is_recolored_as_far_as_the_matte_says_and_nowhere_else() -> None:
    seen = _color((20, 0), (20, 0), (20, 0))
    mattes = _mattes(("coat", "sky"), [0, 51, 255], [255, 0, 0])
    change = Recoloring("coat", (20, 0), (20, 50))
    assert np.allclose(_ab(recolored(seen, mattes, [change])), [(20, 0), (20, 10), (20, 50)], atol=1e-3)
    assert recolored(seen, mattes, ()) is seen and recolored(seen, None, [change]) is seen
    assert recolored(seen, mattes, [Recoloring("tie", (20, 0), (20, 50))]) is seen
    assert recolored(seen, mattes, [Recoloring("coat", (20, 0), (20, 0))]) is seen


def test_colors_of_names_are_summed_as_far_as_they_are_there() -> None:
    sums = mattes_of(("coat",), _planes([255, 85]), _color((20, 0), (40, 10))).by_name
    assert sums["coat"].share == pytest.approx(2 / 3, abs=1e-3)
    assert sums["coat"].color == pytest.approx((25, 2.5), abs=1e-2)
    assert (sums["coat"] + sums["coat"]).share == pytest.approx(4 / 3, abs=1e-3)


def test_regions_become_masks_and_say_what_mattes_depend_on() -> None:
    left = np.zeros((4, 8), bool)
    left[:, :4] = True
    named = (NamedRegion("coat", "r", pack_region(left), (1, 2)), NamedRegion("all", "r", b"", (0, 0)))
    masks = name_masks(("all", "coat", "tie"), named, Size(16, 8))
    assert masks[0].min() == 1 and masks[2].max() == 0
    assert masks[1, :, :7].min() > 0.95 and masks[1, :, 9:].max() < 0.05 and masks.min() == 0
    assert identity_of([(), ()]) == "" != identity_of([named, ()]) != identity_of([(), named])
    # Its colour is put in when frames are shown.
    other = NamedRegion("coat", "r", pack_region(left), (5, 6))
    assert identity_of([named]) == identity_of([(other, named[1])])
    for bad in ("", "a\nb", "x" * 81):
        with pytest.raises(ValueError, match="name"):
            NamedRegion(bad, "r", b"", (0, 0))
    assert NamedRegion.of_data(named[0].as_data()) == named[0]
