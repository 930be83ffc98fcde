"""Each store with the lifecycle of its indexes: the factories that ``kb.backends`` names."""

from __future__ import annotations

from functools import partial

from kb.errors import Conflict, Damaged
from kb.index.trusted_folder import TrustedIndexFolder, folders_for
from kb.index.unkept import UnkeptIndex
from kb.ports import IndexLifecycle, LexicalIndex, VectorStore
from kb.system.home_layout import HomeLayout
from kb.types import Fingerprint

_WORDS_KEY = (
    "words of all scripts and their beginnings, pairs of Han characters, English stems; values, days, identifiers; "
    "phrases; names, as they are and in words; 7"
)
"""To be changed when the fields of the word index change or ``kb.text.words`` finds other terms."""
_TRIES = 3


def chroma(layout: HomeLayout, fingerprint: Fingerprint) -> IndexLifecycle[VectorStore]:
    """Returns Chroma in this process: a folder for each embedder and width."""
    from kb.index.vector.chroma import ChromaStore

    return TrustedIndexFolder(
        layout.chroma, fingerprint.key, lambda folder: ChromaStore(fingerprint, folder=folder)
    )


def exact(layout: HomeLayout, fingerprint: Fingerprint) -> IndexLifecycle[VectorStore]:  # noqa: ARG001 - keeps no files
    """Returns exact search in memory: for libraries of some ten thousand passages."""
    from kb.index.vector.exact import ExactStore

    return UnkeptIndex(partial(ExactStore, fingerprint))


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
