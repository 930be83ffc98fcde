"""Questions for a place by its number or for a part by its own: answered from exactly there."""
