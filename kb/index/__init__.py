"""The derived indexes: writing them, opening them as a pair, keeping them usable."""
