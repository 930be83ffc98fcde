"""The commands of the command line, one family a file; ``kb/cli/main.py`` puts them together."""
