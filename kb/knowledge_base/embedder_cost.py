"""What a change of the embedder costs: counted in the database, and measured on a sample of the library's passages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kb.backends import SERVERS
from kb.config import EmbeddingSettings
from kb.errors import Misconfigured
from kb.ports import Embedder
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.vectors import Vectors, kept_vectors, keys_of_collections
from kb.system.redact import redacted
from kb.types import Chunk, EmbedderPlan, EmbedderSide, Fingerprint

_SAMPLED = 64
"""Passages whose tokens are counted, evenly spaced; as many of them are embedded as fit into ``_SECONDS``."""
_AT_ONCE = 8
_SECONDS = 3.0
BYTES_STORED = 2.2
"""A dimension in SQLite: half precision, and what a page of the database leaves free."""
BYTES_INDEXED = 6.0
"""A dimension in an index: single precision, with the graph and what is kept twice."""
_INDEXED_A_SECOND = 500.0
"""Passages of 384 dimensions, the least of all stores: `python -m benchmarks.vector_stores`."""
_WIDTH_MEASURED = 384
_SAME = 0.995
"""Cosine of a stored vector and the same passage's, computed once more: half precision and bfloat16 keep .999."""


@dataclass(frozen=True, slots=True)
class Library:
    """What the cost is counted in."""

    database: Database
    chunks: Chunks


@dataclass(frozen=True, slots=True)
class Speed:
    """Of an embedder, as measured on some passages."""

    passages: int
    tokens_a_second: float
    tokens_a_token: float
    """Of the new model, for each that was counted when the passages were cut."""
    cut: int
    counted: int


def shown_model(settings: EmbeddingSettings, fingerprint: Fingerprint) -> str:
    """Returns the name by which a person knows the model: of a server the one that it has there."""
    is_named = settings.engine in SERVERS and settings.model not in ("auto", "")
    return settings.model if is_named else fingerprint.model


def side(settings: EmbeddingSettings, fingerprint: Fingerprint) -> EmbedderSide:
    """Returns what is said of one of the two embedders; nothing of it logs in anywhere."""
    model = shown_model(settings, fingerprint)
    return EmbedderSide(
        model=model,
        engine=settings.engine,
        width=fingerprint.width,
        native_width=fingerprint.native_width,
        url=redacted(settings.url) if settings.url else None,
        device=settings.device,
        instruction=settings.instruction,
        vectors_of=None if fingerprint.model == model else fingerprint.model,
    )


def plan(
    library: Library,
    source: tuple[EmbedderSide, Fingerprint],
    target: tuple[EmbedderSide, Fingerprint],
    embedder: Embedder,
    *,
    collection: str | None = None,
) -> EmbedderPlan:
    """Returns what going from ``source`` to ``target`` costs; runs ``embedder``, of the target, only where it has to.

    ``collection`` is the one that changes, and gets no index of its own; None: the whole library.

    Raises:
        BackendDown, Misconfigured: the embedder cannot be asked.
    """
    mine, its = source[1], target[1]
    vectors = Vectors(library.database, its)
    lacking = sorted(vectors.lacking_ids(collection))
    indexed = 0 if its.key == mine.key or collection is not None else library.chunks.count_live()
    seconds = seconds_to_index(indexed, its.width)
    bytes_ = indexed * its.width * BYTES_INDEXED + len(lacking) * its.native_width * BYTES_STORED
    speed = _speed(library, embedder, lacking) if lacking else None
    tokens = 0
    if speed is not None:
        tokens = round(vectors.lacking_tokens(collection) * speed.tokens_a_token)
        seconds += tokens / speed.tokens_a_second
    return EmbedderPlan(
        source=source[0],
        target=target[0],
        passages=len(lacking),
        tokens=tokens,
        minutes=round(seconds / 60, 4),
        megabytes=round(bytes_ / 1e6, 3),
        model_run=bool(lacking),
        measured=speed.passages if speed else 0,
        tokens_a_second=round(speed.tokens_a_second, 1) if speed else None,
        cut=speed.cut if speed else 0,
        counted=speed.counted if speed else 0,
    )


def seconds_to_index(passages: int, width: int) -> float:
    """Returns about how long the index of vectors takes for so many."""
    return passages / (_INDEXED_A_SECOND * min(1.0, _WIDTH_MEASURED / width))


def _speed(library: Library, embedder: Embedder, lacking: Sequence[int]) -> Speed:
    """Embeds passages of the library for some seconds, after the weights are loaded."""
    step = max(1, len(lacking) // _SAMPLED)
    return speed_on(library.chunks.by_id(lacking[::step][:_SAMPLED]), embedder)


def speed_on(sample: Sequence[Chunk], embedder: Embedder) -> Speed:
    """Embeds passages for some seconds, after the weights are loaded.

    Raises:
        BackendDown, Misconfigured: the embedder cannot be asked.
    """
    texts = [chunk.embedded_text for chunk in sample]
    counts = embedder.count_tokens(texts)
    embedder.warm_up()
    began, done = time.perf_counter(), 0
    while done < len(texts) and time.perf_counter() - began < _SECONDS:
        embedder.embed_documents(texts[done : done + _AT_ONCE], urgent=True)
        done += _AT_ONCE
    seconds = time.perf_counter() - began
    done = min(done, len(texts))
    return Speed(
        done,
        max(1, sum(counts[:done])) / max(seconds, 1e-6),
        sum(counts) / max(1, sum(chunk.tokens for chunk in sample)),
        sum(count > embedder.max_tokens for count in counts),
        len(counts),
    )


def prove(library: Library, embedder: Embedder) -> None:
    """Makes sure that ``embedder`` gives vectors, and those that are stored under its name where there are any.

    Raises:
        Misconfigured: it does not; the sentence says what differs.
        BackendDown: it cannot be asked.
    """
    embedder.warm_up()
    its = embedder.fingerprint
    vectors = Vectors(library.database, its)
    lacking = set(vectors.lacking_ids())
    stored = sorted(
        chunk_id
        for ids in library.chunks.published_ids().values()
        for chunk_id in ids
        if chunk_id not in lacking
    )
    sample = library.chunks.by_id(stored[:: max(1, len(stored) // _AT_ONCE)][:_AT_ONCE])
    texts = [chunk.embedded_text for chunk in sample] or ["Where is the bridge?", "桥在哪里？"]
    found = embedder.embed_documents(texts, urgent=True)
    if found.shape != (len(texts), its.native_width) or not np.isfinite(found).all():
        raise Misconfigured(
            f"{its.model} gave vectors of shape {found.shape} for {len(texts)} texts instead of width "
            f"{its.native_width}, or not numbers. Everything is as it was."
        )
    if sample:
        least = float(vectors.agreement(texts, found).min())
        if least < _SAME:
            raise Misconfigured(
                f"{its.model} computes other vectors here than those that are stored under its name (cosine "
                f"{least:.3f}). Everything is as it was. Choose another engine, or delete those by `embedder forget`."
            )


def kept_megabytes(database: Database, mine: str) -> float:
    """Returns what the vectors take in the database that neither the embedder of ``mine`` nor a collection has."""
    used = {mine, *keys_of_collections(database)}
    kept = {key: count for key, count in kept_vectors(database).items() if key not in used}
    sizes = (count * 2 * int(key.rpartition("@")[2].split("/")[1]) for key, count in kept.items())
    return round(sum(sizes) / 1e6, 2)
