"""Several processes that train one network: who we are among them, and how gradients are joined.

`torchrun --nproc-per-node N -m remaster_gui train ...` sets the environment read here. Each rank takes its rows of one
global batch, and gradients are averaged, so N ranks with batch b do what one process with batch N * b does. On GPUs
batch normalisation is synchronised, which makes that exact; on CPUs PyTorch cannot, and each rank normalises by its
own rows while training.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process's place among all: `rank` of `count`, computing on `device`."""

    rank: int
    count: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process validates, saves and reports."""
        return self.rank == 0

    def wrap(self, step: nn.Module) -> nn.Module:
        """Let gradients be averaged over all ranks."""
        if self.count == 1:
            return step
        devices = [self.device] if self.device.type == "cuda" else None
        # Batches without references leave the attention's weights without gradient.
        return DistributedDataParallel(step, device_ids=devices, find_unused_parameters=True)

    def agree(self, flag: bool) -> bool:
        """Return whether any rank says yes."""
        if self.count == 1:
            return flag
        votes = torch.tensor([float(flag)], device=self.device)
        dist.all_reduce(votes, dist.ReduceOp.MAX)
        return bool(votes.item())

    def wait(self) -> None:
        """Wait until all ranks are here."""
        if self.count > 1:
            dist.barrier()


@contextmanager
def joined_ranks(device: torch.device) -> Iterator[Ranks]:
    """Join the other processes that torchrun has started, if any; `device` is used by a process alone."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Ranks(0, 1, device)
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size(), device)
    finally:
        dist.destroy_process_group()
