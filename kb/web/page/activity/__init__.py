"""The screen of what is being done and was asked."""
