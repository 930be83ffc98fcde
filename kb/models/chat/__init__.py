"""The models that write answers."""
