"""Places by number over a real index: what stands there is quoted, and what is not there is said not to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.answer.draft import Draft
from kb.answer.looking_up import look_up_first, quoted
from kb.answer.places.finding import IndexedWords
from kb.index.lexical.tantivy_index import TantivyIndex
from kb.ports import Embedder, TokenCounter
from kb.state.blobs import Blob
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.types import (
    EXTRACTIVE,
    Chunk,
    Filters,
    Fingerprint,
    Hit,
    Origin,
    PreparedDocument,
)
from tests.kb.answer.samples import FixedSimilarity

FILES: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "orchard-lease.md": [
        ("3 Fruit\n3.1 Apples\nThe tenant picks the apples.", ()),
        ("3.2 Pears\nPears belong to the owner.", ("3 Fruit",)),
        (
            "4 Fences\nFences are mended in spring.\n(a) The owner pays the wire.\n(b) The tenant pays the posts.",
            (),
        ),
    ],
    "choir-rules.txt": [
        ("Choir rules\nArticle 1\nRehearsals are on Mondays.\nArticle 2\nLatecomers wait outside.", ()),
        ("Article III\nScores are returned in June.\nArticle 4\nSolos are drawn by lot.", ("Choir rules",)),
    ],
    "合唱团章程.txt": [
        ("合唱团章程\n第一条 排练在周一。\n第二条 迟到者在门外等候。\n第十一条 乐谱六月归还。", ())
    ],
    "report.txt": [
        ("Table 2: Members by voice\nVoice | Members\nAlto | 14\nBass | 9", ()),
        ("Figure 3 The hall", ()),
    ],
    "packing.txt": [("Packing list\n6 tents\n7 October 2024 departure", ())],
    "relays.csv": [("relay | price\nRL-40K | 230\nRL-40L | 199\nC++ kit | 79\nC# kit | 69", ())],
    "manual.txt": [
        (
            "Pumps come with a stand. The pump WZQ-310 is set up on a level floor away from walls and heaters, and "
            "other pumps are hung from the beams of the workshop where there is one. "
            "The filter is washed in warm water every month of the season, and dried in the shade. "
            "A pump that is not used for longer than a winter is emptied, oiled and kept in a dry room of the house. "
            "Spare parts are ordered by letter from the works, which send them within a fortnight of the order.",
            (),
        ),
        ("Pumps of the 1970s weighed 300kg, and the 250th was given away.", ()),
    ],
    "课程表.csv": [
        ("节次 | 周一 | 周二\n第一节 | 语文 | 数学\n第二节 | 数学 | 语文\n第三节 | 英语 | 体育", ())
    ],
    "log.txt": [("3 July. Left harbour.\n4 July. Fog.\n7 July. The sail was torn.", ())],
    "versions.txt": [("4.2.4 mended the log\n4.2.5 mended the preview", ())],
    "codes.txt": [
        (
            "E1 no water\nE2 no drain\nE4 no door\nE5 no level\nF1-F9 ask us: F3, F4 and F6 the pump, F5 the valve",
            (),
        )
    ],
    "stock.txt": [
        ("Parts in stock\nQRV-4471 hinge, brass. Price 3.20 EUR.\nQRV-8890 latch, steel, 5.10 EUR", ())
    ],
}


class Shelf:
    """A library of ``FILES`` with its index of words."""

    def __init__(self, folder: Path, tokens: TokenCounter) -> None:
        database = Database(folder / "footnote.db")
        self.documents, self.chunks = Documents(database), Chunks(database)
        self.lexical = TantivyIndex(folder=folder / "words")
        jobs, steps = Jobs(database, clock=lambda: 0.0), Steps(database)
        for number, (name, passages) in enumerate(FILES.items()):
            added = self.documents.add(Blob(f"{number:064x}", 1), Origin(name, "c")).document
            (job,) = jobs.claim("test", limit=1)
            cut = [
                Chunk(text, heading_path=path, position=place) for place, (text, path) in enumerate(passages)
            ]
            steps.store_chunks(job, PreparedDocument(tuple(cut), chunker_version="test"))
            stored = self.chunks.of(added.id)
            self.lexical.add(
                [chunk.id for chunk in stored],
                [chunk.text for chunk in stored],
                collection="c",
                document_name=added.document_name,
            )
            steps.make_ready([job])
        self.lexical.commit()
        fingerprint = Fingerprint("m", "1", 4, 4, "")
        held = Passages(database, fingerprint)
        self.lookup = IndexedWords(self.lexical, held, self.chunks, self.documents, tokens=tokens)

    def search(self, text: str) -> tuple[Hit, ...]:
        found = self.chunks.findable([chunk_id for chunk_id, _ in self.lexical.search(text, 8)])
        owners = {one.id: one for one in self.documents.existing({c.document_id for c in found.values()})}
        return tuple(Hit(chunk, owners[chunk.document_id], 1.0) for chunk in found.values())


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Shelf]:
    opened = Shelf(tmp_path_factory.mktemp("shelf"), embedder)
    yield opened
    opened.lexical.close()


def looked_up(shelf: Shelf, question: str) -> Draft:
    draft = Draft(question, shelf.search(question), EXTRACTIVE, {})
    look_up_first(draft, Filters(), lookup=shelf.lookup, search=shelf.search, similarity=FixedSimilarity(0.5))
    return draft


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What does section 3.2 of the orchard lease say?", "3.2 Pears\nPears belong to the owner. [1]"),
        ("§ 3.1", "3.1 Apples\nThe tenant picks the apples. [1]"),
        ("orchard lease, clause 4(b)", "4 Fences\n(b) The tenant pays the posts. [1]"),
        ("Article 2 of the choir rules", "Article 2\nLatecomers wait outside. [1]"),
        ("choir rules art. iv", "Article 4\nSolos are drawn by lot. [1]"),
        ("What is in article 3 of the rules of the choir?", "Article III\nScores are returned in June. [1]"),
        ("合唱团章程第十一条是什么？", "第十一条 乐谱六月归还。 [1]"),
        ("合唱团章程第 2 条", "第二条 迟到者在门外等候。 [1]"),
        ("Table 2", "Table 2: Members by voice\nVoice | Members\nAlto | 14\nBass | 9 [1]"),
        ("What does figure 3 show?", "Figure 3 The hall [1]"),
        ("4471", "QRV-4471 hinge, brass. Price 3.20 EUR. [1]"),
        ("QRV8890", "QRV-8890 latch, steel, 5.10 EUR [1]"),
        ("How much is QRV 8890?", "QRV-8890 latch, steel, 5.10 EUR [1]"),
        ("QRV-8890是什么？", "QRV-8890 latch, steel, 5.10 EUR [1]"),
        ("Which water code is E5?", "E5 no level [1]"),
        ("课程表第二节", "节次 | 周一 | 周二\n第二节 | 数学 | 语文 [1]"),
    ],
)
def test_what_stands_at_a_place_is_quoted_and_nothing_else(shelf: Shelf, question: str, said: str) -> None:
    draft = looked_up(shelf, question)
    assert draft.quotes is not None
    assert quoted(draft, FixedSimilarity(0.5)).text == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "Article 9 of the choir rules",
            "There is no Article 9 in choir-rules.txt, which goes from Article 1 to Article 4.",
        ),
        ("合唱团章程第三十条", "《合唱团章程.txt》中没有第三十条：其编号从第一条到第十一条。"),
        (
            "Article 6",  # the list of another document goes as far; only the choir's has articles
            "There is no Article 6 in choir-rules.txt, which goes from Article 1 to Article 4.",
        ),
        ("QRV-1234", "QRV-1234 does not occur in the documents."),
        ("How much is the latch QRV-8891?", "QRV-8891 does not occur in the documents."),
        ("Is the relay RL-40M in stock?", "RL-40M does not occur in the documents."),
        ("RL-40M有货吗？", "文档中没有出现“RL-40M”。"),
        ("What was mended in 4.2.3?", "4.2.3 does not occur in the documents."),
        ("What water does E7 tell of?", "E7 does not occur in the documents."),
        ("Which sail was torn on 6 July?", "Nothing in the documents answers this question."),
    ],
)
def test_a_place_that_is_not_there_is_said_not_to_be(shelf: Shelf, question: str, said: str) -> None:
    assert looked_up(shelf, question).refusal == said


@pytest.mark.parametrize(
    "question",
    [
        "Who picks the apples?",
        "What happened in 1874?",
        "Where does chapter and verse come from?",
        "What did pumps need in the 1970s?",
        "Who was given the 250th pump?",
        "Which pump weighed 300kg?",
    ],
)
def test_other_questions_are_left_to_the_search(shelf: Shelf, question: str) -> None:
    draft = looked_up(shelf, question)
    assert draft.quotes is None
    assert draft.refusal is None


@pytest.mark.parametrize(
    "question",
    [
        "How heavy is the brass hinge of 2019?",
        "Are there 40M relays?",  # a quantity, as it may be
        "What does the code F7 mean?",  # F1-F9 are one span
        "What was mended on 12.05.2024?",
        "What was the turnover of FY2024?",  # nothing here is named like it
    ],
)
def test_what_is_no_name_of_a_thing_here_is_not_said_to_be_absent(shelf: Shelf, question: str) -> None:
    assert looked_up(shelf, question).refusal is None


@pytest.mark.parametrize(
    ("question", "names"), [("How many basses are there?", True), ("How many tenors are there?", False)]
)
def test_a_row_is_named_by_any_form_of_what_it_is_about(shelf: Shelf, question: str, names: bool) -> None:
    draft = Draft(question, shelf.search("voice members alto bass"), EXTRACTIVE, {})
    look_up_first(draft, Filters(), lookup=shelf.lookup, search=shelf.search, similarity=FixedSimilarity(0.5))
    assert draft.names_a_row is names


def test_of_a_paragraph_that_names_a_part_what_answers_is_quoted_too(shelf: Shelf) -> None:
    like = FixedSimilarity(of=lambda _text, other: 0.9 if "filter" in other else 0.5)
    draft = Draft(
        (question := "How is the filter of the WZQ-310 cleaned?"), shelf.search(question), EXTRACTIVE, {}
    )
    look_up_first(draft, Filters(), lookup=shelf.lookup, search=shelf.search, similarity=like)
    assert quoted(draft, like).text == (
        "The pump WZQ-310 is set up on a level floor away from walls and heaters, and other pumps are hung from the "
        "beams of the workshop where there is one. The filter is washed in warm water every month of the season, and "
        "dried in the shade. [1]"
    )


def test_of_two_parts_one_is_quoted_and_the_other_said_to_be_absent(shelf: Shelf) -> None:
    draft = looked_up(shelf, "Do you have QRV-8890 and QRV-8895?")
    assert quoted(draft, FixedSimilarity(0.5)).text == (
        "QRV-8890 latch, steel, 5.10 EUR [1]\n\nQRV-8895 does not occur in the documents."
    )


@pytest.mark.parametrize("typed", ["appels", "aples", "aplpe"])
def test_a_slip_of_the_fingers_is_put_right_where_that_comes_nearer(shelf: Shelf, typed: str) -> None:
    def search(text: str) -> tuple[Hit, ...]:
        return tuple(
            Hit(hit.chunk, hit.document, 1.0, scores={"cosine": 0.9 if "apples" in text else 0.8})
            for hit in shelf.search("apples")
        )

    question = f"Who picks the {typed}?"
    draft = Draft(question, search(question), EXTRACTIVE, {})
    look_up_first(draft, Filters(), lookup=shelf.lookup, search=search, similarity=FixedSimilarity(0.5))
    assert draft.searched == "Who picks the apples?"


@pytest.mark.parametrize(
    "question",
    ["Who pays the wine?", "Who picks the bears?"],
)
def test_a_word_that_the_library_lacks_is_not_made_another_one(shelf: Shelf, question: str) -> None:
    def search(text: str) -> tuple[Hit, ...]:
        nearer = 0.6 if text == question else 0.62
        return tuple(
            Hit(hit.chunk, hit.document, 1.0, scores={"cosine": nearer}) for hit in shelf.search(text)
        )

    draft = Draft(question, search(question), EXTRACTIVE, {})
    look_up_first(draft, Filters(), lookup=shelf.lookup, search=search, similarity=FixedSimilarity(0.5))
    assert draft.searched == question


def test_two_things_are_set_side_by_side(shelf: Shelf) -> None:
    draft = looked_up(shelf, "Compare Alto and Bass")
    assert quoted(draft, FixedSimilarity(0.5)).text.endswith("Voice | Members\nAlto | 14\nBass | 9 [1]")


def test_either_of_two_things_is_searched_by_itself_and_a_name_of_a_file_counts(shelf: Shelf) -> None:
    def draft_of(question: str, first: str) -> Draft:
        found = Draft(question, shelf.search(first), EXTRACTIVE, {})  # the search for both found one alone
        look_up_first(
            found, Filters(), lookup=shelf.lookup, search=shelf.search, similarity=FixedSimilarity(0.5)
        )
        return found

    draft = draft_of("Compare the tenant with latecomers", "tenant")
    text = quoted(draft, FixedSimilarity(0.5)).text
    assert "**orchard-lease.md**" in text
    assert "**choir-rules.txt**" in text
    assert "Latecomers wait outside." in text
    assert "say nothing" not in text
    named = quoted(draft_of("Compare the orchard with latecomers", "latecomers"), FixedSimilarity(0.5)).text
    assert "**orchard-lease.md**" in named
    assert "say nothing" not in named


def test_of_a_thing_that_is_nowhere_it_is_said_so(shelf: Shelf) -> None:
    draft = looked_up(shelf, "What is the difference between Bass and Falsetto?")
    text = quoted(draft, FixedSimilarity(0.5)).text
    assert "Bass | 9 [1]" in text
    assert text.endswith("The documents say nothing of Falsetto.")
