"""``remaster-gui train``: train a network from a folder of colour films."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from remaster_gui.base.notices import complete
from remaster_gui.cli.following import follow
from remaster_gui.cli.numbers import real, whole
from remaster_gui.cli.terminal import stopped_by_ctrl_c

if TYPE_CHECKING:
    from remaster_gui.training.recipes import Recipe

_CARD_BATCHES = 6
"""A recipe's batches are meant for a few processor cores; a graphics card is hardly slower with larger ones."""

EXAMPLES = """\
examples:
  remaster-gui train --data films/ --out run/
  remaster-gui train --data films/ --out run/ --resume
  remaster-gui train --data films/ --out run/ --stages restoration --init weights.safetensors --export new.safetensors
  remaster-gui train --data films/ --photos pack.bin --damage scans/ --minutes 8 --out run/ --export new.safetensors
  remaster-gui train --recipe prior --photos a.bin b.bin --out run/ --export prior.safetensors
  torchrun --nproc-per-node 4 -m remaster_gui train --data films/ --recipe paper --out run/
"""

STOPPING = "Stopping after this iteration; the state is saved. Press Ctrl-C again to stop at once."
STOPPED = "Stopped at once; --resume goes on from the last state that was saved."


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "train",
        help="train a network from colour films",
        description="Train a network from a folder of colour films. Whatever stops a run, the same command with "
        "--resume goes on where it was, to the same result.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of colour films")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    parser.add_argument(
        "--recipe",
        choices=("compact", "paper", "prior", "narrow", "dncnn", "wdsr", "vondrick", "zhang"),
        default="compact",
        help="compact: small network, few cores (default); paper: the paper's network and optimisation; prior: the "
        "colour prior, from photographs alone; narrow: the paper's network at a quarter of its width, to compare with; "
        "dncnn, wdsr, vondrick, zhang: the systems that the paper compares with",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument("--init", type=Path, metavar="WEIGHTS", help="start from these weights")
    parser.add_argument(
        "--init-restoration",
        type=Path,
        metavar="WEIGHTS",
        help="start the restoration network from these weights instead",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change the recipe's network, such as colorization.patch_keys=off (may be given several times)",
    )
    parser.add_argument("--stages", metavar="A,B", help="stages of the recipe to run (default: all)")
    parser.add_argument(
        "--iterations", type=whole(1, 10**9), metavar="N", help="length of each stage (default: the recipe's)"
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--minutes",
        type=real(0, 10**6),
        metavar="M",
        help="train for this time, which the stages share (default: the recipe's iterations)",
    )
    budget.add_argument(
        "--processor-minutes",
        type=real(0, 10**6),
        metavar="M",
        help="let learning alone take this time of the processors, whatever else they do: to compare networks",
    )
    parser.add_argument(
        "--batch-scale",
        type=whole(1, 1000),
        metavar="N",
        help="batches N times as large as the recipe's (default: 6 on a graphics card, else 1)",
    )
    parser.add_argument(
        "--threads", type=whole(1, 1024), metavar="N", help="processor threads (default: all cores)"
    )
    parser.add_argument(
        "--workers",
        type=whole(0, 1024),
        metavar="N",
        help="processes that make samples ahead (default: all cores but two on a graphics card, else none)",
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**32 - 1), default=0, help="seed of everything random (default: 0)"
    )
    parser.add_argument(
        "--damage", type=Path, metavar="DIR", help="take half of the damage from scans in here"
    )
    parser.add_argument(
        "--photos",
        type=Path,
        nargs="+",
        default=[],
        metavar="PACK",
        help="packs of photographs to learn from, too",
    )
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder of decoded films and stored samples"
    )
    parser.add_argument("--device", help="cpu, cuda or cuda:N (default: a GPU if there is one)")
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="write the best weights here, whatever ends the run (fp16)",
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the command; Ctrl-C saves the state and ends with status 130."""
    import torch

    from remaster_gui.engine.device import choose_device
    from remaster_gui.model.weights import usable_device
    from remaster_gui.training.courses import Request
    from remaster_gui.training.distributed import joined_ranks
    from remaster_gui.training.recipe_list import RECIPES
    from remaster_gui.training.samples import use_one_thread
    from remaster_gui.training.trainer import train

    if args.threads:
        torch.set_num_threads(args.threads)
    use_one_thread()
    stages = [name.strip() for name in args.stages.split(",")] if args.stages else None
    device = usable_device(choose_device(args.device))
    on_card = device.type == "cuda"
    scale = args.batch_scale or (_CARD_BATCHES if on_card else 1)
    recipe = RECIPES[args.recipe].only(stages, args.iterations, scale)
    minutes = args.minutes if args.processor_minutes is None else args.processor_minutes
    request = Request(
        data=args.data,
        out=args.out,
        recipe=_changed(recipe, args.set),
        resume=args.resume,
        init=args.init,
        init_restoration=args.init_restoration,
        seconds=None if minutes is None else minutes * 60,
        learning_only=args.processor_minutes is not None,
        seed=args.seed,
        workers=_default_workers(on_card) if args.workers is None else args.workers,
        damage=args.damage,
        photos=tuple(args.photos),
        cache=args.cache,
        export=args.export,
    )
    with joined_ranks(device) as ranks, stopped_by_ctrl_c(STOPPING, STOPPED) as stop:
        work = train(request, ranks, stop)
        if ranks.leads:
            follow(work, "Training")
        else:
            complete(work)
    if stop.is_set():
        raise KeyboardInterrupt
    return 0


def _changed(recipe: Recipe, settings: list[str]) -> Recipe:
    from remaster_gui.base.errors import SettingsError
    from remaster_gui.model import ModelConfig
    from remaster_gui.model.prior import PriorConfig
    from remaster_gui.model.rivals import systems

    if not settings:
        return recipe
    if isinstance(recipe.config, ModelConfig):
        return replace(recipe, config=recipe.config.changed(settings))
    if isinstance(recipe.config, PriorConfig):
        raise SettingsError(f"--set does not change what recipe {recipe.name} trains; leave it out.")
    return replace(recipe, config=systems.changed(recipe.config, settings))


def _default_workers(on_card: bool) -> int:
    return max(1, (os.cpu_count() or 1) - 2) if on_card else 0
