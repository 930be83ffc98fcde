from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answer.library_facts import fact_asked, facts_text
from kb.types import DocumentState
from tests.kb.answer.samples import hit


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Hello!", "greeting"),
        ("good morning", "greeting"),
        ("您好！", "greeting"),
        ("Thanks a lot.", "thanks"),
        ("谢谢你", "thanks"),
        ("What can you do?", "abilities"),
        ("你能做什么？", "abilities"),
        ("Which documents are here?", "document_list"),
        ("show me my files", "document_list"),
        ("这里有哪些文档？", "document_list"),
        ("How many documents do I have?", "document_count"),
        ("一共有多少份文件", "document_count"),
    ],
)
def test_what_is_asked_of_the_library_itself_is_told(said: str, kind: str) -> None:
    found = fact_asked(said)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(
    "question",
    [
        "Which documents are needed for a visa?",
        "How many documents did the archive lose?",
        "Hello Kitty was drawn by whom?",
        "What can you do with whey?",
        "办护照要有哪些文件？",
        "",
    ],
)
def test_a_question_to_the_documents_is_none_of_the_library(question: str) -> None:
    assert fact_asked(question) is None


def test_names_counts_and_formats_are_those_of_what_is_searched() -> None:
    first, second = hit("a", number=1).document, hit("b", number=2).document
    failed = replace(second, id="d3", name="broken.pdf", state=DocumentState.FAILED)
    said = facts_text("document_list", "en", [first, replace(second, name="notes.md"), failed])
    assert said == "There are 2 documents:\n\n- file1.pdf\n- notes.md\n\nBy format: 1 PDF, 1 MD."
    long = facts_text("document_list", "en", [replace(first, name=f"Minutes {'very long ' * 30}of May.pdf")])
    assert "…" in long
    assert "of May.pdf\n" in long
    assert facts_text("document_count", "zh", [first]) == "现在有 1 份文档。\n\n按格式：1 份 PDF。"
    both = facts_text("document_count", "zh", [first, replace(second, name="notes.md")])
    assert both == "现在有 2 份文档。\n\n按格式：1 份 PDF、1 份 MD。"
    assert facts_text("greeting", "zh", [first]) == "你好。请提问，答案取自你的文档（1 份文档）。"


def test_an_empty_library_says_so() -> None:
    assert facts_text("greeting", "en", []) == "There are no documents yet. Add some, then ask."
    assert facts_text("thanks", "en", []) == "You are welcome."
