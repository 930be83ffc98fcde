"""What a web page shows, made plain before its blocks are read."""
