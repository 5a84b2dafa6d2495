"""The coarse grid over each reference on which it is noted where frames draw from."""

ROWS, COLUMNS = 6, 8
CELLS = ROWS * COLUMNS
"""Row by row."""
