"""What commands do with an output that is complete: signing, archiving, and saying what it has become."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from remaster_gui.cli.following import follow_stoppably
from remaster_gui.cli.terminal import tell

if TYPE_CHECKING:
    from remaster_gui.engine.render_request import RenderRequest
    from remaster_gui.engine.report import RenderReport
    from remaster_gui.engine.signing import FilmSigner

STOPPING = "Stopping after this window; finished shots are kept. Press Ctrl-C again to stop at once."
STOPPED = "Stopped at once; the same command goes on after the shots that are finished."


def add_ending_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is done with an output that is complete."""
    parser.add_argument(
        "--archive", action="store_true",
        help="also write a page about the render, with pictures of each shot, and checksums of the frames of film and "
        "output (framemd5)",
    )  # fmt: skip
    parser.add_argument(
        "--sign", nargs=2, type=Path, metavar=("CHAIN", "KEY"),
        help="sign the film (mp4, mov) as the C2PA specifies it, with certificates and a key of your own (PEM); needs "
        "remaster-gui[c2pa]",
    )  # fmt: skip


def end(request: RenderRequest, report: RenderReport, *, archives: bool, signer: FilmSigner | None) -> None:
    """Sign an output that is complete, say what has become of it, and write what archives want, if asked to."""
    from remaster_gui.engine.archive import archive

    if signer is not None:
        signer.sign_all(request.output, report)
    tell_of(report, request.output)
    if archives:
        for path in follow_stoppably(lambda _: archive(request, report), "Archiving", STOPPING, STOPPED):
            tell(f"For archives: {path}")


def tell_of(report: RenderReport, output: Path) -> None:
    """Say what has become of a render."""
    files = f" in {len(report.clips)} files" if report.clips else ""
    tell(f"{output}: {report.frames} frames of {report.size}{files} in {report.seconds:.1f} s")
    if report.stages:
        rates = ", ".join(f"{stage} {work.rate:.1f}" for stage, work in report.stages.items())
        tell(f"Frames a second of each stage by itself: {rates}")
    if report.overlay is not None:
        tell(f"Overlay: {report.overlay}")
    if report.path is not None:
        tell(f"Report: {report.path}")
