"""Backups of a data folder: made while it is in use, verified, linked so that seven take the room of one.

A backup is a folder, so that the original files in it can be hard links: they never change, and the
same file in ten backups is on the disk once. A name that ends in ``.zip`` makes the same thing as one
file, to be carried away.
"""
