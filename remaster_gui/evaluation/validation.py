"""Validation at intervals during training: a few windows of each clip, measured in well under a minute.

    clips = ValidationClips((clip.name, clip.frames) for clip in library.clips)     # once
    report = evaluate_colorization(network, clips, comparisons=("grey", "copy", "flow"))  # at every interval
    report.mean("network").psnr

What does not change while a network learns is computed once and kept in `ValidationClips`: the scaled frames,
their damage, their motion, and the rows of the comparison methods.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from remaster_gui.base.arrays import Bytes
from remaster_gui.evaluation.film_frames import scaled
from remaster_gui.evaluation.measuring import Degrade, Measurement, Report, Row
from remaster_gui.evaluation.methods import METHODS, EvaluationTask, Method
from remaster_gui.evaluation.network import NetworkMethod
from remaster_gui.evaluation.protocols import SHORT, Protocol, sampled_clip
from remaster_gui.model import RemasterNetwork


class ValidationClips:
    """Windows of held-out clips, and everything about them that is the same at each validation."""

    def __init__(
        self,
        films: Iterable[tuple[str, Bytes]],
        *,
        size: int = 160,
        protocol: Protocol = SHORT,
        windows: int = 2,
        length: int = 4,
        limit: int | None = None,
    ) -> None:
        """Take the first `limit` films: name and frames ``(T, H, W, 3)``, sRGB uint8.

        Of each, `windows` windows of `length` neighbouring frames are measured, evenly spread up to the end
        of the protocol's range, at a shorter edge of at most `size` pixels. References are the protocol's.
        The network meets each window as a shot of its own, as in training.
        """
        chosen = itertools.islice(films, limit)
        self.cases = tuple(
            sampled_clip(name, scaled(frames[: protocol.frames], size), protocol, windows, length)
            for name, frames in chosen
        )
        self._measurements: dict[tuple[EvaluationTask, Degrade | None], list[Measurement]] = {}
        self._rows: dict[tuple[EvaluationTask, Degrade | None, str], list[Row]] = {}

    def report(
        self, method: Method, task: EvaluationTask, degrade: Degrade | None, comparisons: Sequence[str]
    ) -> Report:
        """Measure a method that changes, such as a network in training, and the comparisons if that is still to do."""
        measurements = self._prepared(task, degrade)
        columns = [[measurement.run("network", method) for measurement in measurements]]
        columns += [self._compared(task, degrade, name) for name in comparisons]
        rows = tuple(row for clip in zip(*columns, strict=True) for row in clip)
        return Report(task, rows, tuple(self._compared(task, degrade, "truth")))

    def _prepared(self, task: EvaluationTask, degrade: Degrade | None) -> list[Measurement]:
        key = (task, degrade)
        if key not in self._measurements:
            self._measurements[key] = [Measurement(case, task, degrade) for case in self.cases]
        return self._measurements[key]

    def _compared(self, task: EvaluationTask, degrade: Degrade | None, name: str) -> list[Row]:
        key = (task, degrade, name)
        if key not in self._rows:
            self._rows[key] = [
                measurement.run_truth() if name == "truth" else measurement.run(name, METHODS[task][name])
                for measurement in self._prepared(task, degrade)
            ]
        return self._rows[key]


def evaluate_colorization(
    network: RemasterNetwork, clips: ValidationClips, comparisons: Sequence[str] = ()
) -> Report:
    """Measure chrominance added to true luminance; `comparisons` are names of `METHODS["colorization"]`."""
    return clips.report(NetworkMethod(network), "colorization", None, comparisons)


def evaluate_restoration(
    network: RemasterNetwork, clips: ValidationClips, degrade: Degrade, comparisons: Sequence[str] = ()
) -> Report:
    """Measure luminance restored from seeded damage; `comparisons` are names of `METHODS["restoration"]`.

    Hand in the same `degrade` object each time: damage and comparisons are kept for it.
    """
    return clips.report(NetworkMethod(network), "restoration", degrade, comparisons)


def evaluate_remastering(
    network: RemasterNetwork, clips: ValidationClips, degrade: Degrade, comparisons: Sequence[str] = ()
) -> Report:
    """Measure all channels, restored from seeded damage and then coloured (see `evaluate_restoration`).

    `comparisons` are names of `METHODS["remastering"]`.
    """
    return clips.report(NetworkMethod(network), "remastering", degrade, comparisons)
