"""Questions that want whole documents read."""
