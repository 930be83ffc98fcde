"""``settings`` as a command: what is in force and where it stands; set, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.harness.commands import given, given_json

KEY = "canary-4711-key"


def found(home: Path, name: str, **environment: Any) -> Any:
    (state,) = given_json("settings", "list", name, home=home, **environment)
    return state


def test_each_setting_is_shown_with_its_place_and_can_be_set_and_taken_back(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text("[retrieval]\npassages = 5\n", encoding="utf-8")
    environment: Any = {"FOOTNOTE_RERANKER__SECONDS": "3"}
    said = given("settings", home=tmp_path, **environment).stdout.splitlines()
    assert "retrieval.passages = 5  (footnote.toml)" in said
    assert "reranker.seconds = 3.0  (environment: FOOTNOTE_RERANKER__SECONDS)" in said
    assert "retrieval.dense_weight = 0.5  (default)" in said
    assert given("settings", "set", "retrieval.passages", "7", home=tmp_path).stdout == "Kept.\n"
    assert found(tmp_path, "retrieval.passages")["value"] == 7
    assert found(tmp_path, "retrieval.passages")["source"]["kind"] == "here"
    given("settings", "reset", "retrieval.passages", home=tmp_path)
    assert found(tmp_path, "retrieval.passages")["value"] == 5
    refused = given("settings", "set", "reranker.seconds", "4", home=tmp_path, code=1, **environment)
    assert "FOOTNOTE_RERANKER__SECONDS" in refused.stderr
    assert (
        "counts when Footnote is started again"
        in given("settings", "set", "parsing.seconds", "300", home=tmp_path).stdout
    )


def test_a_key_is_set_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text(
        '[answering]\nendpoint_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8"
    )
    done = given("settings", "set", "answering.endpoint_key", KEY, home=tmp_path)
    assert "type the key then" in done.stderr
    assert found(tmp_path, "answering.endpoint_key")["value"] is True
    listed = given("settings", home=tmp_path).stdout
    assert "answering.endpoint_key = set, not shown" in listed
    assert KEY not in listed + done.stdout + done.stderr
