"""From a file to chunks and their vectors: parses, chunks and embeds. Knows no database and no index."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ingest.chunk import CHUNKER_VERSION, chunk_document
from kb.errors import BadInput
from kb.ports import Embedder
from kb.state.chunks import text_hash
from kb.system.request_recording import Behalf, Record, hash_of, on_behalf_of, recorded
from kb.text.language import language
from kb.types import OWNER, Chunk, ParsedDocument, PreparedDocument, PreparedVectors, RequestKind

_LANGUAGE_CHARACTERS = 20_000
"""So much of a document is enough to tell its language."""


class ParseFile(Protocol):
    """Runs the parser that fits the file, somewhere it can do no harm."""

    def __call__(
        self, path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        """Returns the content of the file.

        ``begun`` is called just before the file is read; setting ``cancelled`` ends the parser within a second.

        Raises:
            BadInput: the file cannot be read; a sentence for the person.
            Cancelled: ``cancelled`` was set, or ``begun`` raised it.
        """
        ...


class Preparer:
    """A function of a file's bytes and name, the chunk size and the embedder; the same in every process.

    It delivers in parts, so that finished parts survive a failure, and no part grows with the document's
    vectors: first the chunks, then the vectors of as many as are asked for.
    """

    def __init__(
        self,
        *,
        embedder: Embedder,
        parse: ParseFile,
        chunk_tokens: Callable[[], int],
        engine: Callable[[], str] = str,
        record: Record | None = None,
    ) -> None:
        """``chunk_tokens`` says how long a chunk may be now, where the embedder reads so much.

        ``record`` takes what is embedded for the log of requests, which calls the embedder's engine ``engine``.
        """
        self._embedder = embedder
        self._engine = engine
        self._behalf = None if record is None else Behalf(record, replace(OWNER, origin="import"))
        self._parse = parse
        self._chunk_tokens = chunk_tokens

    def read(
        self, path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> PreparedDocument:
        """Parses and chunks a file; ``cancelled`` and ``begun`` as for ``ParseFile``.

        Raises:
            BadInput: it cannot be read, or holds no text; a sentence for the person.
            Cancelled: as for ``ParseFile``.
        """
        parsed = self._parse(path, name, cancelled=cancelled, begun=begun)
        chunk_tokens = min(self._chunk_tokens(), self._embedder.max_tokens)
        chunks = chunk_document(parsed, self._embedder, max_tokens=chunk_tokens, cancelled=cancelled)
        if not chunks:
            raise BadInput(f"{name} holds no text that could be found again.")
        return as_prepared(parsed, chunks, chunk_tokens=chunk_tokens)

    def embed(self, chunks: Sequence[Chunk]) -> PreparedVectors:
        """Returns the vectors of ``chunks``, in one batch whichever documents they belong to.

        Raises:
            BackendDown, Misconfigured: the model cannot be asked.
            Unembeddable: its server does not take one of them.
        """
        if self._behalf is None:
            return embed_chunks(chunks, self._embedder)
        documents = " ".join(dict.fromkeys(chunk.document_id for chunk in chunks))
        with (
            on_behalf_of(self._behalf),
            recorded(
                RequestKind.EMBEDDING,
                model=self._embedder.fingerprint.model,
                text=hash_of("\n".join(chunk.embedded_text for chunk in chunks)),
                job=documents,
            ) as request,
        ):
            request.count(sum(chunk.tokens for chunk in chunks))
            vectors = embed_chunks(chunks, self._embedder)
            request.engine = self._engine()
            return vectors


def as_prepared(
    parsed: ParsedDocument, chunks: Sequence[Chunk], *, chunk_tokens: int | None = None
) -> PreparedDocument:
    """Returns what is stored of a parsed document that this version of the chunker split into ``chunks``."""
    return PreparedDocument(
        tuple(chunks),
        chunker_version=CHUNKER_VERSION,
        chunk_tokens=chunk_tokens,
        title=parsed.title,
        pages=parsed.pages,
        language=language(parsed.text[:_LANGUAGE_CHARACTERS]),
        warnings=parsed.warnings,
    )


def embed_chunks(chunks: Sequence[Chunk], embedder: Embedder) -> PreparedVectors:
    """Returns the vectors of ``chunks``, in one batch; raises BackendDown, Misconfigured."""
    texts = [chunk.embedded_text for chunk in chunks]
    return PreparedVectors(
        embedder.fingerprint.stored_key,
        tuple(text_hash(text) for text in texts),
        embedder.embed_documents(texts),
    )
