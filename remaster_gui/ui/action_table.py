"""Everything that can be done in the editor: one row for each, one line for each row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One thing that can be done.

    `menu`: the menu that shows it, with '/' before a submenu. `keys`: shortcuts as the user reads them, the first of
    which is shown; rebinding replaces all. `tip`: one sentence that teaches. `repeats`: whether holding the key down
    does it again. `starts_group`: whether a line in the menu sets it apart from what comes before.
    """

    id: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    icon: str = ""
    checkable: bool = False
    repeats: bool = False
    starts_group: bool = False


def _row(
    id_: str, menu: str, text: str, keys: str = "", tip: str = "", icon_name: str = "", **more: bool
) -> ActionRow:
    return ActionRow(id_, menu, text, tuple(keys.split()), tip, icon_name, **more)


ACTIONS: tuple[ActionRow, ...] = (
    # File
    _row("open_film", "File", "Open film…", "Ctrl+O", "Start a new project on a film file", "film"),
    _row("open_folder", "File", "Open folder of pictures…", "", "Start a new project on numbered pictures: scans, or frames of a film", "folder"),
    _row("open_project", "File", "Open project…", "Ctrl+Shift+O", "Go on with a .remaster project", "folder"),
    _row("open_demo", "File", "Open the demo film", "", "Make a short damaged film on this machine and open it", "sparkle"),
    _row("close_project", "File", "Close project", "Ctrl+W", "Go back to the start page; everything is saved already"),
    _row("save_copy", "File", "Save as…", "Ctrl+Shift+S",
         "Go on in a copy of the project; the present one is saved at every edit anyway", starts_group=True),
    _row("relink", "File", "Relink film…", "", "Say where the film lies now, if it was moved", "link"),
    _row("import_reference", "File", "Import colour picture…", "Ctrl+I",
         "Take a coloured picture as a reference for the frame shown, or free-standing", "import", starts_group=True),
    _row("export_frame", "File", "Export this frame…", "Ctrl+Shift+E",
         "Write the frame shown as a picture, to colour it in another program", "export-frame"),
    _row("export", "File", "Export film…", "Ctrl+E", "Render the remastered film to a file or pictures", "export"),
    _row("preferences", "File", "Preferences…", "Ctrl+,", "Memory, proxies, sound and keys", "gear", starts_group=True),
    _row("quit", "File", "Quit", "Ctrl+Q", starts_group=True),
    # Edit
    _row("undo", "Edit", "Undo", "Ctrl+Z", "Take back the last change", "undo", repeats=True),
    _row("redo", "Edit", "Redo", "Ctrl+Shift+Z Ctrl+Y", "Do again what was taken back", "redo", repeats=True),
    _row("go_to_time", "Edit", "Go to frame or timecode", "=", "Type a timecode, a frame number, +20 or -20", starts_group=True),
    # Playback
    _row("play", "Playback", "Play or stop", "Space", "Play at the film's rate; hold Space and drag to pan", "play"),
    _row("shuttle_back", "Playback", "Shuttle back", "J", "Play backwards; again for faster; K+J steps one frame"),
    _row("shuttle_stop", "Playback", "Shuttle stop", "K", "Stop; held together with J or L it steps single frames"),
    _row("shuttle_forward", "Playback", "Shuttle forward", "L", "Play forwards; again for faster; K+L steps one frame"),
    _row("step_back", "Playback", "Back one frame", "Left", "", "step-back", repeats=True, starts_group=True),
    _row("step_forward", "Playback", "Forward one frame", "Right", "", "step-forward", repeats=True),
    _row("second_back", "Playback", "Back one second", "Shift+Left", repeats=True),
    _row("second_forward", "Playback", "Forward one second", "Shift+Right", repeats=True),
    _row("go_first", "Playback", "To the first frame", "Home Ctrl+Home", "", "go-first"),
    _row("go_last", "Playback", "To the last frame", "End Ctrl+End", "", "go-last"),
    _row("previous_cut", "Playback", "Previous cut", "Up", repeats=True, starts_group=True),
    _row("next_cut", "Playback", "Next cut", "Down", repeats=True),
    _row("previous_reference", "Playback", "Previous reference", "PgUp", repeats=True),
    _row("next_reference", "Playback", "Next reference", "PgDown", repeats=True),
    _row("mark_in", "Playback", "Set in point", "I", "The segment to preview and export begins here", "mark-in", starts_group=True),
    _row("mark_out", "Playback", "Set out point", "O", "The segment to preview and export ends with this frame", "mark-out"),
    _row("go_in", "Playback", "Go to in point", "Shift+I"),
    _row("go_out", "Playback", "Go to out point", "Shift+O"),
    _row("clear_in_out", "Playback", "Clear in and out points", "Alt+X"),
    _row("loop", "Playback", "Loop", "Ctrl+L", "Play the segment, or the film, again and again", "loop", checkable=True),
    _row("sound", "Playback", "Sound", "", "Play the film's sound in step", "sound", checkable=True),
    # Reference
    _row("mark_reference", "Reference", "Mark frame as reference", "R", "Paint this frame to colour all that looks like it", "flag"),
    _row("promote_frame", "Reference", "Promote remastered frame", "Shift+R",
         "Take the remastered frame as a reference and correct only what is wrong", "promote"),
    _row("next_suggestion", "Reference", "Next frame worth colouring", "N", "Go to a frame that would help most", "bulb"),
    _row("rename_reference", "Reference", "Rename…", "F2", starts_group=True),
    _row("toggle_reference", "Reference", "Use for colouring", "", "Let the network draw from this reference", checkable=True),
    _row("delete_reference", "Reference", "Delete reference", "Delete", "", "trash"),
    # Paint
    _row("tool_brush", "Paint", "Chroma brush", "B", "Change colour, keep luminance; Shift+drag for size", "brush", checkable=True),
    _row("tool_eraser", "Paint", "Eraser", "E", "Take colour away again", "eraser", checkable=True),
    _row("tool_fill", "Paint", "Fill", "G", "Fill up to luminance edges", "bucket", checkable=True),
    _row("tool_eyedropper", "Paint", "Eyedropper", "Q", "Pick a colour, from the picture or a reference in the bin; with any tool: Ctrl+click", "eyedropper", checkable=True),
    _row("tool_navigate", "Paint", "Navigate", "V", "Move the picture; clicks show attention", "hand", checkable=True),
    _row("spread", "Paint", "Spread strokes", "S", "Let a few strokes grow into the whole frame", "spread", starts_group=True),
    _row("swap_colors", "Paint", "Swap colours", "X", "Swap the two colours at hand", "swap"),
    _row("brush_smaller", "Paint", "Smaller brush", "[", repeats=True),
    _row("brush_larger", "Paint", "Larger brush", "]", repeats=True),
    _row("brush_much_smaller", "Paint", "Much smaller brush", "Shift+[", repeats=True),
    _row("brush_much_larger", "Paint", "Much larger brush", "Shift+]", repeats=True),
    # Preview
    _row("preview", "Preview", "Preview around the playhead", "P", "Remaster the frames around the playhead, nearest first", "preview"),
    _row("preview_segment", "Preview", "Preview in to out", "Shift+P", "Remaster the segment between the in and out points"),
    _row("preview_stop", "Preview", "Stop preview", "Ctrl+.", "", "stop"),
    _row("attention", "Preview", "Attention overlay", "A", "Show which reference each region drew its colour from", "attention",
         checkable=True, starts_group=True),
    _row("go_uncertain", "Preview", "Go where colour is least certain", "U", "The next reference helps most there", "target"),
    # View
    _row("compare_wipe", "View", "Wipe", "W", "Source left, remastered right of a line that can be dragged", "wipe", checkable=True),
    _row("compare_side", "View", "Side by side", "Shift+W", "Source and remastered frame beside each other", "side", checkable=True),
    _row("compare_difference", "View", "Difference", "D", "How much remastering changed, amplified", "difference", checkable=True),
    _row("compare_flip", "View", "Flip source and remastered", "Return Enter", "Show the other of the two", "flip"),
    _row("fit", "View", "Fit", "F", "Show all of the picture", "fit", starts_group=True),
    _row("actual_size", "View", "100 %", "Ctrl+1", "One pixel of the picture on one of the screen", "actual"),
    _row("zoom_in", "View", "Zoom in", "Ctrl++ Ctrl+=", repeats=True),
    _row("zoom_out", "View", "Zoom out", "Ctrl+-", repeats=True),
    _row("timeline_in", "View", "Zoom the timeline in", "+", "Or Ctrl+wheel on the timeline", repeats=True, starts_group=True),
    _row("timeline_out", "View", "Zoom the timeline out", "-", repeats=True),
    _row("timeline_fit", "View", "Whole film on the timeline", "\\"),
    _row("scopes", "View", "Scopes", "F4", "Vectorscope, waveform, parade and histogram of what is shown", "scopes", checkable=True, starts_group=True),
    _row("full_screen", "View", "Full screen", "F11", "", "", checkable=True),
    _row("reset_layout", "View", "Reset layout", "", "Put all panels back where they belong"),
    # Help
    _row("shortcuts", "Help", "Keyboard shortcuts", "F1 ?", "All keys, to look up and to change", "keyboard"),
    _row("about", "Help", "About Remaster"),
)  # fmt: skip
"""Rows in the order in which menus show them."""
