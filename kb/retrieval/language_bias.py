"""The bias of a multilingual model towards a language itself, and how to compare texts across languages without it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from typing import TYPE_CHECKING

from kb.config.thresholds import thresholds_for
from kb.ports import Embedder
from kb.text.probes import generic_questions

if TYPE_CHECKING:
    from kb.types import Vector


class LanguageBias:
    """The centroids of the texts of each language for one embedder; computed when first needed, in one call each."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._removed = thresholds_for(embedder.fingerprint.model).search.language_removed
        self._rows: dict[str, list[Vector]] = {}
        self._asked: dict[str, Vector] = {}
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
        """Returns whether there is a ``centroid`` of this language."""
        return language in generic_questions()

    def centroid(self, language: str) -> Vector:
        """Returns the centroid of passages in the language, shape (width,): the mean of its sentences as passages."""
        import numpy as np

        centroid: Vector = np.mean(self._vectors(language), axis=0)
        return centroid

    def asked(self, language: str) -> Vector:
        """Returns the centroid of questions in the language: the mean of the same sentences, embedded as questions.

        It also takes out what makes a passage look like an answer to anything.
        """
        import numpy as np

        if language not in self._asked:
            rows = self._embedder.embed_queries(generic_questions()[language])
            self._asked[language] = np.mean(rows, axis=0)
        return self._asked[language]

    def without_language(self, question: Vector, language: str) -> Vector:
        """Returns ``question`` for a search among passages in other languages.

        Its own language pulls it to whichever of them lie nearest to that language, whatever they say.
        """
        moved: Vector = question - self._removed * self.asked(language)
        return moved

    def towards(self, question: Vector, language: str, others: Collection[str]) -> Vector:
        """Returns ``question`` for a search that finds passages in ``others`` even among many in its own language.

        Among as many of those, the nearest of the others would not be found. The order among the latter is
        about that of ``without_language``.
        """
        import numpy as np

        theirs = np.mean([self.centroid(code) for code in others], axis=0)
        moved: Vector = self.without_language(question, language) + theirs - self.centroid(language)
        return moved

    def offset(self, question: Vector, language: str, other: str) -> float:
        """Returns what to add to ``without_language(question) @ passage`` for a passage in ``other``, so that it can be
        compared with the cosine of a passage in ``language``.

        Together: half of what the passage has in common with any question is taken for what a text between both
        languages has in common with it, and half of what the question is nearer to its own is added. Taking languages
        out by their centroids is from Yang et al., "A Simple and Effective Method To Eliminate the Self Language
        Bias in Multilingual Representations", EMNLP 2021, https://arxiv.org/abs/2109.04727.
        """
        own, theirs = self.centroid(language), self.centroid(other)
        between = (own + 2 * theirs) / 3
        return float(self._removed * (self.asked(language) @ between + question @ (own - theirs)))

    def _vectors(self, language: str) -> list[Vector]:
        if language not in self._rows:
            import numpy as np

            rows = self._embedder.embed_documents(generic_questions()[language])
            rows = rows[:, : self._embedder.fingerprint.width]
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            self._rows[language] = list(rows / np.maximum(lengths, 1e-9))
        return self._rows[language]
