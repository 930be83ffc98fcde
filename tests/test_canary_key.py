"""A key is set, and everything that can go wrong does: it is found in nothing that is printed, sent or logged."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from app import App
from kb.cli import main as cli
from kb.errors import FootnoteError
from kb.system.logs import FieldFormatter
from kb.web.server import build_api
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.kb.library import Library, open_kb

KEY = "canary-4711-key"
FORMS = (KEY, "4711-key", quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode(), KEY.encode().hex())


def echo(request: Request) -> Reply:
    """Misbehaves as the model's name says, and repeats the key wherever it can."""
    if request.path.endswith("/models"):
        return json_reply({"data": [{"id": name} for name in [*SERVERS, KEY]]})
    return SERVERS.get(request.json().get("model", ""), Reply(status=404))


CHUNK = b'data: {"choices":[{"delta":{"content":"%s"},"finish_reason":%s}]}\n\n'
SERVERS = {
    "refuses": json_reply({"error": {"message": f"Incorrect API key: {KEY}"}}, 401),
    "forbids": json_reply({"detail": f"no {KEY}"}, 403),
    "fails": Reply([f"<html>{'x' * 290}{KEY}".encode()], 500),
    "encodes": Reply([base64.b64encode(b":" + KEY.encode())], 502),
    "redirects": Reply(status=302, headers={"Location": f"http://x/?k={KEY}"}),
    "babbles": Reply([f"data: {{{'x' * 90}{KEY}\n\n".encode()]),
    "breaks-off": Reply([f'data: {{"error":"{KEY}"}}\n\n'.encode()]),
    "odd": Reply([f'data: {{"choices":"{KEY}"}}\n\n'.encode()]),
    "answers": Reply(
        [
            CHUNK % (b"Your key is canary-47", b"null"),
            CHUNK % (b"11-key. It is said.", b'"stop"'),
            b"data: [DONE]\n\n",
        ]
    ),
    "thinks": Reply([CHUNK % (f"<think>{KEY}</think>24".encode(), b'"stop"')]),
}
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "a line end": {"ENDPOINT_KEY": f"{KEY}\n"},
    "a line end inside": {"ENDPOINT_KEY": f"canary\n{KEY}"},
    "no ASCII": {"ENDPOINT_KEY": f"é{KEY}"},
    "a misspelt name": {"ANSWERING__ENDPOINT_KEYY": KEY},
    "an old name misspelt": {"ENDPOINT_KEYY": KEY},
    "a login and no port": {"ENDPOINT_URL": f"http://me:{KEY}@127.0.0.1:port/v1"},
    "a login and no scheme": {"ENDPOINT_URL": f"me:{KEY}@127.0.0.1/v1"},
    "a login where nobody is": {"ENDPOINT_URL": f"http://me:{KEY}@127.0.0.1:9/v1"},
    "a name for a login": {"ENDPOINT_URL": f"http://{KEY}@127.0.0.1:9/v1", "ENDPOINT_KEY": KEY},
    "a login of Ollama": {"OLLAMA_URL": f"http://me:{KEY}@127.0.0.1:9"},
    "a reranker's login": {"RERANKER": f"http://me:{KEY}@127.0.0.1:9", "ENDPOINT_KEY": KEY},
    "an address of blanks": {"ENDPOINT_URL": f"http://{KEY} @x/v1", "ENDPOINT_KEY": KEY},
    "a key for a port": {"PORT": KEY, "ENDPOINT_KEY": KEY},
    "nobody there": {"ENDPOINT_URL": "http://127.0.0.1:9/v1", "ENDPOINT_KEY": KEY},
}
FILES = {
    "a list": f'[answering]\nendpoint_key = ["{KEY}"]\n',
    "a table": f'[answering.endpoint_key]\nvalue = "{KEY}"\n',
    "a misspelt name": f'[answering]\nendpoint_keyy = "{KEY}"\n',
    "a misspelt section": f'[answerin]\nendpoint_key = "{KEY}"\n',
    "no quotes": f"[answering]\nendpoint_key = {KEY}\n",
    "twice": f'endpoint_key = "{KEY}"\n[answering]\nendpoint_key = "{KEY}2"\n',
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    monkeypatch.setenv("FOOTNOTE_EMBEDDING__MODEL", "bundled")
    monkeypatch.setenv("FOOTNOTE_MODEL", "endpoint/m")
    caplog.set_level(logging.INFO)
    yield
    written = FieldFormatter("%(message)s")
    assert_clean("\n".join(map(written.format, caplog.records)))


def assert_clean(text: str) -> None:
    for form in FORMS:
        assert form not in text, text[max(0, text.find(form) - 200) :][:400]


def command(home: Path, *arguments: str) -> str:
    """What a command prints."""
    out, app = io.StringIO(), App()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            cli.main([*arguments, "--home", str(home)], app)
        finally:
            app.close()
    assert_clean(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("name", list(ENVIRONMENTS))
def test_a_setting_in_the_environment(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in ENVIRONMENTS[name].items():
        monkeypatch.setenv(f"FOOTNOTE_{variable}", value)
    assert command(tmp_path, "doctor", "--verbose")
    command(tmp_path, "evaluate", "--kept", "--config", f"answering.endpoint_keyy={KEY}")
    command(tmp_path, "evaluate", "--kept", "--config", f"answering.endpoint_key:{KEY}")


@pytest.mark.parametrize("name", list(FILES))
def test_a_setting_in_the_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text(FILES[name], encoding="utf-8")
    assert command(tmp_path, "doctor")


@pytest.mark.parametrize("name", list(SERVERS))
async def test_a_server_that_repeats_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path)
    library.add("pump.txt", ["The warranty period of the pump is 24 months."])
    library.close()
    with scripted_http(echo) as server:
        monkeypatch.setenv("FOOTNOTE_ENDPOINT_URL", f"{server.url}/v1")
        monkeypatch.setenv("FOOTNOTE_ENDPOINT_KEY", KEY)
        monkeypatch.setenv("FOOTNOTE_MODEL", f"endpoint/{name}")
        kb = open_kb(tmp_path, embedder=library.embedder)
        transport = httpx.ASGITransport(build_api(kb), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            question = {"question": "What is the warranty period of the pump?", "model": f"endpoint/{name}"}
            said = (await client.post("/api/ask", json=question)).text
            assert_clean(said)
            assert "answer" in said
            for conversation in (await client.get("/api/conversations")).json()["conversations"]:
                assert_clean((await client.get(f"/api/conversations/{conversation['id']}")).text)
            assert_clean((await client.get("/api/status")).text)
        await kb.close_models()
        kb.close()
        assert any(KEY in str(request.headers) for request in server.requests)
    assert_clean((tmp_path / "footnote.db").read_bytes().decode("latin-1"))


def test_a_traceback_is_redacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_ENDPOINT_KEY", KEY)
    command(tmp_path, "list")
    try:
        raise FootnoteError(f"Illegal header value {f'Bearer {KEY}'.encode()!r}")
    except FootnoteError:
        logging.getLogger("kb.test").exception("a fault")
