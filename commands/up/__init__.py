"""`leadflow up`: every part of an installation under one data directory, watched by one process in the foreground."""
