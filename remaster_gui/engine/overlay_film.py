"""The overlay film beside the result of a render: the same parts, resumed and joined in the same way."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from remaster_gui.base.choices import OverlayKind
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import Plan
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.parts import Part, PartFacts
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.sizes import Size
from remaster_gui.media import Carried, Film, Preset, Segment, SegmentWriter, assemble, check_output


def overlay_path(output: Path, kind: OverlayKind) -> Path:
    """Return where the overlay film of an output lies: ``film.attention.mov`` beside ``film.mov``."""
    return output.with_name(f"{output.stem}.{kind}{output.suffix}")


class OverlayFilm:
    """An overlay film on its way; it has no sound, and it is there before the result is."""

    def __init__(self, kind: OverlayKind, output: Path, preset: Preset) -> None:
        """Name what belongs to `output`; nothing is written yet."""
        self.kind, self.path = kind, overlay_path(output, kind)
        self._preset = preset
        self._work = WorkFolder(self.path, preset)

    def check(self, request: RenderRequest) -> None:
        """Raise what `check_output` does, and `SettingsError` where there is nothing to show."""
        settings = request.settings
        if not settings.colorization or settings.authors_scheme:
            raise SettingsError(
                tr("An overlay film shows where colours come from, which ")
                + (
                    tr("the authors' scheme does not tell")
                    if settings.colorization
                    else tr("a film without colours lacks")
                )
                + tr("; leave out --overlay.")
            )
        self._work.clear_leftovers()
        is_ours = self._work.published() is not None
        check_output(self.path, request.film, is_folder=self._preset.is_sequence, is_ours=is_ours)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other renders away."""
        with self._work.held():
            yield

    def nbytes(self) -> int:
        """Bytes on disk that an earlier run has left."""
        return self._work.nbytes()

    def open(self, identity: dict[str, Any], plan: Plan) -> Generator[Notice]:
        """Take up what an earlier run of the same job has left, or begin."""
        yield from self._work.open(self._identity(identity), plan)

    def take_up(self, identity: dict[str, Any], plan: Plan) -> None:
        """Make parts of a job that was opened by another process."""
        self._work.take_up(self._identity(identity), plan)

    def _identity(self, identity: dict[str, Any]) -> dict[str, Any]:
        return identity | {"overlay": self.kind}

    def finished(self, part: Part) -> Segment | None:
        """Return a part's segment if it is there and sound."""
        return self._work.finished(part)

    def writer(self, part: Part, size: Size, rate: Fraction, pixel_aspect: Fraction) -> SegmentWriter:
        """Return what writes a part."""
        path = self._work.draft_path(part)
        return SegmentWriter(path, self._preset, size.width, size.height, rate, pixel_aspect)

    def keep(self, part: Part) -> Segment:
        """Take the part that has been written for finished."""
        return self._work.keep(part, PartFacts())

    def assemble(
        self,
        segments: Sequence[Segment],
        film: Film,
        span: FrameRange,
        joining: dict[str, Any],
        check: Callable[[], None],
    ) -> Iterator[Notice]:
        """Join the parts, unless an earlier run has; `check` is called last and may raise."""
        if self._work.published(joining) is not None:
            return

        def joined(draft: Path, sound: Path | None) -> None:
            check()
            self._work.note_published(draft, sound, joining, ())

        yield from assemble(
            self.path,
            segments,
            self._preset,
            rate=film.info.rate,
            source=film,
            span=span,
            carried=Carried(span),
            joined=joined,
        )

    def has_finished_parts(self) -> bool:
        """Whether there is anything worth keeping."""
        return self._work.has_finished_parts()

    def remove(self) -> None:
        """Delete the parts."""
        self._work.remove()
