"""Whether what was found is what should have been found."""

from __future__ import annotations

from kb.evaluate.matching import Places, found_spans, holds, holds_quote, ranking, statements
from kb.evaluate.metrics import Statement
from kb.evaluate.questions import Gold, Question, SetKind
from kb.types import Chunk, Document, DocumentState, Hit, PdfPlace, Rect, Span

SHA, OTHER = "a" * 64, "b" * 64


def chunk(text: str, *pages: int) -> Chunk:
    spans = tuple(Span(0, len(text), PdfPlace((Rect(page, 0, 0, 9, 9),))) for page in pages)
    return Chunk(text=text, spans=spans)


def hit(text: str, *pages: int, sha256: str = SHA, name: str = "a.pdf") -> Hit:
    document = Document(
        id=sha256[:6], name=name, collection="c", state=DocumentState.READY, sha256=sha256, bytes=1, added=""
    )
    return Hit(chunk(text, *pages), document, 1.0)


def judged(gold: Gold, found: Hit) -> bool:
    return holds(gold, found.chunk, (found.document.sha256, found.document.name))


def test_the_document_counts_by_its_bytes_or_by_its_name() -> None:
    assert judged(Gold("1", SHA), hit("x"))
    assert judged(Gold("1", "a.pdf"), hit("x"))
    assert not judged(Gold("1", OTHER), hit("x"))
    assert judged(Gold("1", "", answers=("x",)), hit("x", sha256=OTHER))


def test_answers_are_compared_without_white_space_width_and_case() -> None:
    gold = Gold("1", SHA, answers=("nowhere", "4 May 1932"))
    assert judged(gold, hit("opened on ４ may\n1932 by the mayor"))
    assert not judged(gold, hit("opened in 1932"))


def test_pages_decide_where_no_words_are_known() -> None:
    gold = Gold("1", SHA, pages=(3, 4))
    assert judged(gold, hit("x", 2, 3))
    assert judged(gold, hit("x", 4))
    assert not judged(gold, hit("x", 5))
    assert not judged(gold, hit("x"))


PASSAGE = "The bridge was opened in 1932. Its span is 1149 metres. The towers are 141 metres high."


def test_a_quote_is_recognised_in_a_passage_that_was_cut_anew() -> None:
    assert holds_quote(PASSAGE, PASSAGE)
    assert holds_quote("Its span is 1149 metres.", PASSAGE)
    assert holds_quote(PASSAGE, "Its span is 1149 metres.")  # a smaller chunk, all of it quoted
    assert holds_quote(PASSAGE, f"Before. {PASSAGE[:56]} After that came much more, none of it quoted here.")
    assert not holds_quote(PASSAGE, "Its span is 1149 metres. " + "Another sentence of some length. " * 5)
    assert not holds_quote("", PASSAGE)


def test_documents_are_ranked_once_by_their_best_passage() -> None:
    question = Question("q", "?", gold=(Gold("right", SHA),))
    hits = [hit("a", sha256=OTHER), hit("b", sha256=OTHER), hit("c")]
    assert ranking(question, hits, SetKind.DOCUMENTS) == [OTHER, "right"]


def test_passages_are_ranked_each_and_find_a_gold_once() -> None:
    question = Question("q", "?", gold=(Gold("one", SHA, answers=("x",)), Gold("two", SHA, answers=("y",))))
    hits = [hit("none"), hit("x"), hit("x again"), hit("y")]
    assert ranking(question, hits, SetKind.PASSAGES) == ["hit 1", "one", "hit 3", "two"]


def test_places_of_passages_in_their_text() -> None:
    text = "Alpha beta.\n\n  Gamma\ndelta.\nEpsilon."
    places = Places(text)
    assert [text[start:end] for start, end in places.of("Gamma delta.")] == ["Gamma\ndelta."]
    assert [text[start:end] for start, end in places.of("Alpha beta.\nEpsilon.")] == [
        "Alpha beta.",
        "Epsilon.",
    ]
    assert places.of("unknown") == []


def test_other_texts_are_passed_over_and_unknown_words_answer_nothing() -> None:
    question = Question("q", "?", gold=(Gold("g", SHA, span=(0, 5)),))
    places = {SHA: Places("Alpha beta."), OTHER: Places("Alpha beta.")}
    spans = found_spans(question, [hit("Alpha"), hit("Alpha", sha256=OTHER), hit("changed")], places)
    assert spans[0] == (0, 5)
    ((start, end),) = spans[1:]
    assert start > 10**9
    assert end - start == len("changed")


def test_statements_carry_the_footnotes_inside_and_behind_them() -> None:
    answer = (
        "The bridge opened in 1932 [1][2]. It is long. [3] [1] Nobody said why.\n\n"
        "- 跨度为1149米[2]。塔高141米。[1]"
    )
    assert statements(answer) == [
        Statement("The bridge opened in 1932.", (1, 2)),
        Statement("It is long.", (3, 1)),
        Statement("Nobody said why.", ()),
        Statement("- 跨度为1149米。", (2,)),
        Statement("塔高141米。", (1,)),
    ]
    assert statements("") == []
