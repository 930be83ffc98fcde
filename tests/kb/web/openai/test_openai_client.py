"""OpenAI's protocol as OpenAI's own client speaks it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, AccessScope, LogFilter
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.doubles.scripted_http import Reply, Request, Scripted, json_reply, scripted_http
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import ADDRESS, PORT, http_client

ASKED = sentence(1)
USAGE = {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127}


def model_server(request: Request) -> Reply:
    """Says one sentence of the first passage, after a thought."""
    if request.method == "GET":
        return json_reply({"data": [{"id": "m", "max_model_len": 4096}]})
    deltas: list[dict[str, str]] = [
        {"reasoning_content": "Hm."},
        {"content": f"{ASKED[:-1]}"},
        {"content": " [1]."},
    ]
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    last = [
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    ]
    return Reply(
        [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in [*chunks, *last]] + [b"data: [DONE]\n\n"]
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    library = Library(tmp_path)
    library.add("one.txt", [ASKED], collection="papers")
    library.add("two.txt", [sentence(2), sentence(3)], collection="other/things")
    library.close()
    return tmp_path


@pytest.fixture
def model() -> Iterator[Scripted]:
    with scripted_http(model_server) as server:
        yield server


@pytest.fixture
def kb(home: Path, model: Scripted) -> Iterator[KnowledgeBase]:
    opened = open_kb(
        home,
        embedder=HashEmbedder(),
        **{"answering.model": "endpoint/m", "answering.endpoint_url": f"{model.url}/v1"},
    )
    yield opened
    opened.close()


@pytest.fixture
async def http(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(build_app(kb, port=PORT, mount=fragments(kb), token="command")) as client:
        yield client
    await kb.close_models()


def client_of(http: httpx.AsyncClient, key: str) -> openai.AsyncOpenAI:
    through: Any = http  # its types name another version of the same client
    return openai.AsyncOpenAI(base_url=f"{ADDRESS}/v1", api_key=key, http_client=through, max_retries=0)


@pytest.fixture
def client(http: httpx.AsyncClient, kb: KnowledgeBase) -> openai.AsyncOpenAI:
    return client_of(http, kb.keys.add("writer", caller=OWNER, scope=AccessScope.WRITE))


async def test_models_are_the_library_its_collections_and_the_embedder(client: openai.AsyncOpenAI) -> None:
    embedder = HashEmbedder().fingerprint.model
    listed = [model.id async for model in client.models.list()]
    assert listed == ["footnote", "footnote/other/things", "footnote/papers", embedder]
    assert (await client.models.retrieve("footnote/papers")).object == "model"
    with pytest.raises(openai.NotFoundError) as refused:
        await client.models.retrieve("footnote/nothing")
    assert refused.value.code == "model_not_found"


async def test_a_whole_answer_has_footnotes(client: openai.AsyncOpenAI, kb: KnowledgeBase) -> None:
    answer = await client.chat.completions.create(
        model="footnote", messages=[{"role": "user", "content": ASKED}], temperature=0.3, user="u"
    )
    message = answer.choices[0].message
    assert message.content == f"{ASKED[:-1]} [1]."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.model_dump(exclude_none=True, include=set(USAGE)) == USAGE
    (mark,) = message.annotations or []
    cited = mark.url_citation
    assert message.content[cited.start_index : cited.end_index] == "[1]"
    (note,) = (answer.model_extra or {})["footnotes"]
    assert (note["n"], note["document"], note["quote"]) == (1, "one.txt", ASKED)
    assert cited.url == note["url"] == f"{ADDRESS}/d/{note['document_id']}#passage-{note['chunk_id']}"
    kb.requests.flush()
    logged = kb.requests.page(LogFilter(kind="answer"), caller=OWNER)[0][0]
    assert (logged.origin, logged.key, logged.tokens, logged.tokens_written) == ("openai", "writer", 120, 7)
    assert kb.conversations.all(caller=OWNER) == []  # the client keeps its own


async def test_a_streamed_answer_says_the_same(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="footnote/papers",
        messages=[{"role": "user", "content": [{"type": "text", "text": ASKED}]}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == f"{ASKED[:-1]} [1]."
    assert "".join((delta.model_extra or {}).get("reasoning_content", "") for delta in deltas) == "Hm."
    last = chunks[-2]
    assert last.choices[0].finish_reason == "stop"
    assert [note["n"] for note in (last.model_extra or {})["footnotes"]] == [1]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 127
    assert len({chunk.id for chunk in chunks}) == 1


async def test_a_follow_up_is_asked_with_what_came_before(
    client: openai.AsyncOpenAI, model: Scripted
) -> None:
    await client.chat.completions.create(
        model="footnote",
        messages=[
            {"role": "system", "content": "Answer like a pirate."},
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": f"{ASKED[:-1]} [1]."},
            {"role": "user", "content": "And why is that so?"},
        ],
    )
    rewriting = next(request.json() for request in model.requests if request.method == "POST")
    said = json.dumps(rewriting)
    assert "And why is that so?" in said
    assert ASKED[:30] in said
    assert "pirate" not in said
    assert "[1]" not in said


async def test_what_is_no_question_is_refused_in_its_own_shape(client: openai.AsyncOpenAI, kb: KnowledgeBase,
                                                               http: httpx.AsyncClient) -> None:  # fmt: skip
    create: Any = client.chat.completions.create
    for messages in ([], [{"role": "assistant", "content": "Hello."}], [{"role": "user", "content": " "}],
                     [{"role": "nobody", "content": "x"}], [{"role": "user", "content": "x" * 30_000}]):  # fmt: skip
        with pytest.raises(openai.BadRequestError) as refused:
            await create(model="footnote", messages=messages)
        assert refused.value.type == "invalid_request_error"
    for stream in (False, True):
        with pytest.raises(openai.NotFoundError, match="no model 'gpt-4'"):
            await create(model="gpt-4", messages=[{"role": "user", "content": "x"}], stream=stream)
    with pytest.raises(openai.AuthenticationError, match="opens nothing"):
        await client_of(http, "sk-nothing").models.list()
    alone = client_of(http, kb.keys.add("alone", caller=OWNER, collections=("papers",)))
    assert [model.id async for model in alone.models.list()][:2] == ["footnote", "footnote/papers"]
    errors = []
    for name in ("footnote/other/things", "footnote/no/things"):
        with pytest.raises(openai.NotFoundError) as missing:
            await alone.chat.completions.create(model=name, messages=[{"role": "user", "content": "x"}])
        errors.append(missing.value.message.replace("other", "no"))
    assert errors[0] == errors[1]
    with pytest.raises(openai.PermissionDeniedError):
        await alone.files.create(file=("a.txt", b"words"), purpose="assistants")
    with pytest.raises(openai.NotFoundError):
        await client.get("/nothing", cast_to=httpx.Response)


async def test_embeddings_come_as_floats_as_base64_and_narrow(client: openai.AsyncOpenAI) -> None:
    name = HashEmbedder().fingerprint.model
    expected = HashEmbedder().embed_documents(["one two", "three"])
    as_base64 = await client.embeddings.create(
        model=name, input=["one two", "three"]
    )  # the client's own default
    floats = await client.embeddings.create(model=name, input=["one two", "three"], encoding_format="float")
    for found in (as_base64, floats):
        assert np.allclose([row.embedding for row in found.data], expected, atol=1e-6)
        assert [row.index for row in found.data] == [0, 1]
    assert floats.usage.prompt_tokens == sum(HashEmbedder().count_tokens(["one two", "three"]))
    narrow = (await client.embeddings.create(model=name, input="one two", dimensions=8)).data[0].embedding
    assert len(narrow) == 8
    assert np.isclose(np.linalg.norm(narrow), 1)
    question = await client.embeddings.create(model=name, input="one", extra_body={"input_type": "query"})
    assert np.allclose(question.data[0].embedding, HashEmbedder().embed_queries(["one"])[0], atol=1e-6)
    create: Any = client.embeddings.create
    wrong: dict[str, Any]
    for wrong in ({"input": [1, 2, 3]}, {"input": []}, {"input": ""}, {"input": "x", "dimensions": 10_000}):
        with pytest.raises(openai.BadRequestError):
            await create(model=name, **wrong)
    with pytest.raises(openai.NotFoundError):
        await client.embeddings.create(model="text-embedding-3-small", input="x")


async def test_reranking_orders_texts(client: openai.AsyncOpenAI) -> None:
    body = {"query": ASKED, "documents": [sentence(5), {"text": ASKED}, sentence(6)], "top_n": 2,
            "return_documents": True}  # fmt: skip
    found = (await client.post("/rerank", cast_to=httpx.Response, body=body)).json()
    assert found["results"][0]["index"] == 1
    assert found["results"][0]["document"] == {"text": ASKED}
    assert found["results"][0]["relevance_score"] > found["results"][1]["relevance_score"]
    assert found["usage"]["total_tokens"] > 0
    with pytest.raises(openai.NotFoundError):
        await client.post("/rerank", cast_to=httpx.Response, body={**body, "model": "none"})


async def test_files_and_vector_stores(client: openai.AsyncOpenAI, kb: KnowledgeBase) -> None:
    made = await client.files.create(file=("new.txt", b"words"), purpose="assistants")
    assert (made.filename, made.status, made.bytes) == ("new.txt", "uploaded", 5)
    listed = [file.id async for file in client.files.list(limit=2)]
    assert listed == [document.id for document in kb.library.documents(caller=OWNER)]
    assert (await client.files.content(made.id)).content == b"words"
    assert (await client.files.delete(made.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await client.files.retrieve("nothing")
    stores = [store.id async for store in client.vector_stores.list()]
    assert stores == ["default", "other/things", "papers"]
    found = await client.vector_stores.search("papers", query=ASKED, max_num_results=3)
    assert [(hit.filename, hit.content[0].text) for hit in found.data] == [("one.txt", ASKED)]
    assert (await client.vector_stores.retrieve("papers")).file_counts.completed == 1
    with pytest.raises(openai.NotFoundError):
        await client.vector_stores.search("nothing", query=ASKED)


async def test_null_is_left_out_and_refusals_name_nothing_of_the_inside(
    http: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    http.headers["Authorization"] = f"Bearer {kb.keys.add('writer', caller=OWNER, scope=AccessScope.WRITE)}"
    chat = {"model": "footnote", "messages": [{"role": "user", "content": ASKED, "name": None}]}
    nulls = dict.fromkeys(("stream", "stream_options", "n", "temperature"))
    answer = await http.post("/v1/chat/completions", json={**chat, **nulls})
    assert answer.json()["object"] == "chat.completion"
    floats = {"model": None, "input": "x", "encoding_format": None, "dimensions": None}
    floats["model"] = HashEmbedder().fingerprint.model
    assert (await http.post("/v1/embeddings", json=floats)).status_code == 200
    many = await http.post("/v1/chat/completions", json={**chat, "n": 2})
    assert (many.status_code, many.json()["error"]["message"][:10]) == (400, "'n' is 1 h")
    for path, body, field in (
        ("/v1/embeddings", {"model": "x", "input": {"a": 1}}, "input"),
        ("/v1/embeddings", {"model": "x", "input": [{"a": 1}]}, "input.0"),
        ("/v1/rerank", {"query": "x", "documents": [7]}, "documents.0"),
        ("/v1/chat/completions", {"model": "footnote", "messages": ["x"]}, "messages.0"),
        (
            "/v1/chat/completions",
            {**chat, "messages": [{"role": "user", "content": 5}]},
            "messages.0.content",
        ),
        ("/v1/chat/completions", [], "body"),
    ):
        refused = await http.post(path, json=body)
        message = refused.json()["error"]["message"]
        assert refused.status_code == 400
        assert message.startswith(f"'{field}' is not taken: "), message
        assert refused.json()["error"]["param"] == field
        assert not re.search(r"\[|_|constrained|function|dictionary|instance|class", message), message


async def test_what_is_missing_has_the_code_of_its_kind(http: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    http.headers["Authorization"] = f"Bearer {kb.keys.add('writer', caller=OWNER, scope=AccessScope.WRITE)}"
    chat = {"model": "nobody", "messages": [{"role": "user", "content": "x"}]}
    for method, path, body, code in (
        ("GET", "/v1/models/nobody", None, "model_not_found"),
        ("POST", "/v1/chat/completions", chat, "model_not_found"),
        ("GET", "/v1/files/nothing", None, "file_not_found"),
        ("GET", "/v1/files?after=nothing", None, "file_not_found"),
        ("GET", "/v1/vector_stores/nothing", None, "vector_store_not_found"),
        ("GET", "/v1/nothing", None, "unknown_url"),
        ("GET", "/v1", None, "unknown_url"),
        ("GET", "/v1/", None, "unknown_url"),
    ):
        missing = await http.request(method, path, json=body)
        assert missing.status_code == 404, (method, path)
        error = missing.json()["error"]
        assert (error["type"], error["code"]) == ("invalid_request_error", code), (method, path)
    for method, path, allowed in (
        ("GET", "/v1/chat/completions", "POST"),
        ("PROPFIND", "/v1/files", "GET, POST"),
        ("TRACE", "/v1/models/nobody", "GET"),
    ):
        refused = await http.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed), (method, path)
        assert refused.json()["error"]["code"] == "unknown_url"


async def test_what_is_wrong_with_the_kind_that_was_meant_is_said(
    http: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    http.headers["Authorization"] = f"Bearer {kb.keys.add('reader', caller=OWNER)}"
    for path, body, said in (
        (
            "/v1/embeddings",
            {"model": "x", "input": ["x"] * 2049},
            "'input' has too many entries: at most 2048",
        ),
        ("/v1/rerank", {"query": "", "documents": ["x"]}, "'query' is empty."),
        ("/v1/rerank", {"query": "x", "documents": []}, "'documents' is empty."),
        ("/v1/vector_stores/papers/search", {"query": ["x"] * 21}, "'query' has too many entries"),
        ("/v1/vector_stores/papers/search", {"query": "x", "filters": {"type": "eq"}}, "'filters' are not"),
    ):
        refused = await http.post(path, json=body)
        assert refused.status_code == 400, path
        assert refused.json()["error"]["message"].startswith(said), refused.text


async def test_a_search_leaves_out_what_scores_too_low(client: openai.AsyncOpenAI) -> None:
    found = client.vector_stores.search("papers", query=ASKED, ranking_options={"score_threshold": 0.0})
    scores = [hit.score async for hit in found]
    assert scores
    over = client.vector_stores.search("papers", query="zzz", ranking_options={"score_threshold": 1.0})
    assert [hit.score async for hit in over if hit.score < 1.0] == []
