"""A key is for one server, and is a key."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from kb.config import SECTIONS, load_settings, secret_settings
from kb.config.keys import key_addresses
from kb.errors import Misconfigured
from kb.system.redact import redacted

KEY = "canary-4711-key"
URL, KEY_NAME = "answering.endpoint_url", "answering.endpoint_key"
HERE, THERE = "http://127.0.0.1:8000/v1", "http://127.0.0.1:9000/v1"


def in_file(home: Path, text: str) -> Path:
    (home / "footnote.toml").write_text(text, encoding="utf-8")
    return home


def key_of(settings: object) -> str | None:
    held = getattr(settings, "answering").endpoint_key  # noqa: B009
    return held.get_secret_value() if held else None


def test_every_key_says_which_address_it_is_for() -> None:
    assert {name for name in secret_settings() if "." in name} == set(key_addresses())
    for key, url in key_addresses().items():
        section, _, name = url.partition(".")
        assert name in SECTIONS[section].model_fields, key


@pytest.mark.parametrize(
    ("in_toml", "given", "sent"),
    [
        ({URL: HERE, KEY_NAME: KEY}, {}, True),
        ({URL: HERE, KEY_NAME: KEY}, {URL: THERE}, False),
        ({URL: HERE, KEY_NAME: KEY}, {URL: "https://127.0.0.1:8000/v1"}, False),
        ({URL: HERE, KEY_NAME: KEY}, {URL: "http://127.0.0.2:8000/v1"}, False),
        ({URL: HERE, KEY_NAME: KEY}, {URL: "http://127.0.0.1:8000/v2/"}, True),
        ({URL: HERE, KEY_NAME: KEY}, {URL: THERE, KEY_NAME: "another-key-1"}, True),
        ({KEY_NAME: KEY}, {URL: THERE}, True),
        ({URL: HERE}, {KEY_NAME: KEY}, True),
    ],
)
def test_a_key_does_not_go_where_another_address_is_given(
    in_toml: dict[str, str], given: dict[str, str], sent: bool, tmp_path: Path
) -> None:
    lines = [f'{name.partition(".")[2]} = "{value}"' for name, value in in_toml.items()]
    home = in_file(tmp_path, "\n".join(["[answering]", *lines]))
    settings = load_settings(given, home=home)
    assert (key_of(settings) is not None) == sent
    assert bool(settings.notes) != sent
    assert all("is not sent to" in note and KEY not in note for note in settings.notes)


def test_nor_in_the_second_of_two_runs(tmp_path: Path) -> None:
    first, second = {URL: HERE, KEY_NAME: KEY}, {URL: THERE}
    assert key_of(load_settings(first, home=tmp_path)) == KEY
    assert key_of(load_settings(first, second, home=tmp_path)) is None


@pytest.mark.parametrize("name", sorted(set(key_addresses().values())))
def test_what_stands_behind_a_question_mark_of_an_address_may_be_a_key(name: str, tmp_path: Path) -> None:
    url = f"{HERE}?api={KEY}&b=canary%2D4712%2Dkey#canary-4713-key"
    section, _, field = name.partition(".")
    in_file(tmp_path, f'[{section}]\n{field} = "{url}"\n')
    with suppress(Misconfigured):  # some may not have one at all
        load_settings(home=tmp_path)
    said = redacted(f"{url} and canary-4712-key")
    assert "canary" not in said
    assert said.startswith(HERE)


def test_white_space_around_a_key_goes(tmp_path: Path) -> None:
    assert key_of(load_settings({KEY_NAME: f" {KEY}\r\n"}, home=tmp_path)) == KEY
    assert key_of(load_settings({KEY_NAME: "\n"}, home=tmp_path)) is None


@pytest.mark.parametrize("key", ["canary\n4711-key", "canäry-4711-key", "canary 4711 key", "canary\x004711"])
def test_what_no_header_can_hold_is_no_key(key: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="one line of ASCII characters") as refused:
        load_settings({KEY_NAME: key}, home=tmp_path)
    assert "4711" not in str(refused.value)


@pytest.mark.parametrize("variable", ["ANSWERING__ENDPOINT_KEY", "ENDPOINT_KEY", "CONNECTIONS__BIG__KEY"])
def test_a_key_may_stand_in_a_file_that_the_environment_names(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    monkeypatch.setenv(f"FOOTNOTE_{variable}_FILE", str(file))
    monkeypatch.setenv("FOOTNOTE_CONNECTIONS__BIG__KIND", "endpoint")
    monkeypatch.setenv("FOOTNOTE_CONNECTIONS__BIG__URL", HERE)
    settings = load_settings({URL: HERE}, home=tmp_path)
    held = settings.connections["big"].key if "BIG" in variable else settings.answering.endpoint_key
    assert held is not None
    assert held.get_secret_value() == KEY


@pytest.mark.parametrize("content", [None, b" \n", b"\xff\xfe\x00k"])
def test_a_file_without_a_key_is_said(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("FOOTNOTE_EMBEDDING__KEY_FILE", str(tmp_path / "secret"))
    with pytest.raises(Misconfigured, match="FOOTNOTE_EMBEDDING__KEY_FILE names a file"):
        load_settings(home=tmp_path)


def test_only_keys_stand_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_EMBEDDING__MODEL_FILE", str(tmp_path / "any"))
    with pytest.raises(Misconfigured, match="MODEL_FILE"):
        load_settings(home=tmp_path)
