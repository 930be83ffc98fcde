"""The routes of the settings: set while the library answers, kept over a restart, keys never shown again."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from kb.config import load_settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import OWNER
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api
from tests.doubles.ollama_server import DoubleModel, ollama_double
from tests.kb.library import Library, NoPictures
from tests.kb.web.conftest import http_client

NOBODY = "http://127.0.0.1:9"
KEY = "canary-4711-key"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    library = Library(tmp_path / "home")
    library.fill(6)
    library.close()
    (tmp_path / "home" / "footnote.toml").write_text(
        f'[answering]\nollama_url = "{NOBODY}"\n[retrieval]\ndense_weight = 0.4\n', encoding="utf-8"
    )
    return tmp_path / "home"


def reopened(home: Path) -> KnowledgeBase:
    return open_knowledge_base(
        load_settings(home=home),
        renderer=NoPictures(),
        suffixes=frozenset({".txt"}),
        embedder=Library(home).embedder,
    )


@pytest.fixture
def kb(home: Path) -> Iterator[KnowledgeBase]:
    with closing(reopened(home)) as opened:
        yield opened


@pytest_asyncio.fixture
async def client(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(build_api(kb, mount=fragments(kb))) as client:
        yield client
    await kb.close_models()


def endpoint_key(kb: KnowledgeBase) -> str | None:
    held = kb.settings.answering.endpoint_key
    return held.get_secret_value() if held else None


async def state(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found = (await client.get("/api/settings")).json()["settings"]
    return next(each for each in found if each["name"] == name)


async def put(client: httpx.AsyncClient, **values: Any) -> httpx.Response:
    return await client.patch("/api/settings", json={"values": values})


async def asked(client: httpx.AsyncClient) -> dict[str, Any]:
    """The last event of an answer, and how many passages it drew on."""
    response = await client.post("/api/ask", json={"question": "What does the harbour bridge signal?"})
    events = [json.loads(line) for line in response.text.splitlines()]
    searched = next(event for event in events if event["event"] == "searched")
    assert events[-1]["event"] == "answer", events[-1]
    return {**events[-1], "passages": len(searched["hits"])}


async def test_what_is_set_counts_from_the_next_question_on_and_over_a_restart(
    client: httpx.AsyncClient, kb: KnowledgeBase, home: Path
) -> None:
    kb.maintenance.lock()
    before = await asked(client)
    assert before["passages"] > 3
    done = (await put(client, **{"retrieval.passages": 3, "retrieval.dense_weight": 0.9})).json()
    assert done["changed"] == ["retrieval.dense_weight", "retrieval.passages"]
    assert (await asked(client))["passages"] == 3
    assert (await state(client, "retrieval.passages"))["source"]["kind"] == "here"
    with closing(reopened(home)) as again:
        assert (again.settings.retrieval.passages, again.settings.retrieval.dense_weight) == (3, 0.9)
    done = (await put(client, **{"retrieval.passages": None, "retrieval.dense_weight": None})).json()
    assert (await asked(client))["passages"] == before["passages"]
    weight = await state(client, "retrieval.dense_weight")
    assert (weight["value"], weight["source"]["kind"]) == (0.4, "file")


async def test_a_connection_is_added_tested_used_and_taken_back_without_a_restart(
    client: httpx.AsyncClient, home: Path
) -> None:
    with ollama_double(reciter=DoubleModel(answer="The harbour bridge signals in winter [1]. ")) as (
        ollama,
        _,
    ):
        added = await put(
            client,
            **{
                "connections.poet.kind": "ollama",
                "connections.poet.url": ollama.url,
                "connections.poet.model": "reciter",
                "connections.poet.key": KEY,
                "answering.model": "poet",
            },
        )
        assert added.status_code == 200, added.text
        assert (await asked(client))["model"] == "poet"
        listed = (await client.get("/api/models/answering")).json()
        assert listed["in_use"] == "poet"
        assert set(listed["models"]) == {"poet", "extractive"}
        tested = (await client.post("/api/models/test", json={"name": "poet"})).json()
        assert tested["ok"]
        assert tested["first_token_seconds"] >= 0
        assert tested["tokens_per_second"] > 0
        shown = (await client.get("/api/settings")).text + json.dumps([listed, tested, added.json()])
        assert KEY not in shown
        assert (await state(client, "connections.poet.key"))["value"] is True
        assert KEY in (home / "footnote.keys").read_text(encoding="utf-8")
        assert (home / "footnote.keys").stat().st_mode & 0o077 == 0
        assert KEY.encode() not in (home / "footnote.db").read_bytes()
        refused = await put(client, **{"connections.poet": None})
        assert refused.status_code == 400  # it is the one that answers
        gone = await put(client, **{"connections.poet": None, "answering.model": None})
        assert gone.status_code == 200
        assert not (home / "footnote.keys").exists()
    assert (await asked(client))["model"] == "extractive"


async def test_a_backup_has_what_was_set_and_no_key(
    client: httpx.AsyncClient, kb: KnowledgeBase, home: Path
) -> None:
    kb.maintenance.lock()
    await put(client, **{"answering.endpoint_url": f"{NOBODY}/v1", "answering.endpoint_key": KEY})
    made = kb.maintenance.back_up(caller=OWNER)
    assert made.documents == 6
    held = [path for path in (home / "backups").rglob("*") if path.is_file()]
    assert not [path for path in held if KEY.encode() in path.read_bytes()]
    assert not [path for path in held if path.name == "footnote.keys"]


async def test_the_environment_counts_first_and_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_RETRIEVAL__PASSAGES", "5")
    with closing(reopened(home)) as kb:
        async with http_client(build_api(kb, mount=fragments(kb))) as client:
            found = await state(client, "retrieval.passages")
            assert found["source"] == {"kind": "environment", "said": "FOOTNOTE_RETRIEVAL__PASSAGES"}
            assert "FOOTNOTE_RETRIEVAL__PASSAGES" in found["how"]
            refused = await put(client, **{"retrieval.passages": 3})
            assert refused.status_code == 400
            assert "Unset it first" in refused.json()["error"]
            assert kb.settings.retrieval.passages == 5


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"retrieval.passages": 0}, "retrieval.passages in what was set here must be a whole number"),
        ({"retrieval.passage": 3}, "no setting of that name"),
        ({"server.port": 1}, "Set it in footnote.toml"),
        ({"embedding.model": "other"}, "embedder switch"),
        ({"storage.vectors": "exact"}, "vectors move"),
        ({"answering.model": "nobody/knows"}, "answering.model cannot be 'nobody/knows'"),
        ({"answering.gguf": "/etc/passwd"}, "There is no model file '/etc/passwd'"),
        ({"answering.model": "gguf//etc/passwd"}, "There is no model file"),
        ({"connections.x.kind": "gguf", "connections.x.model": "/etc/passwd"}, "There is no model file"),
        ({"connections.x.kind": "endpoint"}, r"lacks connections\.x\.url"),
        ({"connections.x.kind": "endpoint", "connections.x.url": "ftp://x"}, "no address of a server"),
        ({"connections.x.kind": "ollama", "connections.x.url": "http://169.254.169.254"}, "which no server"),
        ({"connections.x.kind": "ollama", "connections.x.url": "http://me:hidden@h"}, "holds a login"),
        ({"connections.auto.kind": "ollama"}, "cannot be called 'auto'"),
        ({"connections.x": None}, "was not set here"),
        ({"reranker.model": "BAAI/bge-reranker-v2-m3"}, "named in footnote.toml"),
        ({"retrieval.passages": True}, "must be a whole number"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_of_it_is_kept(
    client: httpx.AsyncClient, kb: KnowledgeBase, values: dict[str, Any], said: str
) -> None:
    before = kb.settings
    refused = await put(client, **{"retrieval.dense_weight": 0.9, **values})
    assert refused.status_code in (400, 422), refused.text
    assert re.search(said, refused.json()["error"]), refused.text
    assert kb.settings is before
    assert (await state(client, "retrieval.dense_weight"))["value"] == 0.4


async def test_what_needs_a_restart_says_so(client: httpx.AsyncClient) -> None:
    done = (await put(client, **{"parsing.seconds": 300})).json()
    assert done["waiting"] == ["parsing.seconds"]
    assert (await client.get("/api/settings")).json()["waiting"] == ["parsing.seconds"]
    assert (await put(client, **{"parsing.seconds": None})).json()["waiting"] == []


async def test_a_key_for_another_server_is_not_sent_there(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    alone = await put(client, **{"answering.endpoint_key": KEY})
    assert "set its address together with it" in alone.json()["error"]
    await put(client, **{"answering.endpoint_url": f"{NOBODY}/v1", "answering.endpoint_key": KEY})
    await put(client, **{"answering.endpoint_url": f"{NOBODY}/v2"})
    assert endpoint_key(kb) is not None
    done = (await put(client, **{"answering.endpoint_url": "http://127.0.0.2:9/v1"})).json()
    assert endpoint_key(kb) is None
    assert "was for another server" in done["notes"][0]
    await put(client, **{"answering.endpoint_url": f"{NOBODY}/v1"})
    assert endpoint_key(kb) is None


async def test_nor_when_the_file_names_another_one_later(home: Path) -> None:
    file = home / "footnote.toml"
    file.write_text(f'[answering]\nendpoint_url = "{NOBODY}/v1"\n', encoding="utf-8")
    with closing(reopened(home)) as kb:
        kb.configuration.change({"answering.endpoint_key": KEY}, caller=OWNER)
        assert endpoint_key(kb) is not None
    file.write_text('[answering]\nendpoint_url = "http://127.0.0.2:9/v1"\n', encoding="utf-8")
    with closing(reopened(home)) as kb:
        assert endpoint_key(kb) is None
        assert "it is not sent" in kb.settings.notes[-1]


async def test_what_cannot_be_any_more_is_left_out_with_a_note(home: Path) -> None:
    with closing(reopened(home)) as kb:
        kb.configuration.change({"retrieval.passages": 4}, caller=OWNER)
        with kb._parts.database.write() as connection:
            for name in ("connections.gone.temperature", "later.setting"):
                connection.execute("INSERT INTO settings VALUES (?, '0.5', '')", (name,))
    with closing(reopened(home)) as kb:
        assert kb.settings.retrieval.passages == 4
        left = [note for note in kb.settings.notes if "is left out" in note]
        assert len(left) == 2
        assert "connections.gone.temperature" in left[0]
