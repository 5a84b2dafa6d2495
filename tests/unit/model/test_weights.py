from __future__ import annotations

import contextlib
import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from remaster_gui.base.errors import DeviceError, WeightsError
from remaster_gui.model import (
    COMPACT,
    ModelConfig,
    RemasterNetwork,
    load_model,
    read_metadata,
    read_network,
    save_network,
    weights,
)
from remaster_gui.model.authors_checkpoint import our_key
from remaster_gui.model.weights import NETWORK_FORMAT, our_name

from .conftest import CONFIGS, build


@pytest.fixture(scope="module", params=CONFIGS)
def network(request: pytest.FixtureRequest) -> RemasterNetwork:
    """The paper's topology and the compact one, which tests only look at."""
    return build(CONFIGS[request.param])


@pytest.fixture(scope="module")
def saved(network: RemasterNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    save_network(network, path, licence="CC0", metrics={"psnr": 33.5}, dtype=torch.float32)
    return path


@pytest.fixture
def file(saved: Path, tmp_path: Path) -> Path:
    """Weights of `network`, to be changed as a test likes."""
    return Path(shutil.copyfile(saved, tmp_path / saved.name))


def test_own_files_come_back_as_they_were(network: RemasterNetwork, file: Path) -> None:
    again = read_network(file)
    assert again.config == network.config
    for key, tensor in again.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            assert torch.equal(tensor, network.state_dict()[key]), key


def test_metadata_travels_with_the_weights(file: Path, network: RemasterNetwork) -> None:
    metadata = read_metadata(file)
    assert metadata["licence"] == "CC0"
    assert metadata["metrics"] == {"psnr": 33.5}
    assert metadata["preprocessing"]["luminance"] == "L*/100"
    assert metadata["config"] == network.config.as_dict()


def test_half_precision_storage_halves_the_file(paper: RemasterNetwork, tmp_path: Path) -> None:
    sizes = []
    for dtype in (torch.float16, torch.float32):
        path = tmp_path / f"{dtype}.safetensors"
        save_network(paper, path, licence="", metrics={}, dtype=dtype)
        assert next(read_network(path).parameters()).dtype == torch.float32
        sizes.append(path.stat().st_size)
    assert sizes[0] < 0.55 * sizes[1] + 50_000


def test_a_loaded_model_is_in_inference_form(file: Path) -> None:
    model = load_model(file, device="cpu")
    assert not any(p.requires_grad for p in model.parameters())
    assert not any("norm" in key for key in model.state_dict())


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "abacus", "meta"])
def test_devices_that_are_not_there_are_refused(file: Path, device: str) -> None:
    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceError, match=r"\.$"):
        load_model(file, device)


def _one_sentence(error: pytest.ExceptionInfo[WeightsError]) -> str:
    text = str(error.value)
    assert re.fullmatch(r"[^\n]+\.", text), text
    return text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as error:
        load_model(tmp_path / "none.safetensors")
    assert "none.safetensors" in _one_sentence(error)


@pytest.mark.parametrize("name", ["film.safetensors", "film.pth.tar", "film.pt", "film.txt"])
@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04K\x01."])
def test_other_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WeightsError) as error:
        load_model(path)
    assert name in _one_sentence(error)


def test_code_in_a_checkpoint_never_runs(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "exploded",))

    path = tmp_path / "bomb.pth.tar"
    torch.save({"modelR": Bomb()}, path)
    with pytest.raises(WeightsError):
        load_model(path)
    path.write_bytes(pickle.dumps({"modelR": Bomb()}))
    with pytest.raises(WeightsError):
        load_model(path)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        ([], "no dictionary"),
        ({}, "modelR"),
        ({"modelR": {}}, "modelC"),
        ({"modelR": {"what.is.this": torch.zeros(1)}}, "what.is.this"),
        ({"modelR": {}, "modelC": {}}, "lacks restoration"),
        ({"modelR": {"layers.1.conv3d.weight": 3}}, "no tensor"),
    ],
)
def test_an_incomplete_checkpoint_says_what_it_lacks(tmp_path: Path, content: object, missing: str) -> None:
    path = tmp_path / "some.pth.tar"
    torch.save(content, path)
    with pytest.raises(WeightsError) as error:
        load_model(path)
    assert missing in _one_sentence(error)


def test_damage_to_own_files_is_told(file: Path, tmp_path: Path) -> None:
    tensors = load_file(file)
    metadata = {key: json.dumps(value) for key, value in read_metadata(file).items()} | {
        "format": NETWORK_FORMAT.name
    }
    first = next(iter(tensors))
    cases = {
        "lacks": ({k: v for k, v in tensors.items() if k != first}, metadata),
        "does not have": (tensors | {"stray": torch.zeros(1)}, metadata),
        "wrong shape": (tensors | {first: torch.zeros(2, 2)}, metadata),
        "format": (tensors, {}),
        "configuration": (tensors, {k: v for k, v in metadata.items() if k != "config"}),
        "unknown": (tensors, metadata | {"config": json.dumps({"name": "future", "rooms": 7})}),
        "metadata": (tensors, metadata | {"config": "{"}),
    }
    for word, (content, described) in cases.items():
        path = tmp_path / f"{word}.safetensors"
        save_file(content, path, described)
        with pytest.raises(WeightsError) as error:
            load_model(path)
        assert word in _one_sentence(error)
    path.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WeightsError) as error:
        load_model(path)
    assert "damaged" in _one_sentence(error)


def _changed(
    file: Path, path: Path, config: object = None, tensors: dict[str, torch.Tensor] | None = None
) -> Path:
    """Write a copy with another configuration, or with other tensors; texts are written as they are."""
    metadata = {key: json.dumps(value) for key, value in read_metadata(file).items()}
    metadata["format"] = NETWORK_FORMAT.name
    if config is not None:
        metadata["config"] = config if isinstance(config, str) else json.dumps(config)
    save_file(load_file(file) | (tensors or {}), path, metadata)
    return path


CONFIGURATIONS: dict[str, tuple[str, object]] = {
    "wider than any": ("restoration.width", 40),
    "a little wider": ("restoration.width", 0.3),
    "no width": ("colorization.width", 0),
    "width that is no number": ("colorization.width", float("nan")),
    "width without end": ("colorization.width", float("inf")),
    "width beyond all": ("colorization.width", 10**400),
    "width in words": ("restoration.width", "wide"),
    "width true": ("restoration.width", True),
    "keys": ("colorization.key_channels", 10**9),
    "keys halved": ("colorization.key_channels", 0.5),
    "no keys": ("colorization.key_channels", 0),
    "switch": ("colorization.patch_keys", 1),
    "attention": ("colorization.attention", ["dot"]),
    "unknown": ("colorization.clairvoyance", True),
    "edge in words": ("reference_edge", "256"),
    "edge too small": ("reference_edge", 1),
    "edge too large": ("reference_edge", 10**6),
    "half missing": ("restoration", None),
    "half listed": ("restoration", [1, 2]),
    "name": ("name", {"a": 1}),
}


@pytest.mark.parametrize(("setting", "value"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_no_network_is_built_of_a_configuration_that_makes_no_sense(
    file: Path, tmp_path: Path, setting: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_metadata(file)["config"]
    half, _, name = setting.rpartition(".")
    (config[half] if half else config)[name] = value
    path = _changed(file, tmp_path / "changed.safetensors", config)
    built: list[str] = []

    class Counted(RemasterNetwork):
        def __init__(self, config: ModelConfig) -> None:
            super().__init__(config)
            built.append(next(self.parameters()).device.type)

    monkeypatch.setattr(weights, "RemasterNetwork", Counted)
    with pytest.raises(WeightsError) as error:
        load_model(path)
    _one_sentence(error)
    # One on the device that takes no memory is how sizes are known.
    assert "cpu" not in built


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "[]", "null", "7", '"config"', "{" + '"a":{' * 70])
def test_configurations_of_other_kinds_are_refused(file: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(WeightsError) as error:
        load_model(_changed(file, tmp_path / "changed.safetensors", text))
    _one_sentence(error)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tensor: torch.full_like(tensor, float("nan")), "no numbers"),
        (lambda tensor: tensor.to(torch.complex64), "another kind"),
        (lambda tensor: tensor > 0, "another kind"),
    ],
)
def test_values_that_make_no_sense_are_told(
    file: Path, tmp_path: Path, change: Callable[[torch.Tensor], torch.Tensor], said: str
) -> None:
    first, tensor = next(iter(load_file(file).items()))
    with pytest.raises(WeightsError) as error:
        load_model(_changed(file, tmp_path / "changed.safetensors", tensors={first: change(tensor)}))
    assert said in _one_sentence(error)


def test_a_file_with_holes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "holes.safetensors"
    with path.open("wb") as content:
        content.truncate(60 * 2**30)
    with pytest.raises(WeightsError, match="larger than any"):
        load_model(path)


def test_a_small_checkpoint_of_huge_tensors_is_refused(tmp_path: Path) -> None:
    """A tensor may repeat one number as often as its shape says; copying it would take all the memory."""
    huge = torch.zeros(1).expand(64, 1, 3, 3_000_000, 3_000_000)
    path = tmp_path / "small.pth.tar"
    torch.save({"modelR": {"layers.1.conv3d.weight": huge}, "modelC": {}}, path)
    assert path.stat().st_size < 10_000
    with pytest.raises(WeightsError) as error:
        load_model(path)
    _one_sentence(error)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_any_damage_to_own_files_is_read_or_told(file: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(file.read_bytes())
    header = 8 + int.from_bytes(content[:8], "little")
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, header))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content)
    with contextlib.suppress(WeightsError):
        read_network(path)


def test_loading_needs_no_compiler() -> None:
    """It takes seconds to import."""
    code = (
        "import sys; from remaster_gui.engine.shipped_weights import resolve_weights\n"
        "from remaster_gui.model import load_model\n"
        "load_model(resolve_weights(None)); assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("layers.1.conv3d.weight", "layers.0.conv.weight"),
        ("layers.13.weight", "layers.12.conv.weight"),
        ("down1.9.bn.running_mean", "source.8.norm.running_mean"),
        ("up1.conv3d.conv3d.weight", "merge.conv.weight"),
        ("up1.conv3d.bn.weight", "merge.norm.weight"),
        ("up4.1.weight", "decoder.5.conv.weight"),
        ("stattn1.gamma", "attend_fine.gamma"),
        ("selfattn2.query_conv.bias", "self_fine.query.bias"),
        ("conv1.bn.bias", "middle_coarse.norm.bias"),
    ],
)
def test_the_authors_names_become_ours(theirs: str, ours: str) -> None:
    assert our_key(theirs) == ours


FORMER_NAMES = {
    "colorization.attend_fine.log_scale": "colorization.attend_fine.similarity.features.log_scale",
    "colorization.attend_coarse.patch_log_scale": "colorization.attend_coarse.similarity.patches.log_scales",
    "colorization.attend_coarse.log_distance": "colorization.attend_coarse.similarity.places.log_distance",
    "colorization.self_fine.log_scale": "colorization.self_fine.similarity.features.log_scale",
    "colorization.color_fine.weight": "colorization.color_path.tint_of_fine.weight",
    "colorization.color_coarse.bias": "colorization.color_path.tint_of_coarse.bias",
    "colorization.alignment.log_scales": "colorization.color_path.alignment.log_scales",
    "colorization.fusion.layers.0.conv.weight": "colorization.color_path.fusion.layers.0.conv.weight",
    "colorization.decoder.0.conv.weight": "colorization.decoder.0.conv.weight",
    "restoration.fusion.weight": "restoration.fusion.weight",
}


@pytest.mark.parametrize("former", FORMER_NAMES)
def test_former_names_become_todays_and_those_stay(former: str) -> None:
    assert our_name(former) == FORMER_NAMES[former] == our_name(FORMER_NAMES[former])


def _formerly(ours: str) -> str:
    for place in ("attend_fine.", "attend_coarse."):
        for name in ("log_distance", "log_scale"):
            for term in ("places", "features"):
                ours = ours.replace(f"{place}similarity.{term}.{name}", place + name)
        ours = ours.replace(f"{place}similarity.patches.log_scales", f"{place}patch_log_scale")
    ours = ours.replace("color_path.tint_of_", "color_").replace("color_path.", "")
    return ours


def test_files_of_the_former_version_are_read(network: RemasterNetwork, file: Path, tmp_path: Path) -> None:
    former, tensors = tmp_path / "former.safetensors", load_file(file)
    config = network.config.as_dict()
    config["colorization"]["aligned_color"] = network.config.colorization.carried_color
    described = {"format": "remaster-weights-1", "config": json.dumps(config)}
    save_file({_formerly(key): tensor for key, tensor in tensors.items()}, former, described)
    again = read_network(former)
    assert again.config == network.config == ModelConfig.from_dict(read_metadata(former)["config"])
    for key, tensor in tensors.items():
        assert torch.equal(again.state_dict()[key], tensor), key


def test_a_tensor_that_is_there_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "both.safetensors"
    config = COMPACT.changed(["colorization.width=0.03"])
    save_network(RemasterNetwork(config), path, licence="", metrics={})
    name = "colorization.fusion.layers.0.conv.bias"
    save_file(load_file(path) | {name: torch.zeros(1)}, path, {
        "format": NETWORK_FORMAT.name, "config": json.dumps(config.as_dict())
    })  # fmt: skip
    with pytest.raises(WeightsError, match="twice"):
        read_network(path)
