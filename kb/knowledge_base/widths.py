"""What narrower vectors would take, and what they would find of a library's own labelled questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING

import numpy as np

from kb.knowledge_base.labelled_recall import holds
from kb.state.chunks import Chunks
from kb.state.documents import Documents
from kb.types import LabelledQuestion, WidthFigure

if TYPE_CHECKING:
    from kb.types import Matrix

NARROWEST = 32
"""That an index can have."""
_FLOAT_BYTES = 4
"""An index keeps float32."""


def widths_up_to(width: int, narrowest: int = NARROWEST) -> list[int]:
    """Returns ``width`` and its halves, down to the ``narrowest`` that a model was trained for, narrowest first."""
    found = [width]
    while found[-1] // 2 >= max(narrowest, NARROWEST):
        found.append(found[-1] // 2)
    return found[::-1]


def megabytes(rows: int, width: int) -> float:
    """Returns what the vectors of an index take in memory; its graph takes about the same at each width."""
    return round(rows * width * _FLOAT_BYTES / 1e6, 1)


def nearest_by_width(
    blocks: Iterable[tuple[Sequence[int], Matrix]], asked: Matrix, widths: Sequence[int], k: int
) -> dict[int, list[list[int]]]:
    """Returns for each of ``widths`` the ids of the ``k`` passages nearest to each question, by meaning alone.

    ``blocks`` are (ids, vectors) and ``asked`` the questions' vectors, shape (questions, width), all of one width that
    none of ``widths`` is above. Vectors are cut and brought to length 1, as a narrower index has them.
    """
    best: dict[int, list[list[tuple[float, int]]]] = {width: [[] for _ in asked] for width in widths}
    for ids, vectors in blocks:
        for width in widths:
            scores = _cut(asked, width) @ _cut(vectors, width).T
            for at, row in enumerate(scores):
                known = best[width][at]
                best[width][at] = nlargest(k, [*known, *zip(row.tolist(), ids, strict=True)])
    return {width: [[found for _, found in each] for each in of] for width, of in best.items()}


def width_figures(
    rows: int,
    nearest: dict[int, list[list[int]]],
    labelled: Sequence[LabelledQuestion],
    *,
    chunks: Chunks,
    documents: Documents,
    stopped: Callable[[], bool],
    collection: str | None = None,
) -> list[WidthFigure]:
    """Returns memory and recall for each width; recall is how many questions have their passage among the nearest."""
    figures = []
    for width, found in nearest.items():
        if stopped():
            break
        hits = 0
        for kept, ids in zip(labelled, found, strict=True):
            held = chunks.findable(ids)
            hits += any(holds(chunk, kept, documents) for chunk in held.values())
        found_of = hits if labelled else None
        figures.append(WidthFigure(width, megabytes(rows, width), found_of, len(labelled), collection))
    return figures


def _cut(vectors: Matrix, width: int) -> Matrix:
    cut = vectors[:, :width].astype(np.float32)
    lengths = np.linalg.norm(cut, axis=1, keepdims=True)
    unit: Matrix = cut / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit
