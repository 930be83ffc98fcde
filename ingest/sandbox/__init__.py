"""The processes in which files are read, with limits on memory, time and access."""
