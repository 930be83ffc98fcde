"""Figures on shared data: each module prints one table when run with ``python -m``."""
