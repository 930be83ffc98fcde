"""From a file to chunks: parse, chunk, embed, index."""
