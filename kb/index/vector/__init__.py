"""Vector stores: derived data, rebuilt from SQLite whenever in doubt."""
