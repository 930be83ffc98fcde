"""Footnote's own HTTP routes."""
