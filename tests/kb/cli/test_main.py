"""Commands on real files, with the real bundled model and no network.

Each way through the app is taken once by a process of its own: adding, asking, asking beside a running app. What
else a command can be given goes through the same code in this process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.harness.commands import given, given_json
from tests.harness.ports import free_port
from tests.ingest import pdf_samples
from tests.kb.models.embed.unpacked import bundled_home
from tests.models import smollm2_gguf

ROOT = Path(__file__).parents[3]

BRIDGE = """# The Halden bridge

## History

The Halden bridge was opened on 4 May 1932 by the mayor, after six years of building.

## Dimensions

Its main span is 1149 metres long, and its towers are 141 metres high.
"""
TEA = """# 茶的历史

茶树最早在云南的山区栽培。到了唐代，陆羽写成了《茶经》，这是世界上第一部关于茶的专著。

宋代流行点茶，明代以后改为泡茶。
"""


def dairy_year(canvas: Canvas, *, year: int) -> None:
    """A page of a report about something that no other file mentions."""
    text = (
        f"In {year} the dairy of Vang made {year - 1990} tonnes of brown cheese from the milk of its goats."
    )
    pdf_samples.write_paragraphs(canvas, (text,))


class Failed(Exception):
    """A command that ended with another code than it should."""


def run(*arguments: str, home: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments, "--home", str(home)],
        capture_output=True,
        text=True,
        env=own | environment,
        timeout=300,
    )
    if done.returncode != code:
        raise Failed(f"exit code {done.returncode}: {done.stdout}\n{done.stderr}")
    return done


def data(*arguments: str, home: Path, code: int = 0, **environment: str) -> Any:
    return json.loads(run(*arguments, "--json", home=home, code=code, **environment).stdout)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    (folder / "茶.txt").write_text(TEA, encoding="gb18030")
    pdf_samples.english(folder / "lighthouse.pdf")
    pdf_samples.write(
        folder / "five pages.pdf", *(partial(dairy_year, year=year) for year in range(2020, 2025))
    )
    (folder / "empty.txt").write_bytes(b"")
    pdf_samples.encrypted(folder / "secret.pdf", user="x")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / ".hidden.txt").write_text("not for the knowledge base", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory, files: Path) -> tuple[Path, list[dict[str, Any]]]:
    """A data folder to which everything was added, and what the command printed; no test changes it."""
    home = bundled_home(tmp_path_factory.mktemp("cli") / "home")
    return home, data("add", str(files), home=home, code=1)


@pytest.fixture
def home(added: tuple[Path, list[dict[str, Any]]]) -> Path:
    return added[0]


def test_add_takes_what_it_can_read_and_says_what_failed_and_why(
    added: tuple[Path, list[dict[str, Any]]],
) -> None:
    states = {Path(found["path"]).name: found for found in added[1]}
    assert set(states) == {
        "bridge.md",
        "茶.txt",
        "lighthouse.pdf",
        "five pages.pdf",
        "empty.txt",
        "secret.pdf",
        "picture.png",
        ".hidden.txt",
    }
    left_out = {name for name, found in states.items() if found["state"] == "left_out"}
    assert left_out == {"picture.png", ".hidden.txt", "empty.txt"}
    ready = {name for name, found in states.items() if found["state"] == "ready"}
    assert ready == {"bridge.md", "茶.txt", "lighthouse.pdf", "five pages.pdf"}
    assert "empty" in states["empty.txt"]["reason"]
    assert "password" in states["secret.pdf"]["reason"]


def test_list_prints_what_scripts_need(home: Path) -> None:
    documents = {found["name"]: found for found in given_json("list", home=home)}
    wanted = {"id", "name", "collection", "state", "reason", "pages", "chunks", "bytes", "sha256", "added"}
    assert all(wanted <= set(found) for found in documents.values())
    assert documents["five pages.pdf"]["pages"] == 5
    assert documents["bridge.md"]["chunks"] >= 1
    assert documents["secret.pdf"]["state"] == "failed"
    assert documents["secret.pdf"]["chunks"] == 0
    text = given("list", home=home).stdout
    assert "5 documents" in text
    assert "password" in text


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("How long is the main span of the bridge?", "bridge.md"),
        ("《茶经》是谁写的？", "茶.txt"),
        ("哈尔登大桥是哪一年开通的？", "bridge.md"),
        ("How many ships did the keeper count in one night?", "lighthouse.pdf"),
    ],
)
def test_search_finds_the_document_within_and_across_languages(
    home: Path, question: str, document: str
) -> None:
    hits = given_json("search", question, "-k", "3", home=home)
    assert hits[0]["document"] == document
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    wanted = {"rank", "score", "document", "page", "anchor", "text", "chunk_id", "scores"}
    assert wanted <= set(hits[0])
    if document.endswith(".pdf"):
        assert hits[0]["page"] == 1
        assert hits[0]["anchor"]["rects"]
    else:
        assert hits[0]["page"] is None
        assert hits[0]["anchor"]["lines"]


def test_ask_without_a_model_quotes_the_passage_and_its_place(home: Path) -> None:
    answer = data(
        "ask", "How many ships did the keeper count in one night?", "--model", "extractive", home=home
    )
    assert {"answer", "model", "searched", "citations", "timings_ms"} <= set(answer)
    assert answer["model"] == "extractive"
    assert "forty vessels" in answer["answer"]
    citation = answer["citations"][0]
    assert {"n", "document", "page", "rects", "quote"} <= set(citation)
    assert (citation["document"], citation["page"]) == ("lighthouse.pdf", 1)
    assert "forty vessels" in citation["quote"]
    assert citation["rects"]
    assert f"[{citation['n']}]" in answer["answer"]


def test_what_the_library_knows_of_itself_is_printed_and_needs_no_footnote(home: Path) -> None:
    told = given("ask", "Which documents are here?", "--model", "extractive", home=home)
    assert "lighthouse.pdf" in told.stdout
    assert "backed by your documents" not in told.stdout + told.stderr
    answer = data("ask", "这里有哪些文档？", home=home)
    assert answer["model"] == "library"
    assert answer["backed"]
    assert "lighthouse.pdf" in answer["answer"]


def test_ask_in_chinese_prints_the_answer_and_its_footnote(home: Path) -> None:
    printed = given("ask", "《茶经》是谁写的？", "--model", "extractive", home=home).stdout
    assert "陆羽" in printed
    assert "茶.txt, line" in printed


def test_ask_with_a_real_model_in_a_gguf_file(home: Path) -> None:
    gguf = smollm2_gguf()
    answer = given_json(
        "ask",
        "How long is the main span of the Halden bridge?",
        "--model",
        f"gguf/{gguf}",
        home=home,
        FOOTNOTE_ANSWERING__ANSWER_TOKENS="60",
    )
    assert answer["model"].startswith("gguf/")
    assert answer["answer"]
    assert answer["timings_ms"]["first_token"] > 0


def test_a_model_that_is_not_there_still_shows_the_passages_and_the_next_step(home: Path) -> None:
    failed = given("ask", "How long is the bridge?", "--model", "ollama/qwen3:8b", home=home, code=1)
    assert "Ollama" in failed.stderr


def test_doctor_names_what_is_in_use_and_what_is_wrong(home: Path) -> None:
    found = {finding["name"]: finding for finding in given_json("doctor", home=home)}
    assert found["torch"]["ok"]
    assert str(home) in found["data folder"]["text"]
    assert "multilingual-e5-small" in found["embedder"]["text"]
    assert "computes its vectors" in found["embedder"]["text"]
    assert "1 failed" in found["documents"]["text"]
    assert found["answers"]["remedy"]
    old = given_json("doctor", home=home, FOOTNOTE_PASSAGES="3")
    assert "FOOTNOTE_RETRIEVAL__PASSAGES" in next(each["text"] for each in old if each["name"] == "setting")
    broken = given_json("doctor", home=home, code=1, FOOTNOTE_EMBEDDING__MODEL="no such model")
    assert not next(finding for finding in broken if finding["name"] == "embedder")["ok"]


def test_removing_keeps_nothing_of_a_document(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    bridge = next(found for found in given_json("list", home=copy) if found["name"] == "bridge.md")
    assert given_json("remove", bridge["id"], home=copy) == {"removed": [bridge["id"]]}
    assert bridge["id"] not in {found["id"] for found in given_json("list", home=copy)}
    assert not list((copy / "blobs").rglob(bridge["sha256"]))
    assert all(
        hit["document"] != "bridge.md"
        for hit in given_json("search", "How long is the main span of the bridge?", home=copy)
    )
    assert "no document" in given("remove", bridge["id"], home=copy, code=1).stderr


def test_the_same_file_again_is_already_present_and_places_and_collections_are_apart(
    home: Path, files: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    (again,) = given_json("add", str(files / "bridge.md"), home=copy)
    assert again["already_present"]
    elsewhere = tmp_path / "bridge.md"
    elsewhere.write_text(BRIDGE, encoding="utf-8")
    (second,) = given_json("add", str(elsewhere), home=copy)
    assert not second["already_present"]
    (other,) = given_json("add", str(files / "bridge.md"), "--collection", "桥 & co", home=copy)
    assert not other["already_present"]
    hits = given_json("search", "《茶经》是谁写的？", "--collection", "桥 & co", home=copy)
    assert {hit["document"] for hit in hits} == {"bridge.md"}


QUOTED = 'a "b".md'
"""A name that no text could carry to where documents are looked up."""


@pytest.fixture
def two_bridges(home: Path, tmp_path: Path) -> Path:
    """A copy of the data folder with two documents more that say what another says, one of them of its name."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    file = tmp_path / QUOTED
    file.write_text(BRIDGE.replace("1149", "1150"), encoding="utf-8")
    newer = tmp_path / "2025" / "bridge.md"
    newer.parent.mkdir()
    newer.write_text(BRIDGE.replace("1149", "1151"), encoding="utf-8")
    added = given_json("add", str(file), str(newer), home=copy)
    assert {each["state"] for each in added} == {"ready"}
    return copy


def test_a_document_is_named_by_an_option_whatever_its_name_holds(two_bridges: Path) -> None:
    asked = ("How long is the main span of the bridge?", "--document", QUOTED)
    assert {hit["document"] for hit in given_json("search", *asked, home=two_bridges)} == {QUOTED}
    answer = given_json("ask", *asked, "--model", "extractive", home=two_bridges)
    assert {citation["document"] for citation in answer["citations"]} == {QUOTED}
    assert "1150" in answer["answer"]
    assert "names no date" in given("ask", "x", "--since", "never", home=two_bridges, code=1).stderr


def test_documents_of_one_name_are_told_apart_and_asked_one_by_one(two_bridges: Path, files: Path) -> None:
    question, former, newer = (
        "How long is the main span of the bridge?",
        f"{files.name}/bridge.md",
        "2025/bridge.md",
    )
    hits = given_json("search", question, home=two_bridges)
    assert {former, newer, QUOTED} <= {hit["display_name"] for hit in hits}
    assert "bridge.md" in {hit["document"] for hit in hits}
    printed = given("ask", question, "--model", "extractive", home=two_bridges).stdout
    assert f"\n[1] {former}, line" in printed
    only = given_json("search", question, "--document", newer, home=two_bridges)
    assert {hit["display_name"] for hit in only} == {"bridge.md"}
    assert any("1151" in hit["text"] for hit in only)
    assert not any("1149" in hit["text"] for hit in only)
    assert given_json("search", f"{question} document:{newer}", home=two_bridges) == only


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """``app.py serve`` until the context ends, and its address."""
    port = free_port()
    command = [sys.executable, "-u", str(ROOT / "app.py"), "serve", "--port", str(port), "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{port}"
        try:
            assert address in process.stdout.readline()
            yield address
        finally:
            process.terminate()
            process.wait(30)


def test_commands_work_while_the_app_runs(two_bridges: Path, tmp_path: Path) -> None:
    copy = two_bridges
    file = tmp_path / "ferry.txt"
    file.write_text("The ferry leaves the island of Moss at seven in the morning.", encoding="utf-8")
    with serving(copy) as address:
        second = run("serve", "--port", str(free_port()), home=copy, code=1)
        assert "in use by process" in second.stderr
        assert address in second.stderr
        assert data("add", str(file), home=copy)[0]["state"] == "ready"
        assert data("search", "When does the ferry leave?", home=copy)[0]["document"] == "ferry.txt"
        answer = data("ask", "When does the ferry leave?", "--model", "extractive", home=copy)
        assert "seven in the morning" in answer["answer"]
        asked = ("How long is the main span?", "--document", QUOTED)
        assert {hit["document"] for hit in data("search", *asked, home=copy)} == {QUOTED}
        answer = data("ask", *asked, "--model", "extractive", home=copy)
        assert {citation["document"] for citation in answer["citations"]} == {QUOTED}
        refused = run("ask", "x", "--since", "never", home=copy, code=1)
        assert "names no date" in refused.stderr


def processor_seconds(*command: str) -> float:
    """Seconds of the processor that a Python process takes: those on the wall depend on what runs beside this test."""
    before = os.times()
    subprocess.run([sys.executable, *command], capture_output=True, check=False)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


@pytest.mark.parametrize("command", [["list"], ["--help"], ["remove", "nobody"]])
def test_commands_that_need_no_model_start_quickly(command: list[str], home: Path) -> None:
    """In less than what another of the large libraries takes; a number of seconds would be a test of the processor.

    With the three that all commands need at .25 s, the commands take .35 to .75, and Chroma alone .8, PyTorch 1.6,
    Gradio 3.3 to import.
    """
    folder = [] if command == ["--help"] else ["--home", str(home)]
    libraries = min(processor_seconds("-c", "import httpx, numpy, pydantic") for _ in range(2))
    assert processor_seconds(str(ROOT / "app.py"), *command, *folder) < 4.5 * libraries


def test_a_setting_that_is_not_one_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text("pasages = 3\n", encoding="utf-8")
    assert "pasages" in run("list", home=tmp_path, code=1).stderr
    (tmp_path / "footnote.toml").write_text("passages = = 3\n", encoding="utf-8")
    assert "footnote.toml" in run("list", home=tmp_path, code=1).stderr
