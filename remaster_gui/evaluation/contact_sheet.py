"""One picture to judge by eye: a row for each clip, a column for each method, at a late frame."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.color import NEUTRAL, lab_to_rgb, to_unit
from remaster_gui.evaluation.measuring import Measurement
from remaster_gui.evaluation.methods import LabPicture

CELL_HEIGHT = 160
_CAPTION = 18
_GAP = 4
_INK = 230
_PAPER = 24


class ContactSheet:
    """Collects pictures while methods run: source, nearest reference (if there is any), results, truth."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, dict[str, Bytes]]] = []

    def begin(self, measurement: Measurement) -> Callable[[str], Callable[[int, LabPicture], None]]:
        """Start the row of a clip; the result makes, for a method's name, what keeps its picture."""
        case, problem = measurement.case, measurement.problem
        shown = case.measured[-1].stop - 1
        cells = {"source": _cell(_rgb(LabPicture(problem.luminance[shown])))}
        if problem.task != "restoration" and problem.references:
            nearest = min(problem.references, key=lambda index: abs(index - shown))
            cells[f"reference {nearest}"] = _cell(problem.references[nearest])
        truth = to_unit(case.rgb[shown])
        if problem.task == "restoration":
            truth = _rgb(LabPicture(case.luminance[shown]))
        self._rows.append((f"{case.name}, frame {shown}", cells))

        def keeper(method: str) -> Callable[[int, LabPicture], None]:
            def keep(index: int, picture: LabPicture) -> None:
                if index == shown:
                    cells.pop("truth", None)  # stays the last column
                    cells.update({method: _cell(_rgb(picture)), "truth": _cell(truth)})

            return keep

        return keeper

    def to_png(self) -> bytes:
        """Return the sheet as the bytes of a PNG file."""
        bands = [_band(title, cells) for title, cells in self._rows]
        width = max(band.shape[1] for band in bands)
        sheet = np.concatenate([_padded(band, width) for band in bands])
        return cv2.imencode(".png", sheet[..., ::-1])[1].tobytes()


def _rgb(picture: LabPicture) -> Float:
    chrominance = picture.chrominance
    if chrominance is None:
        chrominance = np.full((*picture.luminance.shape, 2), NEUTRAL, np.float32)
    return lab_to_rgb(picture.luminance, chrominance)


def _cell(rgb: Float) -> Bytes:
    height, width = rgb.shape[:2]
    size = (round(width * CELL_HEIGHT / height), CELL_HEIGHT)
    resized = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    pixels: Bytes = np.rint(np.clip(resized, 0.0, 1.0) * 255.0).astype(np.uint8)
    return pixels


def _band(title: str, cells: dict[str, Bytes]) -> Bytes:
    """Join a clip's cells under their names, with the clip's name above."""
    captioned = []
    for label, cell in cells.items():
        column = np.concatenate([_text(label, cell.shape[1]), cell])
        captioned += [column, np.full((len(column), _GAP, 3), _PAPER, np.uint8)]
    joined = np.concatenate(captioned, axis=1)
    return np.concatenate([_text(title, joined.shape[1]), joined])


def _text(text: str, width: int) -> Bytes:
    strip = np.full((_CAPTION, width, 3), _PAPER, np.uint8)
    cv2.putText(strip, text, (2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (_INK,) * 3, 1, cv2.LINE_AA)
    return strip


def _padded(band: Bytes, width: int) -> Bytes:
    return np.pad(band, ((0, _GAP), (0, width - band.shape[1]), (0, 0)), constant_values=_PAPER)
