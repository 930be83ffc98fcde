"""``vectors`` as a command."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

from kb.backends import VECTOR_STORES
from kb.config import StorageSettings
from tests.harness.commands import given, given_json
from tests.kb.models.embed.unpacked import bundled_home

MODEL = "bundled"


def test_a_move_is_planned_made_and_shown(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    plan = given_json(
        "vectors", "move", "--to", "exact", "--dry-run", home=home, FOOTNOTE_EMBEDDING__MODEL=MODEL
    )
    assert (plan["source"], plan["target"], plan["passages"]) == ("chroma", "exact", 0)
    assert not (home / "footnote.toml").exists()
    assert (
        "exact answers"
        in given("vectors", "move", "--to", "exact", home=home, FOOTNOTE_EMBEDDING__MODEL=MODEL).stdout
    )
    assert tomllib.loads((home / "footnote.toml").read_text(encoding="utf-8")) == {
        "storage": {"vectors": "exact"}
    }
    assert given_json("vectors", home=home, FOOTNOTE_EMBEDDING__MODEL=MODEL)["store"] == "exact"
    refused = given(
        "vectors", "move", "--to", "chroma-server", home=home, code=1, FOOTNOTE_EMBEDDING__MODEL=MODEL
    )
    assert "--url http://127.0.0.1:8000" in refused.stderr
    for to, url, said in (
        ("chroma-server", "http://user:hunter2secret@127.0.0.1:9", "the setting storage.vectors_key"),
        ("chroma", "http://127.0.0.1:9", "chroma runs in this process and has no address"),
    ):
        move = ("vectors", "move", "--to", to, "--url", url)
        refused = given(*move, home=home, code=1, FOOTNOTE_EMBEDDING__MODEL=MODEL)
        assert said in refused.stderr
        assert "hunter2" not in refused.stdout + refused.stderr
    assert "hunter2" not in (home / "footnote.toml").read_text(encoding="utf-8")


def test_the_settings_name_every_store() -> None:
    assert set(get_args(StorageSettings.model_fields["vectors"].annotation)) == set(VECTOR_STORES)


def test_a_server_that_is_away_is_told_and_what_stays_on_it(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    (home / "footnote.toml").write_text(
        '[storage]\nvectors = "chroma-server"\nvectors_url = "http://127.0.0.1:9"\n', encoding="utf-8"
    )
    found = given_json("vectors", home=home, code=1, FOOTNOTE_EMBEDDING__MODEL=MODEL)
    assert not found["ok"]
    assert "does not answer" in found["problem"]
    moved = given("vectors", "move", "--to", "exact", home=home, FOOTNOTE_EMBEDDING__MODEL=MODEL).stdout
    assert "The index in chroma-server could not be removed" in moved
    assert "gone" not in moved
    assert given_json("vectors", home=home, FOOTNOTE_EMBEDDING__MODEL=MODEL)["ok"]
