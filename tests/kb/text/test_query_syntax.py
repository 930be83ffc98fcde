from __future__ import annotations

from dataclasses import replace

import pytest

from kb.errors import BadInput
from kb.text.query_syntax import as_words, merge_filters, parse_query, parse_question, search_instead
from kb.types import Filters, Question


@pytest.mark.parametrize(
    ("question", "text", "filters"),
    [
        ("how high is it", "how high is it", Filters()),
        ("how type:PDF,.docx high", "how high", Filters(types=("pdf", "docx"))),
        ('in:"My Papers" why', "why", Filters(collections=("My Papers",))),
        ("多高 lang：ZH tag:#Steel tag:old", "多高", Filters(languages=("zh",), tags=("steel", "old"))),
        ("x after:2025-01-31 before:2026", "x", Filters(since="2025-01-31", before="2026-01-01")),
        ("x document:ab12", "x", Filters(documents=("ab12",))),
        ("x folder:a/b/", "x", Filters(folders=("a/b",))),
        ("the ratio in: out; see std::type:x", "the ratio in: out; see std::type:x", Filters()),
        ("type:pdf", "", Filters(types=("pdf",))),
    ],
)
def test_conditions_are_taken_out_of_the_question(question: str, text: str, filters: Filters) -> None:
    assert parse_query(question) == (text, filters)


@pytest.mark.parametrize(
    ("question", "text", "filters"),
    [
        ("What does type:bug find?", "What does type:bug find?", Filters()),
        ("What does before:noon mean? after:work?", "What does before:noon mean? after:work?", Filters()),
        ("Error AX-31 in:gate, tag:none", "Error AX-31 in:gate, tag:none", Filters()),
        ("lang:elvish document:none.pdf", "lang:elvish document:none.pdf", Filters()),
        ("What is in:Papers?", "What is ?", Filters(collections=("papers",))),
        ("门口 in:gate 的文件 type:pdf。", "门口 in:gate 的文件 。", Filters(types=("pdf",))),
        ("x type:pdf,bug", "x type:pdf,bug", Filters()),
        ("x in:gate type:pdf tag:none", "x in:gate tag:none", Filters(types=("pdf",))),
        ("is C:type a path? 10:30 https://x.org/in:papers", "", Filters()),
        ('the words "type:pdf"', "", Filters()),
        ("after:2025-01-31, before:noon", ", before:noon", Filters(since="2025-01-31")),
    ],
)
def test_what_only_looks_like_a_condition_is_words(question: str, text: str, filters: Filters) -> None:
    there = {("collections", "papers"): "papers", ("types", "pdf"): "pdf"}
    assert parse_query(question, lambda field, value: there.get((field, value.casefold()))) == (
        text or question,
        filters,
    )


def test_all_of_a_question_can_be_words() -> None:
    chosen = Filters(types=(".PDF",))
    assert as_words(Question("What does type:md find?", chosen)) == Question(
        "What does type:md find?", Filters(types=("pdf",))
    )


@pytest.mark.parametrize("condition", ["after:2025-00", "before:2025-02-30", "since:2025-13"])
def test_what_is_no_date_is_named(condition: str) -> None:
    with pytest.raises(BadInput, match=condition):
        parse_query(f"x {condition}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ", "There is no question"),
        ("x" * 20_001, r"has 20,001 characters, and at most 20,000 are taken"),
        ("a\0b", "no text"),
        ("a\ud800b", "no text"),
    ],
)
def test_what_cannot_be_asked_is_said(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_question(Question(text))
    with pytest.raises(BadInput, match=said):
        search_instead(Question("bridge"), text)
    assert parse_question(Question("x" * 20_000)).text == "x" * 20_000


def test_the_nearer_condition_counts_and_tags_add_up() -> None:
    joined = merge_filters(
        Filters(types=("pdf",), tags=("a",), since="2025-01-01"), Filters(types=("txt",), tags=("b",))
    )
    assert joined == Filters(types=("txt",), tags=("a", "b"), since="2025-01-01")


def test_a_question_is_narrowed_but_what_it_says_itself_counts() -> None:
    chosen = Filters(types=("pdf",), tags=("steel",), since="2025-01-01")
    typed = "how high\n\nis it type:docx tag:old"
    assert parse_question(Question(typed, chosen, ("c",), "m")) == Question(
        "how high is it",
        Filters(types=("docx",), tags=("steel", "old"), since="2025-01-01"),
        ("c",),
        "m",
        typed=typed,
    )
    assert parse_question(Question("how\n\nhigh", chosen)) == Question("how\n\nhigh", chosen)


def test_values_that_were_chosen_are_never_read_as_text() -> None:
    awkward = Filters(documents=('a "b”, type:x.pdf',), types=(".PDF",), tags=("#Two words", " "))
    assert parse_question(Question("how high", awkward)).filters == Filters(
        documents=('a "b”, type:x.pdf',), types=("pdf",), tags=("two-words",)
    )
    for never in (Filters(since="never"), Filters(before="2025-02-30")):
        with pytest.raises(BadInput, match="names no date"):
            parse_question(Question("x", never))


def test_what_is_searched_instead_keeps_the_question_and_its_filters() -> None:
    question = Question("And it?", Filters(types=("pdf",), documents=("a",)), typed="And it? type:pdf")
    assert search_instead(question, "How high type:md is it?") == replace(
        question, searched="How high is it?", filters=Filters(types=("md",), documents=("a",))
    )


def test_the_collection_that_a_question_names_counts_before_the_one_it_is_asked_in() -> None:
    assert Question("x", collections=("c",)).effective_filters == Filters(collections=("c",))
    named = Question("x", Filters(collections=("d",), types=("md",)), ("c",))
    assert named.effective_filters == Filters(collections=("d",), types=("md",))
