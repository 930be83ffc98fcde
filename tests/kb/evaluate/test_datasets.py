"""Every format of a question set, and what is said about one that is broken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb.errors import BadInput
from kb.evaluate.datasets import read_sets
from kb.evaluate.questions import QuestionSet, SetKind, answerable_from, labelled_set
from kb.types import LabelledQuestion, Turn

SUFFIXES = frozenset({".txt", ".md"})


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def only_set(folder: Path) -> QuestionSet:
    (found,) = read_sets(folder, suffixes=SUFFIXES)
    return found


def retrieval(folder: Path, qrels: str = "query_id\tdoc_id\tgain\nq1\ta\t2\nq2\ta\t1\nq2\tb\t0\n") -> Path:
    write(
        folder / "corpus.jsonl",
        [
            {"id": "a", "title": "Bridges", "text": "Spans and towers."},
            {"id": "b", "title": "Article", "text": "First part."},
            {"id": "c", "title": "Article", "text": "Second part."},
        ],
    )
    history = [{"role": "user", "text": "before?"}, {"role": "assistant", "text": "this"}]
    write(
        folder / "queries.jsonl",
        [
            {"id": "q1", "text": "What spans?", "answers": ["towers"]},
            {"id": "q2", "text": "And it?", "history": history, "answerability": "PARTIAL"},
            {"id": "q3", "text": "Who?", "answerability": "UNANSWERABLE"},
            {"id": "q4", "text": "Which?", "answerability": "UNDERSPECIFIED"},
        ],
    )
    (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_a_retrieval_set(tmp_path: Path) -> None:
    found = only_set(retrieval(tmp_path / "mine"))
    assert (found.name, found.kind) == ("mine", SetKind.DOCUMENTS)
    first, second, third, fourth = found.questions
    assert [(gold.id, gold.gain) for gold in first.gold] == [("a", 2)]
    assert [gold.id for gold in second.gold] == ["a"]  # a gain of 0 was judged irrelevant
    assert second.history == (Turn("before?", "this"),)
    assert [each.answerable for each in found.questions] == [True, True, False, None]
    assert (third.gold, fourth.gold) == ((), ())
    assert first.gold[0].document == hashlib.sha256(found.documents[0].content()).hexdigest()


def test_a_title_is_put_above_a_text_only_where_it_is_its_own(tmp_path: Path) -> None:
    texts = [file.content().decode() for file in only_set(retrieval(tmp_path)).documents]
    assert texts == ["Bridges\n\nSpans and towers.", "First part.", "Second part."]


def test_a_chunking_set_keeps_the_offsets_of_its_text(tmp_path: Path) -> None:
    text = "One line.\r\nAnother <unk> line.\n"
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "c.md").write_bytes(text.encode())
    start = text.index("Another")
    write(
        tmp_path / "questions.jsonl",
        [{"id": "1", "corpus": "c", "text": "Which?", "refs": [{"start": start, "end": start + 7}]}],
    )
    found = only_set(tmp_path)
    assert found.kind is SetKind.SPANS
    assert found.questions[0].gold[0].span == (start, start + 7)
    assert found.documents[0].content().decode()[start : start + 7] == "Another"
    assert found.documents[0].name == "c.txt"


def test_files_with_a_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "one.txt").write_text("The answer is 42.", encoding="utf-8")
    manifest = {
        "id": "d1",
        "path": "set/docs/one.txt",
        "paragraph_pages": {"p": [2, 3], "none": [None, None]},
    }
    write(folder / "manifest.jsonl", [manifest])
    write(
        folder / "queries.jsonl",
        [
            {"id": "1", "text": "What?", "doc": "d1", "paragraph": "p", "answers": ["42"]},
            {"id": "2", "text": "Where?", "doc": "d1", "paragraph": "none", "answers": ["42"]},
            {"id": "3", "text": "Who?", "doc": None, "answers": []},
        ],
    )
    found = only_set(folder)
    assert found.kind is SetKind.PASSAGES
    assert [each.answerable for each in found.questions] == [True, True, False]
    assert [gold.pages for each in found.questions for gold in each.gold] == [(2, 3), None]


def test_questions_that_a_person_wrote(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "notes.md").write_text("# Notes", encoding="utf-8")
    (tmp_path / "sub" / "more.txt").write_text("More.", encoding="utf-8")
    write(
        tmp_path / "questions.jsonl",
        [
            {"question": "What?", "document": "notes.md", "answer": "Notes"},
            {"question": "More?", "document": "sub/more.txt", "page": 3},
            {"question": "Quoted?", "quote": "More."},
            {"question": "Nothing?", "answerable": False},
            {"question": "Unknown?"},
        ],
    )
    (found,) = read_sets(tmp_path, suffixes=SUFFIXES | {".jsonl"})  # the questions are no document
    assert [file.name for file in found.documents] == ["notes.md", "sub - more.txt"]
    assert [len(each.gold) for each in found.questions] == [1, 1, 1, 0, 0]
    assert [each.answerable for each in found.questions] == [True, True, True, False, None]
    assert found.questions[0].answers == ("Notes",)
    assert found.questions[1].gold[0].pages == (3, 3)
    assert found.questions[1].gold[0].document == found.documents[1].sha256


def test_questions_without_files_name_documents_of_the_own_library(tmp_path: Path) -> None:
    write(tmp_path / "questions.jsonl", [{"question": "What?", "document": "report.pdf", "page": 7}])
    found = only_set(tmp_path)
    assert found.documents == ()
    assert found.questions[0].gold[0].document == "report.pdf"


def test_questions_about_documents_that_are_not_there_are_left_out_and_named(tmp_path: Path) -> None:
    asked = [{"question": "What?", "document": "here.pdf"}, {"question": "Where?", "document": "gone.pdf"}]
    write(tmp_path / "questions.jsonl", [*asked, {"question": "Who?", "answer": "somebody"}])
    left = answerable_from(only_set(tmp_path), {"here.pdf"})
    assert [each.text for each in left.questions] == ["What?", "Who?"]
    assert left.notes == ("gone.pdf: not in the library; the questions about it are left out.",)
    assert left.key != only_set(tmp_path).key


def test_kept_questions_belong_together_while_they_grow() -> None:
    one = LabelledQuestion(1, "What?", "a" * 64, "a.pdf", 2, "This.", "2026-01-01T00:00:00+00:00")
    two = replace(one, id=2, quote="That.")
    first, second = labelled_set([one]), labelled_set([one, two])
    assert first.key == second.key == "kept"
    assert [len(each.gold) for each in second.questions] == [2]
    assert second.questions[0].gold[0].pages == (2, 2)


def test_keys_follow_the_content(tmp_path: Path) -> None:
    first, again = only_set(retrieval(tmp_path / "a")), only_set(retrieval(tmp_path / "b"))
    assert (first.key, first.corpus_key) == (again.key, again.corpus_key)
    other = only_set(retrieval(tmp_path / "c", qrels="q1\tb\t1\n"))
    assert other.corpus_key == first.corpus_key
    assert other.key != first.key


def test_sets_are_found_below_a_folder(tmp_path: Path) -> None:
    retrieval(tmp_path / "deep" / "one")
    retrieval(tmp_path / "two")
    assert [found.name for found in read_sets(tmp_path, suffixes=SUFFIXES)] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("queries.jsonl", '{"id": "1", "text": "a"}\nno json\n', "line 2"),
        ("queries.jsonl", '{"id": "1"}\n', "'text' is missing"),
        ("queries.jsonl", "[1]\n", "'id' is missing"),
        ("qrels.tsv", "q1\ta\n", "line 1"),
        ("qrels.tsv", "query\tdoc\tgain\nq1\tz\t1\n", "no document 'z'"),
        ("corpus.jsonl", "\xff", "missing|not JSON|cannot be read"),
    ],
)
def test_what_is_broken_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    retrieval(tmp_path)
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=says):
        read_sets(tmp_path, suffixes=SUFFIXES)


def test_a_folder_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no questions"):
        read_sets(tmp_path, suffixes=SUFFIXES)
    with pytest.raises(BadInput, match="is not a folder"):
        read_sets(tmp_path / "nowhere", suffixes=SUFFIXES)
    (tmp_path / "questions.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(BadInput, match="has no questions"):
        read_sets(tmp_path, suffixes=SUFFIXES)
    (tmp_path / "notes.md").write_text("# Notes", encoding="utf-8")
    write(tmp_path / "questions.jsonl", [{"question": "What?", "document": "other.md"}])
    with pytest.raises(BadInput, match=r"other\.md"):
        read_sets(tmp_path, suffixes=SUFFIXES)


def test_the_shared_sets_are_read(shared_eval: Path) -> None:
    found = {each.name: each for each in read_sets(shared_eval, suffixes=SUFFIXES)}
    assert {name: (len(each.documents), len(each.questions)) for name, each in found.items()} == {
        "chunking": (2, 220),
        "e2e": (40, 1224),
        "cmrc2018_trial": (256, 1002),
        "mtrag_un_a": (747, 299),
        "xquad_en": (240, 612),
        "xquad_zh": (240, 612),
        "xquad_zh2en": (240, 612),
    }
    assert sum(each.answerable is False for each in found["e2e"].questions) == 180
    assert sum(bool(each.gold) for each in found["mtrag_un_a"].questions) == 233
