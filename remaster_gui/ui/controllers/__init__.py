"""What connects the widgets with the open film: one controller for each concern, made once for each window."""
