"""The models that are here: listed, added and removed, whatever they are for."""
