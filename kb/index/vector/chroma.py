"""Chroma in its embedded form."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError

from kb.index.vector.chroma_rows import INDEX, ChromaRows
from kb.system.disk import engine_faults
from kb.types import Fingerprint

_MOST_ROWS = 100
_LONGEST_S = 0.05
"""Of one call. Chroma keeps Python's lock for as long as a call that writes takes, and the page and every question
stand still for that time: on two busy cores 1.7 s (p50) for 1,000 rows at a time, 0.1 s for 100, in all the same.
Beside 10,000 rows a call with 64 took 100 ms (p50) and 303 ms at most, one that keeps to this 40 and 140 ms, for the
same time of the processor; at 30 ms it is a fifth more."""
_FINGERPRINT = "fingerprint"
_COLLECTION = "collection"


class ChromaStore(ChromaRows):
    """The vectors of one fingerprint, stored under ``folder``; other fingerprints' rows are left alone."""

    def __init__(self, fingerprint: Fingerprint, *, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._fingerprint = fingerprint.key
        with self._damage():
            # typed as what it is: ClientAPI, the declared type, lacks close()
            self._client: Any = chromadb.PersistentClient(
                path=str(folder), settings=ChromaSettings(anonymized_telemetry=False, allow_reset=False)
            )
            super().__init__(
                collections=self._found(),
                create=self._made,
                faults=self._damage,
                batch=min(_MOST_ROWS, self._client.get_max_batch_size()),
                longest_s=_LONGEST_S,
            )

    def close(self) -> None:
        self._collections.clear()
        with self._damage():
            self._client.close()

    def _found(self) -> dict[str, Any]:
        return {
            str(found.metadata[_COLLECTION]): self._client.get_collection(found.name, embedding_function=None)
            for found in self._client.list_collections()
            if (found.metadata or {}).get(_FINGERPRINT) == self._fingerprint
        }

    def _made(self, collection: str) -> Any:
        digest = hashlib.sha256(f"{self._fingerprint}\n{collection}".encode()).hexdigest()
        return self._client.get_or_create_collection(
            f"c-{digest[:40]}",
            metadata={_FINGERPRINT: self._fingerprint, _COLLECTION: collection},
            configuration=INDEX,
            embedding_function=None,
        )

    def _damage(self) -> AbstractContextManager[None]:
        return engine_faults("The index of vectors", self._folder, ChromaError)
