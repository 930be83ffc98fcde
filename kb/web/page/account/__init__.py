"""Signing in, and the account of whoever is signed in."""
