"""What every backend has in common: prompts, truncation, batches, widths. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from kb.errors import Misconfigured, Unembeddable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Matrix

Rows = Sequence[Sequence[int]]
"""Token ids of several texts."""


def prompted(prompt: str, texts: Sequence[str]) -> list[str]:
    return [prompt + text for text in texts]


def cut_tokens(ids: Sequence[int], *, longest: int, tail: int) -> list[int]:
    """Returns ``ids`` truncated to ``longest`` tokens at the end, with the last ``tail`` (special) tokens preserved."""
    if len(ids) <= longest:
        return list(ids)
    return [*ids[: longest - tail], *ids[len(ids) - tail :]]


def too_long(who: str, tokens: int, most: int, *, place: int) -> Unembeddable:
    """Returns the error of a text, at ``place`` among others, that cannot be embedded in one piece."""
    return Unembeddable(
        f"The text has {tokens:,} tokens, and {who} takes at most {most:,} in one piece. Cut it into parts.",
        place=place,
    )


def batches(lengths: Sequence[int], *, tokens: int) -> list[list[int]]:
    """Returns every index of ``lengths`` once, grouped so that rows of like length are padded together.

    The longest come first, so that running out of memory shows at once. A batch has at most
    ``tokens`` tokens, padding included, unless a single row is longer than that.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    groups: list[list[int]] = []
    for index in order:
        if not groups or (len(groups[-1]) + 1) * lengths[groups[-1][0]] > tokens:
            groups.append([])
        groups[-1].append(index)
    return groups


def padded(
    rows: Rows, *, side: Literal["left", "right"], pad: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns token ids and attention mask, each of shape (rows, length of the longest row)."""
    width = max(map(len, rows))
    ids = np.full((len(rows), width), pad, np.int64)
    mask = np.zeros((len(rows), width), np.int64)
    for at, row in enumerate(rows):
        place = slice(width - len(row), width) if side == "left" else slice(0, len(row))
        ids[at, place] = row
        mask[at, place] = 1
    return ids, mask


def unit_rows(vectors: NDArray[np.floating]) -> Matrix:
    """Returns ``vectors`` as float32 with rows of length 1.

    Raises:
        Misconfigured: a row is zero or holds a value that is not finite, so it has no direction.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise Misconfigured(
            "The embedding model returned a vector without a direction (all zeros, or not numbers). "
            'Run it with device = "cpu", or choose another model.'
        )
    unit: Matrix = rows / lengths
    return unit


def narrowed(vectors: Matrix, width: int) -> Matrix:
    """Returns the first ``width`` dimensions of each row, scaled to length 1 again (Matryoshka)."""
    return vectors if vectors.shape[-1] == width else unit_rows(vectors[..., :width])


def run_halving(
    rows: Rows,
    run: Callable[[Rows], Matrix],
    *,
    out_of_memory: type[Exception],
    last_resort: Callable[[], None],
) -> Matrix:
    """Returns ``run(rows)``; when memory runs out, in halves; when one row alone is too much, after ``last_resort``.

    Only the exception ``out_of_memory`` counts as running out of memory. After ``last_resort``
    (moving the model off the GPU) whatever ``run`` raises is passed on.
    """
    try:
        return run(rows)
    except out_of_memory:
        pass  # retried below, where the failed attempt's frame no longer holds its tensors
    if len(rows) > 1:
        half = len(rows) // 2
        halves = [
            run_halving(part, run, out_of_memory=out_of_memory, last_resort=last_resort)
            for part in (rows[:half], rows[half:])
        ]
        return np.concatenate(halves)
    last_resort()
    return run(rows)
