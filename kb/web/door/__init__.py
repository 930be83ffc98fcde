"""What stands in front of every route: who may connect, which requests come in, and how large they may be."""
