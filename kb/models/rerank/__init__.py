"""Models that read question and passage together and order what was found."""
