"""Words, sentences, languages, numbers, query syntax: pure functions."""
