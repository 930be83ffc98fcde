"""Embedding models: their specs, how they are fed, how they are run."""
