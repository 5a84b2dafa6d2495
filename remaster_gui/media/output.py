"""Whether an output can be written, found out before the work."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.files import check_name
from remaster_gui.base.language import tr
from remaster_gui.base.system import name_fault
from remaster_gui.media.faults import writing


def check_output(
    output: Path, source: Path | None = None, *, is_folder: bool = False, is_ours: bool = False
) -> None:
    """Raise `StorageError` or `SettingsError` now, before a long run, if ``output`` cannot be written.

    ``is_folder`` says that a folder of pictures is to be written; one that holds anything is not overwritten, and
    passes only if it is the result itself (``is_ours``).
    """
    check_name(output)
    if source is not None and _same(output, source):
        raise SettingsError(
            tr(
                "The output {output} is the film itself; choose another name, the source is never changed.",
                output=output,
            )
        )
    if fault := name_fault(output.name):
        raise SettingsError(
            tr(
                "{output} cannot be the name of the output, as {fault}; choose another one.",
                output=output,
                fault=fault,
            )
        )
    with writing(output):
        if output.is_dir() and not is_folder:
            raise SettingsError(tr("{output} is a folder; give the output a file name.", output=output))
        if is_folder and output.is_file():
            raise SettingsError(tr("{output} is a file; name a folder for the pictures.", output=output))
        if is_folder and output.is_symlink():
            raise SettingsError(
                tr("{output} is a link; name the folder itself for the pictures.", output=output)
            )
        if is_folder and not is_ours and output.is_dir() and any(output.iterdir()):
            raise SettingsError(
                tr("The folder {output} already holds files; empty it or choose another one.", output=output)
            )
        if not output.parent.exists():
            raise StorageError(
                tr(
                    "The folder {parent} does not exist; create it or choose another output folder.",
                    parent=output.parent,
                )
            )
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=".writable-"):
            pass


def _same(output: Path, source: Path) -> bool:
    try:
        return output.samefile(source)
    except OSError:
        # One is missing, or may not be looked at. Unlike Path.resolve, this bears links that lead in circles.
        return os.path.realpath(output) == os.path.realpath(source)
