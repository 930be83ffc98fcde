"""One suite for every Reranker: a tiny cross-encoder in this process, and servers of three dialects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.errors import BackendDown, Misconfigured
from kb.models.rerank.cross_encoder import CrossEncoderReranker
from kb.models.rerank.endpoint import EndpointReranker
from kb.ports import Reranker
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.kb.models.rerank.tiny_cross_encoder import tiny_cross_encoder

QUESTION = "quick fox"
PASSAGES = ["the lazy dog", "the quick brown fox jumps", "知识库 回答", ""]


def shared_words(query: str, text: str) -> float:
    return float(len(set(query.split()) & set(text.split())))


def cohere(request: Request) -> Reply:
    """As vLLM, llama.cpp and Cohere: objects in the order of their scores."""
    body: dict[str, Any] = request.json()
    if "documents" not in body:
        return json_reply({"error": "documents is required"}, 422)
    scored = [
        {"index": place, "relevance_score": shared_words(body["query"], text)}
        for place, text in enumerate(body["documents"])
    ]
    return json_reply({"results": sorted(scored, key=lambda row: -row["relevance_score"])[: body["top_n"]]})


def text_embeddings_inference(request: Request) -> Reply:
    """As TEI: it knows ``texts`` only, and answers with a bare list."""
    body: dict[str, Any] = request.json()
    if "texts" not in body:
        return json_reply({"error": "missing field `texts`"}, 422)
    scored = [
        {"index": place, "score": shared_words(body["query"], text)}
        for place, text in enumerate(body["texts"])
    ]
    return json_reply(sorted(scored, key=lambda row: -row["score"]))


@pytest.fixture(scope="module", params=["cross_encoder", "cohere", "tei"])
def reranker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reranker]:
    if request.param == "cross_encoder":
        local = CrossEncoderReranker(
            str(tiny_cross_encoder(tmp_path_factory.mktemp("model"))), device="cpu", local_only=True
        )
        yield local
        local.close()
        return
    with scripted_http(cohere if request.param == "cohere" else text_embeddings_inference) as server:
        remote = EndpointReranker(server.url, model="m")
        yield remote
        remote.close()


def test_every_passage_has_its_score_in_its_place(reranker: Reranker) -> None:
    scores = reranker.scores(QUESTION, PASSAGES)
    assert len(scores) == len(PASSAGES)
    backwards = reranker.scores(QUESTION, PASSAGES[::-1])
    assert backwards[::-1] == pytest.approx(scores, abs=1e-4)
    assert len({round(score, 5) for score in scores}) > 1


def test_no_passages_have_no_scores(reranker: Reranker) -> None:
    assert reranker.scores(QUESTION, []) == []
    reranker.warm_up()
    assert reranker.name


@pytest.mark.parametrize("dialect", [cohere, text_embeddings_inference])
@pytest.mark.parametrize("path", ["", "/v1", "/v1/rerank"])
def test_a_server_orders_by_what_it_read(dialect: Any, path: str) -> None:
    with scripted_http(dialect) as server:
        remote = EndpointReranker(server.url + path, key="secret")
        scores = remote.scores(QUESTION, PASSAGES)
        assert max(range(4), key=scores.__getitem__) == 1
        remote.scores(QUESTION, PASSAGES)
        remote.close()
        assert server.requests[-1].path == (path.removesuffix("/rerank") + "/rerank")
        assert server.requests[-1].headers["Authorization"] == "Bearer secret"
        assert len(server.requests) == (2 if dialect is cohere else 3)  # what it speaks is asked once


@pytest.mark.parametrize(
    "reply",
    [
        json_reply({"error": "out of memory"}, 500),
        json_reply({"results": [{"index": 0, "relevance_score": 1.0}]}),
        json_reply({"results": None}),
        Reply([b"<html>"]),
    ],
)
def test_a_server_that_fails_or_answers_otherwise_is_down(reply: Reply) -> None:
    with scripted_http(lambda _: reply) as server:
        remote = EndpointReranker(server.url)
        with pytest.raises(BackendDown, match=server.url):
            remote.scores(QUESTION, PASSAGES)
        remote.close()


def test_nobody_there_is_down_and_no_model_is_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(BackendDown, match="does not answer"):
        EndpointReranker("http://127.0.0.1:9").scores(QUESTION, PASSAGES)
    with pytest.raises(Misconfigured, match="reranker"):
        CrossEncoderReranker(str(tmp_path / "nothing"), local_only=True).scores(QUESTION, PASSAGES)
