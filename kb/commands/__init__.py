"""The commands of the command line, one family a file; ``kb/cli.py`` puts them together."""
