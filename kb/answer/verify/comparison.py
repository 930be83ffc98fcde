"""A claim beside the sentences of its passages, with what is looked for in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.answer.verify.features import Source
from kb.text.figures import Figure, figures
from kb.text.language import language
from kb.text.mentions import numbers_said

_LEAST_SPELT = 2
"""The least number in words that is a fact: "one" is an article or a pronoun more often."""


@dataclass(frozen=True)
class Comparison:
    """A claim and the sentences of its passages, all of them ``plain``."""

    claim: str
    sources: Sequence[Source]
    nearest: Source
    """The sentence that comes nearest to the claim."""
    about: str
    """What stands above the passages: headings, names of documents."""
    share: float
    """Of the claim's words that the nearest sentence holds."""

    @cached_property
    def whole(self) -> str:
        return " ".join(source.text for source in self.sources)

    @cached_property
    def languages(self) -> tuple[str, str]:
        """Those of the claim and of its passages."""
        written = language(self.whole)
        return language(self.claim, likely=(written,)), written

    @property
    def in_one_language(self) -> bool:
        return self.languages[0] == self.languages[1]

    @cached_property
    def figures(self) -> list[Figure]:
        """Those of the claim that are facts."""
        found = figures(self.claim)
        return [each for each in found if not each.is_spelt or _is_fact(each)]

    @cached_property
    def figures_held(self) -> list[list[Figure]]:
        """Those of each sentence."""
        return [figures(source.text) for source in self.sources]

    @cached_property
    def said(self) -> frozenset[str]:
        """Every number of the passages and of what stands above them, months among them."""
        spelt = frozenset[str]().union(*(each.forms for found in self.figures_held for each in found))
        return numbers_said(f"{self.about} {self.whole}") | spelt


def _is_fact(figure: Figure) -> bool:
    return any(float(form) >= _LEAST_SPELT for form in figure.forms)
