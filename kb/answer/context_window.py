"""Expands a passage with its neighbours: small chunks retrieve well, larger ones read well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kb.types import Chunk, Hit

ReadChunks = Callable[[str, int, int], Sequence[Chunk]]
"""The chunks of a document from a position on: (document id, first position, how many)."""

_JOINT = "\n"


def expand_context(
    hits: Sequence[Hit], read: ReadChunks, *, most_tokens: int, around: int = 1, best: int | None = None
) -> list[Hit]:
    """Returns each hit with up to ``around`` neighbours on either side, as one passage with all of their places.

    ``best`` widens that many of the first alone; None widens all.

    A neighbour belongs under the same headings, brings the passage to at most ``most_tokens`` of the
    embedder's tokens, and goes to the best hit that wants it: no text is there twice. Ids, ranks and
    scores stay those of the hit.
    """
    taken = {(hit.chunk.document_id, hit.chunk.position) for hit in hits}
    wide: list[Hit] = []
    for hit in hits[:best]:
        first = max(0, hit.chunk.position - around)
        near = {
            chunk.position: chunk
            for chunk in read(hit.chunk.document_id, first, 2 * around + 1)
            if chunk.heading_path == hit.chunk.heading_path
        }
        whole = [hit.chunk]
        for step in (1, -1):
            place = hit.chunk.position + step
            while abs(place - hit.chunk.position) <= around and _fits(
                near.get(place), whole, most_tokens, taken
            ):
                whole.insert(0 if step < 0 else len(whole), near[place])
                taken.add((hit.chunk.document_id, place))
                place += step
        wide.append(replace(hit, chunk=_joined(whole, hit.chunk)) if len(whole) > 1 else hit)
    return [*wide, *hits[len(wide) :]]


def _fits(chunk: Chunk | None, whole: Sequence[Chunk], most_tokens: int, taken: set[tuple[str, int]]) -> bool:
    return (
        chunk is not None
        and (chunk.document_id, chunk.position) not in taken
        and chunk.tokens + sum(part.tokens for part in whole) <= most_tokens
    )


def _joined(parts: Sequence[Chunk], hit: Chunk) -> Chunk:
    text = indexed = ""
    spans = []
    for part in parts:
        text += _JOINT + part.text if text else part.text
        indexed += _JOINT + (part.indexed_text or part.text) if indexed else part.indexed_text or part.text
        start = len(text) - len(part.text)
        spans += [replace(span, start=span.start + start, end=span.end + start) for span in part.spans]
    tokens = sum(part.tokens for part in parts)
    indexed_text = indexed if indexed != text else ""
    return replace(hit, text=text, spans=tuple(spans), tokens=tokens, indexed_text=indexed_text)
