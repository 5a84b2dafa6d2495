"""How much `check_gpu.py` does, and what has to be reached."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from remaster_gui.engine.sizes import Size

SECONDS = 178
PRIOR_MILLISECONDS = 1.5
TRAINING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Where to check, how much, and what has to be reached; None where no time is judged."""

    device: torch.device
    size: Size
    references: dict[int, float | None]
    """How many, and the milliseconds that a frame may take with them."""
    frames: int
    agreement: tuple[Size, ...]
    agreement_frames: int
    film: Size
    film_frames: int
    film_rate: float | None
    large: Size
    large_frames: int
    large_rate: float | None
    prior_milliseconds: float | None
    training_seconds: float | None
    seconds: float
    """For everything."""
    patience: float
    """Seconds to wait for a step of training."""

    @property
    def is_gpu(self) -> bool:
        """Whether it is a GPU that is checked."""
        return self.device.type == "cuda"

    @staticmethod
    def of(device: torch.device) -> Scale:
        """Return what the figures are about on a GPU, and little on a processor."""
        if device.type == "cuda":
            return Scale(
                device, Size(528, 400), {4: 6.0, 41: 12.0}, 96, (Size(208, 160), Size(432, 320)), 16,
                Size(432, 320), 360, 60.0, Size(1920, 1440), 60, 12.0, PRIOR_MILLISECONDS, TRAINING_SECONDS,
                SECONDS, 30,
            )  # fmt: skip
        return Scale(
            device, Size(64, 48), {2: None}, 16, (Size(64, 48),), 3,
            Size(96, 64), 12, None, Size(160, 128), 6, None, None, None, 3600, 600,
        )  # fmt: skip
