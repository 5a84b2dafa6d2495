"""Time and memory of every stage, beside the authors' scheme with the same weights in the same run, on any device.

Every setup runs in a process of its own, because the peak of memory belongs to a process. Ours computes in what the
device gets, as films are rendered, and once more without the colour prior that fills what references do not show; the
authors' scheme computes in float32. Times are those of a film under way: windows are measured once all layers
hold the frames that they remember. What is paid once per film (encoding the references) is spread over `FILM_LENGTH`
frames; the authors' scheme pays it again for every block of five.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.system import peak_memory
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.authors_session import BLOCK, REFERENCE_EDGE
from remaster_gui.engine.compose import compose
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.references import encode_reference, encoding_size
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import SELF_ATTENTION_SPAN
from remaster_gui.media import PRESETS, SegmentWriter, open_film
from remaster_gui.model import RemasterNetwork, load_model, read_network
from remaster_gui.model.blocks import ConvUnit, upsample
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.precision import FULL, Precision, best_precision
from remaster_gui.model.temporal import MoreFramesNeededError, StreamingState, TemporalContext, WholeClip
from remaster_gui.model.winograd import operations as winograd_operations

log = logging.getLogger(__name__)

SchemeName = Literal["ours", "unfilled", "authors"]
SCHEMES: tuple[SchemeName, ...] = ("ours", "unfilled", "authors")
"""What renders films, that without the colour prior, and what the authors' script computes."""
STAGES = ("decode", "restore", "encode references", "colorize", "compose", "encode")
FILM_LENGTH = 360
"""Frames over which one encoding of the references is spread: the length of the film that results are shown on."""

PROCESSOR = torch.device("cpu")

_WINDOW = 5
_FILM_FRAMES = 12
_ASPECT = 4 / 3
_MATRIX_EDGE = 1024


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured: one size (of the film, and of the work on it), number of references, and scheme."""

    weights: str
    size: Size
    references: int
    scheme: SchemeName
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class StageTime:
    """One line of the result; `stage` is one of `STAGES` or ``total``."""

    network: str
    device: str
    precision: str
    width: int
    height: int
    references: int
    scheme: SchemeName
    stage: str
    ms_per_frame: float
    peak_rss_mb: float
    peak_device_mb: float
    """Of a GPU's memory, so far; 0 on a processor."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows of one setup, arithmetic of the networks per frame, and the rate of matrix products measured beside it."""

    rows: list[StageTime]
    gflop_per_frame: float
    network_seconds_per_frame: float
    matrix_gflops: float

    @property
    def share_of_matrix_rate(self) -> float:
        """Rate of the networks' arithmetic as a part of the rate of plain matrix products."""
        return self.gflop_per_frame / self.network_seconds_per_frame / self.matrix_gflops


def measure_apart(setup: Setup, windows: int, threads: int | None) -> Measured:
    """Measure a setup in a fresh process."""
    order = {**asdict(setup), "windows": windows, "threads": threads}
    command = [sys.executable, "-m", "remaster_gui.benchmarks.stage_times", json.dumps(order)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        *_, last = finished.stderr.strip().splitlines() or ["it was killed, probably for lack of memory"]
        log.error("%s failed: %s", setup, finished.stderr)
        raise RemasterError(f"Measuring {setup.size} with {setup.references} references failed ({last}).")
    answer = json.loads(finished.stdout)
    rows = [StageTime(**row) for row in answer.pop("rows")]
    return Measured(rows, **answer)


def measure(setup: Setup, windows: int) -> Measured:
    """Measure a setup in this process; `windows` timed windows (or blocks) after the first ones."""
    stages: dict[str, tuple[float, float, float]] = {}
    device = torch.device(setup.device)
    is_ours = setup.scheme != "authors"
    precision = best_precision(device) if is_ours else FULL

    def note(stage: str, seconds: float) -> None:
        on_device = torch.cuda.max_memory_allocated(device) / 2**20 if device.type == "cuda" else 0.0
        stages[stage] = (1000 * seconds, peak_memory() / 2**20, on_device)

    with tempfile.TemporaryDirectory() as folder:
        encode, decode = _media_seconds(setup.size, Path(folder))
    note("decode", decode)
    network = _load(setup, device, precision)
    torch.manual_seed(0)
    clip = torch.rand(1, _WINDOW, 1, setup.size.height, setup.size.width).to(device)
    references = _pictures(setup, network)
    # Training materialises the attention map; gradients being on chooses that form, though none are recorded.
    with torch.inference_mode() if is_ours else torch.enable_grad():
        restore = _ours if is_ours else _theirs
        seconds, operations = restore(lambda context: network.restoration(clip, context), windows)
        note("restore", seconds)
        features, spent, counted = _encode(setup, network, references)
        note("encode references", spent)
        operations += counted
        colored, more = restore(
            lambda context: network.colorization(clip, features, context).chrominance, windows
        )
        note("colorize", colored)
        operations += more
        result = network.colorization(clip[:, :1], features, WholeClip()).chrominance
    note("compose", _compose_seconds(clip.cpu(), result.cpu(), setup.size))
    note("encode", encode)
    networks = sum(stages[s][0] for s in ("restore", "encode references", "colorize")) / 1000
    times, resident, on_device = zip(*stages.values(), strict=True)
    stages["total"] = sum(times), max(resident), max(on_device)
    what = network.config.name, setup.device, precision.name, setup.size.width, setup.size.height
    rows = [
        StageTime(*what, setup.references, setup.scheme, stage, *stages[stage])
        for stage in (*STAGES, "total")
    ]
    return Measured(rows, operations / 1e9, networks, matrix_rate(device))


def _load(setup: Setup, device: torch.device, precision: Precision) -> RemasterNetwork:
    if setup.scheme == "authors":
        return as_authors(read_network(Path(setup.weights)).to(device))
    if setup.scheme == "unfilled":
        return load_model(setup.weights, device).compute_in(precision)
    return LoadedNetwork.load(Path(setup.weights), device, precision=precision).network


def operation_counter() -> FlopCounterMode:
    """Return a counter that knows two more products.

    With one of them attention adds one reference to another; the other one convolves with fewer multiplications, but
    counts like any convolution, so that more than the rate of matrix products can come out.
    """
    known: dict[object, Callable[..., int]] = {
        torch.ops.aten.baddbmm_: _baddbmm_operations,
        torch.ops.remaster.winograd: winograd_operations,
    }
    return FlopCounterMode(display=False, custom_mapping=known)


def _baddbmm_operations(into: Sequence[int], a: Sequence[int], b: Sequence[int], **_: object) -> int:
    batch, rows, inner = a
    return 2 * batch * rows * inner * b[-1]


def matrix_rate(device: torch.device = PROCESSOR) -> float:
    """Return how fast a device multiplies fp32 matrices, in GFLOP/s: the best of some products."""
    a, b = (torch.rand(_MATRIX_EDGE, _MATRIX_EDGE, device=device) for _ in range(2))
    return 2 * _MATRIX_EDGE**3 / min(_seconds(lambda: a @ b) for _ in range(20)) / 1e9


def _seconds(work: Callable[[], object]) -> float:
    _finish()
    began = time.perf_counter()
    work()
    _finish()
    return time.perf_counter() - began


def _finish() -> None:
    """Wait for what a GPU of this process has been given to do."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


StageRun = Callable[[TemporalContext], Tensor]


def _ours(stage: StageRun, windows: int) -> tuple[float, float]:
    """Return seconds and operations per frame of windows pushed through the network's memory."""
    state = StreamingState(SELF_ATTENTION_SPAN)

    def push() -> int:
        try:
            return stage(state).shape[1]
        except MoreFramesNeededError:
            return 0

    while push() < _WINDOW:
        pass
    counter = operation_counter()
    with counter:
        push()
    return min(_seconds(push) for _ in range(windows)) / _WINDOW, counter.get_total_flops() / _WINDOW


def _theirs(stage: StageRun, blocks: int) -> tuple[float, float]:
    """Return seconds and operations per frame of blocks without memory."""
    counter = operation_counter()
    with counter:
        stage(WholeClip())
    return min(
        _seconds(lambda: stage(WholeClip())) for _ in range(blocks)
    ) / BLOCK, counter.get_total_flops() / BLOCK


def _pictures(setup: Setup, network: RemasterNetwork) -> list[Float]:
    """Random references in the sizes that each scheme encodes them at."""
    rng = np.random.default_rng(0)
    size = Size(int(REFERENCE_EDGE * _ASPECT), REFERENCE_EDGE)
    if setup.scheme != "authors":
        size = encoding_size(size, setup.size, network.config.reference_edge)
    return [rng.random((size.height, size.width, 3), np.float32) for _ in range(setup.references)]


def _encode(
    setup: Setup, network: RemasterNetwork, pictures: Sequence[Float]
) -> tuple[list[ReferenceFeatures], float, float]:
    """Return the features of the references, and seconds and operations for them per frame of film."""
    counter = operation_counter()
    features: list[ReferenceFeatures] = []

    def encode() -> None:
        if setup.scheme != "authors":
            features.extend(encode_reference(network, picture) for picture in pictures)
        else:
            together = torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy())[None]
            features.append(network.encode_references(together))

    with counter:
        seconds = _seconds(encode)
    frames = BLOCK if setup.scheme == "authors" else FILM_LENGTH
    return features, seconds / frames, counter.get_total_flops() / frames


def _compose_seconds(clip: Tensor, chrominance: Tensor, size: Size) -> float:
    frame = RemasteredFrame(
        0,
        clip[0, 0, 0].numpy(),
        chrominance[0, 0].float().numpy().transpose(1, 2, 0).copy(),
    )
    compose(frame, size)
    return min(_seconds(lambda: compose(frame, size)) for _ in range(3))


def _media_seconds(size: Size, folder: Path) -> tuple[float, float]:
    """Return seconds per frame to encode (H.264, 8 bits) and to decode a film of moving noise."""
    picture = np.random.default_rng(0).random((size.height, size.width, 3), np.float32)
    film = folder / "film.mp4"
    began = time.perf_counter()
    with SegmentWriter(film, PRESETS["h264-8"], size.width, size.height, Fraction(24)) as writer:
        for index in range(_FILM_FRAMES):
            writer.write(np.roll(picture, 3 * index, axis=1), Fraction(index, 24))
    encode = (time.perf_counter() - began) / _FILM_FRAMES
    with open_film(film) as opened:
        began = time.perf_counter()
        count = sum(1 for _ in opened.frames(FrameRange(0, opened.info.frame_count)))
    return encode, (time.perf_counter() - began) / count


class VolumetricUnit(nn.Module):
    """A `ConvUnit` computed as the authors' code does: a 3-D convolution, then normalisation, then ELU."""

    def __init__(self, unit: ConvUnit) -> None:
        """Take over the numbers of `unit`."""
        super().__init__()
        self.unit = unit
        self.conv = conv = unit.conv
        stacked = conv.weight.detach()
        self.kernel = stacked.unflatten(1, (unit.frames, -1)).transpose(1, 2).contiguous()

    def forward(self, clip: Tensor, context: TemporalContext) -> Tensor:
        """Map a clip as the unit does."""
        unit = self.unit
        if unit.frames == 3:
            clip = context.around(unit, clip, unit.edge)
        volume = (upsample(clip) if unit.upsampled else clip).transpose(1, 2)
        border = 1
        if unit.edge == "replicate":
            volume, border = F.pad(volume, (1, 1, 1, 1, 0, 0), mode="replicate"), 0
        stride = (1, *self.conv.stride)
        out = F.conv3d(volume, self.kernel, self.conv.bias, stride, (0, border, border))
        norm = unit.norm
        if norm is not None:
            out = F.batch_norm(out, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)
        return (out if unit.plain else F.elu(out)).transpose(1, 2)


def as_authors(network: RemasterNetwork) -> RemasterNetwork:
    """Let a network compute its convolutions as the authors' code does; same results."""
    network.requires_grad_(False)
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, ConvUnit):
                module.register_module(name, VolumetricUnit(child))
    return network


def setups(
    weights: Path,
    sizes: Sequence[Size],
    references: Sequence[int],
    schemes: Sequence[SchemeName],
    device: str = "cpu",
) -> Iterator[Setup]:
    """Yield all combinations, the schemes of one next to each other so that they meet the same machine."""
    for size in sizes:
        for count in references:
            for scheme in schemes:
                yield Setup(str(weights), size, count, scheme, device)


def _main() -> None:
    """Measure the setup that the first argument describes, in this process, and print the result as JSON."""
    order = json.loads(sys.argv[1])
    if order["threads"]:
        torch.set_num_threads(order["threads"])
    size = Size(**order["size"])
    setup = Setup(
        order["weights"], size, order["references"], cast(SchemeName, order["scheme"]), order["device"]
    )
    measured = measure(setup, order["windows"])
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    _main()
