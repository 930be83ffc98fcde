"""The disk, the lock on the data folder, the reserve, periodic tasks."""
