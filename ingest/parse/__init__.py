"""Parsers, one file a format family. Each is a pure function of the bytes of a file."""
