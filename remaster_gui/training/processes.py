"""Processes that make samples: each starts with what it needs loaded already, and with no thread of ours."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext


def process_context() -> ForkServerContext | SpawnContext:
    """Return how processes are started.

    Never forked from this one: a copy of a process whose OpenMP threads run may hang. Where the system knows them,
    they are forked from a server that has loaded PyTorch and our modules once and started nothing; else each one
    loads them for itself.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.dataset", f"{__package__}.sample_store"])
    return context
