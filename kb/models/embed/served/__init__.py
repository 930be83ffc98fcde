"""Embedding by what is not our own process: proved before it may write, never cut in silence."""
