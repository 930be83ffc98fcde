"""What another length of chunks costs: a few documents are read and cut for it, and the rest is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.errors import BackendDown, Damaged, FootnoteError, Misconfigured
from kb.knowledge_base.embedder_cost import BYTES_INDEXED, BYTES_STORED, seconds_to_index, speed_on
from kb.knowledge_base.parts import Parts
from kb.ports import Embedder, TokenCounter
from kb.state.chunker_changes import CutDocument
from kb.state.chunks import text_hash
from kb.state.vectors import Vectors
from kb.types import Chunk, ChunkerPlan

CutFile = Callable[[Path, str, TokenCounter, int], list[Chunk]]
"""Returns the chunks of a file of this name, each of at most so many tokens; stores nothing, and raises BadInput."""

_SAMPLED = 16
"""Documents that are read for it, evenly spaced; as many as fit into ``_SECONDS``."""
_SECONDS = 5.0
_MOST_EMBEDDED = 64


@dataclass(slots=True)
class _Sample:
    """What reading and cutting some of the documents showed."""

    documents: int = 0
    chunks_before: int = 0
    chunks: int = 0
    tokens: int = 0
    """Of texts that have no vector."""
    seconds: float = 0.0


def plan(
    parts: Parts,
    documents: Sequence[CutDocument],
    *,
    source: int,
    target: int,
    embedder: Embedder,
    cutter: CutFile | None,
) -> ChunkerPlan:
    """Returns what cutting ``documents`` to ``target`` tokens costs; ``source`` is what is set now.

    Without a ``cutter``, and where none of the documents can be read, passages are taken to be full before and after.

    Raises:
        BackendDown, Misconfigured: the embedder cannot be asked.
    """
    read = [document for document in documents if not document.is_kept]
    vectors = Vectors(parts.database, embedder.fingerprint)
    sample, lacking = _sampled(parts, read, vectors, target, embedder, cutter)
    chunks_before = sum(document.chunks for document in read)
    if sample.chunks_before:
        scale = chunks_before / sample.chunks_before
        chunks, tokens = round(sample.chunks * scale), round(sample.tokens * scale)
    else:
        chunks, tokens = round(chunks_before * source / target), sum(each.tokens for each in read)
        scale = 0.0
    speed = speed_on(lacking[:_MOST_EMBEDDED] or _stored(parts, read), embedder) if tokens else None
    if speed is not None and not sample.documents:
        tokens = round(tokens * speed.tokens_a_token)
    kept = sum(each.chunks for each in documents if each.is_kept)
    fingerprint = embedder.fingerprint
    seconds = sample.seconds * scale + seconds_to_index(chunks + kept, fingerprint.width)
    if speed is not None:
        seconds += tokens / speed.tokens_a_second
    every = parts.chunks.count_live()
    a_passage = fingerprint.native_width * BYTES_STORED + fingerprint.width * BYTES_INDEXED
    return ChunkerPlan(
        source=source,
        target=target,
        documents=len(documents),
        kept=len(documents) - len(read),
        passages=every,
        passages_after=every - chunks_before + chunks,
        tokens=tokens,
        minutes=round(seconds / 60, 4),
        megabytes=round((chunks * a_passage + kept * fingerprint.width * BYTES_INDEXED) / 1e6, 3),
        measured=sample.documents,
        tokens_a_second=round(speed.tokens_a_second, 1) if speed else None,
    )


def _sampled(
    parts: Parts,
    documents: Sequence[CutDocument],
    vectors: Vectors,
    target: int,
    embedder: Embedder,
    cutter: CutFile | None,
) -> tuple[_Sample, list[Chunk]]:
    """Returns what some of the documents showed, and those of their chunks that have no vector."""
    sample, lacking = _Sample(), list[Chunk]()
    began = time.monotonic()
    for document in documents[:: max(1, len(documents) // _SAMPLED)][:_SAMPLED] if cutter else ():
        if time.monotonic() - began > _SECONDS:
            break
        started = time.monotonic()
        try:
            path = parts.blobs.path(document.sha256)
            chunks = cutter(path, document.name, embedder, target) if cutter else []
        except (BackendDown, Misconfigured, Damaged):
            raise
        except FootnoteError:  # one that cannot be read stays as it is
            continue
        sample.seconds += time.monotonic() - started
        texts = {text_hash(chunk.embedded_text): chunk for chunk in chunks}
        missing = [texts[key] for key in vectors.missing(texts)]
        sample.documents += 1
        sample.chunks_before += document.chunks
        sample.chunks += len(chunks)
        sample.tokens += sum(chunk.tokens for chunk in missing)
        lacking += missing
    return sample, lacking


def _stored(parts: Parts, documents: Sequence[CutDocument]) -> list[Chunk]:
    """Returns passages as they are now, where none could be cut anew."""
    return [chunk for document in documents[:8] for chunk in parts.chunks.of(document.id, count=8)]
