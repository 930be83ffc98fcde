"""Each store with the lifecycle of its indexes: the factories that ``kb.backends`` names."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.config import StorageSettings
from kb.errors import Conflict, Damaged, Misconfigured
from kb.index.remote_index import RemoteIndex
from kb.index.trusted_folder import TrustedIndexFolder, folders_for
from kb.index.unkept import UnkeptIndex
from kb.ports import IndexLifecycle, LexicalIndex, VectorStore
from kb.system.addresses import checked_url
from kb.system.home_layout import HomeLayout
from kb.system.library_id import library_id
from kb.types import Fingerprint

if TYPE_CHECKING:
    from kb.index.vector.server import ServedIndex, VectorServer

_WORDS_KEY = (
    "words of all scripts and their beginnings, pairs of Han characters, English stems; values, days, identifiers; "
    "phrases; names, as they are and in words; 7"
)
"""To be changed when the fields of the word index change or ``kb.text.words`` finds other terms."""
_TRIES = 3


def chroma(
    layout: HomeLayout, fingerprint: Fingerprint, _storage: StorageSettings | None = None
) -> IndexLifecycle[VectorStore]:
    """Returns Chroma in this process: a folder for each embedder and width."""
    from kb.index.vector.chroma import ChromaStore

    return TrustedIndexFolder(
        layout.chroma, fingerprint.key, lambda folder: ChromaStore(fingerprint, folder=folder)
    )


def chroma_of_collections(folder: Path, fingerprint: Fingerprint) -> IndexLifecycle[VectorStore]:
    """Returns Chroma in this process, in a ``folder`` that nothing else uses."""
    from kb.index.vector.chroma import ChromaStore

    return TrustedIndexFolder(folder, fingerprint.key, lambda place: ChromaStore(fingerprint, folder=place))


def exact(
    layout: HomeLayout,  # noqa: ARG001 - keeps no files
    fingerprint: Fingerprint,
    _storage: StorageSettings | None = None,
) -> IndexLifecycle[VectorStore]:
    """Returns exact search in memory: for libraries of some ten thousand passages."""
    from kb.index.vector.exact import ExactStore

    return UnkeptIndex(partial(ExactStore, fingerprint))


def chroma_server(
    layout: HomeLayout, fingerprint: Fingerprint, storage: StorageSettings
) -> IndexLifecycle[VectorStore]:
    """Returns a Chroma server: an index of its own there for each library, embedder and width."""
    from kb.index.vector.chroma_server import ChromaServer

    server = _server(
        "Chroma",
        storage,
        port=8000,
        start="Start it (chroma run --host 127.0.0.1), or set another address.",
    )
    built_for = _built_for(layout, fingerprint)
    return RemoteIndex(layout.remote, fingerprint, ChromaServer(server, built_for), library=built_for.library)


def weaviate(
    layout: HomeLayout, fingerprint: Fingerprint, storage: StorageSettings
) -> IndexLifecycle[VectorStore]:
    """Returns a Weaviate server: a collection of its own there for each library, embedder and width."""
    from kb.index.vector.weaviate_server import WeaviateServer

    server = _server("Weaviate", storage, port=8080, start="Start it, or set another address.")
    built_for = _built_for(layout, fingerprint)
    served = WeaviateServer(server, built_for, grpc_port=storage.vectors_grpc_port)
    return RemoteIndex(layout.remote, fingerprint, served, library=built_for.library)


def _server(name: str, storage: StorageSettings, *, port: int, start: str) -> VectorServer:
    from kb.index.vector.server import VectorServer

    if storage.vectors_url is None:
        raise Misconfigured(
            f"storage.vectors is {storage.vectors}, and storage.vectors_url is not set. Set the server's address, "
            f"as in http://127.0.0.1:{port}."
        )
    url = checked_url(storage.vectors_url, setting="storage.vectors_url")
    key = storage.vectors_key.get_secret_value() if storage.vectors_key else None
    return VectorServer(name, url, start, key)


def _built_for(layout: HomeLayout, fingerprint: Fingerprint) -> ServedIndex:
    from kb.index.vector.server import ServedIndex

    library = library_id(layout.library_id)
    return ServedIndex(library, fingerprint.key, fingerprint.model, fingerprint.width)


def tantivy(layout: HomeLayout) -> IndexLifecycle[LexicalIndex]:
    """Returns Tantivy in this process: one folder, since words do not depend on the embedder."""
    from kb.index.lexical.tantivy_index import TantivyIndex

    return TrustedIndexFolder(
        layout.words, _WORDS_KEY, lambda folder: TantivyIndex(folder=folder), grows=True
    )


def words_beside_holder(layout: HomeLayout) -> LexicalIndex:
    """The words of a library that another process works on, as of its last commit, to be searched only.

    Raises:
        Conflict: that process has stored none yet.
    """
    from kb.index.lexical.tantivy_index import TantivyIndex

    for folder in folders_for(layout.words, _WORDS_KEY) * _TRIES:
        try:
            return TantivyIndex(folder=folder, writes=False)
        except Damaged:  # its files were merged while they were opened, or it is one that was given up
            continue
    raise Conflict("Another process is adding the first documents. Try again when one of them is ready.")
