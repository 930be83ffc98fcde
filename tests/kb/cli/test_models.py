"""``model`` as a command: real small models, a real answering model, a real download, a server that was proved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.embedding_model import ServedModel
from tests.doubles.embedding_servers import EmbeddingDouble, embedding_double
from tests.doubles.ollama_server import DoubleModel, ollama_double
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.harness.commands import given, given_json
from tests.kb.models.catalogue.test_downloading import FileServer
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_bert, tiny_qwen3
from tests.kb.models.embed.unpacked import bundled_home
from tests.kb.models.rerank.test_proof import shared_letters
from tests.models import smollm2_gguf

QUIET: Any = {
    "FOOTNOTE_ANSWERING__OLLAMA_URL": "http://127.0.0.1:9",
    "FOOTNOTE_EMBEDDING__ENGINE": "torch",
    "HF_HUB_OFFLINE": "1",
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tiny_bert(tmp_path_factory.mktemp("source") / "tiny-e5")
    (made / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    return made


def test_doctor_asks_what_reranks(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")

    def finding(url: str, code: int = 0) -> Any:
        using: Any = {**QUIET, "FOOTNOTE_RERANKER__URL": url, "FOOTNOTE_RERANKER__MODEL": "auto"}
        examined = given_json("doctor", home=home, code=code, **using)
        return next(each for each in examined if each["name"] == "reranker")

    def ranked(request: Request) -> Reply:
        asked = request.json()
        scores = shared_letters(asked["query"], asked["documents"])
        return json_reply(
            {"results": [{"index": at, "relevance_score": each} for at, each in enumerate(scores)]}
        )

    with scripted_http(ranked) as server:
        found = finding(server.url)
        assert (found["ok"], "It puts first what answers." in found["text"]) == (True, True)
    away = finding(server.url, code=1)
    assert "stay in the order in which they were found" in away["text"]
    assert "does not answer. Start it" in away["remedy"]
    with scripted_http(lambda _: json_reply({"results": []})) as server:
        assert "gave no score for each passage" in finding(server.url, code=1)["remedy"]


def test_a_folder_is_added_tested_used_and_removed(tiny: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    added = given_json("model", "add", str(tiny), home=home, **QUIET)
    assert (added["name"], added["kind"], added["licence"]) == ("tiny-e5", "embedding", "apache-2.0")
    assert len(added["sha256"]) == 64
    listed = {model["name"]: model for model in given_json("model", "list", home=home, **QUIET)}
    assert listed["tiny-e5"]["sha256"] == added["sha256"]
    assert not listed["tiny-e5"]["in_use"]
    assert listed["bundled"]["used_as"] == ["embedding"]
    tested = given_json("model", "test", "tiny-e5", home=home, **QUIET)
    assert tested["ok"]
    assert tested["tokens_per_second"] > 0
    using: Any = {**QUIET, "FOOTNOTE_EMBEDDING__MODEL": "tiny-e5"}
    refused = given("model", "remove", "tiny-e5", home=home, code=1, **using)
    assert "in use: embedding" in refused.stderr
    assert (home / "models" / "tiny-e5").is_dir()
    assert "is gone" in given("model", "remove", "tiny-e5", "--force", home=home, **using).stdout
    assert not (home / "models" / "tiny-e5").exists()
    assert "tiny-e5" not in given("model", "list", home=home, **QUIET).stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("m/nope",), "There is no file or folder m/nope here."),
        (("http://127.0.0.1:9/a.gguf", "--yes", "--sha256", "0000"), "That is no SHA-256"),
        (("http://me:hunter2secret@127.0.0.1:9/v1",), "the setting embedding.key"),
        (("HTTP://127.0.0.1:9/v1?api_key=hunter2secret",), "must end before the ?"),
        (("http://127.0.0.1:9/v1#hunter2",), "must end before the ?"),
        (("127.0.0.1:9/v1",), "begins with http://"),
        (("http://127.0.0.1:9/v1", "--sha256", "0" * 64), "the address of a GGUF file"),
        (("m/nope", "--sha256", "0" * 64), "the address of a GGUF file"),
        (("m/nope", "--as", "other"), "keeps its name"),
        (("m/nope", "--force"), "app.py model remove"),
    ],
)
def test_what_cannot_be_added_is_said_before_anything_is_asked(
    asked: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    refused = given("model", "add", *asked, home=tmp_path / "home", code=1, **QUIET).stderr
    assert said in refused
    assert "hunter2" not in refused


def test_a_model_that_answers_is_asked_something(tmp_path: Path) -> None:
    home = tmp_path / "home"
    given("model", "add", str(smollm2_gguf()), "--as", "smol.gguf", home=home, **QUIET)
    listed = {model["name"]: model for model in given_json("model", home=home, **QUIET)}
    assert (listed["smol.gguf"]["kind"], listed["smol.gguf"]["licence"]) == ("answering", "apache-2.0")
    assert listed["smol.gguf"]["used_as"] == ["answering"]  # auto takes it, so it is not removed unasked
    given("model", "remove", "smol.gguf", home=home, code=1, **QUIET)
    tested = given_json("model", "test", "smol.gguf", home=home, **QUIET)
    assert tested["ok"]
    assert tested["first_token_seconds"] > 0
    assert tested["tokens_per_second"] > 0
    assert tested["context_tokens"] == 8192


def test_a_named_connection_is_listed_and_asked_something_and_its_key_is_not_shown(tmp_path: Path) -> None:
    with ollama_double(reciter=DoubleModel()) as (ollama, _):
        using: Any = {
            **QUIET,
            "FOOTNOTE_CONNECTIONS__POET__KIND": "ollama",
            "FOOTNOTE_CONNECTIONS__POET__URL": ollama.url,
            "FOOTNOTE_CONNECTIONS__POET__MODEL": "reciter",
            "FOOTNOTE_CONNECTIONS__POET__KEY": "canary-4711-key",
            "FOOTNOTE_ANSWERING__MODEL": "poet",
        }
        listed = given("model", "list", "--json", home=tmp_path, **using).stdout
        found = {model["name"]: model for model in json.loads(listed)}
        assert (found["poet"]["kind"], found["poet"]["used_as"]) == ("answering", ["answering"])
        tested = given_json("model", "test", "poet", home=tmp_path, **using)
        assert tested["ok"]
        assert tested["first_token_seconds"] >= 0
        assert tested["tokens_per_second"] > 0
        examined = given("doctor", "--json", home=tmp_path, **using).stdout
        assert "canary" not in listed + examined
        said = {finding["name"]: finding for finding in json.loads(examined)}
        assert said["connection poet"]["text"] == f"answers at {ollama.url}: poet"
        engines = ("torch", "openvino", "onnx", "gguf", "ollama", "endpoint")
        stores = ("chroma", "chroma-server", "weaviate", "exact")
        assert {f"engine {name}" for name in engines} | {f"store {name}" for name in stores} <= set(said)
        assert "in use" in said["store chroma"]["text"]
        assert "does not answer" in said["engine ollama"]["remedy"]
        assert said["engine ollama"]["ok"]  # nobody named it
        refused = given("model", "remove", "poet", home=tmp_path, code=1, **using).stderr
        assert "poet is a server's model. Remove it there" in refused
        refused = given("model", "remove", "extractive", home=tmp_path, code=1, **using).stderr
        assert "There is no model 'extractive'" in refused
    examined = given_json("doctor", home=tmp_path, code=1, **using)
    (broken,) = (finding for finding in examined if finding["name"] == "connection poet")
    assert not broken["ok"]
    assert "does not answer" in broken["remedy"]
    away = given_json("model", "test", "poet", home=tmp_path, code=1, **using)
    assert "does not answer" in away["text"]


def test_an_address_is_downloaded_from_when_that_was_agreed_to(tiny: Path, tmp_path: Path) -> None:
    del tiny
    home = tmp_path / "home"
    content = tiny_gguf(
        tiny_qwen3(tmp_path / "qwen", max_tokens=512), tmp_path / "tiny-embed.gguf"
    ).read_bytes()
    with scripted_http(FileServer(content)) as server:
        url = f"{server.url}/tiny-embed.gguf"
        asked = given("model", "add", url, home=home, code=1, **QUIET)
        assert "MB from 127.0.0.1" in asked.stderr
        assert "--yes" in asked.stderr
        added = given_json("model", "add", url, "--yes", home=home, **QUIET)
    assert (added["name"], added["kind"], added["bytes"]) == ("tiny-embed.gguf", "embedding", len(content))
    assert added["used_as"] == []


def test_what_is_not_here_is_said_in_a_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for what in (
        ["add", "owner/nothing"],
        ["add", "./nothing"],
        ["test", "nothing"],
        ["remove", "nothing"],
        ["list", "nothing"],
        ["test", "bundled", "--as", "other"],
        ["add"],
    ):
        said = given("model", *what, home=home, code=1, **QUIET).stderr
        assert said.rstrip().endswith(".")
        assert "Traceback" not in said


def test_a_server_is_added_when_it_is_proved_and_nothing_stays_of_one_that_fails(tmp_path: Path) -> None:
    home = tmp_path / "home"
    folder = tiny_qwen3(tmp_path / "served")
    with embedding_double(EmbeddingDouble(ServedModel(folder, longest=512))) as server:
        added = given_json("model", "add", f"{server.url}/v1", home=home, **QUIET)
        assert (added["name"], added["kind"], added["place"]) == ("tiny", "embedding", "server")
    listed = {model["name"]: model for model in given_json("model", "list", home=home, **QUIET)}
    assert "proved" in listed["tiny"]["about"]
    given("model", "remove", "tiny", home=home, **QUIET)
    assert "tiny" not in given("model", "list", home=home, **QUIET).stdout
    with embedding_double(EmbeddingDouble(ServedModel(folder, longest=512, batch_differs=0.3))) as server:
        asked = {
            **QUIET,
            "FOOTNOTE_EMBEDDING__ENGINE": "endpoint",
            "FOOTNOTE_EMBEDDING__URL": f"{server.url}/v1",
        }
        refused = given("model", "add", "tiny", home=home, code=1, FOOTNOTE_EMBEDDING__MODEL="tiny", **asked)
    assert "in a batch than alone" in refused.stderr
    assert "tiny" not in given("model", "list", home=home, **QUIET).stdout
