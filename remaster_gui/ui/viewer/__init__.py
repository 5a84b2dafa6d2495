"""The viewer: the picture under the playhead, compared, overlaid and painted on."""
