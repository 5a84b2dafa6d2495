"""What to do next, said to those who have not done it yet: one hint at a time, in the status bar."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.document.view_state import CompareMode
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.mnemonics import plain
from remaster_gui.ui.status_bar import StatusBar

if TYPE_CHECKING:
    from remaster_gui.ui.film_session import FilmSession


@dataclass(frozen=True, slots=True)
class Hint:
    """A step: `fits` says when it can be the next one, `is_done` when the user has done it; then it is known for ever.

    Names of actions in braces stand for their keys.
    """

    id: str
    text: str
    fits: Callable[[FilmSession], bool]
    is_done: Callable[[FilmSession], bool]


def _has_references(session: FilmSession) -> bool:
    return bool(session.film.document.project.references)


def _has_coloured(session: FilmSession) -> bool:
    return bool(session.film.document.project.used_references)


def _has_previewed(session: FilmSession) -> bool:
    return session.preview.is_running or session.preview.stores.results.nbytes > 0


def _has_compared(session: FilmSession) -> bool:
    return session.film.view.compare in (CompareMode.WIPE, CompareMode.SIDE, CompareMode.DIFFERENCE)


HINTS = (
    Hint(
        "begin",
        tr(
            "{preview} shows the film in colours that are guessed; {mark_reference} marks this frame to be "
            "coloured as you "
            "know it"
        ),
        lambda session: not _has_references(session),
        lambda session: _has_references(session) or _has_previewed(session),
    ),
    Hint(
        "paint",
        tr(
            "Paint some strokes with the brush ({tool_brush}) in colours that you know; {spread} fills the "
            "frame with them"
        ),
        lambda session: _has_references(session) and not _has_coloured(session),
        _has_coloured,
    ),
    Hint(
        "preview",
        tr("{preview} shows what your reference makes of the film"),
        _has_coloured,
        lambda session: _has_coloured(session) and _has_previewed(session),
    ),
    Hint(
        "compare",
        tr("{compare_wipe} wipes between source and result; {export} exports the film"),
        _has_previewed,
        _has_compared,
    ),
)


class HintsController(QObject):
    """Shows the first hint that fits and is not known."""

    def __init__(self, window: QObject, status: StatusBar, actions: Actions, settings: UserSettings) -> None:
        """Show nothing as long as no film is open."""
        super().__init__(window)
        self._status, self._actions, self._settings = status, actions, settings
        self._session: FilmSession | None = None

    def look_at(self, session: FilmSession | None) -> None:
        """Follow what is done with the film that is open; None: there is none."""
        self._session = session
        if session is not None:
            session.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        session = self._session
        if session is None:
            self._status.set_hint("")
            return
        waiting = [hint for hint in HINTS if not self._settings.flag(_flag(hint), False)]
        for hint in waiting:
            if hint.is_done(session):
                self._settings.set_flag(_flag(hint), True)
        text = next((hint.text for hint in waiting if hint.fits(session) and not hint.is_done(session)), "")
        self._status.set_hint(re.sub(r"\{(\w+)\}", lambda found: self._key(found[1]), text))

    def _key(self, action: str) -> str:
        """Return the key of an action as the user has set it; its name where it has none."""
        keys = self._actions[action].shortcuts()
        if not keys:
            return f"“{plain(self._actions[action].text()).removesuffix('…')}”"
        return str(keys[0].toString(QKeySequence.SequenceFormat.NativeText))


def _flag(hint: Hint) -> str:
    return f"knows_to_{hint.id}"
