"""The screen of settings, with models and connections."""
