"""The screen of one document, with the reader."""
