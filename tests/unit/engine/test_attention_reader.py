"""Attention as it is shown: shares, certainty and heat are those of the network, for what is asked for only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.attention_reader import AttentionReader
from remaster_gui.engine.attention_results import Layer, lane_frames, least_certain
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.preview import Previewer
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.engine.references import ReferenceStore, find_references
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.media import Film, open_film
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.attention import KeyValues, attention_evidence, attention_mass

from .conftest import shots_from_cuts

FRAMES = 16
WORKING = Size(96, 64)
SHOTS = (FrameRange(0, 8), FrameRange(8, FRAMES))


@pytest.fixture(scope="module")
def path(
    tmp_path_factory: pytest.TempPathFactory, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> Path:  # fmt: skip
    return write_film(tmp_path_factory.mktemp("film") / "film.mkv", two_shots(FRAMES, 128, 192))


@pytest.fixture
def film(path: Path) -> Iterator[Film]:
    with open_film(path) as film:
        yield film


@pytest.fixture(scope="module")
def loaded(full_weights: Path) -> LoadedNetwork:
    return LoadedNetwork.load(full_weights, "cpu")


def colored(film: Film, frame: int) -> Reference:
    """A frame of the film, tinted."""
    grey = film.read(frame).pixels[..., None].astype(np.float32) / 65535
    picture = np.rint((grey * [1.0, 0.8, 0.6]) * 255).astype(np.uint8)
    return Reference(f"frame {frame}", f"frame {frame}", lambda: picture, frame)


def noise(seed: int, height: int = 64, width: int = 80) -> Reference:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Reference(f"noise {seed}", f"noise {seed}", lambda: picture)


def guidance(*references: Reference, **settings: object) -> Guidance:
    chosen = Settings(edge=64, **settings)  # type: ignore[arg-type]
    return Guidance(SHOTS, references, chosen)


@pytest.fixture
def reader(film: Film, loaded: LoadedNetwork) -> AttentionReader:
    return AttentionReader(film, loaded, PreviewStores(FRAMES))


@pytest.mark.parametrize(("layer", "stride"), [("fine", 8), ("coarse", 16)])
def test_shares_are_those_of_the_network(
    reader: AttentionReader, film: Film, loaded: LoadedNetwork, layer: Layer, stride: int
) -> None:
    wanted = guidance(noise(1), noise(2), noise(3))
    found = reader.map(wanted, 5, layer)
    assert found.shares.shape == (64 // stride, 96 // stride, 3)
    assert found.certainty.shape == found.shares.shape[:2]
    assert found.references == ("noise 1", "noise 2", "noise 3")
    assert ((found.certainty >= 0) & (found.certainty <= 1)).all()
    np.testing.assert_allclose(found.shares.sum(2), 1, atol=1e-5)
    assert not found.shares.flags.writeable
    luminance = resize(luma_to_lightness(film.read(5).pixels), WORKING)
    features = loaded.references.all_features(wanted.references, WORKING)
    asked = loaded.network.colorization.queries_of(
        torch.from_numpy(luminance)[None, None, None], features, layer
    )
    expected = attention_mass(asked.queries.vectors, asked.sources)[0].reshape(found.shares.shape)
    np.testing.assert_allclose(found.shares, expected.numpy(), atol=1e-3)


@pytest.mark.parametrize("layer", ["fine", "coarse"])
def test_heat_of_a_point_adds_up_to_its_shares(reader: AttentionReader, layer: Layer) -> None:
    wanted = guidance(noise(1), noise(2, 80, 64))
    shares = reader.map(wanted, 5, layer).shares
    heat = reader.heat(wanted, 5, 100.0, 70.0, layer)
    rows, columns = shares.shape[:2]
    np.testing.assert_allclose(heat.shares, shares[int(70 / 128 * rows), int(100 / 192 * columns)], atol=1e-5)
    stride = 8 if layer == "fine" else 16
    sizes = [f.size for f in reader.loaded.references.all_features(wanted.references, WORKING)]
    assert [each.shape for each in heat.heat] == [(h // stride, w // stride) for h, w in sizes]
    x, y, width, height = heat.cell
    assert x <= 100 < x + width
    assert y <= 70 < y + height


def test_points_outside_count_as_the_nearest_inside(reader: AttentionReader) -> None:
    wanted = guidance(noise(1))
    outside, inside = (reader.heat(wanted, 5, *at) for at in ((-3.0, 500.0), (0.0, 127.0)))
    np.testing.assert_array_equal(outside.heat[0], inside.heat[0])


def test_a_point_finds_its_like_in_the_reference(
    loaded: LoadedNetwork, write_film: Callable[..., Path], tmp_path: Path
) -> None:
    rough = np.random.default_rng(5).random((16, 24)).astype(np.float32)
    path = write_film(tmp_path / "noise.mkv", cv2.resize(rough, (192, 128))[None].repeat(3, 0))
    with open_film(path) as film:
        reader = AttentionReader(film, loaded, PreviewStores(3))
        heat = reader.heat(guidance(colored(film, 1), noise(1)), 1, 100.0, 70.0)
    assert heat.shares[0] > 0.9
    row, column = np.unravel_index(heat.heat[0].argmax(), heat.heat[0].shape)
    assert (row, column) == (int(70 / 128 * 8), int(100 / 192 * 12))


def test_a_moving_pointer_runs_the_encoder_once(reader: AttentionReader, loaded: LoadedNetwork) -> None:
    wanted, runs = guidance(noise(1)), []
    hook = loaded.network.colorization.source[0].register_forward_hook(lambda *_: runs.append(1))
    for x in range(0, 190, 10):
        reader.heat(wanted, 5, float(x), 64.0)
    hook.remove()
    assert len(runs) == 1


def test_a_reference_of_the_shot_is_surer_than_one_unlike_it(reader: AttentionReader, film: Film) -> None:
    own, other = reader.shares(guidance(colored(film, 3)), 5), reader.shares(guidance(noise(1)), 5)
    assert own.certainty > 0.4
    assert other.certainty < 0.5 * own.certainty
    both = reader.shares(guidance(noise(1), colored(film, 3)), 5)
    assert both.shares[1] > 0.8
    assert both.shares.sum() == pytest.approx(1, abs=1e-5)


def test_networks_that_carry_no_colour_say_how_few_places_they_choose_among(
    film: Film, network: RemasterNetwork
) -> None:
    loaded = LoadedNetwork(network, Path("tiny"), "tiny", ReferenceStore(network, "tiny"))
    reader = AttentionReader(film, loaded, PreviewStores(FRAMES))
    found = reader.map(guidance(noise(1), noise(2)), 5)
    assert ((found.certainty >= 0) & (found.certainty <= 1)).all()
    assert found.certainty.std() > 0


def test_without_references_there_is_nothing_to_draw_from(reader: AttentionReader) -> None:
    found = reader.map(guidance(), 5)
    assert found.shares.shape == (8, 12, 0)
    assert not found.certainty.any()
    assert reader.shares(guidance(), 5).certainty == 0
    assert reader.heat(guidance(), 5, 1.0, 1.0).heat == ()


def test_restored_luminance_is_looked_at_once_it_is_there(film: Film, loaded: LoadedNetwork) -> None:
    stores = PreviewStores(FRAMES)
    reader = AttentionReader(film, loaded, stores)
    wanted = guidance(noise(1), noise(2))
    before = reader.map(wanted, 5)
    assert not before.restored
    asked = PreviewRequest(wanted, FrameRange(4, 6), 4)
    for _ in Previewer(film, loaded, stores).preview(asked, Event()):
        pass
    after = reader.map(wanted, 5)
    assert after.restored
    assert not np.array_equal(after.shares, before.shares)
    assert reader.map(guidance(noise(1), restoration=False), 5).restored


def test_evidence_is_gathered_piece_by_piece() -> None:
    rng = torch.Generator().manual_seed(0)
    queries = torch.randn(1, 50, 8, generator=rng)
    sources = [KeyValues(torch.randn(1, m, 8, generator=rng), torch.zeros(1, m, 1)) for m in (20, 33, 1)]
    facts = [torch.randn(1, len(source.keys[0]), 4, generator=rng) for source in sources]
    found = attention_evidence(queries, sources, facts, chunk=7)
    scores = queries @ torch.cat([source.keys for source in sources], 1).transpose(1, 2)
    weights = scores.softmax(-1)
    torch.testing.assert_close(found.mass, attention_mass(queries, sources))
    torch.testing.assert_close(found.expected, weights @ torch.cat(facts, 1))
    torch.testing.assert_close(found.best, scores.amax(-1))
    torch.testing.assert_close((found.best - found.total).exp(), weights.amax(-1))


def test_the_next_reference_goes_where_it_is_least_certain() -> None:
    certainty = np.full(100, np.nan, np.float32)
    certainty[::5] = 0.8
    certainty[20] = 0.1  # one frame among certain ones
    certainty[60:80:5] = 0.2
    assert least_certain(certainty, 0, 15) in range(60, 80)
    assert least_certain(np.full(3, np.nan, np.float32), 0, 15) is None
    flat = np.full(30, 0.5, np.float32)
    assert least_certain(flat, 17, 5) == 17


@given(st.integers(1, 5000), st.lists(st.integers(0, 5000), max_size=30), st.integers(40, 300))
def test_the_lane_fills_in_from_a_sketch(count: int, cuts: list[int], most: int) -> None:
    shots, visible = shots_from_cuts(cuts, count), FrameRange(count // 3, count)
    frames = lane_frames(shots, visible, most)
    assert len(frames) == len(set(frames)) <= most
    assert all(frame in visible for frame in frames)
    seen = [shot for shot in shots if len(shot.intersection(visible))]
    assert all(frame in shot for frame, shot in zip(frames, seen, strict=False))
    gaps = np.diff([visible.start - 1, *sorted(frames), visible.stop])
    assert gaps.max() <= 2 * -(-len(visible) // max(1, most - len(seen)))


@pytest.mark.parametrize("missing", [1, 3])
def test_a_shot_of_real_film_without_its_reference_is_less_certain(shared: Path, missing: int) -> None:
    try:
        loaded = LoadedNetwork.load(resolve_weights(None), "cpu")
    except Exception as error:
        pytest.skip(f"needs the weights that ship: {error}")
    folder = shared / "data" / "vintage"
    references = tuple(complete(find_references(folder / "refs_a-bomb", 0))[0])
    with open_film(folder / "a-bomb_blast_effects_part.mp4") as film:
        count = film.info.frame_count
        reader = AttentionReader(film, loaded, PreviewStores(count))
        shots = shots_from_cuts((44, 134, 299), count)
        # Working size 224x160, a frame from each shot.
        all_four = Guidance(shots, references, Settings(edge=160))
        without = replace(all_four, references=references[:missing] + references[missing + 1 :])
        frames = [20, 80, 200, 340]
        before, after = ([reader.shares(each, f) for f in frames] for each in (all_four, without))
    assert [int(found.shares.argmax()) for found in before] == [0, 1, 2, 3]
    ratios = [b.certainty / a.certainty for a, b in zip(before, after, strict=True)]
    assert ratios.pop(missing) < 0.8
    assert min(ratios) > 0.9
    assert after[missing].certainty == min(found.certainty for found in after)
