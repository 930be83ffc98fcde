"""What the look of a text says, in words, for every format alike."""
