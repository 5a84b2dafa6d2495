"""What lies beside a render for whoever keeps it: a page that shows and says what was made, and frame checksums."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.files import read_record, replace_text, with_ending
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport
from remaster_gui.engine.report_page import ShotPictures, page
from remaster_gui.media import Film, open_film
from remaster_gui.media.faults import writing
from remaster_gui.media.frame_checksums import write_frame_checksums

MOST_PICTURED = 400
"""Shots of which a page has pictures; of a film with more, these are spread evenly."""
_WIDTH, _QUALITY = 360, 80


def page_path(output: Path) -> Path:
    """Return where the page about an output lies."""
    return with_ending(output, "report.html")


def checksum_paths(output: Path) -> tuple[Path, Path]:
    """Return where the checksums of the frames of the film and of an output lie."""
    return with_ending(output, "source.framemd5"), with_ending(output, "framemd5")


def archive(request: RenderRequest, report: RenderReport) -> Generator[Update, None, tuple[Path, ...]]:
    """Write page and checksums beside an output that is complete; returns what was written.

    What cannot be made is said in a notice, and takes nothing else away.
    """
    written = []
    source, output = checksum_paths(request.output)
    works = [
        (page_path(request.output), tr("The page about the render"), _page(request, report)),
        (
            source,
            tr("The film's frame checksums"),
            _checksums(request.film, source, report.span, report.rate),
        ),
    ]
    for path, frames in files_of(request.output, report):
        beside = output if path == request.output else checksum_paths(path)[1]
        checksums = _checksums(path, beside, FrameRange(0, len(frames)), report.rate)
        works.append((beside, tr("The frame checksums of {path}", path=path.name), checksums))
    for path, what, work in works:
        try:
            yield from work
        except RemasterError as error:
            yield Notice(
                "warning",
                tr(
                    "{what}: missing, the result is complete ({error}).",
                    what=what,
                    error=str(error).rstrip("."),
                ),
            )
        else:
            written.append(path)
    return tuple(written)


def _checksums(film: Path, path: Path, span: FrameRange, rate: Fraction) -> Generator[Progress]:
    for progress in write_frame_checksums(film, path, span, rate):
        yield Progress(progress.done, progress.total, doing=tr("Frame checksums"))


def files_of(output: Path, report: RenderReport) -> list[tuple[Path, FrameRange]]:
    """Return what was written, with the frames of the film that each file holds."""
    return [(output / clip.name, clip.span) for clip in report.clips] or [(output, report.span)]


def _page(request: RenderRequest, report: RenderReport) -> Generator[Progress]:
    data = _record(report)
    shown = [shot for shot in report.shots if len(shot.intersection(report.span))]
    pictured = _spread(shown, MOST_PICTURED)
    pictures = []
    with ExitStack() as stack:
        film = stack.enter_context(
            open_film(request.film, deinterlace=request.deinterlace, rate=request.rate)
        )
        output = stack.enter_context(closing(_Outputs(request.output, report)))
        for number, shot in enumerate(pictured):
            yield Progress(number, len(pictured), doing=tr("Pictures of shots"), unit="shots")
            inside = shot.intersection(report.span)
            frame = (inside.start + inside.stop) // 2
            timecode = format_timecode(inside.start, film.info.rate, film.info.timecode)
            before, after = film.read(frame, "rgb").pixels, output.read(frame)
            pictures.append(ShotPictures(shot, frame, timecode, _jpeg(before), _jpeg(after)))
    left = len(shown) - len(pictured)
    notes = (
        [tr("Of {left} of {count} shots there are no pictures here.", left=left, count=len(shown))]
        if left
        else []
    )
    path = page_path(request.output)
    with writing(path):
        replace_text(path, page(data, pictures, notes))


def _record(report: RenderReport) -> Mapping[str, Any]:
    if report.path is None:
        raise RemasterError(tr("There is no report to make a page of."))
    try:
        return plain_data.table(read_record(report.path))
    except (OSError, ValueError) as error:
        raise RemasterError(
            tr("The report {path} cannot be read ({error}).", path=report.path.name, error=error)
        ) from error


class _Outputs:
    """The films that were written, whose frames are asked for by their numbers in the source, and rising."""

    def __init__(self, output: Path, report: RenderReport) -> None:
        self._files = files_of(output, report)
        self._rate = report.rate
        self._open: tuple[Path, Film] | None = None

    def read(self, frame: int) -> Pixels:
        # Handles overlap; the middle of a shot lies farthest from the ends of its own file.
        path, span = min(
            (each for each in self._files if frame in each[1]),
            key=lambda each: abs(each[1].start + each[1].stop - 2 * frame),
        )
        if self._open is None or self._open[0] != path:
            self.close()
            self._open = path, open_film(path, rate=self._rate if path.is_dir() else None)
        return self._open[1].read(frame - span.start, "rgb").pixels

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _spread(shots: Sequence[FrameRange], most: int) -> list[FrameRange]:
    if len(shots) <= most:
        return list(shots)
    return [shots[at * len(shots) // most] for at in range(most)]


def _jpeg(pixels: Pixels) -> bytes:
    """Encode a small picture of RGB ``(H, W, 3)``, uint8 or uint16."""
    small = cv2.resize(
        pixels,
        (_WIDTH, max(1, round(pixels.shape[0] * _WIDTH / pixels.shape[1]))),
        interpolation=cv2.INTER_AREA,
    )
    if small.dtype == np.uint16:
        small = np.right_shift(small, 8).astype(np.uint8)
    encoded, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not encoded:
        raise RemasterError(tr("A picture for the page cannot be encoded."))
    return bytes(data)
