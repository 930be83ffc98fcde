"""Similarity of texts by the embedder that the chunks are indexed with; a text is embedded once."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kb.config.thresholds import thresholds_for
from kb.errors import BackendDown, Misconfigured
from kb.ports import Embedder
from kb.text.probes import background_sentences

if TYPE_CHECKING:
    from kb.types import Matrix, Vector

log = logging.getLogger(__name__)

_HEAVY_TEXTS = 16
"""Texts that a heavy model (``Embedder.is_light``) embeds in one call. By number, not by time: what is found, and what
counts as supported, must not depend on what else the machine does."""
_KEPT = 16_384
"""The size of the cache of vectors, 25 MB at 384 dimensions: the sentences that decide between passages are those that
an answer quotes from and is checked against, and questions come back to the same passages."""
_CHARACTERS = 500
"""The longest text that is embedded whole: more is a table or a list, and its beginning says what it is about."""


class SentenceSimilarity:
    """``kb.ports.Similarity`` by an embedder; safe to call from several threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.thresholds = thresholds_for(embedder.fingerprint.model)
        """Those that belong to its cosines."""
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def to_question(self, question: str, texts: Sequence[str]) -> list[float]:
        """Returns the cosine of a question with each of ``texts``; 0 beyond a heavy model's reach.

        All are 0 while the model cannot be had.
        """
        if not texts:
            return []
        try:
            vectors = self._embedder.embed_queries([question])
            return [float(cosine) for cosine in self.to_vectors(vectors, texts)[:, 0]]
        except (BackendDown, Misconfigured) as error:
            log.warning("sentences are compared by their words alone", extra={"reason": str(error)})
            return [0.0] * len(texts)

    def to_vectors(self, vectors: Matrix, texts: Sequence[str]) -> Matrix:
        """Returns the products of each of ``texts``, at length 1, with ``vectors``, which are of the width in use.

        Shape (texts, vectors); rows of 0 for those beyond a heavy model's reach.
        """
        rows = self._vectors(texts)[:, : vectors.shape[1]]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray((rows / np.where(lengths > 0, lengths, 1.0)) @ vectors.T, dtype=np.float32)

    @property
    def spread(self) -> float:
        """How many times as wide as those of the bundled model the cosines of this model are."""
        unrelated, translated = self._scale
        scale = self.thresholds.scale
        return (translated - unrelated) / (scale.translated - scale.unrelated)

    def between(self, texts: Sequence[str], others: Sequence[str]) -> Matrix:
        """Returns the cosines of ``texts`` with ``others``, shape (texts, others); 0 beyond a heavy model's reach.

        They are brought to the scale of the bundled model, whatever the model is; all 0 while it cannot be had.
        """
        try:
            vectors = self._vectors([*texts, *others])
            unrelated, spread = self._scale[0], self.spread
        except (BackendDown, Misconfigured) as error:
            log.warning("sentences are compared by their words alone", extra={"reason": str(error)})
            return np.zeros((len(texts), len(others)), np.float32)
        cosines = vectors[: len(texts)] @ vectors[len(texts) :].T
        stretched: Matrix = self.thresholds.scale.unrelated + (cosines - unrelated) / spread
        return np.where(cosines == 0, np.float32(0), stretched.astype(np.float32))

    @cached_property
    def _scale(self) -> tuple[float, float]:
        """The mean cosines of this model for sentences that have nothing in common, and for translations.

        A model for which these are no further apart knows no second language; its cosines stay as they are.
        """
        english, chinese = (self._embed(texts) for texts in zip(*background_sentences(), strict=True))
        alike = english @ chinese.T
        translated = float(np.diag(alike).mean())
        unrelated = float(alike[~np.eye(len(background_sentences()), dtype=bool)].mean())
        scale = self.thresholds.scale
        if translated - unrelated > scale.least_spread:
            return unrelated, translated
        return scale.unrelated, scale.translated

    def _vectors(self, texts: Sequence[str]) -> Matrix:
        """Returns vectors of length 1 in the order of ``texts``; rows of zeros beyond a heavy model's reach."""
        cut = [text[:_CHARACTERS] for text in texts]
        with self._lock:
            found = {text: self._kept[text] for text in cut if text in self._kept}
        missing = [text for text in dict.fromkeys(cut) if text not in found]
        if not self._embedder.is_light:
            missing = missing[:_HEAVY_TEXTS]
        if missing:
            found.update(zip(missing, self._embed(missing), strict=True))
        self._keep(found)
        nothing = np.zeros(self._embedder.fingerprint.native_width, np.float32)
        return np.stack([found.get(text, nothing) for text in cut]) if cut else nothing[None][:0]

    def _embed(self, texts: Sequence[str]) -> Matrix:
        return self._embedder.embed_documents(texts, urgent=True)

    def _keep(self, vectors: dict[str, Vector]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                self._kept[text] = vector
                self._kept.move_to_end(text)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
