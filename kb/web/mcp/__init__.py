"""The Model Context Protocol: the library as tools for programs that work with a language model."""
