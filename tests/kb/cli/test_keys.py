"""``key`` and ``log`` as scripts use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import App
from kb.cli import main as cli
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, search, sentence


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(arguments, App())
    said = capsys.readouterr()
    return code, said.out, said.err


def told(said: str) -> Any:
    return json.loads(said)


def test_keys_are_made_listed_and_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ("--home", str(tmp_path))
    options = ("--scope", "write", "--collection", "a", "--collection", "b", "--json")
    made = told(run(capsys, "key", "add", "editor", *options, *home)[1])
    assert made.keys() == {"name", "key", "scope"}
    assert (made["name"], made["scope"]) == ("editor", "write")
    code, shown, advice = run(capsys, "key", "add", "reader", *home)
    assert code == 0
    assert shown.startswith("fn_")
    assert "this once" in advice
    listed = told(run(capsys, "key", "list", "--json", *home)[1])
    assert [(key["name"], key["scope"], key["collections"]) for key in listed] == [
        ("editor", "write", ["a", "b"]),
        ("reader", "read", None),
    ]
    assert run(capsys, "key", "revoke", "reader", *home)[0] == 0
    assert [key["name"] for key in told(run(capsys, "key", "--json", *home)[1])] == ["editor"]
    code, _, refusal = run(capsys, "key", "revoke", "reader", *home)
    assert (code, "no key 'reader'" in refusal) == (1, True)
    assert run(capsys, "key", "add", *home)[0] == 1


def test_the_log_is_printed_an_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library(tmp_path)
    library.fill(2)
    library.close()
    kb = open_kb(tmp_path, embedder=HashEmbedder())
    search(kb, sentence(3))
    kb.close()
    _, said, _ = run(capsys, "log", "--json", "--home", str(tmp_path))
    lines = [told(line) for line in said.splitlines()]
    assert {line["kind"] for line in lines} == {"retrieval", "embedding"}
    fields = {"time", "kind", "origin", "engine", "model", "tokens", "ms", "status"}
    assert all(fields <= line.keys() for line in lines)
    assert sorted(line["time"] for line in lines) == [line["time"] for line in lines]
    _, said, _ = run(capsys, "log", "--kind", "retrieval", "--words", "PASSAGE 3", "--home", str(tmp_path))
    assert len(said.splitlines()) == 1
    assert sentence(3)[:40] in said
