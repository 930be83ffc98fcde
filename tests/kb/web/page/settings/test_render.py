"""The settings as markup: each has its words in both languages and its source, and nothing of it could be obeyed."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import get_args

import pytest

from kb.config import SECTIONS, ConnectionSettings, Settings, load_settings, with_set_here
from kb.config.states import set_addresses, settings_states
from kb.types import Refusals, SpaceUsed
from kb.web.page.languages import strings_of
from kb.web.page.settings import render as render_settings
from kb.web.page.settings.about import packages
from kb.web.page.settings.render import SettingsPage
from kb.web.page.strings_en import EN as PAGE_EN
from kb.web.page.strings_zh import ZH as PAGE_ZH
from kb.web.page.words import setting_labels
from kb.web.page.words.backups import EN as BACKUP_WORDS
from kb.web.page.words.backups import ZH as BACKUP_WORDS_ZH
from kb.web.page.words.settings import EN, ZH, SettingsWords


def page(settings: Settings, **changed: object) -> SettingsPage:
    values = {
        "states": settings_states(settings),
        "waiting": (),
        "addresses": set_addresses(settings),
        "space": [SpaceUsed("originals", 1_500_000), SpaceUsed("models", 500)],
        "backups": (),
        "backup_words": BACKUP_WORDS,
        "packages": packages(),
        "home": settings.home,
        "embedder": "",
        "chunker": "",
        "vectors": "",
    }
    return SettingsPage(**{**values, **changed})  # type: ignore[arg-type]


def shown(settings: Settings, words: SettingsWords = EN, **changed: object) -> str:
    labels = setting_labels.EN if words is EN else setting_labels.ZH
    return render_settings.settings(page(settings, **changed), words, labels)


def test_every_setting_that_can_be_set_here_has_its_words() -> None:
    settable = ("answering", "retrieval", "reranker", "parsing", "judge", "backup")
    names = {f"{section}.{name}" for section in settable for name in SECTIONS[section].model_fields}
    names |= {f"connections.{name}" for name in ConnectionSettings.model_fields}
    assert names - {"answering.gguf"} <= setting_labels.EN.keys()
    assert set(get_args(Refusals)) <= setting_labels.EN.keys()


def test_each_value_says_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "footnote.toml").write_text("[reranker]\nseconds = 3\n", encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_RETRIEVAL__PASSAGES", "6")
    settings = with_set_here(load_settings(home=tmp_path), {"answering.answer_tokens": 500})
    html = shown(settings)
    rows = dict(re.findall(r'data-setting="([\w.]+)">(.*?)</div></div>', html))
    assert "from footnote.toml" in rows["reranker.seconds"]
    assert "default" in rows["retrieval.dense_weight"]
    assert "FOOTNOTE_RETRIEVAL__PASSAGES in the environment counts" in rows["retrieval.passages"]
    assert "disabled" in rows["retrieval.passages"]
    assert "Reset" in rows["answering.answer_tokens"]
    assert "Reset" not in rows["reranker.seconds"]


def test_what_a_name_may_be_is_said_where_a_browser_refuses_one(tmp_path: Path) -> None:
    """Its own bubble says that the format is wrong, in its own language, and covers the hint."""
    form = shown(Settings(home=tmp_path), ZH)
    assert re.search(r'<input type="text" name="name"[^>]* title="小写字母[^"]*"', form)


def test_no_key_is_shown_and_nothing_is_obeyed(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script>'
    settings = Settings.model_validate(
        {
            "home": tmp_path,
            "answering": {
                "model": evil,
                "endpoint_key": "canary-4711-key",
                "endpoint_url": "http://127.0.0.1:1",
            },
            "connections": {"big": {"kind": "ollama", "model": evil, "key": "canary-4712-key"}},
        }
    )
    html = shown(settings)
    assert "<script" not in html
    assert "canary" not in html
    assert 'data-connection="big"' in html
    assert "\n" not in html


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:8000/v1", EN.no_network),
        ("http://localhost:8000/v1", EN.no_network),
        ("http://10.0.0.4:8000/v1", EN.goes_out),
    ],
)
def test_privacy_says_what_would_leave_the_machine(url: str, said: str, tmp_path: Path) -> None:
    settings = Settings.model_validate({"home": tmp_path, "answering": {"endpoint_url": url}})
    assert said in shown(settings)
    elsewhere = Settings.model_validate(
        {"home": tmp_path, "embedding": {"engine": "endpoint", "url": url, "model": "m"}}
    )
    assert EN.goes_embedding in shown(elsewhere)
    assert said in shown(elsewhere)
    unused = Settings.model_validate({"home": tmp_path, "embedding": {"url": url}})
    assert EN.goes_embedding not in shown(unused)


def test_every_address_says_what_it_is_for(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "home": tmp_path,
            "answering": {"endpoint_url": "http://10.0.0.4:8000/v1"},
            "reranker": {"url": "http://10.0.0.5:8000/v1"},
            "embedding": {"engine": "endpoint", "url": "http://10.0.0.6:8000/v1", "model": "m"},
            "storage": {"vectors": "weaviate", "vectors_url": "http://10.0.0.7:8080"},
            "oidc": {"issuer": "https://login.example.org/realms/office", "client_id": "footnote"},
        }
    )
    for words, labels in ((EN, setting_labels.EN), (ZH, setting_labels.ZH)):
        listed = re.findall(r"<li><code>([^<]+)</code> ([^<]*): <span>([^<]+)</span>", shown(settings, words))
        assert [server for server, name, goes in listed if not name or not goes] == []
        assert (
            "https://login.example.org:443",
            labels["oidc.issuer"][0],
            words.goes_identity,
        ) in listed


def test_the_chinese_screen_has_no_english_word_of_its_own(tmp_path: Path) -> None:
    html = shown(Settings(home=tmp_path), ZH, packages=(), backup_words=BACKUP_WORDS_ZH)
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<(code|select|output)\b.*?</\1>", " ", html))
    text = text.replace(str(tmp_path), " ")
    words = set(re.findall(r"[A-Za-z]{2,}", text))
    assert words <= {
        "Ollama", "OpenAI", "GGUF", "Footnote", "footnote", "toml", "Python", "Linux", "MB", "kB", "off", "tokens",
        *re.findall(r"[A-Za-z]{2,}", platform.machine()),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cookie", "chinese"),
    [
        ("footnote_language=zh", True),
        ("a=b; footnote_language=en", False),
        ("footnote_language=xx", True),
        ("", True),
    ],
)
def test_the_language_that_was_chosen_counts_before_that_of_the_browser(cookie: str, chinese: bool) -> None:
    found = strings_of({"accept-language": "zh-CN", "cookie": cookie})
    assert found is (PAGE_ZH if chinese else PAGE_EN)
