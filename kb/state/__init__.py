"""Everything that is SQL, one table family a file."""
