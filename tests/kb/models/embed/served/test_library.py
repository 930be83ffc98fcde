"""A library over an embedding server: added, searched, without the server, and with another one in its place."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kb.types import Question
from tests.doubles.embedding_model import ServedModel
from tests.doubles.embedding_servers import EmbeddingDouble, embedding_double
from tests.doubles.scripted_http import Reply, json_reply
from tests.harness.commands import given, given_json
from tests.kb.library import open_kb
from tests.waiting import wait_until


@pytest.fixture
def double(folder: Path) -> Iterator[EmbeddingDouble]:
    model = ServedModel(folder)
    yield EmbeddingDouble(
        model, "tei"
    )  # by a name of which this machine has nothing: no reference is computed
    model.close()


@contextmanager
def environment(double: EmbeddingDouble) -> Iterator[dict[str, Any]]:
    with embedding_double(double) as running:
        yield {
            "FOOTNOTE_EMBEDDING__ENGINE": "endpoint",
            "FOOTNOTE_EMBEDDING__URL": f"{running.url}/v1",
            "FOOTNOTE_EMBEDDING__MODEL": double.name,
        }


def written(folder: Path, **texts: str) -> list[str]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths


def test_a_server_that_fails_its_proof_ends_add_and_nothing_is_stored(
    double: EmbeddingDouble, tmp_path: Path
) -> None:
    double.model.adds_end_token, double.model.batch_differs = True, 0.1
    with environment(double) as named:
        files = written(tmp_path, ferry="A ferry crosses the sound.")
        done = given("add", *files, home=tmp_path / "home", code=1, **named)
        assert "another vector in a batch than alone" in done.stdout + done.stderr
        assert given_json("list", home=tmp_path / "home", **named) == []
        (finding,) = [
            each
            for each in given_json("doctor", home=tmp_path / "home", code=1, **named)
            if each["name"] == "embedder"
        ]
        assert not finding["ok"]
        assert "in a batch than alone" in finding["remedy"]


def test_a_library_answers_by_words_while_its_server_is_away_or_another(
    double: EmbeddingDouble, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with environment(double) as named:
        files = written(tmp_path, ferry="A ferry crosses the sound.", pump="The pump needs oil of grade 7.")
        added = given_json("add", *files, home=home, **named)
        assert [each["state"] for each in added] == ["ready", "ready"]
        double.before = lambda _: Reply(cut=True)
        away = given("search", "oil of the pump", "--json", home=home, **named)
        assert '"pump.txt"' in away.stdout
        assert "Only the words of the question were searched" in away.stderr
        answered = given("ask", "Which oil does the pump need?", "--model", "extractive", home=home, **named)
        assert "grade 7" in answered.stdout

        double.before = lambda _: None
        double.model.adds_end_token = False
        other = given("search", "ferry", home=home, **named)
        assert "ferry.txt" in other.stdout
        assert "another vector than when it was registered" in other.stderr
        more = written(tmp_path, more="The boiler is cleaned before winter.")
        refused = given("add", *more, home=home, code=1, **named)
        assert "another vector than when it was registered" in refused.stdout + refused.stderr
        assert len(given_json("list", home=home, **named)) == 2


def test_a_document_with_a_text_that_the_server_refuses_fails_with_its_reason_and_the_others_go_on(
    double: EmbeddingDouble, tmp_path: Path
) -> None:
    double.before = lambda request: (
        json_reply({"error": "no such letters"}, 400) if b"zzzz" in request.body else None
    )
    with environment(double) as named:
        files = written(tmp_path, good="A ferry crosses the sound.", bad="zzzz", fine="A pump needs oil.")
        added = given_json("add", *files, home=tmp_path / "home", code=1, **named)
        assert {Path(each["path"]).stem: each["state"] for each in added} == {
            "good": "ready",
            "bad": "failed",
            "fine": "ready",
        }
        assert "no such letters" in next(each["reason"] for each in added if each["state"] == "failed")


def test_a_library_restored_on_another_machine_embeds_nothing_anew(
    double: EmbeddingDouble, tmp_path: Path
) -> None:
    files = written(tmp_path, ferry="A ferry crosses the sound.", pump="The pump needs oil of grade 7.")
    with environment(double) as named:
        given("add", *files, home=tmp_path / "home", **named)
        given("backup", "--to", str(tmp_path / "kept.zip"), home=tmp_path / "home", **named)
    elsewhere = tmp_path / "elsewhere"
    given("restore", str(tmp_path / "kept.zip"), home=elsewhere)
    double.model.quantised = 0.005  # rounds otherwise there: cosine .99999
    with environment(double) as named:
        found = given("search", "ferry", home=elsewhere, **named)
        assert "ferry.txt" in found.stdout
        assert "Only the words" not in found.stderr
        double.bodies.clear()
        given("add", *written(tmp_path, more="The boiler is cleaned."), home=elsewhere, **named)
        sent = [text for body in double.bodies for text in body["input"]]
        assert "The boiler is cleaned." in " ".join(sent)
        assert not any("crosses the sound" in text or "oil of grade" in text for text in sent)

        lines = proved_again(elsewhere, named)
        assert lines["proof"] == "the vectors that are stored stay as they are"
        double.model.adds_end_token = False
        assert "another vector" in given("search", "ferry", home=elsewhere, **named).stderr
        assert "embedded anew" in proved_again(elsewhere, named)["proof"]
        assert "another vector" not in given("search", "ferry", home=elsewhere, **named).stderr


def proved_again(home: Path, named: dict[str, Any]) -> dict[str, str]:
    """The findings after a proof is made anew, by their names."""
    said = given_json("doctor", "--prove-again", home=home, **named)
    return {each["name"]: each["text"] for each in said}


def test_words_alone_answer_until_a_server_was_reached_and_it_is_proved_by_itself_when_it_comes(
    double: EmbeddingDouble, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.knowledge_base.words_alone._TRY_AGAIN_SECONDS", 0.2)
    home = tmp_path / "home"
    given(
        "add",
        *written(tmp_path, ferry="A ferry crosses the sound."),
        home=home,
        FOOTNOTE_EMBEDDING__MODEL=str(folder),
        FOOTNOTE_EMBEDDING__ENGINE="torch",
    )
    double.before = lambda _: Reply(cut=True)
    with embedding_double(double) as running:
        section = {"engine": "endpoint", "url": f"{running.url}/v1", "model": double.name}
        asked: dict[str, Any] = {f"embedding.{name}": value for name, value in section.items()}
        kb = open_kb(home, **asked)
        with closing(kb):
            found = asyncio.run(kb.query_engine.search(Question("ferry")))
            assert [hit.document.name for hit in found.hits] == ["ferry.txt"]
            assert "Only the words of the question" in found.notice
            assert "words alone" in kb.embedder_status()
            assert proofs(home) == 0
            double.before = lambda _: None
            wait_until(lambda: proofs(home) == 1, 60)  # its proof has texts of 2,000 tokens
            wait_until(lambda: "words alone" not in kb.embedder_status())
            asyncio.run(kb.close_models())


def proofs(home: Path) -> int:
    """How many servers were proved."""
    with closing(sqlite3.connect(home / "footnote.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM server_proofs").fetchone()[0])
