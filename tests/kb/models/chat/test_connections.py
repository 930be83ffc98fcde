"""Named connections that answer: several at once, with settings of their own, by a real llama.cpp and doubles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.answer.room import Room, room_of
from kb.config import Settings
from kb.errors import BackendDown, NotFound
from kb.models.chat.choose import available, choose
from kb.models.chat.pool import ModelPool
from kb.types import ChatOptions, Message, ModelFinished, ModelStatus
from tests.doubles.ollama_server import DoubleModel, ollama_double
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.models import SERVED_NAME, llama_server, smollm2_gguf

NOBODY = "http://127.0.0.1:9"
KEY = "canary-4711-key"
HELLO = [Message("user", "Say hello.")]


def settings(home: Path, connections: dict[str, object], **answering: object) -> Settings:
    return Settings.model_validate(
        {"home": home, "answering": {"ollama_url": NOBODY, **answering}, "connections": connections}
    )


async def asked(given: Settings, wanted: str, options: ChatOptions) -> tuple[str, ModelStatus, int | None]:
    """What it writes, its status, and how many tokens that were."""
    model, status = await choose(given, wanted)
    assert model is not None
    assert model.name == status.name
    try:
        events = [event async for event in model.stream(HELLO, options)]
    finally:
        await model.close()
    written = next(event.completion_tokens for event in events if isinstance(event, ModelFinished))
    return "".join(getattr(event, "text", "") for event in events), status, written


@pytest.fixture(scope="module")
def llama() -> Iterator[str]:
    with llama_server(smollm2_gguf(), context_tokens=1024, key=KEY) as url:
        yield url


async def test_two_servers_of_one_kind_and_a_file_answer_side_by_side(tmp_path: Path, llama: str) -> None:
    with ollama_double(reciter=DoubleModel()) as (ollama, _):
        given = settings(
            tmp_path,
            {
                "near": {"kind": "endpoint", "url": llama, "key": KEY, "context": 900},
                "far": {"kind": "endpoint", "url": f"{NOBODY}/v1"},
                "poet": {"kind": "ollama", "url": ollama.url, "model": "reciter", "max_tokens": 77},
                "file": {"kind": "gguf", "model": str(smollm2_gguf()), "context": 512},
            },
        )
        names = await available(given)
        assert set(names) == {f"near/{SERVED_NAME}", "poet", "file"}
        assert KEY not in json.dumps(names)
        text, status, written = await asked(given, "near", ChatOptions(max_tokens=6))
        assert (status.name, status.context_tokens, written) == (f"near/{SERVED_NAME}", 900, 6)
        assert text
        assert "mournful" in (await asked(given, "poet", ChatOptions(max_tokens=20)))[0]
        assert (await asked(given, "file", ChatOptions(max_tokens=3)))[1].context_tokens == 512
        with pytest.raises(BackendDown, match=r"connections\.far\.url"):
            await choose(given, "far")
        with pytest.raises(NotFound, match="for reciter alone"):
            await choose(given, "poet/other")


async def test_its_own_settings_are_sent_with_answers_and_with_nothing_else(tmp_path: Path) -> None:
    sent: list[dict[str, Any]] = []

    def respond(request: Request) -> Reply:
        if request.path.endswith("/models"):
            return json_reply({"data": [{"id": "big", "max_model_len": 4096}]})
        sent.append(request.json())
        said = [{"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]}]
        return Reply([f"data: {json.dumps(each)}\n\n".encode() for each in (*said,)])

    with scripted_http(respond) as server:
        own = {"temperature": 0.7, "top_p": 0.9, "thinking": True}
        given = settings(tmp_path, {"big": {"kind": "endpoint", "url": f"{server.url}/v1", **own}})
        await asked(given, "big", ChatOptions(own_settings=True))
        await asked(given, "big", ChatOptions())
    answer, step = sent
    assert (answer["temperature"], answer["top_p"]) == (0.7, 0.9)
    assert answer["chat_template_kwargs"] == {"enable_thinking": True}
    assert step["temperature"] == 0.0
    assert "top_p" not in step
    assert step["chat_template_kwargs"] == {"enable_thinking": False}


async def test_its_own_context_and_length_count_before_those_of_all(tmp_path: Path) -> None:
    with ollama_double(reciter=DoubleModel(context_length=40960)) as (ollama, _):
        own = {"context": 20000, "max_tokens": 3000}
        given = settings(tmp_path, {"poet": {"kind": "ollama", "url": ollama.url, "model": "reciter", **own}})
        model, status = await choose(given, "poet")
        assert model is not None
        assert await room_of(model, status, Room(8192, 1024)) == Room(20000, 3000)
        await model.close()


async def test_auto_takes_one_that_answers_after_the_servers_and_before_a_file(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "smol.gguf").symlink_to(smollm2_gguf())
    with ollama_double(reciter=DoubleModel()) as (ollama, _):
        given = settings(
            tmp_path,
            {
                "away": {"kind": "ollama", "url": NOBODY, "model": "x"},
                "poet": {"kind": "ollama", "url": ollama.url, "model": "reciter"},
            },
        )
        model, status = await choose(given)
        assert model is not None
        assert (status.name, status.why) == ("poet", "The connection poet answers.")
        await model.close()


async def test_the_pool_keeps_one_open_between_questions(tmp_path: Path) -> None:
    with ollama_double(reciter=DoubleModel()) as (ollama, _):
        given = settings(
            tmp_path, {"poet": {"kind": "ollama", "url": ollama.url, "model": "reciter"}}, model="poet"
        )
        pool = ModelPool(given)
        first, _ = await pool.choose()
        again, _ = await pool.choose("poet")
        assert first is again
        assert set(await pool.names()) == {"poet", "extractive"}
        await pool.close()
