"""Footnote: a local knowledge base that answers with footnotes."""
