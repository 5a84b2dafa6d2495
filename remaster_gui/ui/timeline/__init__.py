"""The timeline: frames against a scale, lanes of what is known of each, and how the playhead is moved."""
