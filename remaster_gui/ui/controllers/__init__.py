"""What connects the widgets with the open film: one controller for each concern, most of them made for each film."""
