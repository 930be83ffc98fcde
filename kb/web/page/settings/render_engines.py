"""The embedder and the vector store -> the elements that show and change them; their scripts do the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from kb.backends import VECTOR_STORES
from kb.config import DEFAULT_COLLECTION
from kb.web.page.strings import Strings
from kb.web.page.words.chunker import ChunkerWords
from kb.web.page.words.embedder import EmbedderWords
from kb.web.page.words.library import EN as LIBRARY_EN
from kb.web.page.words.library import ZH as LIBRARY_ZH

_SAID_TO_ALL = ("cancel", "connection_lost", "something_wrong")
"""The words that every one of them needs."""
_SAID_BY_VECTORS = (
    "cancel", "connection_lost", "something_wrong", "vectors_ask", "vectors_cost", "vectors_done", "vectors_move",
    "vectors_moving", "vectors_now", "vectors_stays", "vectors_title", "vectors_to", "vectors_url",
)  # fmt: skip
"""The words that ``static/vectors.js`` needs."""
_SAID_BY_EMBEDDER = (
    "cancel", "connection_lost", "something_wrong", "embedder_ask", "embedder_changing", "embedder_checking",
    "embedder_cost", "embedder_cost_none", "embedder_cut", "embedder_embedding", "embedder_engine",
    "embedder_hint", "embedder_indexing", "embedder_instruction", "embedder_measuring", "embedder_model",
    "embedder_now", "embedder_proving", "embedder_questions", "embedder_quickest", "embedder_stop",
    "embedder_switch", "embedder_title", "embedder_undo", "embedder_url", "embedder_width",
)  # fmt: skip
"""The words that ``static/embedder.js`` needs."""


def embedder(strings: Strings, words: EmbedderWords, collections: Sequence[str], tasks: Sequence[str]) -> str:
    """Returns the element of the embedder; ``collections`` can have one of their own, questions be for ``tasks``."""
    general = (LIBRARY_ZH if strings.language == "zh" else LIBRARY_EN).general
    said = {name: getattr(strings, name) for name in _SAID_BY_EMBEDDER} | asdict(words) | {"general": general}
    named = {name: getattr(words, f"task_{name}") for name in tasks}
    return (
        f'<footnote-embedder data-words="{_attribute(said)}" data-collections="{_attribute(list(collections))}" '
        f'data-default-collection="{escape(DEFAULT_COLLECTION)}" data-tasks="{_attribute(named)}"></footnote-embedder>'
    )


def chunker(strings: Strings, words: ChunkerWords) -> str:
    """Returns the element of the passages' length."""
    said = {name: getattr(strings, name) for name in _SAID_TO_ALL} | asdict(words)
    return f'<footnote-chunker data-words="{_attribute(said)}"></footnote-chunker>'


def vectors(strings: Strings) -> str:
    """Returns the element of the vector store."""
    said, stores = _said(strings, _SAID_BY_VECTORS), " ".join(sorted(VECTOR_STORES))
    return f'<footnote-vectors data-stores="{stores}" data-words="{said}"></footnote-vectors>'


def _said(strings: Strings, names: Sequence[str]) -> str:
    return _attribute({name: getattr(strings, name) for name in names})


def _attribute(value: object) -> str:
    return escape(json.dumps(value, ensure_ascii=False))
