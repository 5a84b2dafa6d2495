"""Painting on the canvas: tools, what they hold, and the panel that shows it."""
