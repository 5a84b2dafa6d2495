"""The table of formats: cases that say what is read of a format, what is kept and what is said, and their document."""
