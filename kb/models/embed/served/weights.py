"""How coarsely a server keeps the weights of its model."""

from __future__ import annotations

_FULL_BITS = 12.0
"""Weights of fewer bits are quantised: those of 16 take a little more than 16, those of 8 with their scales 8.5."""


def is_quantised(bits: float | None) -> bool:
    """Returns whether weights of so many ``bits`` are quantised; false where it is not told."""
    return bits is not None and bits < _FULL_BITS
