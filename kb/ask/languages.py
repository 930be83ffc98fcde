"""What a multilingual model makes of the language itself, and how to compare texts across languages without it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING

from kb.ask.language_questions import QUESTIONS_BY_LANGUAGE
from kb.ports import Embedder

if TYPE_CHECKING:
    from kb.types import Vector

QUESTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        code: tuple(questions.split(" | "))
        for code, _, questions in (
            line.partition(": ") for line in QUESTIONS_BY_LANGUAGE.strip().splitlines()
        )
    }
)
"""The same eight questions about nothing in particular: what their vectors have in common is the language.

Eight did as well as the mean of 612 real questions; one did half as well.
"""

REMOVED = 0.5
"""The share of the language that is taken out when question and passage differ in it: see docs/quality.md."""


class LanguageCentres:
    """Where the texts of each language lie for one embedder; worked out when first needed, in one call each."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows: dict[str, list[Vector]] = {}
        self._spread: float | None = None

    @property
    def spread(self) -> float:
        """How far cosines of texts that have nothing to do with each other lie apart: one standard deviation.

        e5 squeezes all cosines into .7 to 1 and gives .02, other models several times as much; scores
        that are to be added to a cosine are multiplied by it.
        """
        if self._spread is None:
            import numpy as np

            deviations = [
                np.std([float(left @ right) for left, right in combinations(self._vectors(code), 2)])
                for code in ("en", "zh")
            ]
            self._spread = float(np.mean(deviations)) or 1.0
        return self._spread

    def knows(self, language: str | None) -> bool:
        """Whether ``centre`` can be asked of this language."""
        return language in QUESTIONS

    def centre(self, language: str) -> Vector:
        """The mean of the language's questions: shape (width in use,)."""
        import numpy as np

        centre: Vector = np.mean(self._vectors(language), axis=0)
        return centre

    def without_language(self, question: Vector, language: str) -> Vector:
        """``question`` for a search among passages in other languages.

        Its own language pulls it to whichever of them lie nearest to that language, whatever they say.
        """
        moved: Vector = question - REMOVED * self.centre(language)
        return moved

    def offset(self, question: Vector, language: str, other: str) -> float:
        """What to add to ``without_language(question) @ passage`` for a passage in ``other``, so that it can be
        compared with the cosine of a passage in ``language``.

        Together: the mean of the cosine and of the cosine after each text was moved by its language's
        centre (Yang et al., "A Simple and Effective Method To Eliminate the Self Language Bias in
        Multilingual Representations", EMNLP 2021, https://arxiv.org/abs/2109.04727, take it out whole).
        """
        own, theirs = self.centre(language), self.centre(other)
        return float(REMOVED * (own @ theirs + question @ own - question @ theirs))

    def _vectors(self, language: str) -> list[Vector]:
        if language not in self._rows:
            import numpy as np

            rows = self._embedder.embed_documents(QUESTIONS[language])
            rows = rows[:, : self._embedder.fingerprint.width]
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            self._rows[language] = list(rows / np.maximum(lengths, 1e-9))
        return self._rows[language]
