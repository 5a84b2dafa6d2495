"""Importing coloured pictures beside the window: read, searched for in the film, registered, made into references."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from threading import Event

from PySide6.QtCore import QObject, Signal

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.picture_import import Look, ReadPicture, SourcePicture, look, make, read
from remaster_gui.engine.picture_search import FrameSearch, Placed
from remaster_gui.media import FilmFile
from remaster_gui.painting.registration import Registration
from remaster_gui.workers.held_film import HeldFilm
from remaster_gui.workers.worker import Job, Service, Worker, sentence_for

_PATIENCE = 1.0
"""Seconds that closing waits for a frame that is being decoded."""


class ImportService(Service):
    """Pictures of one film on their way to references. Lives on the GUI thread.

    Pictures are numbered in the order in which they were given. While the film is searched, single frames are looked at
    on another thread.
    """

    was_read = Signal(int, object)
    """Number of a picture and its ReadPicture."""
    unreadable = Signal(int, str)
    """Number of a picture and one sentence."""
    placed = Signal(int, int, object)
    """Number of a picture, the frame and the Registration: the best in the film, or that of `place`."""
    looked = Signal(int, int, object)
    """Number of a picture, the frame and the Look that `look_at` has asked for."""
    made = Signal(object, object, object)
    """What `make` was given to tell it by, the Raster and the PNG."""
    progress_changed = Signal(object)
    """Progress of the search."""
    searched = Signal()
    """The search is over."""
    failed = Signal(str)
    """One sentence for the user."""

    def __init__(self, film: FilmFile, shots: Sequence[FrameRange], parent: QObject | None = None) -> None:
        """Serve the film; it is opened when a frame is wanted."""
        super().__init__(parent)
        self._shots = tuple(shots)
        self._sources: list[SourcePicture] = []
        self._read: dict[int, ReadPicture] = {}
        self._for_search, self._for_looks = HeldFilm(film), HeldFilm(film)
        self._searching = Worker(
            "searching for pictures", self, last=self._for_search.close, patience=_PATIENCE
        )
        self._looking = Worker(
            "placing pictures",
            self,
            slots=("place", "look", "make"),
            last=self._for_looks.close,
            patience=_PATIENCE,
        )
        self._stop = Event()

    def take(self, sources: Sequence[SourcePicture], *, search: bool = True) -> None:
        """Read pictures and, if that is wanted, search the film for them."""
        self._sources = list(sources)
        self._searching.put(
            Job(partial(self._take, search), tr("searching for pictures"), failed=self.failed.emit)
        )

    def search(self, number: int) -> None:
        """Search the film for one picture that has been read, after what is being searched for."""
        self._stop.clear()
        self._searching.add(
            Job(partial(self._search, (number,)), tr("searching for a picture"), failed=self.failed.emit)
        )

    def stop(self) -> None:
        """Give up searching; what was found stays."""
        self._stop.set()

    def place(self, number: int, frame: int) -> None:
        """Register a picture that has been read to a frame; the newest wish counts."""
        self._looking.put(
            Job(partial(self._place, number, frame), tr("registering a picture"), failed=self.failed.emit),
            slot="place",
        )

    def look_at(self, number: int, frame: int, registration: Registration) -> None:
        """Show how a picture lies over a frame; the newest wish counts."""
        self._looking.put(
            Job(
                partial(self._look, number, frame, registration),
                tr("laying a picture over its frame"),
                done=partial(self.looked.emit, number, frame),
                failed=self.failed.emit,
            ),
            slot="look",
        )

    def make(
        self,
        token: object,
        source: SourcePicture,
        frame: int | None,
        registration: Registration | None,
    ) -> None:
        """Make a reference of a picture, as it lies over a frame or free-standing."""
        self._looking.add(
            Job(
                partial(self._make, source, frame, registration),
                tr("importing a picture"),
                done=lambda made: self.made.emit(token, *made),
                failed=self.failed.emit,
            ),
            slot="make",
        )

    def close(self) -> None:
        """Give all up, as a rule within the time of one frame. Nothing is emitted afterwards."""
        self._stop.set()
        self._searching.close()
        self._looking.close()

    # Their own threads

    def _take(self, search: bool, cancel: Event) -> None:
        tell = self._searching.tell
        for number, source in enumerate(self._sources):
            if cancel.is_set():
                return
            try:
                found = read(source)
            except Exception as error:
                tell(
                    self.unreadable.emit,
                    number,
                    sentence_for(error, tr("reading {source}", source=source.name)),
                )
                continue
            self._read[number] = found
            tell(self.was_read.emit, number, found)
        if search:
            self._search(tuple(self._read), cancel)

    def _search(self, numbers: tuple[int, ...], cancel: Event) -> None:
        tell, stop = self._searching.tell, self._stop
        pictures = [self._read[number].luminance for number in numbers]
        hints = [self._sources[number].hints for number in numbers]
        try:
            with self._for_search.reading(cancel) as film:
                for step in FrameSearch(film, self._shots).find(pictures, hints, stop):
                    if cancel.is_set():
                        return
                    if isinstance(step, Placed):
                        tell(self.placed.emit, numbers[step.number], step.frame, step.registration)
                    else:
                        tell(self.progress_changed.emit, step)
        finally:
            tell(self.searched.emit)

    def _place(self, number: int, frame: int, cancel: Event) -> None:
        with self._for_looks.reading(cancel) as film:
            found = FrameSearch(film, self._shots).place(self._read[number].luminance, frame)
        self._looking.tell(self.placed.emit, number, frame, found)

    def _look(self, number: int, frame: int, registration: Registration, cancel: Event) -> Look:
        luma = self._luma(frame, cancel)
        return look(self._sources[number].load(), luma, registration)

    def _make(
        self, source: SourcePicture, frame: int | None, registration: Registration | None, cancel: Event
    ) -> tuple[object, bytes]:
        luma = None if frame is None else self._luma(frame, cancel)
        return make(source, luma, registration)

    def _luma(self, frame: int, cancel: Event) -> Pixels:
        with self._for_looks.reading(cancel) as film:
            return film.read(frame).pixels
