"""The page that adds the text of another page."""
