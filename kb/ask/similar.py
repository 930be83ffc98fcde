"""How alike two texts are in meaning, by the embedder that the passages are indexed with."""

from __future__ import annotations

from collections.abc import Sequence

from kb.ports import Embedder, Similarity


def similarity_by(embedder: Embedder) -> Similarity:
    """The cosines of a text, as a question, with texts, as passages, at the width in use."""

    def similarity(text: str, others: Sequence[str]) -> list[float]:
        import numpy as np

        vector = embedder.embed_query(text)
        rows = embedder.embed_documents(others)[:, : len(vector)]
        lengths = np.linalg.norm(rows, axis=1)
        return [float(cosine) for cosine in (rows @ vector) / lengths]

    return similarity
