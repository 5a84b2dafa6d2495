"""Long work on threads of its own: QtCore only, results delivered on the main thread."""
