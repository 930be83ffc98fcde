"""A reranking server: vLLM, llama.cpp, Text Embeddings Inference, or anything with Cohere's protocol.

Three dialects of one idea, told apart by what the server answers:
- ``POST {url}`` with ``{"model", "query", "documents", "top_n"}``, answered by ``{"results": [{"index",
  "relevance_score"}]}``: Cohere (https://docs.cohere.com/reference/rerank), Jina, vLLM and llama.cpp; Voyage calls the
  list ``data``;
- ``POST {url}`` with ``{"query", "texts", "raw_scores", "truncate"}``, answered by ``[{"index", "score"}]``:
  Text Embeddings Inference (https://huggingface.github.io/text-embeddings-inference/).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kb.errors import BackendDown
from kb.models.replies import MOST_PAGE_BYTES, Reply
from kb.models.transport import ModelClient, ModelServer
from kb.system.addresses import checked_url
from kb.system.redact import redacted

_REFUSED = (400, 404, 422)
"""What a server of another dialect says to a body that it does not know."""


class EndpointReranker:
    """``kb.ports.Reranker`` over HTTP; safe to call from several threads."""

    def __init__(
        self,
        url: str,
        *,
        model: str = "",
        key: str | None = None,
        seconds: float = 10.0,
        who: str | None = None,
    ) -> None:
        """``url`` is the address of the server, with or without ``/v1``, or that of its ``/rerank`` itself. ``who`` is
        how a sentence begins that is about it; None names the address.

        Raises:
            Misconfigured: no model server may have that address.
        """
        url = checked_url(url, setting="reranker")
        self._url = url if url.endswith("/rerank") else f"{url}/rerank"
        self._model = model
        self._server = ModelServer(
            self._url,
            who=who or f"The reranker at {self._url}",
            start='Start it, or set reranker.model = "off".',
            refused_key="Set reranker.key.",
            key=key,
            most_bytes=MOST_PAGE_BYTES,
            unknown="Set reranker.url to the address of its /rerank.",
        )
        root = self._url.removesuffix("/v1/rerank")
        self._places = (self._url,) if root == self._url else (self._url, f"{root}/rerank")
        """Text Embeddings Inference has no page below ``/v1``."""
        self._client = ModelClient(self._server, read_seconds=seconds)
        self._texts = False

    @property
    def name(self) -> str:
        return f"endpoint/{self._model or self._url}"

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Returns how well each passage answers the question; only their order means something.

        Raises:
            BackendDown: the server does not answer, or not with a score for each.
            Misconfigured, NotFound: it refuses the key, or has no such page.
        """
        if not passages:
            return []
        documents = {
            "model": self._model,
            "query": question,
            "documents": list(passages),
            "top_n": len(passages),
        }
        texts = {"query": question, "texts": list(passages), "raw_scores": True, "truncate": True}
        answer = self._client.post(self._url, texts if self._texts else documents)
        if answer.status in _REFUSED and not self._texts:
            for url in self._places:
                second = self._client.post(url, texts)
                if second.is_success:
                    self._texts, self._url, answer = True, url, second
                    break
        with self._server.errors():
            self._server.refuse(answer)
            return _read(answer, len(passages), self._server.who)

    def warm_up(self) -> None:
        """Does nothing: the server has its model loaded."""

    def close(self) -> None:
        self._client.close()


def _read(answer: Reply, count: int, who: str) -> list[float]:
    """Returns the scores in the order of the passages, whatever order the server gave them in."""
    said: Any = answer.json_or_none()
    try:
        rows = (said.get("results") or said["data"]) if isinstance(said, dict) else said
        found = {int(row["index"]): float(row.get("relevance_score", row.get("score"))) for row in rows}
        scores = [found[place] for place in range(count)]
        if not all(map(math.isfinite, scores)):
            raise ValueError("a score is no number")
        return scores
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise BackendDown(f"{who} gave no score for each passage: {redacted(answer.text)[:200]}") from error
