"""Reranks passages that score alike: each is judged by its best sentence or two.

A question mostly asks for what one sentence says, and the embedding of a passage is a mean of all it says. Where
the score of the next passage is close to the best, the sentences of both are compared with the question, and of each
passage the two neighbours that promise most: what is asked often stands in one sentence and named in the one before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from kb.config.thresholds import thresholds_for
from kb.errors import FootnoteError
from kb.ports import Embedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.text.sentences import sentences
from kb.types import Hit

if TYPE_CHECKING:
    from kb.types import Vector

Span = tuple[int, int]

log = logging.getLogger(__name__)

TOP_N = 3
"""How many passages are reranked; see docs/quality.md for more of them."""
TOP_N_ACROSS = 8
"""How many where the best is in another language than the question: there whole passages tell less apart."""


@dataclass(frozen=True, slots=True)
class View:
    """The question as texts in one language are compared with it: ``vector @ text + offset``."""

    vector: Vector
    offset: float = 0.0

    def cosine(self, text: Vector) -> float:
        """Returns the cosine of the question with ``text`` (length 1); across languages what it would be within one."""
        return float(text @ self.vector) + self.offset


class SentenceReranker:
    """Orders the first hits by their best sentences; safe to call from several threads.

    The order depends on the hits and the question alone, never on time or on what else the machine does.
    """

    def __init__(self, embedder: Embedder, similarity: SentenceSimilarity | None = None) -> None:
        """``similarity`` is one that keeps vectors already; None for one of its own."""
        self._embedder = embedder
        self._thresholds = thresholds_for(embedder.fingerprint.model).search
        self._similarity = similarity or SentenceSimilarity(embedder)

    def order(self, hits: Sequence[Hit], views: Sequence[View], *, unit: float) -> tuple[Hit, ...]:
        """Returns ``hits`` with those that score about as much as the best in the order of their best sentences.

        ``views`` holds the question for each hit; ``unit`` is what a cosine of 1 adds to a score. The
        cosine of the best part is noted as ``part``; scores stay as they were. Where the model fails so does the
        order, and always with a heavy one: a question must not take eight times as long for a finer order.
        """
        across = bool(views) and views[0].offset != 0
        count = TOP_N_ACROSS if across else TOP_N
        near = [hit for hit in hits[:count] if hits[0].score - hit.score <= self._thresholds.score_gap]
        if len(near) < 2 or not self._embedder.is_light:
            return tuple(hits)
        best = self._best_parts(near, views)
        if best is None:
            return tuple(hits)
        gains = [
            self._thresholds.sentence_weight * unit * (part - hit.scores["dense"])
            for hit, part in zip(near, best, strict=True)
        ]
        places = sorted(range(len(near)), key=lambda place: -(near[place].score + gains[place]))
        looked_at = [replace(near[at], scores={**near[at].scores, "part": best[at]}) for at in places]
        return tuple(
            replace(hit, rank=rank) for rank, hit in enumerate((*looked_at, *hits[len(near) :]), start=1)
        )

    def _best_parts(self, hits: Sequence[Hit], views: Sequence[View]) -> list[float] | None:
        """Returns the highest cosine of the parts of each hit; None when the model failed.

        The parts are each sentence, and the two neighbours that by their own cosines promise most: all pairs would be
        twice the text of all sentences, and decide the same (docs/quality.md).
        """
        texts = [hit.chunk.text for hit in hits]
        spans = [sentences(text) for text in texts]
        asked = views[: len(hits)]
        try:
            alone = self._cosines(map(_cut, texts, spans), asked)
            together = self._cosines(map(_cut, texts, map(promising_pair, spans, alone)), asked)
        except FootnoteError as error:
            log.warning("sentences are not compared", extra={"reason": str(error)})
            return None
        return [max([*first, *second]) for first, second in zip(alone, together, strict=True)]

    def _cosines(self, texts: Iterable[list[str]], views: Sequence[View]) -> list[list[float]]:
        """Returns, for each view, the cosines of the question with its texts; all are embedded at once."""
        import numpy as np

        texts = list(texts)
        vectors = np.stack([view.vector for view in views])
        products = self._similarity.to_vectors(vectors, [text for some in texts for text in some])
        found, start = [], 0
        for column, (some, view) in enumerate(zip(texts, views, strict=True)):
            stop = start + len(some)
            found.append([float(product) + view.offset for product in products[start:stop, column]])
            start = stop
        return found


def promising_pair(spans: Sequence[Span], cosines: Sequence[float]) -> list[Span]:
    """Returns the neighbours whose cosines have the highest mean, as one span; none where there is one sentence.

    The mean is weighted by length, as a text's vector is the mean of those of its tokens.
    """
    pairs = [(first[0], second[1]) for first, second in pairwise(spans)]
    weighted = [
        (end - start, (end - start) * cosine) for (start, end), cosine in zip(spans, cosines, strict=True)
    ]
    means = [(near + far) / (length + other) for (length, near), (other, far) in pairwise(weighted)]
    return [max(zip(means, pairs, strict=True))[1]] if pairs else []


def _cut(text: str, spans: Sequence[Span]) -> list[str]:
    """Returns the parts of a passage. Headings are not among them: all would share them, and the embedding of the whole
    holds them already.
    """
    return [text[start:end] for start, end in spans]
