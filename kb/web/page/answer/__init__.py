"""A question's answer as it is shown: its text, its footnotes, its sources."""
