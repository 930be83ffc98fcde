"""Which model answers for which settings, with real servers, a double of Ollama, and real files."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from kb.config import Settings
from kb.errors import Misconfigured, NotFound
from kb.models.chat.choose import available, choose
from kb.types import ModelStatus
from tests.doubles.ollama_server import DoubleModel, ollama_double
from tests.doubles.scripted_http import json_reply, scripted_http
from tests.models import smollm2_gguf

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


def settings(home: Path, *, ollama: str = NOBODY, **more: object) -> Settings:
    return Settings.model_validate({"home": home, "answering": {"ollama_url": ollama, **more}})


def with_gguf(home: Path) -> Path:
    models = home / "models"
    models.mkdir(exist_ok=True)
    (models / "smol.gguf").symlink_to(smollm2_gguf())
    return home


async def chosen(given: Settings, wanted: str | None = None) -> ModelStatus:
    model, status = await choose(given, wanted)
    if model is None:
        assert status.name == "extractive"
    else:
        assert model.name == status.name
        await model.close()
    return status


def served(*names: str) -> dict[str, object]:
    return {"data": [{"id": name, "max_model_len": 4096} for name in names]}


async def test_nothing_there_means_extractive_at_once_and_says_what_to_do(tmp_path: Path) -> None:
    await chosen(settings(tmp_path))  # imports the clients
    began = time.monotonic()
    status = await chosen(settings(tmp_path))
    assert time.monotonic() - began < 1
    assert status.name == "extractive"
    assert re.search(r"127\.0\.0\.1:9 does not answer.*ollama pull qwen3:", status.better or "")


async def test_ollama_comes_first(tmp_path: Path) -> None:
    with (
        ollama_double(qwen3=DoubleModel(context_length=40960)) as (ollama, _),
        scripted_http(lambda _: json_reply(served("big"))) as server,
    ):
        given = settings(with_gguf(tmp_path), ollama=ollama.url, endpoint_url=f"{server.url}/v1")
        status = await chosen(given)
        assert (status.name, status.context_tokens, status.better) == ("ollama/qwen3", 8192, None)
        assert await available(given) == {
            "ollama/qwen3": "8.2B, Q4_K_M, 5.2 GB",
            "endpoint/big": "context 4,096",
            "gguf/smol.gguf": "135M, 0.1 GB",
        }


async def test_ollama_with_nothing_that_chats_is_passed_over(tmp_path: Path) -> None:
    with ollama_double(nomic=DoubleModel(capabilities=("embedding",))) as (ollama, _):
        status = await chosen(settings(tmp_path, ollama=ollama.url))
        assert status.name == "extractive"
        assert re.fullmatch(
            r"Ollama runs but has no chat model: run: ollama pull qwen3:\S+", status.better or ""
        )


async def test_a_configured_server_comes_next(tmp_path: Path) -> None:
    with scripted_http(lambda _: json_reply(served("embedder", "big"))) as server:
        status = await chosen(settings(with_gguf(tmp_path), endpoint_url=f"{server.url}/v1"))
        assert (status.name, status.context_tokens) == ("endpoint/big", 4096)
        assert server.url in status.why


async def test_then_a_file_without_loading_it(tmp_path: Path) -> None:
    status = await chosen(settings(with_gguf(tmp_path), endpoint_url=f"{NOBODY}/v1"))
    assert (status.name, status.context_tokens) == ("gguf/smol.gguf", 8192)
    assert "127.0.0.1:9/v1 does not answer" in (status.better or "")


async def test_a_file_in_the_settings_that_is_broken_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"<html>404</html>")
    status = await chosen(settings(tmp_path, gguf=tmp_path / "mine.gguf"))
    assert status.name == "extractive"
    assert "mine.gguf is not a GGUF model file" in (status.better or "")


async def test_a_named_model_is_kept_when_its_server_is_down(tmp_path: Path) -> None:
    status = await chosen(settings(tmp_path, model="ollama/qwen3:8b"))
    assert status.name == "ollama/qwen3:8b"
    assert "Start Ollama" in (status.better or "")
    assert (await chosen(settings(tmp_path, model="ollama/qwen3:8b"), "extractive")).name == "extractive"


async def test_a_named_model_that_is_missing_names_the_command(tmp_path: Path) -> None:
    with ollama_double() as (ollama, _):
        status = await chosen(settings(tmp_path, ollama=ollama.url), "ollama/qwen3:8b")
        assert "ollama pull qwen3:8b" in (status.better or "")


@pytest.mark.parametrize("wanted", ["gpt-4", "ollama/", "nonsense/x"])
async def test_unknown_names_list_the_known_ones(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(Misconfigured, match=r"Known: .*endpoint.*gguf.*ollama|Known: auto"):
        await choose(settings(tmp_path), wanted)


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"smol\.gguf"):
        await choose(settings(with_gguf(tmp_path)), "gguf/other.gguf")


async def test_an_address_that_cannot_be_is_said_so(tmp_path: Path) -> None:
    status = await chosen(settings(tmp_path, ollama="localhost:11434"))
    assert "ollama_url" in (status.better or "")
    assert await available(settings(tmp_path, ollama="localhost:11434")) == {}
