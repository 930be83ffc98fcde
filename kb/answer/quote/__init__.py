"""Answers without a model: from passages to what is quoted of them, word for word, with footnotes."""
