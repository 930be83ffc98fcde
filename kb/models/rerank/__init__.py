"""Models that read question and passage together and order the hits."""
