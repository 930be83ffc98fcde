"""A reranking server: vLLM, llama.cpp, Text Embeddings Inference, or anything with Cohere's protocol.

Three dialects of one idea, told apart by what the server answers:
- ``POST {url}`` with ``{"model", "query", "documents", "top_n"}``, answered by ``{"results": [{"index",
  "relevance_score"}]}``: Cohere (https://docs.cohere.com/reference/rerank), vLLM and llama.cpp;
- ``POST {url}`` with ``{"query", "texts", "raw_scores", "truncate"}``, answered by ``[{"index", "score"}]``:
  Text Embeddings Inference (https://huggingface.github.io/text-embeddings-inference/).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from kb.errors import BackendDown

_REFUSED = (400, 404, 422)
"""What a server of another dialect says to a body that it does not know."""


class EndpointReranker:
    """``kb.ports.Reranker`` over HTTP; safe to call from several threads."""

    def __init__(self, url: str, *, model: str = "", key: str | None = None, seconds: float = 10.0) -> None:
        """``url`` is the address of the server, with or without ``/v1``, or that of its ``/rerank`` itself."""
        url = url.rstrip("/")
        self._url = url if url.endswith("/rerank") else f"{url}/rerank"
        self._model = model
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=seconds, trust_env=False)
        self._texts = False

    @property
    def name(self) -> str:
        """Backend and model."""
        return f"endpoint/{self._model or self._url}"

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers the question; only their order means something.

        Raises:
            BackendDown: the server does not answer, or not with a score for each.
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
        response = self._post(texts if self._texts else documents)
        if response.status_code in _REFUSED and not self._texts:
            second = self._post(texts)
            if not second.is_error:
                self._texts, response = True, second
        if response.is_error:
            raise BackendDown(
                f"The reranker at {self._url} answered {response.status_code}: {response.text[:200]}"
            )
        return _read(response, len(passages), self._url)

    def warm_up(self) -> None:
        """There is nothing to load here."""

    def close(self) -> None:
        """Frees the connections."""
        self._client.close()

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        try:
            return self._client.post(self._url, json=body)
        except httpx.HTTPError as error:
            raise BackendDown(f"The reranker at {self._url} does not answer ({error}).") from error


def _read(response: httpx.Response, count: int, url: str) -> list[float]:
    """The scores in the order of the passages, whatever order the server gave them in."""
    try:
        said = response.json()
        rows = said["results"] if isinstance(said, dict) else said
        found = {int(row["index"]): float(row.get("relevance_score", row.get("score"))) for row in rows}
        return [found[place] for place in range(count)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackendDown(
            f"The reranker at {url} gave no score for each passage: {response.text[:200]}"
        ) from error
