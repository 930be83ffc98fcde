"""What stands around every screen, and mounts them."""
