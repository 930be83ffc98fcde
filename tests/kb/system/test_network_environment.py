"""Variables of the environment that libraries stumble over when they are imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kb.errors import Misconfigured
from kb.models.transport import ModelClient, ModelServer
from kb.system.network_environment import require_usable_network, set_aside_unusable

ROOT = Path(__file__).parents[3]
NAMES = ("HTTP_PROXY", "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "All_Proxy", "no_proxy")
UNUSABLE = (
    "socks5://127.0.0.1:1080",
    "socks5h://me:canary@127.0.0.1:1080",
    "ftp://127.0.0.1",
    "://",
    "http://127.0.0.1:port",
    "http://[::1",
    "http://\x01",
    "\udce9",
    "http://" + "a" * 70_000,
)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    yield
    set_aside_unusable({})


@pytest.mark.parametrize("value", UNUSABLE)
@pytest.mark.parametrize("name", NAMES)
def test_a_client_can_be_made_whatever_the_environment_says(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    set_aside_unusable()
    httpx.Client().close()


def test_what_can_be_used_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1,.example.org")
    monkeypatch.setenv("ALL_PROXY", "ftp://127.0.0.1")
    set_aside_unusable()
    assert os.environ["HTTPS_PROXY"] == "http://127.0.0.1:3128"
    assert os.environ["no_proxy"] == "localhost,127.0.0.1,.example.org"
    assert "ALL_PROXY" not in os.environ


def test_another_machine_is_not_asked_past_a_proxy_that_was_set_and_this_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://me:canary@127.0.0.1:1080")
    set_aside_unusable()
    ModelClient(ModelServer("http://127.0.0.1:9/v1", who="it", start="")).close()
    with pytest.raises(Misconfigured, match=r"ALL_PROXY names a SOCKS proxy.*unset it") as refused:
        ModelClient(ModelServer("https://models.example.org/v1", who="it", start=""))
    assert "canary" not in str(refused.value)
    set_aside_unusable({})
    require_usable_network()


def test_certificates_that_are_not_there_are_said_when_they_are_needed() -> None:
    environment = {"SSL_CERT_FILE": "/nowhere/ca.pem", "SSL_CERT_DIR": "\0"}
    set_aside_unusable(environment)
    assert environment == {}
    with pytest.raises(Misconfigured, match="SSL_CERT_FILE names no such file"):
        require_usable_network()


def test_what_the_page_and_the_models_import_comes_up(tmp_path: Path) -> None:
    """In a process of its own: here everything is imported already."""
    program = (
        "from kb.system.network_environment import set_aside_unusable; set_aside_unusable()\n"
        "import gradio, ollama, huggingface_hub, chromadb, sentence_transformers\n"
        "huggingface_hub.get_session()\n"
    )
    unusable = {
        "ALL_PROXY": "socks5://127.0.0.1:1080",
        "https_proxy": "nonsense://",
        "NO_PROXY": "xn--,[",
        "OLLAMA_HOST": "http://here:port",
        "SSL_CERT_FILE": str(tmp_path / "none.pem"),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **unusable},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
