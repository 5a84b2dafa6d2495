"""The system's dialogs for files, with the filters of this program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from remaster_gui.base.language import tr
from remaster_gui.cutlists import SUFFIXES_READ, SUFFIXES_WRITTEN
from remaster_gui.media import PICTURE_SUFFIXES, Preset
from remaster_gui.project.database import SUFFIX

FILM_SUFFIXES = (
    ".mkv", ".mov", ".mp4", ".m4v", ".avi", ".mxf", ".mpg", ".mpeg", ".m2v", ".vob", ".ts", ".m2ts", ".mts",
    ".dv", ".wmv", ".webm", ".ogv", ".flv", ".3gp", ".y4m",
)  # fmt: skip
WEIGHTS_SUFFIXES = (".safetensors", ".pth", ".pt", ".tar")
_ALL = tr("All files (*)")
_NAMES_ALONE = QFileDialog.Option.HideNameFilterDetails


def name_filter(title: str, suffixes: tuple[str, ...] | frozenset[str] | set[str]) -> str:
    """Return a filter as Qt writes it, which finds suffixes in capitals too."""
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(suffixes))
    return f"{title} ({patterns})"


def ask_film(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a film file."""
    return _ask_open(parent, tr("Open film"), folder, name_filter(tr("Films"), FILM_SUFFIXES))


def ask_film_folder(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a folder whose pictures are a film."""
    return ask_folder(parent, tr("Open a folder of pictures as a film"), folder)


def ask_project(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a project to go on with."""
    return _ask_open(parent, tr("Open project"), folder, name_filter(tr("Remaster projects"), (SUFFIX,)))


def ask_pictures(parent: QWidget | None, folder: Path) -> list[Path]:
    """Ask for coloured pictures."""
    kinds = name_filter(tr("Pictures"), frozenset(PICTURE_SUFFIXES))
    chosen, _ = QFileDialog.getOpenFileNames(
        parent, tr("Import colour pictures"), str(folder), f"{kinds};;{_ALL}", "", _NAMES_ALONE
    )
    return [Path(each) for each in chosen]


def ask_weights(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a weight file."""
    return _ask_open(parent, tr("Choose weights"), folder, name_filter(tr("Weights"), WEIGHTS_SUFFIXES))


def ask_folder(parent: QWidget | None, title: str, folder: Path) -> Path | None:
    """Ask for a folder that is there; None where the user gives up."""
    chosen = QFileDialog.getExistingDirectory(parent, title, str(folder))
    return Path(chosen) if chosen else None


def ask_pem(parent: QWidget | None, title: str, folder: Path) -> Path | None:
    """Ask for certificates or a key."""
    return _ask_open(parent, title, folder, name_filter(tr("PEM files"), (".pem", ".crt", ".cer", ".key")))


def ask_lut(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for a table of colours."""
    return _ask_open(parent, tr("Choose a viewing LUT"), folder, name_filter(tr("LUTs"), (".cube",)))


def ask_project_name(parent: QWidget | None, proposal: Path, title: str = tr("Save as")) -> Path | None:
    """Ask where a project is to be written; the suffix is added where it was not typed."""
    chosen = _ask_save(parent, title, proposal, name_filter(tr("Remaster projects"), (SUFFIX,)))
    if chosen is None or chosen.suffix.lower() == SUFFIX:
        return chosen
    return chosen.with_name(chosen.name + SUFFIX)


def ask_frame_name(parent: QWidget | None, proposal: Path) -> Path | None:
    """Ask where a frame is to be written as a picture (PNG or TIFF)."""
    chosen = _ask_save(
        parent, tr("Export this frame"), proposal, tr("PNG picture (*.png);;TIFF picture (*.tif *.tiff)")
    )
    if chosen is None or chosen.suffix.lower() in (".png", ".tif", ".tiff"):
        return chosen
    return chosen.with_name(chosen.name + ".png")


def ask_cut_list(parent: QWidget | None, folder: Path) -> Path | None:
    """Ask for the cut list of an editing program."""
    return _ask_open(parent, tr("Import cut list"), folder, name_filter(tr("Cut lists"), SUFFIXES_READ))


def ask_cut_list_name(parent: QWidget | None, proposal: Path) -> Path | None:
    """Ask where shots are to be written as a cut list."""
    kinds = tr("Edit decision list (*.edl);;OpenTimelineIO (*.otio);;Table of frames (*.csv)")
    chosen = _ask_save(parent, tr("Export cut list"), proposal, kinds)
    if chosen is None or chosen.suffix.lower() in SUFFIXES_WRITTEN:
        return chosen
    return chosen.with_name(chosen.name + proposal.suffix)


def ask_export_name(
    parent: QWidget | None, proposal: Path, preset: Preset, *, per_shot: bool = False
) -> Path | None:
    """Ask where an export is to be written; replacing is spoken of in the export dialog itself."""
    if preset.is_sequence:
        return _ask_save(parent, tr("Name the folder of pictures"), proposal, _ALL, confirm=False)
    if per_shot:
        return _ask_save(parent, tr("Name the folder of shots"), proposal, _ALL, confirm=False)
    return _ask_save(
        parent,
        tr("Name the exported film"),
        proposal,
        name_filter(preset.title, preset.suffixes),
        confirm=False,
    )


def _ask_open(parent: QWidget | None, title: str, folder: Path, kinds: str) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, title, str(folder), f"{kinds};;{_ALL}", "", _NAMES_ALONE)
    return Path(chosen) if chosen else None


def _ask_save(
    parent: QWidget | None, title: str, proposal: Path, kinds: str, *, confirm: bool = True
) -> Path | None:
    options = _NAMES_ALONE if confirm else _NAMES_ALONE | QFileDialog.Option.DontConfirmOverwrite
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(proposal), kinds, "", options)
    return Path(chosen) if chosen else None
