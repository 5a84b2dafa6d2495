"""What all widgets share: look, icons, pictures on the screen, gestures."""
