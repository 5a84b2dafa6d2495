"""What the fields of the export dialog mean."""

from __future__ import annotations

from remaster_gui.base.language import tr

TIPS: dict[str, str] = {
    "edge": tr(
        "<b>Working size</b><br>Larger finds colours of smaller things and takes longer. "
        "The export has the film’s own size anyway."
    ),
    "quality": tr(
        "<b>Constant rate factor</b><br>16 is fit for mastering, 23 for viewing; six more halve the file."
    ),
    "luminance": tr(
        "<b>Luminance</b><br>Restored: scratches, dust and noise go. The source’s own: only colour is added."
    ),
    "grain": tr(
        "<b>Grain</b><br>What becomes of it where luminance is restored, as the inspector has it; shots with grain of "
        "their own keep that."
    ),
    "sound": tr(
        "<b>Sound</b><br>Converted: AAC in MP4, 24-bit PCM in MOV, FLAC in Matroska. "
        "What becomes of it is tried before the first frame."
    ),
    "maker": tr(
        "<b>Made on</b><br>Parts of an export can be made by several processes of this machine or of others; the "
        "preferences say which."
    ),
    "parts": tr(
        "<b>Parts</b><br>When a reference is painted on and the film exported to this name again, only what draws "
        "from it is made anew. Takes as much of the disk as the export itself."
    ),
    "archives": tr(
        "<b>For archives</b><br>A page about the render with pictures of each shot, and checksums of all frames of "
        "film and export (framemd5), beside it."
    ),
    "signed": tr(
        "<b>Signed</b><br>MP4 and MOV, as the C2PA specifies it; the preferences name certificates and key."
    ),
    "lut": tr(
        "<b>Viewing LUT</b><br>As a rule a LUT is for looking alone; baked in it changes the pictures for good."
    ),
    "layers": tr(
        "<b>Layers</b><br>What part of each pixel’s colour is painted, carried from a reference or guessed, and "
        "from which reference: to mask by in compositing. OpenEXR pictures hold them."
    ),
    "mattes": tr(
        "<b>Mattes</b><br>What of each pixel has which named colour, as Cryptomatte: compositing programs pick from it "
        "by name. OpenEXR pictures hold them."
    ),
}
"""Tooltips by the names of the dialog's fields."""
