"""Ground floor: time, colour and errors; knows nothing of files, networks or windows."""
