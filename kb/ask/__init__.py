"""From a question to an answer with footnotes, one step a file."""
