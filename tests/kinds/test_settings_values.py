"""Variables as .env files, units and clipboards leave them: empty, mistyped, keys with line ends; proxies of all kinds."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from kb.config import load_settings, setting_names
from kb.errors import Misconfigured
from kb.system.network_environment import require_usable_network, set_aside_unusable

KEY = "sk-canary-4711-very-secret"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)


def _variable(name: str) -> str:
    return "FOOTNOTE_" + name.upper().replace(".", "__")


@pytest.mark.parametrize("empty", ["", " ", "\t", "\n", "\r\n", "\u00a0", "\u3000"])
def test_an_empty_variable_is_none_whichever_setting_it_is_of(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = load_settings(home=tmp_path)
    for name in setting_names():
        monkeypatch.setenv(_variable(name), empty)
    assert load_settings(home=tmp_path).by_name() == plain.by_name()


@pytest.mark.parametrize(
    ("variable", "alike"),
    [
        ("FOOTNOTE_ANSWERING__MODLE", "model"),
        ("FOOTNOTE_MODLE", "model"),
        ("FOOTNOTE_SERVER__PROT", "port"),
        ("FOOTNOTE_PROT", "port"),
        ("FOOTNOTE_EMBEDDING__WIDHT", "width"),
        ("FOOTNOTE_ANSWERING__ENDPOINT_URI", "endpoint_url"),
        ("FOOTNOTE_RETRIEVAL__PASSAGE", "passages"),
        ("FOOTNOTE_PARSING__CHUNK_TOKEN", "chunk_tokens"),
        ("FOOTNOTE_SERVER_HOST", "host"),
        ("FOOTNOTE_RERANKER__MODELL", "model"),
    ],
)
def test_a_mistyped_name_is_refused_with_the_one_that_is_meant(
    variable: str, alike: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "7861")
    with pytest.raises(Misconfigured) as refused:
        load_settings(home=tmp_path)
    assert variable in str(refused.value)
    assert alike.upper() in str(refused.value).upper()


@pytest.mark.parametrize("before", ["", " ", "\t", "\n", "\r\n", "\u00a0"])
@pytest.mark.parametrize("behind", ["", "\n", "\r\n", "\r", "\n\n", " \n", "\t", "\u2028"])
def test_what_stands_around_a_key_is_no_part_of_it(
    before: str, behind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_ANSWERING__ENDPOINT_KEY", before + KEY + behind)
    held = load_settings(home=tmp_path).answering.endpoint_key
    assert held is not None
    assert held.get_secret_value() == KEY


@pytest.mark.parametrize("wrong", ["é", "–", "\u200b", "密", " ", "\n", "\x00", "\x1b", "\u00a0", "\ufeff"])
def test_a_key_that_no_header_holds_is_refused_and_not_shown(wrong: str, tmp_path: Path) -> None:
    for key in (KEY[:9] + wrong + KEY[9:], KEY[:-4] + wrong + KEY[-4:]):
        with pytest.raises(Misconfigured) as refused:
            load_settings(home=tmp_path, **{"answering.endpoint_key": key})
        assert "canary" not in str(refused.value)
        assert "secret" not in str(refused.value)


_PROXIES = (
    "socks5://127.0.0.1:1080", "socks5h://127.0.0.1:1080", "socks4://127.0.0.1:1080", "socks://127.0.0.1", "SOCKS5://user:pw@10.0.0.1:1",
    "127.0.0.1:3128", "proxy.example.org:8080", "http://", "http://:8080", "ftp://127.0.0.1:21", "http://127.0.0.1:999999",
    "http://[::1", "http://user:p@ss@host:80", "://", "http//127.0.0.1:3128", "none", "off", "DIRECT", "http://127.0.0.1:port",
)  # fmt: skip


@pytest.mark.parametrize("name", ["ALL_PROXY", "HTTPS_PROXY", "http_proxy", "all_proxy"])
@pytest.mark.parametrize("value", _PROXIES)
def test_no_proxy_hinders_what_asks_this_machine_alone(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for known in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        for each in (known, known.lower()):
            monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, value)
    try:
        set_aside_unusable()
        httpx.Client(verify=False).close()  # noqa: S501 - asks nothing
        if name not in os.environ:
            with pytest.raises(Misconfigured, match=name):
                require_usable_network()
    finally:
        set_aside_unusable({})
