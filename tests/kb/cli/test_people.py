"""``user``, ``group`` and ``share`` as scripts use them: a password comes by the standard input, never as a word."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path

import pytest

from app import App
from kb.cli import main as cli
from kb.state.db import Database
from kb.state.identities import Identities, Identity
from kb.state.people import People
from kb.system.home_layout import DATABASE


def test_people_groups_and_shares_are_made_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = cli.main([*arguments, "--home", str(tmp_path)], App())
        said = capsys.readouterr()
        return code, said.out + said.err

    code, said = run("user", "add", "olga", "--role", "owner", "--json", typed="correct horse\n")
    assert (code, json.loads(said)["role"]) == (0, "owner")
    code, said = run("user", "add", "bert", typed="correct horse\n")
    assert (code, "accounts = true" in said) == (0, True)
    assert run("user", "add", "cleo")[0] == 1  # no password
    assert run("user", "add", "cleo", typed="short\n")[0] == 1
    assert run("user", "password", "bert", "--json", typed="battery staple\n")[0] == 0
    assert run("group", "add", "lab", "bert")[0] == 0
    assert run("share", "reports", "lab", "--as", "editor")[0] == 0
    assert run("share", "reports", "olga")[0] == 0
    listed = json.loads(run("share", "--list", "--json")[1])
    assert listed[0] == {"collection": "reports", "name": "lab", "kind": "group", "role": "editor"} or (
        listed[1] == {"collection": "reports", "name": "lab", "kind": "group", "role": "editor"}
    )
    assert run("share", "reports", "olga", "--remove")[0] == 0
    assert len(json.loads(run("share", "--json")[1])) == 1
    assert json.loads(run("group", "--json")[1]) == [{"name": "lab", "members": ["bert"]}]
    assert run("share", "reports", "nobody")[0] == 1
    assert run("user", "role", "bert")[0] == 1  # which?
    assert json.loads(run("user", "role", "bert", "owner", "--json")[1])["role"] == "owner"
    assert run("user", "role", "olga", "reader")[0] == 0
    code, said = run("user", "role", "bert", "editor")
    assert (code, "last owner" in said) == (1, True)
    assert run("user", "role", "olga", "owner")[0] == 0
    with closing(Database(tmp_path / DATABASE)) as database:
        (person,) = (each for each in People(database).all() if each.name == "bert")
        for number in (1, 2):
            Identities(database).connect(person.id, Identity(f"https://{number}.example", "x"))
    code, said = run("user", "disconnect", "bert")
    assert (code, "https://1.example, https://2.example" in said) == (1, True)
    assert run("user", "disconnect", "bert", "--provider", "https://2.example", "--json")[0] == 0
    code, said = run("user", "disconnect", "bert")
    assert (code, "signs in by a password" in said) == (0, True)
    assert run("user", "disconnect", "bert")[0] == 1
    assert run("user", "disconnect", "nobody")[0] == 1
    assert run("user", "remove", "bert")[0] == 0
    assert [(each["name"], each["stored_bytes"]) for each in json.loads(run("user", "--json")[1])] == [
        ("olga", 0)
    ]
    assert "added 0 MB" in run("user")[1]
