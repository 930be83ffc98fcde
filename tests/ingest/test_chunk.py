from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk_document
from kb.errors import Cancelled
from kb.types import Block, BlockKind, Chunk, LinePlace, ParsedDocument, PdfPlace, Rect, Span
from tests.doubles.hash_embedder import HashEmbedder

COUNTER = HashEmbedder()


def sentence(number: int, length: int) -> str:
    return " ".join(f"W{number}x{word}" for word in range(length)) + "."


def cut(*blocks: Block, max_tokens: int = 40) -> list[Chunk]:
    return chunk_document(ParsedDocument(blocks), COUNTER, max_tokens=max_tokens)


def paragraph(text: str, page: int = 1, top: float = 0.0) -> Block:
    return Block(
        BlockKind.PARAGRAPH, text, (Span(0, len(text), PdfPlace((Rect(page, 0, top, 100, top + 10),))),)
    )


def heading(text: str, level: int = 1) -> Block:
    return Block(BlockKind.HEADING, text, (), level)


def test_a_short_document_is_one_chunk() -> None:
    (chunk,) = cut(paragraph("One. Two."), paragraph("Three."))
    assert chunk.text == "One. Two.\nThree."
    assert chunk.heading_path == ()


def test_no_chunk_is_longer_than_the_limit_and_sentences_stay_whole() -> None:
    text = " ".join(sentence(number, 9) for number in range(30))
    chunks = cut(paragraph(text))
    assert len(chunks) > 5
    assert max(chunk.tokens for chunk in chunks) <= 40
    assert all(chunk.text.endswith(".") for chunk in chunks)
    assert " ".join(chunk.text for chunk in chunks) == text


def test_a_paragraph_that_fits_the_next_chunk_is_not_torn() -> None:
    first, second = sentence(1, 25), " ".join(sentence(number, 10) for number in (2, 3))
    chunks = cut(paragraph(first), paragraph(second))
    assert [chunk.text for chunk in chunks] == [first, second]


def test_headings_open_a_chunk_and_are_carried_by_the_rest() -> None:
    body = " ".join(sentence(number, 12) for number in range(6))
    chunks = cut(heading("Top"), heading("Inner", 2), paragraph(body), heading("Other", 1), paragraph("End."))
    assert chunks[0].text.startswith("Top\nInner\nW0x0")
    assert chunks[0].heading_path == ()
    assert [chunk.heading_path for chunk in chunks[1:-1]] == [("Top", "Inner")] * (len(chunks) - 2)
    assert chunks[-1].text == "Other\nEnd."
    assert chunks[1].embedded_text.startswith("Top > Inner\n")


def test_a_chunk_knows_which_of_its_lines_are_headings_where_no_place_is_known_either() -> None:
    (chunk,) = cut(heading("Bridges"), heading("Old ones", 2), paragraph("The first is of wood."))
    headings = [chunk.text[span.start : span.end] for span in chunk.spans if span.is_heading]
    assert headings == ["Bridges", "Old ones"]
    assert not chunk.spans[-1].is_heading


def test_headings_alone_are_still_found() -> None:
    chunks = cut(heading("Only"), heading("Headings", 2), heading("Here", 1))
    assert "\n".join(chunk.text for chunk in chunks).split("\n") == ["Only", "Headings", "Here"]


def test_table_rows_and_code_lines_are_never_split() -> None:
    rows = [f"row{number} | a. b. c | value {number}" for number in range(20)]
    chunks = cut(Block(BlockKind.TABLE, "\n".join(rows)))
    assert len(chunks) > 1
    assert [row for chunk in chunks for row in chunk.text.split("\n")] == rows


def test_a_sentence_longer_than_the_limit_is_cut_at_white_space() -> None:
    text = " ".join(f"word{number}" for number in range(200))
    chunks = cut(paragraph(text))
    assert max(chunk.tokens for chunk in chunks) <= 40
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == text.replace(" ", "")
    assert all(word.startswith("word") for chunk in chunks for word in chunk.text.split())


def test_places_follow_their_words() -> None:
    lines = ["First line here. ", "Second line there. ", "Third line now."]
    text = "".join(lines)
    spans, start = [], 0
    for number, line in enumerate(lines):
        spans.append(Span(start, start + len(line), PdfPlace((Rect(number + 1, 0, 0, 1, 1),))))
        start += len(line)
    chunks = cut(Block(BlockKind.PARAGRAPH, text, tuple(spans)), max_tokens=16)
    for chunk in cut(Block(BlockKind.PARAGRAPH, text, tuple(spans)), max_tokens=1000):
        assert [chunk.text[span.start : span.end].strip() for span in chunk.spans] == [
            line.strip() for line in lines
        ]
    assert chunks[0].anchor.page == 1


def test_a_footnote_and_a_margin_have_no_heading_above_them() -> None:
    chunks = cut(
        heading("Top"), paragraph(sentence(1, 30)), Block(BlockKind.FOOTNOTE, sentence(2, 30)), max_tokens=40
    )
    assert chunks[-1].heading_path == ()


words_of = st.lists(
    st.sampled_from(["alpha", "beta.", "gamma,", "长江", "大桥。", "x" * 60, "12.5"]), max_size=60
)
blocks_of = st.lists(
    st.tuples(st.sampled_from(list(BlockKind)), words_of, st.integers(1, 4)),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(blocks_of, st.integers(32, 120))
def test_every_character_is_in_exactly_one_chunk_and_every_place_stays_true(
    drawn: list[tuple[BlockKind, list[str], int]], max_tokens: int
) -> None:
    blocks = []
    for line, (kind, parts, level) in enumerate(drawn, start=1):
        text = " ".join(parts)
        blocks.append(Block(kind, text, (Span(0, len(text), LinePlace.at(line)),) if text else (), level))
    chunks = chunk_document(ParsedDocument(tuple(blocks)), COUNTER, max_tokens=max_tokens)
    # what is repeated above the parts of a table has no place
    placed = (chunk.text[span.start : span.end] for chunk in chunks for span in chunk.spans)
    squeezed = "".join("".join(text.split()) for text in placed)
    assert squeezed == "".join("".join(block.text.split()) for block in blocks)
    for chunk in chunks:
        for span in chunk.spans:
            assert isinstance(span.place, LinePlace)
            assert chunk.text[span.start : span.end] in blocks[span.place.first - 1].text


@pytest.mark.parametrize("blocks", [(), (Block(BlockKind.PARAGRAPH, "  \n "),), (heading(" "),)])
def test_no_text_is_no_chunk(blocks: tuple[Block, ...]) -> None:
    assert cut(*blocks) == []


def test_a_paragraph_that_begins_a_page_begins_a_chunk_unless_that_would_be_tiny() -> None:
    chunks = cut(paragraph("Short."), paragraph(sentence(1, 12), page=2), paragraph(sentence(2, 12), page=3))
    assert [chunk.anchor.page for chunk in chunks] == [1, 3]
    assert chunks[0].text.startswith("Short.")


def test_a_sentence_at_the_end_of_a_page_stays_on_it() -> None:
    chunks = cut(paragraph(sentence(1, 6)), paragraph(sentence(2, 8), page=2))
    assert [(chunk.anchor.page, chunk.text) for chunk in chunks] == [(1, sentence(1, 6)), (2, sentence(2, 8))]


def test_nothing_is_cut_of_what_was_cancelled() -> None:
    cancelled = threading.Event()

    class CancelsAfterOneCall:
        calls = 0

        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            self.calls += 1
            cancelled.set()
            return [len(text) for text in texts]

    counter = CancelsAfterOneCall()
    blocks = tuple(Block(BlockKind.PARAGRAPH, f"Sentence {number}.") for number in range(20_000))
    with pytest.raises(Cancelled):
        chunk_document(ParsedDocument(blocks), counter, max_tokens=100, cancelled=cancelled)
    assert counter.calls == 1


def test_the_time_for_a_table_grows_as_its_rows_do() -> None:
    def seconds(rows: int) -> float:
        row = "1932,bridge,1149\n"
        spans = tuple(
            Span(len(row) * at, len(row) * (at + 1) - 1, LinePlace(at + 1, at + 1)) for at in range(rows)
        )
        table = ParsedDocument((Block(BlockKind.TABLE, row * rows, spans),))
        begun = time.process_time()
        chunk_document(table, COUNTER, max_tokens=200)
        return time.process_time() - begun

    few = min(seconds(2_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(2)) < 20 * few
