"""The screen on which questions are asked."""
