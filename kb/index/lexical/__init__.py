"""Word indexes: derived data, rebuilt from SQLite whenever in doubt."""
