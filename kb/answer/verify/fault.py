"""What is wrong with a claim, as far as a fact of it shows it."""

from __future__ import annotations

from dataclasses import dataclass

from kb.types import Difference


@dataclass(frozen=True, slots=True)
class Fault:
    """A fact of a claim that its passages say otherwise or not at all."""

    reason: str
    """Words of the claim, or ``DENIED``."""
    difference: Difference

    @property
    def is_missing(self) -> bool:
        """Whether it only stands nowhere; else the passages say otherwise."""
        return self.difference is Difference.MISSING

    @classmethod
    def where(cls, reason: str | None, difference: Difference) -> Fault | None:
        """Returns the fault of ``reason``; None where there is none."""
        return cls(reason, difference) if reason else None
