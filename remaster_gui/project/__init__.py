"""What a project holds, its edits, and the file that keeps it; no Qt."""
