"""The screen that looks into searches."""
