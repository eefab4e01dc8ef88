"""The catcher, as a process and in parts."""
