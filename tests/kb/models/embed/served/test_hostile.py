"""Embedding servers against every way to misbehave: a sentence that names them, soon, in little memory."""

from __future__ import annotations

import json
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from kb.config import EmbeddingSettings, Settings
from kb.errors import FootnoteError
from kb.models.embed.served.ollama_server import OllamaServer
from kb.models.embed.served.openai_server import OpenAiServer
from tests.doubles.hostile_replies import PAGES, Completions
from tests.doubles.scripted_http import Reply, json_reply, scripted_http
from tests.kb.models.test_hostile_servers import frugal

KEY = "wxyz9876abcd5432"
ROWS: dict[str, Any] = {
    "one too few": [[1.0, 2.0]],
    "one too many": [[1.0, 2.0]] * 3,
    "of different widths": [[1.0, 2.0], [1.0]],
    "strings": [["1.0", "2.0"], [1.0, 2.0]],
    "a string": "AACAPwAAAEA=",
    "strings in base64": ["AACAPwAAAEA=", "AACAPwAAAEA="],
    "not numbers": [[float("nan"), 2.0], [1.0, 2.0]],
    "without end": [[float("inf"), 2.0], [1.0, 2.0]],
    "zeros": [[0.0, 0.0], [1.0, 2.0]],
    "empty": [[], []],
    "null": None,
    "null for a row": [None, [1.0]],
    "token vectors": [[[1.0, 2.0]], [[1.0, 2.0]]],
    "numbers beyond measure": [[10**400, 1], [1.0, 2.0]],
    "true": [[True, False], [1.0, 2.0]],
    "objects": [{"a": 1}, {"b": 2}],
}


def openai(rows: Any) -> Any:
    if not isinstance(rows, list):
        return {"data": rows}
    return {"data": [{"index": at, "embedding": row} for at, row in enumerate(rows)]}


def asked(url: str, protocol: str) -> None:
    made = (
        OpenAiServer(f"{url}/v1", "m", key=KEY) if protocol == "openai" else OllamaServer(url, "m", key=KEY)
    )
    try:
        made.embed(["How long?", "24 months"])
    finally:
        made.close()


@pytest.mark.parametrize("name", PAGES)
def test_what_is_no_reply_of_such_a_server_ends_in_a_sentence(name: str) -> None:
    reply = PAGES[name].reply(Completions())
    with scripted_http(lambda _: reply) as running, frugal():
        with pytest.raises(FootnoteError, match=running.url) as raised:
            asked(running.url, "openai")
        assert len(str(raised.value).encode("utf-8")) < 800


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
@pytest.mark.parametrize("name", ROWS)
def test_what_is_no_vector_for_each_text_ends_in_a_sentence(name: str, protocol: str) -> None:
    reply = json_reply(openai(ROWS[name]) if protocol == "openai" else {"embeddings": ROWS[name]})
    with scripted_http(lambda _: reply) as running:
        with pytest.raises(FootnoteError, match=running.url) as raised:
            asked(running.url, protocol)
        assert len(str(raised.value).encode("utf-8")) < 800


@pytest.mark.parametrize(
    "piece",
    [b"[],", b'{"":0},', b"1.5,", b'"",'],
)
def test_a_huge_reply_takes_little_memory(piece: bytes) -> None:
    frame = b'{"data": [{"index": 0, "embedding": ['
    with (
        scripted_http(
            lambda _: Reply([frame, *repeat(piece * 10_000, (7 << 20) // len(piece) // 10_000)])
        ) as running,
        frugal(),
        pytest.raises(FootnoteError, match=running.url),
    ):
        asked(running.url, "openai")


@pytest.mark.parametrize(
    "places", [[0, 0], [1, 2], [-1, 0], ["0", "1"], [0, None], [True, False], [0.0, 1.0], [1e400, 0]]
)
def test_places_that_are_none_are_refused(places: list[Any]) -> None:
    data = [{"index": place, "embedding": [1.0]} for place in places]
    payload = json.dumps({"data": data}).encode()
    with (
        scripted_http(lambda _: Reply([payload])) as running,
        pytest.raises(FootnoteError, match="places"),
    ):
        asked(running.url, "openai")


def test_counts_of_odd_types_are_no_counts() -> None:
    odd: list[Any] = [{"prompt_tokens": "many"}, {"prompt_tokens": -1}, {"prompt_tokens": 10**40}, [], None]
    for usage in odd:
        payload = {"data": [{"index": 0, "embedding": [1.0]}], "usage": usage}
        with scripted_http(lambda _, payload=payload: json_reply(payload)) as running:  # type: ignore[misc]
            server = OpenAiServer(f"{running.url}/v1", "m")
            assert server.embed(["x"]).tokens is None
            server.close()


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_a_key_that_the_server_repeats_is_masked(protocol: str, status: int) -> None:
    said = json_reply({"error": {"message": f"Your key {KEY} is bad"}}, status)
    with scripted_http(lambda _: said) as running:
        with pytest.raises(FootnoteError) as raised:
            asked(running.url, protocol)
        assert KEY not in str(raised.value)
        assert "is bad" in str(raised.value)


@pytest.mark.parametrize("url", ["ftp://x/v1", "http://169.254.169.254/v1", "http://metadata/v1", "x"])
def test_addresses_that_no_model_server_may_have(url: str, tmp_path: Path) -> None:
    from kb.models.embed.choose import choose

    settings = Settings(home=tmp_path, embedding=EmbeddingSettings(engine="endpoint", url=url, model="m"))
    with pytest.raises(FootnoteError, match=r"embedding\.url"):
        choose(settings)
