"""From blocks to the units that chunks are packed of: sentences, lines, rows of tables as records."""
