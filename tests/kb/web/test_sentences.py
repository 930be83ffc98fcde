"""What the program says of faults is said in the page's other language, too."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import errors
from kb.config.complaints import wanted_value
from kb.config.connections import field_names
from kb.config.sections import setting_names
from kb.web.sentences import catalogue as catalogue_module
from kb.web.sentences.catalogue import catalogue, said_in

ROOT = Path(__file__).parents[3]
SETTINGS = (*setting_names(), *(f"connections.big.{field}" for field in field_names()))
SERVERS = ("ModelServer", "VectorServer", "_server")
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
ON_THE_PAGE = (
    *("ingest/parse", "ingest/sandbox", "ingest/chunking", "ingest/formats.py", "ingest/render.py"),
    *("ingest/prepare.py", "ingest/publish.py", "kb/answer", "kb/models/chat/limits.py"),
    *(
        "kb/models/chat/ollama.py",
        "kb/models/chat/openai.py",
        "kb/state/blobs.py",
        "kb/state/conversations.py",
    ),
    *("kb/state/job_control.py", "kb/state/moves.py", "kb/state/removals.py", "kb/state/tags.py"),
    *(
        "kb/state/api_keys.py",
        "kb/state/identities.py",
        "kb/state/named.py",
        "kb/state/people.py",
        "kb/state/shares.py",
        "kb/knowledge_base/identities.py",
        "kb/knowledge_base/sharing.py",
        "kb/knowledge_base/storage_limit.py",
        "kb/knowledge_base/accounts.py",
    ),
    *("kb/state/chunks.py", "kb/state/jobs.py", "kb/system/disk.py", "kb/text/collection_names.py"),
    *("kb/knowledge_base/library.py", "kb/knowledge_base/listing.py", "kb/knowledge_base/passage_edits.py"),
    *("kb/knowledge_base/ratings.py", "kb/knowledge_base/settings.py", "kb/knowledge_base/vectors.py"),
    *(
        "kb/knowledge_base/embedder.py",
        "kb/knowledge_base/embedder_settings.py",
        "kb/knowledge_base/models.py",
    ),
    *("kb/backends.py", "kb/evaluate", "kb/index", "kb/maintenance", "kb/models/catalogue/arriving.py"),
    *(
        "kb/models/catalogue/copying.py",
        "kb/models/catalogue/reading.py",
        "kb/models/catalogue/wishes.py",
        "kb/models/chat",
        "kb/models/embed",
    ),
    *("kb/models/transport.py", "kb/models/replies.py"),
    *("kb/models/rerank", "kb/system/sign_in_tries.py", "kb/types/people.py", "kb/web/api/pictures.py"),
)
"""Whose errors somebody sees who uses the page; the commands and what starts the app speak English."""


def sources() -> Iterator[Path]:
    for folder in ("kb", "ingest"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def written(node: ast.expr) -> str | None:
    """A text of the source, with ``{}`` for what is filled in; None for what is no text."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(written(part) or "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (written(left) or "{}") + (written(right) or "{}")
    return None


def raised(file: Path) -> set[str]:
    """The sentences of the errors that are made in a file; what is filled in as a whole is none."""
    calls = [
        node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    made = [
        written(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in KINDS and call.args
        if not any(keyword.arg == "key" for keyword in call.keywords)  # said by its key
    ]
    return {sentence for sentence in made if sentence and sentence.replace("{}", "").strip(" .:")}


def test_what_somebody_reads_on_the_page_has_a_translation() -> None:
    known = {"{}".join(sentence.fixed) for sentence in catalogue("zh")}
    seen = [file for file in sources() if str(file.relative_to(ROOT)).startswith(ON_THE_PAGE)]
    missing = {sentence for file in seen for sentence in raised(file)} - known
    assert not missing


def filled_in(file: Path) -> set[str]:
    """What the sentences of the errors of a file are filled with, where that is words of ours: one thing or another."""
    found: set[str | None] = set()
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        nodes = list(ast.walk(function))
        named = {
            node.targets[0].id: node.value
            for node in nodes
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        made = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        places = [
            place.value
            for call in made
            if isinstance(call.func, ast.Name) and call.func.id in KINDS and call.args
            for place in ast.walk(call.args[0])
            if isinstance(place, ast.FormattedValue)
        ]
        values = [named.get(place.id, place) if isinstance(place, ast.Name) else place for place in places]
        for node in (each for value in values for each in ast.walk(value)):
            if isinstance(node, ast.IfExp):
                found |= {written(node.body), written(node.orelse)}
            elif isinstance(node, ast.BoolOp):
                found |= {written(each) for each in node.values}
    return {said for said in found if said and " " in said.strip(" {}") and said.replace("{}", "").strip()}


def test_words_of_ours_within_a_sentence_have_a_translation() -> None:
    known = {"{}".join(sentence.fixed) for sentence in catalogue("zh")}
    seen = [file for file in sources() if str(file.relative_to(ROOT)).startswith(ON_THE_PAGE)]
    found = set().union(*map(filled_in, seen))
    assert "whoever has no key" in found
    assert found - known == set()


def said_of_servers(file: Path) -> set[str]:
    """What the messages about a server are filled with: who it is, and what to do."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = {
        target.id: written(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SERVERS
        for keyword in node.keywords
        if keyword.arg in ("who", "start", "refused_key", "unknown", "elsewhere")
    ]
    values = [
        each for value in given for each in (value.values if isinstance(value, ast.BoolOp) else [value])
    ]
    found = {named.get(value.id) if isinstance(value, ast.Name) else written(value) for value in values}
    return {sentence for sentence in found if sentence}


def test_what_is_said_of_servers_has_a_translation() -> None:
    known = {"{}".join(sentence.fixed) for sentence in catalogue("zh")}
    seen = [file for file in sources() if str(file.relative_to(ROOT)).startswith(ON_THE_PAGE)]
    assert {sentence for file in seen for sentence in said_of_servers(file)} - known == set()
    assert "Start it, or set {} to where it listens." in set().union(*map(said_of_servers, seen))


def test_nothing_is_translated_that_the_program_does_not_say() -> None:
    said = "\n".join(
        text
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.expr) and (text := written(node)) is not None
    )
    wanted = [wanted_value(name) for name in SETTINGS]  # made of several texts
    for sentence in catalogue("zh"):
        if any(sentence.values(value) is not None for value in wanted):
            continue
        for words in sentence.fixed:
            assert words.strip(" .,:()") in said, "{}".join(sentence.fixed)


@pytest.mark.parametrize("said", ["The kettle is warm. Take it off.", "It is a kettle. Footnote reads PDF."])
def test_what_is_in_no_catalogue_stays_as_it_is(said: str) -> None:
    assert said_in("zh", said) == said


def test_what_a_setting_takes_is_said_whole() -> None:
    english = {name: wanted_value(name) for name in SETTINGS}
    left = {name: value for name, value in english.items() if said_in("zh", value) == value}
    assert left == {}


def test_every_value_has_its_place() -> None:
    entries = json.loads((Path(catalogue_module.__file__).parent / "zh.json").read_text(encoding="utf-8"))
    for english, chinese in entries.items():
        places = range(english.count("{}"))
        chinese.format(*places)
        assert english.replace("{}", "").strip(), "it would be every sentence"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("a.pdf has no text: its pages are empty.", "a.pdf 没有文字：各页都是空白。"),
        ("Each of these files holds no text.", "每个文件里没有文字。"),
        (
            "The Chroma server at http://[::1]:1 does not answer. Start it (chroma run --host 127.0.0.1), or set "
            "another address. Exact search over this library's own copy of the vectors answers until then.",
            "http://[::1]:1 上的 Chroma 服务器没有应答。请启动它（chroma run --host 127.0.0.1），或设置其他地址。"
            "在此之前，由对本文档库自有向量副本的精确检索来回答。",
        ),
        (
            "The model server at http://[::1]:1/v1 sent something that is not JSON: '<html>'. Another program may "
            "listen there: set connections.a.url up to and with /v1.",
            "http://[::1]:1/v1 上的模型服务器发来的内容不是 JSON：'<html>'。那里可能是另一个程序："
            "请设置 connections.a.url（直到并包括 /v1）。",
        ),
        (
            "x.png is a picture (PNG). Footnote reads PDF, DOCX, TXT, Markdown, HTML and Jupyter notebooks.",
            "x.png 是图片（PNG）。Footnote 可读取 PDF、DOCX、TXT、Markdown、HTML 和 Jupyter 笔记本。",
        ),
        (
            "Only the words of the question were searched, not its meaning. Ollama at http://[::1]:1 does not answer. "
            "Start Ollama (the app, or: ollama serve).",
            "只按问题的字词搜索，没有按意思搜索。http://[::1]:1 上的 Ollama 没有应答。"
            "请启动 Ollama（应用，或运行 ollama serve）。",
        ),
        (
            "2 damaged character(s) could not be read as cp1252. 3 long output(s) were shortened.",
            "有 2 个损坏的字符无法按 cp1252 读取。缩短了 3 段过长的输出。",
        ),
        (
            "A {name} nobody knows. 3 long output(s) were shortened.",
            "A {name} nobody knows. 缩短了 3 段过长的输出。",
        ),
        ("{0} has no text: its pages are empty.", "{0} 没有文字：各页都是空白。"),
    ],
)
def test_a_sentence_is_said_with_its_values_and_what_is_not_known_stays(english: str, chinese: str) -> None:
    assert said_in("zh", english) == chinese
    assert said_in("en", english) == english


def test_a_hostile_reason_takes_no_time() -> None:
    began = time.perf_counter()
    for text in ("is damaged: " * 300, "a. " * 11 + "b", ". " * 1900, "x" * 4000, " holds more than " * 200):
        said_in("zh", text)
    assert time.perf_counter() - began < 1
