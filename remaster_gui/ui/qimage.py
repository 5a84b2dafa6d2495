"""The one bridge between numpy arrays and QImages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def to_qimage(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> QImage:
    """Copy a picture into a QImage that owns its memory; safe on any thread.

    `pixels`: luma ``(H, W)`` or RGB ``(H, W, 3)`` or RGBA ``(H, W, 4)`` with straight alpha, gamma-coded and full
    range, uint8, or uint16 of which the upper eight bits are shown.
    """
    array: NDArray[np.uint8] = (
        pixels.astype(np.uint8, copy=False) if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    )
    array = np.ascontiguousarray(array)
    height, width = array.shape[:2]
    if array.ndim == 2:
        layout = QImage.Format.Format_Grayscale8
    elif array.shape[2] == 3:
        layout = QImage.Format.Format_RGB888
    else:
        layout = QImage.Format.Format_RGBA8888
    # The constructor borrows the array's memory; copy() makes the picture independent of it.
    return QImage(array.data, width, height, array.strides[0], layout).copy()


def to_array(image: QImage) -> NDArray[np.uint8]:
    """Copy a QImage into RGB ``(H, W, 3)`` uint8."""
    converted = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(converted.constBits(), np.uint8).reshape(
        converted.height(), converted.bytesPerLine()
    )
    return lines[:, : converted.width() * 3].reshape(converted.height(), converted.width(), 3).copy()
