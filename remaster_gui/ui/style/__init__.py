"""How the editor looks: theme, icons, and where the files of both lie."""
