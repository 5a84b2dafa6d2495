"""Painting on frames: rasters, brushes, fills and the spread of colour; numpy and OpenCV, no Qt."""
