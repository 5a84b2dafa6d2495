"""Everything that can be done in the editor: one row for each, with its text, its keys, who does it and when it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from remaster_gui.base.language import tr
from remaster_gui.document.view_state import CompareMode

TURN = 15.0
"""Degrees by which a key turns the view."""
MENUS = {
    "File": tr("File"),
    "Edit": tr("Edit"),
    "Playback": tr("Playback"),
    "Reference": tr("Reference"),
    "Shot": tr("Shot"),
    "Marker": tr("Marker"),
    "Paint": tr("Paint"),
    "Preview": tr("Preview"),
    "Compare": tr("Compare"),
    "View": tr("View"),
    "Help": tr("Help"),
}
"""The menus in their order, by their ids, and what the user reads."""

if TYPE_CHECKING:
    from remaster_gui.ui.film_session import FilmSession
    from remaster_gui.ui.main_window import MainWindow


def _always(_about: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One thing that can be done.

    `about`: whether it is done by the window, or by the session of the film that is open and only while there is one;
    that is what `do` and all other functions get. `menu`: the id of the menu that shows it. `keys`: shortcuts as the user reads
    them, the first of which is shown; rebinding replaces all. `tip`: one sentence that teaches. `when`: whether it can
    be done. `is_on`: whether it is switched on, of what can be. `detail`: what the menu adds to the text. `repeats`:
    whether holding the key down does it again. `starts_group`: whether a line in the menu sets it apart from what comes
    before.
    """

    about: Literal["window", "film"]
    id: str
    menu: str
    text: str
    keys: tuple[str, ...]
    tip: str
    icon: str
    do: Callable[[Any], object]
    when: Callable[[Any], bool]
    is_on: Callable[[Any], bool] | None
    detail: Callable[[Any], str] | None
    repeats: bool
    starts_group: bool


def _window(
    id_: str,
    menu: str,
    text: str,
    keys: str = "",
    tip: str = "",
    icon_name: str = "",
    *,
    do: Callable[[MainWindow], object],
    when: Callable[[MainWindow], bool] = _always,
    is_on: Callable[[MainWindow], bool] | None = None,
    starts_group: bool = False,
) -> ActionRow:
    """Make a row of something that the window does."""
    return ActionRow(
        "window", id_, menu, text, tuple(keys.split()), tip, icon_name, do, when, is_on, None, False, starts_group
    )  # fmt: skip


def _film(
    id_: str,
    menu: str,
    text: str,
    keys: str = "",
    tip: str = "",
    icon_name: str = "",
    *,
    do: Callable[[FilmSession], object],
    when: Callable[[FilmSession], bool] = _always,
    is_on: Callable[[FilmSession], bool] | None = None,
    detail: Callable[[FilmSession], str] | None = None,
    repeats: bool = False,
    starts_group: bool = False,
) -> ActionRow:
    """Make a row of something that the session of a film does."""
    return ActionRow(
        "film", id_, menu, text, tuple(keys.split()), tip, icon_name, do, when, is_on, detail, repeats, starts_group
    )  # fmt: skip


def _likely(number: int) -> ActionRow:
    """Make the row of one of the colours that are likely under the brush."""
    return _film(
        f"likely_{number}", "Paint", tr("Likely colour {number}", number=number), str(number),
        tr("Paint with this one of the colours that are likely under the brush"), starts_group=number == 1,
        do=lambda f: f.likely.take(number - 1), when=lambda f: f.likely.count >= number,
    )  # fmt: skip


def _has_chosen(session: FilmSession) -> bool:
    return session.may_change and session.references.chosen is not None


def _is_used(session: FilmSession) -> bool:
    chosen = session.references.chosen
    return chosen is not None and chosen.enabled


def _rows() -> tuple[ActionRow, ...]:
    return (
        # File
        _window("open_film", "File", tr("Open film…"), "Ctrl+O", tr("Start a new project on a film file"), "film",
                do=lambda w: w.entry.ask_film()),
        _window("open_folder", "File", tr("Open folder of pictures…"), "", tr("Start a new project on numbered pictures: scans, or frames of a film"), "folder",
                do=lambda w: w.entry.ask_folder()),
        _window("open_project", "File", tr("Open project…"), "Ctrl+Shift+O", tr("Go on with a .remaster project"), "folder",
                do=lambda w: w.entry.ask_project()),
        _window("open_demo", "File", tr("Open the demo film"), "", tr("Make a short damaged film on this machine and open it"), "sparkle",
                do=lambda w: w.entry.open_demo()),
        _window("close_project", "File", tr("Close project"), "Ctrl+W", tr("Go back to the start page; everything is saved already"),
                do=lambda w: w.opening.close(), when=lambda w: w.session is not None),
        _film("save_copy", "File", tr("Save as…"), "Ctrl+Shift+S", tr("Go on in a copy of the project; the present one is saved at every edit anyway"), starts_group=True,
              do=lambda f: f.history.ask_for_copy()),
        _film("relink", "File", tr("Relink film…"), "", tr("Say where the film lies now, if it was moved"), "link",
              do=lambda f: f.relinking.relink(), when=lambda f: f.may_change),
        _film("film_rate", "File", tr("Film rate…"), "", tr("Say how many frames a second were filmed: pictures have no rate of their own"),
              do=lambda f: f.rate.ask_rate(), when=lambda f: f.may_change and f.film.info.is_sequence),
        _film("join_fields", "File", tr("Join interlaced fields"), "", tr("Make one whole picture of the two moments that each frame of an interlaced film holds"),
              do=lambda f: f.interlacing.toggle(), when=lambda f: f.may_change and f.interlacing.can_join, is_on=lambda f: f.interlacing.is_on),
        _film("import_reference", "File", tr("Import colour pictures…"), "Ctrl+I", tr("Take coloured pictures as references: each is found in the film, or stands free"), "import", starts_group=True,
              do=lambda f: f.imports.ask_pictures(), when=lambda f: f.may_change),
        _film("import_cuts", "File", tr("Import cut list…"), "", tr("Take the cuts of an EDL, OTIO, XML or table over; each difference is shown first"), "import",
              do=lambda f: f.cut_lists.ask_list(), when=lambda f: f.may_change and f.cut_lists.knows_cuts),
        _film("export_cuts", "File", tr("Export cut list…"), "", tr("Write the shots as EDL, OTIO or CSV, with notes and markers of what is doubtful"),
              do=lambda f: f.cut_lists.ask_where(), when=lambda f: f.cut_lists.knows_cuts),
        _film("export_frame", "File", tr("Export this frame…"), "Ctrl+Shift+E", tr("Write the frame shown as a picture, to colour it in another program"), "export-frame",
              do=lambda f: f.pictures.export_frame()),
        _film("export", "File", tr("Export film…"), "Ctrl+E", tr("Render the remastered film to a file or pictures"), "export",
              do=lambda f: f.export.ask_what()),
        _window("preferences", "File", tr("Preferences…"), "Ctrl+,", tr("Memory, proxies, sound and keys"), "gear", starts_group=True,
                do=lambda w: w.preferences.show()),
        _window("quit", "File", tr("Quit"), "Ctrl+Q", starts_group=True,
                do=lambda w: w.close()),
        # Edit
        _film("undo", "Edit", tr("Undo"), "Ctrl+Z", tr("Take back the last change"), "undo", repeats=True,
              do=lambda f: f.history.undo(), when=lambda f: f.film.document.stack.canUndo(), detail=lambda f: f.film.document.stack.undoText()),
        _film("redo", "Edit", tr("Redo"), "Ctrl+Shift+Z Ctrl+Y", tr("Do again what was taken back"), "redo", repeats=True,
              do=lambda f: f.history.redo(), when=lambda f: f.film.document.stack.canRedo(), detail=lambda f: f.film.document.stack.redoText()),
        _film("keep_version", "Edit", tr("Keep a version…"), "Ctrl+Alt+S", tr("Keep the project as it is, with a note, to go back to"), starts_group=True,
              do=lambda f: f.versions.ask_note()),
        _film("go_to_time", "Edit", tr("Go to frame or timecode"), "=", tr("Type a timecode, a frame number, +20 or -20"), starts_group=True,
              do=lambda f: f.widgets.transport.time.begin_typing()),
        # Playback
        _film("play", "Playback", tr("Play or stop"), "Space", tr("Play at the film's rate; hold Space and drag to pan"), "play",
              do=lambda f: f.playback.toggle()),
        _film("shuttle_back", "Playback", tr("Shuttle back"), "J", tr("Play backwards; again for faster; K+J steps one frame"),
              do=lambda f: f.playback.shuttle(-1)),
        _film("shuttle_stop", "Playback", tr("Shuttle stop"), "K", tr("Stop; held together with J or L it steps single frames"),
              do=lambda f: f.playback.stop()),
        _film("shuttle_forward", "Playback", tr("Shuttle forward"), "L", tr("Play forwards; again for faster; K+L steps one frame"),
              do=lambda f: f.playback.shuttle(1)),
        _film("step_back", "Playback", tr("Back one frame"), "Left", "", "step-back", repeats=True, starts_group=True,
              do=lambda f: f.playback.step(-1)),
        _film("step_forward", "Playback", tr("Forward one frame"), "Right", "", "step-forward", repeats=True,
              do=lambda f: f.playback.step(1)),
        _film("second_back", "Playback", tr("Back one second"), "Shift+Left", repeats=True,
              do=lambda f: f.playback.step_seconds(-1)),
        _film("second_forward", "Playback", tr("Forward one second"), "Shift+Right", repeats=True,
              do=lambda f: f.playback.step_seconds(1)),
        _film("go_first", "Playback", tr("To the first frame"), "Home Ctrl+Home", "", "go-first",
              do=lambda f: f.film.view.go(0)),
        _film("go_last", "Playback", tr("To the last frame"), "End Ctrl+End", "", "go-last",
              do=lambda f: f.playback.go_last()),
        _film("previous_cut", "Playback", tr("Previous cut"), "Up", repeats=True, starts_group=True,
              do=lambda f: f.playback.jump_to_cut(-1), when=lambda f: f.playback.has_cuts),
        _film("next_cut", "Playback", tr("Next cut"), "Down", repeats=True,
              do=lambda f: f.playback.jump_to_cut(1), when=lambda f: f.playback.has_cuts),
        _film("previous_reference", "Playback", tr("Previous reference"), "PgUp", repeats=True,
              do=lambda f: f.playback.jump_to_reference(-1), when=lambda f: bool(f.playback.reference_frames)),
        _film("next_reference", "Playback", tr("Next reference"), "PgDown", repeats=True,
              do=lambda f: f.playback.jump_to_reference(1), when=lambda f: bool(f.playback.reference_frames)),
        _film("mark_in", "Playback", tr("Set in point"), "I", tr("The segment to preview and export begins here"), "mark-in", starts_group=True,
              do=lambda f: f.playback.mark_in()),
        _film("mark_out", "Playback", tr("Set out point"), "O", tr("The segment to preview and export ends with this frame"), "mark-out",
              do=lambda f: f.playback.mark_out()),
        _film("go_in", "Playback", tr("Go to in point"), "Shift+I",
              do=lambda f: f.playback.go_in(), when=lambda f: f.playback.has_segment),
        _film("go_out", "Playback", tr("Go to out point"), "Shift+O",
              do=lambda f: f.playback.go_out(), when=lambda f: f.playback.has_segment),
        _film("clear_in_out", "Playback", tr("Clear in and out points"), "Alt+X",
              do=lambda f: f.playback.clear_segment(), when=lambda f: f.playback.has_segment),
        _film("loop", "Playback", tr("Loop"), "Ctrl+L", tr("Play the segment, or the film, again and again"), "loop",
              do=lambda f: f.playback.toggle_loop(), is_on=lambda f: f.film.view.is_looping),
        _film("sound", "Playback", tr("Sound"), "", tr("Play the film's sound in step"), "sound",
              do=lambda f: f.playback.toggle_sound(), is_on=lambda f: f.film.view.is_sounding, when=lambda f: f.film.info.has_audio),
        # Reference
        _film("mark_reference", "Reference", tr("Mark frame as reference"), "R", tr("Paint this frame to colour all that looks like it"), "flag",
              do=lambda f: f.references.mark(), when=lambda f: f.may_change),
        _film("promote_frame", "Reference", tr("Promote remastered frame"), "Shift+R", tr("Take the remastered frame as a reference and correct only what is wrong"), "promote",
              do=lambda f: f.references.promote(), when=lambda f: f.may_change and f.references.can_promote),
        _film("next_suggestion", "Reference", tr("Next frame worth colouring"), "N", tr("Go to a frame that would help most"), "bulb",
              do=lambda f: f.suggestions.go(), when=lambda f: bool(f.suggestions.frames)),
        _film("rename_reference", "Reference", tr("Rename…"), "F2", starts_group=True,
              do=lambda f: f.widgets.bin.rename_current(), when=_has_chosen),
        _film("place_reference", "Reference", tr("Frame and placement…"), "", tr("Lay an imported picture over another frame, or let it stand free"), "link",
              do=lambda f: f.imports.lay_anew(), when=lambda f: f.may_change and f.imports.can_lay_anew),
        _film("copy_reference", "Reference", tr("Copy to this frame"), "Ctrl+D", tr("Lay a copy of what is chosen over the frame at the playhead, with strokes and region; on the timeline, drag a flag with Ctrl"),
              do=lambda f: f.copying.copy_here(), when=lambda f: f.may_change and f.copying.can_copy),
        _film("toggle_reference", "Reference", tr("Use for colouring"), "", tr("Let the network draw from this reference"),
              do=lambda f: f.references.toggle(), is_on=_is_used, when=_has_chosen),
        _film("count_everywhere", "Reference", tr("Count everywhere"), "", tr("Let the chosen reference guide all frames that look like it"), starts_group=True,
              do=lambda f: f.validity.count_everywhere(), when=_has_chosen),
        _film("count_only_here", "Reference", tr("Count only in this shot"), "", tr("Let the chosen reference guide the shot at the playhead and no other"),
              do=lambda f: f.validity.count_only_here(), when=lambda f: f.may_change and f.validity.knows_shots),
        _film("count_here", "Reference", tr("Count in this shot"), "", tr("Let the chosen reference guide the shot at the playhead as well, or no longer"),
              do=lambda f: f.validity.toggle_here(), is_on=lambda f: f.validity.counts_here, when=lambda f: f.may_change and f.validity.knows_shots),
        _film("count_in_segment", "Reference", tr("Count between in and out point"), "", tr("Let the chosen reference guide the frames of the segment"),
              do=lambda f: f.validity.count_in_segment(), when=lambda f: _has_chosen(f) and f.film.document.project.has_segment),
        _film("tool_region_brush", "Reference", tr("Paint what counts"), "Ctrl+B", tr("Say with a brush which part of the reference counts; Alt takes away"), "region-brush", starts_group=True,
              do=lambda f: f.region.choose("region_brush"), is_on=lambda f: f.film.view.tool == "region_brush", when=lambda f: f.may_change),
        _film("tool_region_lasso", "Reference", tr("Draw around what counts"), "Ctrl+Shift+B", tr("Drag around it, or click corner by corner and close at the first one; Alt takes away, Shift keeps only what is within"), "region-lasso",
              do=lambda f: f.region.choose("region_lasso"), is_on=lambda f: f.film.view.tool == "region_lasso", when=lambda f: f.may_change),
        _film("tool_region_key", "Reference", tr("Key what counts by luminance"), "", tr("Press where it is as bright, drag to the right for more; Alt takes away, Shift keeps only what is as bright"), "region-key",
              do=lambda f: f.region.choose("region_key"), is_on=lambda f: f.film.view.tool == "region_key", when=lambda f: f.may_change),
        _film("tool_region_similar", "Reference", tr("Select what is alike"), "Ctrl+Alt+B", tr("Click a place: what the network takes for alike, with like colours, counts; drag to the right for more; Alt takes away, Shift keeps only that"), "region-similar",
              do=lambda f: f.region.choose("region_similar"), is_on=lambda f: f.film.view.tool == "region_similar", when=lambda f: f.may_change),
        _film("region_invert", "Reference", tr("Swap what counts"), "", tr("Let count what does not"), "swap",
              do=lambda f: f.region.invert(), when=lambda f: f.may_change and f.region.has_region),
        _film("region_all", "Reference", tr("All of it counts"), "", tr("Give the region up"), "fit",
              do=lambda f: f.region.count_all(), when=lambda f: f.may_change and f.region.has_region),
        _film("name_color", "Reference", tr("Name a colour…"), "Ctrl+Alt+N", tr("Give a part of a reference a name: its matte is found in every frame, and its colour can be changed"),
              do=lambda f: f.names.begin()),
        _film("delete_reference", "Reference", tr("Delete reference"), "Delete", "", "trash",
              do=lambda f: f.references.delete(), when=_has_chosen),
        # Shot
        _film("add_cut", "Shot", tr("Cut here"), "C", tr("Let a new shot begin with this frame; colours never run across a cut"),
              do=lambda f: f.shots.add_cut(), when=lambda f: f.may_change and f.shots.can_add_cut),
        _film("move_cut", "Shot", tr("Move the nearest cut here"), "Alt+C", tr("Let the shot begin or end at the playhead; on the timeline, drag the cut"),
              do=lambda f: f.shots.move_cut(), when=lambda f: f.may_change and f.shots.can_move_cut),
        _film("join_shots", "Shot", tr("Join with the shot before"), "Shift+C", tr("Remove the cut that this shot begins with"),
              do=lambda f: f.shots.join(), when=lambda f: f.may_change and f.shots.can_join),
        _film("by_shot", "Shot", tr("Settings of this shot"), "T", tr("Show and change what the shot at the playhead has otherwise than the film"), starts_group=True,
              do=lambda f: f.shots.toggle_by_shot(), is_on=lambda f: f.film.view.by_shot, when=lambda f: f.shots.is_known),
        _film("reset_shot", "Shot", tr("Shot as the film"), "", tr("Give up all settings of this shot; its notes stay"),
              do=lambda f: f.shots.reset(), when=lambda f: f.may_change and f.shots.is_known and f.shots.is_own),
        # Marker
        _film("marker", "Marker", tr("Mark this frame"), "M", tr("Put a marker on the frame; again on the same frame names it"),
              do=lambda f: f.markers.mark(), when=lambda f: f.may_change),
        _film("delete_marker", "Marker", tr("Delete marker"), "Alt+M", tr("Take the marker of this frame away"),
              do=lambda f: f.markers.delete(), when=lambda f: f.may_change and f.markers.here is not None),
        _film("previous_marker", "Marker", tr("Previous marker"), "Shift+Up", repeats=True, starts_group=True,
              do=lambda f: f.playback.jump_to_marker(-1), when=lambda f: f.markers.has_any),
        _film("next_marker", "Marker", tr("Next marker"), "Shift+Down", repeats=True,
              do=lambda f: f.playback.jump_to_marker(1), when=lambda f: f.markers.has_any),
        _film("markers", "Marker", tr("List of markers"), "", tr("All markers, with their names and notes"), starts_group=True,
              do=lambda f: f.markers.show_list()),
        # Paint
        _film("tool_brush", "Paint", tr("Chroma brush"), "B", tr("Change colour, keep luminance; Shift+drag for size"), "brush",
              do=lambda f: f.painting.choose("brush"), is_on=lambda f: f.film.view.tool == "brush"),
        _film("tool_eraser", "Paint", tr("Eraser"), "E", tr("Take colour away again"), "eraser",
              do=lambda f: f.painting.choose("eraser"), is_on=lambda f: f.film.view.tool == "eraser"),
        _film("tool_fill", "Paint", tr("Fill"), "G", tr("Fill up to luminance edges"), "bucket",
              do=lambda f: f.painting.choose("fill"), is_on=lambda f: f.film.view.tool == "fill"),
        _film("tool_eyedropper", "Paint", tr("Eyedropper"), "Q", tr("Pick a colour, from the picture or a reference in the bin; with any tool: Ctrl+click"), "eyedropper",
              do=lambda f: f.painting.choose("eyedropper"), is_on=lambda f: f.film.view.tool == "eyedropper"),
        _film("tool_navigate", "Paint", tr("Navigate"), "V", tr("Move the picture; clicks show attention"), "hand",
              do=lambda f: f.painting.choose("navigate"), is_on=lambda f: f.film.view.tool == "navigate"),
        _film("spread", "Paint", tr("Spread strokes"), "S", tr("Let a few strokes grow into the whole frame"), "spread", starts_group=True,
              do=lambda f: f.painting.spread()),
        _film("spread_along", "Paint", tr("Spread as you paint"), "Shift+S", tr("Let colour spread anew after each stroke; one undo takes both back"), "spread-along",
              do=lambda f: f.painting.toggle_spreading(), is_on=lambda f: f.painting.spreads_along),
        _film("swap_colors", "Paint", tr("Swap colours"), "X", tr("Swap the two colours at hand"), "swap",
              do=lambda f: f.widgets.tool_settings.swap_colors()),
        _film("brush_smaller", "Paint", tr("Smaller brush"), "[", repeats=True,
              do=lambda f: f.widgets.tool_settings.step_size(-1)),
        _film("brush_larger", "Paint", tr("Larger brush"), "]", repeats=True,
              do=lambda f: f.widgets.tool_settings.step_size(1)),
        _film("brush_much_smaller", "Paint", tr("Much smaller brush"), "Shift+[", repeats=True,
              do=lambda f: f.widgets.tool_settings.step_size(-1, large=True)),
        _film("brush_much_larger", "Paint", tr("Much larger brush"), "Shift+]", repeats=True,
              do=lambda f: f.widgets.tool_settings.step_size(1, large=True)),
        *(_likely(number) for number in range(1, 6)),
        # Preview
        _film("preview", "Preview", tr("Preview around the playhead"), "P", tr("Remaster the frames around the playhead, nearest first"), "preview",
              do=lambda f: f.preview.start("around")),
        _film("preview_segment", "Preview", tr("Preview in to out"), "Shift+P", tr("Remaster the segment between the in and out points"),
              do=lambda f: f.preview.start("segment")),
        _film("preview_stop", "Preview", tr("Stop preview"), "Ctrl+.", "", "stop",
              do=lambda f: f.preview.stop(), when=lambda f: f.preview.is_running),
        _film("attention", "Preview", tr("Attention overlay"), "A", tr("Show which reference each region drew its colour from"), "attention", starts_group=True,
              do=lambda f: f.attention.toggle(), is_on=lambda f: f.film.view.attention),
        _film("origin", "Preview", tr("Origin overlay"), "Shift+A", tr("Show which colours are guessed: a reference would help there"),
              do=lambda f: f.origin.toggle(), is_on=lambda f: f.film.view.origin),
        _film("dirt", "Preview", tr("Dirt overlay"), "Shift+D", tr("Show what restoration takes away: dark and bright dirt, and what you have decided"), "dirt", starts_group=True,
              do=lambda f: f.dirt.toggle(), is_on=lambda f: f.film.view.dirt),
        _film("tool_dirt", "Preview", tr("Decide about dirt"), "Ctrl+Shift+D", tr("Click a spot to reject its repair, to take that back, or to force one; a stroke repairs by hand; Alt leaves it as the film has it"), "dirt-tool",
              do=lambda f: f.dirt.choose(), is_on=lambda f: f.film.view.tool == "dirt", when=lambda f: f.may_change),
        _film("forget_marks", "Preview", tr("Take marks of this frame back"), "", tr("Give up all that was decided about spots of the frame"),
              do=lambda f: f.dirt.forget_marks(), when=lambda f: f.may_change and f.dirt.has_marks),
        _film("go_uncertain", "Preview", tr("Go where colour is least certain"), "U", tr("The next reference helps most there"), "target",
              do=lambda f: f.attention.go_uncertain()),
        # Compare
        _film("compare_wipe", "Compare", tr("Wipe"), "W", tr("Source left, remastered right of a line that can be dragged"), "wipe",
              do=lambda f: f.film.view.toggle(CompareMode.WIPE), is_on=lambda f: f.film.view.compare is CompareMode.WIPE),
        _film("compare_side", "Compare", tr("Side by side"), "Shift+W", tr("Source and remastered frame beside each other"), "side",
              do=lambda f: f.film.view.toggle(CompareMode.SIDE), is_on=lambda f: f.film.view.compare is CompareMode.SIDE),
        _film("compare_difference", "Compare", tr("Difference"), "D", tr("How much remastering changed, amplified"), "difference",
              do=lambda f: f.film.view.toggle(CompareMode.DIFFERENCE), is_on=lambda f: f.film.view.compare is CompareMode.DIFFERENCE),
        _film("compare_flip", "Compare", tr("Flip source and remastered"), "Return Enter", tr("Show the other of the two"), "flip",
              do=lambda f: f.film.view.flip()),
        _film("grab_still", "Compare", tr("Grab a still"), "Ctrl+Alt+G", tr("Keep what is seen, to compare with it later"), "export-frame", starts_group=True,
              do=lambda f: f.stills.grab(), when=lambda f: f.stills.can_grab),
        _film("compare_still", "Compare", tr("Compare with the still"), "Ctrl+Alt+W", tr("The chosen still takes the source's place in wipe, side by side, difference and flip"), "wipe",
              do=lambda f: f.stills.toggle(), when=lambda f: f.stills.current is not None or f.stills.compared is not None, is_on=lambda f: f.stills.compared is not None),
        _film("go_to_still", "Compare", tr("Go to the still's frame"), "", "", "target",
              do=lambda f: f.stills.go(), when=lambda f: f.stills.current is not None),
        _film("export_still", "Compare", tr("Export the still…"), "", tr("Write it as PNG or TIFF"), "export",
              do=lambda f: f.stills.export(), when=lambda f: f.stills.current is not None),
        _film("delete_still", "Compare", tr("Delete the still"), "", "", "trash",
              do=lambda f: f.stills.delete(), when=lambda f: f.stills.current is not None),
        # View
        _film("choose_lut", "View", tr("Viewing LUT…"), "", tr("Look at pictures through a table of colours (.cube); exports stay as they are"), starts_group=True,
              do=lambda f: f.look.ask_lut()),
        _film("lut", "View", tr("Show through the LUT"), "Ctrl+Shift+L", tr("Pictures alone; scopes and colours that are picked stay as they are"),
              do=lambda f: f.look.toggle(), when=lambda f: f.look.has_lut, is_on=lambda f: f.look.has_lut and f.film.view.is_lut_on),
        _film("fit", "View", tr("Fit"), "F", tr("Show all of the picture"), "fit", starts_group=True,
              do=lambda f: f.widgets.canvas.fit()),
        _film("actual_size", "View", "100 %", "Ctrl+1", tr("One pixel of the picture on one of the screen"), "actual",
              do=lambda f: f.widgets.canvas.zoom_to(1.0)),
        _film("zoom_in", "View", tr("Zoom in"), "Ctrl++ Ctrl+=", repeats=True,
              do=lambda f: f.widgets.canvas.zoom_in()),
        _film("zoom_out", "View", tr("Zoom out"), "Ctrl+-", repeats=True,
              do=lambda f: f.widgets.canvas.zoom_out()),
        _film("turn_left", "View", tr("Turn left"), "Ctrl+[", tr("The view alone: strokes land where the pen is"), repeats=True, starts_group=True,
              do=lambda f: f.film.view.turn(-TURN)),
        _film("turn_right", "View", tr("Turn right"), "Ctrl+]", tr("The view alone: strokes land where the pen is"), repeats=True,
              do=lambda f: f.film.view.turn(TURN)),
        _film("mirror", "View", tr("Mirror"), "Ctrl+M", tr("Faults of a picture that one is used to are seen in its mirror image"),
              do=lambda f: f.film.view.mirror(), is_on=lambda f: f.film.view.is_mirrored),
        _film("upright", "View", tr("Upright again"), "Ctrl+0", tr("Neither turned nor mirrored"),
              do=lambda f: f.film.view.stand_upright(), when=lambda f: f.film.view.is_mirrored or f.film.view.rotation != 0),
        _film("timeline_in", "View", tr("Zoom the timeline in"), "+", tr("Or Ctrl+wheel on the timeline"), repeats=True, starts_group=True,
              do=lambda f: f.timeline.zoom_in()),
        _film("timeline_out", "View", tr("Zoom the timeline out"), "-", repeats=True,
              do=lambda f: f.timeline.zoom_out()),
        _film("timeline_fit", "View", tr("Whole film on the timeline"), "\\",
              do=lambda f: f.timeline.fit()),
        _film("large_cards", "View", tr("Large reference pictures"), "", tr("Show references in the bin with large pictures, and with the part that counts"), "large-cards", starts_group=True,
              do=lambda f: f.references.toggle_large_cards(), is_on=lambda f: f.references.has_large_cards),
        _window("scopes", "View", tr("Scopes"), "F4", tr("Vectorscope, waveform, parade and histogram of what is shown"), "scopes", starts_group=True,
                do=lambda w: w.layout_.toggle("scopes"), is_on=lambda w: w.layout_.is_shown("scopes")),
        _window("full_screen", "View", tr("Full screen"), "F11", "", "",
                do=lambda w: w.layout_.toggle_full_screen(), is_on=lambda w: w.layout_.is_full_screen),
        _window("picture_alone", "View", tr("Picture alone"), "Ctrl+F", tr("Nothing but the picture on the whole screen; all keys go on working, and Esc brings the panels back"),
                do=lambda w: w.layout_.toggle_alone(), when=lambda w: w.layout_.is_in, is_on=lambda w: w.layout_.is_alone),
        _window("second_viewer", "View", tr("Second viewer"), "Ctrl+Shift+F", tr("The frame as it becomes, without marks, in a window for another screen"),
                do=lambda w: w.widgets.second.toggle(), when=lambda w: w.layout_.is_in, is_on=lambda w: w.widgets.second.isVisible()),
        _window("reset_layout", "View", tr("Reset layout"), "", tr("Put all panels back where they belong"),
                do=lambda w: w.layout_.reset(), when=lambda w: w.layout_.is_in),
        # Help
        _window("shortcuts", "Help", tr("Keyboard shortcuts"), "F1 ?", tr("All keys, to look up and to change"), "keyboard",
                do=lambda w: w.help.show_shortcuts()),
        _window("about", "Help", tr("About Remaster"),
                do=lambda w: w.help.show_about()),
    )  # fmt: skip


ACTIONS = _rows()
"""Rows in the order in which menus show them."""
