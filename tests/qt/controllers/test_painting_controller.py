"""Tools: one has the pointer at a time, and what the user chooses of them is kept."""

from __future__ import annotations

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


def test_one_tool_has_the_pointer(session: FilmSession) -> None:
    painting, view, canvas = session.painting, session.film.view, session.widgets.canvas
    assert canvas.pointer.tool is None
    view.attention = True
    assert canvas.pointer.tool is session.widgets.probe
    tools = []
    for tool in ("brush", "eraser", "fill"):
        painting.choose(tool)
        tools.append(canvas.pointer.tool)
    assert len({id(tool) for tool in tools}) == 3 and session.widgets.probe not in tools
    paint = session.widgets.paint
    assert paint.tolerance_bar.isVisibleTo(paint), "the bucket's"
    painting.choose("brush")
    assert not paint.tolerance_bar.isVisibleTo(paint)
    painting.choose("navigate")
    assert canvas.pointer.tool is session.widgets.probe
    view.attention = False
    assert canvas.pointer.tool is None


def test_the_eyedropper_gives_way_to_the_tool_before_it(session: FilmSession) -> None:
    painting, view = session.painting, session.film.view
    painting.choose("eraser")
    painting.choose("eyedropper")
    painting.picked()
    assert view.tool == "eraser"
    painting.picked()
    assert view.tool == "eraser", "nothing was being picked"


def test_colours_that_were_used_and_spreading_along_are_kept(
    window: MainWindow, session: FilmSession
) -> None:
    document, painting = session.film.document, session.painting
    steps = document.stack.count()
    session.widgets.tool_settings.color_used.emit("#a0b0c0")
    assert document.project.recent_colors[0] == "#a0b0c0" and document.stack.count() == steps
    assert not painting.spreads_along and not painting.cancel()
    painting.toggle_spreading()
    assert painting.spreads_along and window.settings.flag("spread_as_you_paint", False)
    painting.toggle_spreading()
    assert not window.settings.flag("spread_as_you_paint", True)
