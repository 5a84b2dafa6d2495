"""What all controllers of a film have in common."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from threading import Event
from typing import Any, TypeGuard

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal

from remaster_gui.ui import controllers
from remaster_gui.ui.controllers.controller import Controller
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers.background_tasks import THREADS

from .conftest import WAIT


class _Outliving(QObject):
    told = Signal()


class _Noting(Controller):
    def __init__(self, parent: QObject, session: FilmSession, outliving: _Outliving) -> None:
        super().__init__(parent, session.film, session.widgets)
        self.heard: list[bool] = []
        outliving.told.connect(self._on_told)

    def _on_told(self) -> None:
        self.heard.append(True)


def test_a_controller_goes_with_its_session_and_hears_nothing_after_that(
    qtbot: Any, session: FilmSession
) -> None:
    parent, outliving = QObject(), _Outliving()
    controller = _Noting(parent, session, outliving)
    heard = controller.heard
    outliving.told.emit()
    assert heard == [True] and controller.film is session.film
    assert controller.ask(lambda: None) is None
    assert controller.ask(lambda: Path("chosen.edl")) == Path("chosen.edl")

    def close_and_answer() -> Path:
        shiboken6.delete(parent)
        return Path("late.edl")

    assert controller.ask(close_and_answer) is None, "the film was closed while the dialog was open"
    outliving.told.emit()
    assert heard == [True]


def test_what_ends_after_its_film_is_done_and_says_nothing(
    qtbot: Any, window: MainWindow, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, still, shots = (tmp_path / name for name in ("frame.png", "still.png", "shots.edl"))
    answers = iter((frame, still))
    monkeypatch.setattr(file_dialogs, "ask_frame_name", lambda *_: next(answers))
    monkeypatch.setattr(file_dialogs, "ask_cut_list_name", lambda *_: shots)
    session.stills.grab(shows=False)
    qtbot.waitUntil(lambda: session.stills.current is not None, timeout=WAIT)
    asked: list[str] = []
    window.widgets.panel_requested.connect(asked.append)
    may_go_on = Event()
    try:
        for _ in range(THREADS):
            window.tasks.start(lambda _cancelled: may_go_on.wait(), doing="holding up the others")
        session.pictures.export_frame()
        session.cut_lists.ask_where()
        session.stills.export()
        session.stills.grab()
        window.opening.close()
        assert window.session is None
    finally:
        may_go_on.set()
    qtbot.waitUntil(lambda: not window.tasks.is_busy, timeout=WAIT)
    assert frame.exists()
    assert still.exists()
    assert shots.exists()
    assert window.widgets.messages.current is None
    assert asked == []


def test_no_message_of_a_films_own_work_lasts_longer_than_the_film() -> None:
    """It goes when its film is closed, which takes back all that does not last."""
    lasting, deaf, count = [], [], 0
    for path in sorted(Path(controllers.__path__[0]).glob("*.py")):
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(each, ast.ClassDef) and any(
                "Controller" in ast.unparse(base) for base in each.bases
            ):
                count += 1
                lasting += [f"{path.name}:{node.value.lineno}" for node in ast.walk(each) if _lasts(node)]
                deaf += [f"{path.name}:{node.lineno}" for node in ast.walk(each) if _hears_for_ever(node)]
    assert count > 30
    assert lasting == []
    assert deaf == [], "`when_done` hears what a lasting task brings as long as there is the film"


def _lasts(node: ast.AST) -> TypeGuard[ast.keyword]:
    return isinstance(node, ast.keyword) and node.arg == "lasts"


def _hears_for_ever(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    """Whether a function connects a lasting task to what does not go with the film, as bound methods do."""
    if not isinstance(node, ast.FunctionDef) or not re.search(r"self\.\w*lasting\.start", ast.unparse(node)):
        return False
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "connect"
        and not ast.unparse(call.args[0]).startswith("self.")
        for call in ast.walk(node)
    )
