"""Named connections: read from every place, refused with a sentence, their keys kept to their servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import SECTIONS, ConnectionSettings, Settings, is_secret, load_settings, with_set_here
from kb.config.complaints import wanted_value
from kb.errors import Misconfigured
from kb.maintenance.copying import copy_settings

BIG = """
[answering]
model = "big"

[connections.big]
kind = "endpoint"
url = "http://127.0.0.1:8000/v1"
key = "canary-4711-key"
temperature = 0.7

[connections.small]
kind = "gguf"
model = "~/small.gguf"
thinking = true
"""


def home_with(folder: Path, text: str) -> Path:
    (folder / "footnote.toml").write_text(text, encoding="utf-8")
    return folder


def test_several_are_read_and_the_environment_counts_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_CONNECTIONS__BIG__TEMPERATURE", "0.2")
    monkeypatch.setenv("FOOTNOTE_CONNECTIONS__THIRD__KIND", "ollama")
    found = load_settings(home=home_with(tmp_path, BIG))
    assert list(found.connections) == ["big", "small", "third"]
    assert found.connections["big"].temperature == 0.2
    assert found.connections["small"].thinking is True
    assert found.source_of("connections.big.temperature").kind == "environment"
    assert found.source_of("connections.big.url").kind == "file"
    assert found.source_of("connections.big.top_p").kind == "default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[connections.big]\nurl = "http://127.0.0.1:8000/v1"', "lacks its kind"),
        ('[connections.big]\nkind = "endpoint"', r"lacks connections\.big\.url"),
        ('[connections.big]\nkind = "gguf"', r"lacks connections\.big\.model"),
        ('[connections.ollama]\nkind = "ollama"', "cannot be called 'ollama'"),
        ('[connections."a b"]\nkind = "ollama"', "cannot be called 'a b'"),
        ('[connections.big]\nkind = "ollama"\nurll = "x"', "There is no setting 'connections.big.urll'"),
        ('[connections.big]\nkind = "cloud"', r"connections\.big\.kind in .* must be one of ollama"),
        ('[connections.big]\nkind = "ollama"\ntemperature = 3', "must be a number from 0 to 2"),
        ('[connections.big]\nkind = "ollama"\nthinking = "maybe"', "must be true or false"),
        ("[connections]\nbig = 3", "There is no setting 'connections.big'"),
        ("connections = 3", "There is no setting 'connections'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=said):
        load_settings(home=home_with(tmp_path, text))


def test_a_key_is_masked_and_stays_with_its_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_with(tmp_path, BIG)
    found = load_settings(home=home)
    assert found.connections["big"].key is not None
    assert found.by_name()["connections.big.key"] == "**********"
    assert "canary" not in repr(found)
    assert is_secret("connections.big.key")
    monkeypatch.setenv("FOOTNOTE_CONNECTIONS__BIG__URL", "http://127.0.0.1:9000/v1")
    elsewhere = load_settings(home=home)
    assert elsewhere.connections["big"].key is None
    assert "connections.big.key is for http://127.0.0.1:8000 and is not sent" in elsewhere.notes[0]


def test_a_backup_has_the_connections_without_their_keys(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    copy_settings(home_with(tmp_path, BIG) / "footnote.toml", copy / "footnote.toml")
    assert "canary" not in (copy / "footnote.toml").read_text(encoding="utf-8")
    again = load_settings(home=copy)
    assert again.connections["big"].url == "http://127.0.0.1:8000/v1"
    assert again.connections["big"].temperature == 0.7
    assert again.connections["small"].thinking is True


def test_what_is_set_here_counts_before_the_file_and_after_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_RETRIEVAL__PASSAGES", "4")
    given = load_settings(home=home_with(tmp_path, BIG))
    found = with_set_here(
        given, {"retrieval.passages": 6, "retrieval.dense_weight": 0.3, "connections.big.temperature": 1.0}
    )
    assert (found.retrieval.passages, found.retrieval.dense_weight) == (4, 0.3)
    assert found.connections["big"].temperature == 1.0
    assert found.source_of("retrieval.passages").kind == "environment"
    assert found.source_of("retrieval.passages").said == "FOOTNOTE_RETRIEVAL__PASSAGES"
    assert found.source_of("retrieval.dense_weight").kind == "here"
    again = with_set_here(found, {})
    assert again.retrieval.dense_weight == 0.5
    assert again.connections["big"].temperature == 0.7


def test_settings_made_in_code_count_before_what_is_set_here(tmp_path: Path) -> None:
    made = Settings.model_validate(
        {
            "home": tmp_path,
            "retrieval": {"passages": 3},
            "connections": {"big": {"kind": "ollama", "model": "qwen3"}},
        }
    )
    found = with_set_here(
        made, {"retrieval.passages": 6, "reranker.seconds": 1.5, "connections.big.context": 2048}
    )
    assert (found.retrieval.passages, found.reranker.seconds) == (3, 1.5)
    assert found.home == tmp_path
    assert found.connections["big"] == ConnectionSettings(kind="ollama", model="qwen3", context=2048)


def test_each_of_its_settings_says_what_it_takes() -> None:
    assert "connections" not in SECTIONS
    said = {name: wanted_value(f"connections.big.{name}") for name in ConnectionSettings.model_fields}
    assert said["kind"] == "one of ollama, endpoint, gguf"
    assert said["thinking"] == "true or false, or left out"
    assert said["top_p"] == "a number above 0, at most 1, or left out"
    assert said["key"].startswith("a key")
