"""The retriever over real indexes and a real database: what counts, what is near, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.prepare import as_prepared, embed_chunks
from kb.errors import BadInput, NotFound
from kb.index.lexical.tantivy_index import TantivyIndex
from kb.index.vector.exact import ExactStore
from kb.index.writer import IndexWriter
from kb.retrieval.retriever import Retriever
from kb.retrieval.sentence_rerank import SentenceReranker
from kb.state.blobs import BlobStore
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.facets import facets
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.moves import Moves
from kb.state.tags import Labels
from kb.state.vectors import Vectors
from kb.types import AS_SET, Block, BlockKind, Chunk, Filters, Origin, ParsedDocument, SearchTuning
from tests.doubles.hash_embedder import HashEmbedder


class DocumentReader:
    """Documents of one passage a line, published at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.embedder = HashEmbedder()
        self.database = Database(folder / "footnote.db")
        self.documents = Documents(self.database)
        self.labels = Labels(self.database)
        self.chunks = Chunks(self.database)
        self.lexical = TantivyIndex(folder=folder / "words")
        self.blobs = BlobStore(folder / "blobs")
        self.jobs = Jobs(self.database, clock=lambda: 0.0)
        self.steps = Steps(self.database)
        fingerprint = self.embedder.fingerprint
        self.store = store = ExactStore(fingerprint)
        self.index = IndexWriter(
            documents=self.documents,
            steps=self.steps,
            chunks=self.chunks,
            vectors=Vectors(self.database, fingerprint),
            store=store,
            lexical=self.lexical,
            width=fingerprint.width,
            moves=Moves(self.database),
        )
        self.retriever = self.retriever_of(dense_weight=0.5)

    def retriever_of(self, *, dense_weight: float, closer_look: SentenceReranker | None = None) -> Retriever:
        return Retriever(
            embedder=self.embedder,
            store=self.store,
            lexical=self.lexical,
            passages=Passages(self.database, self.embedder.fingerprint),
            chunks=self.chunks,
            documents=self.documents,
            dense_weight=dense_weight,
            closer_look=closer_look,
        )

    def put(self, name: str, *lines: str, collection: str = "c") -> str:
        source = self.folder / "source"
        source.write_text(name + "\n".join(lines), encoding="utf-8")
        blob = self.blobs.put(source, name=name, max_bytes=1 << 20)
        document = self.documents.add(blob, Origin(name, collection)).document
        (job,) = self.jobs.claim("test", limit=1)
        parsed = ParsedDocument(tuple(Block(BlockKind.PARAGRAPH, line) for line in lines))
        self.steps.store_chunks(job, as_prepared(parsed, [Chunk(line, tokens=8) for line in lines]))
        self.index.store_vectors(embed_chunks(self.index.unembedded(document.id), self.embedder))
        self.index.publish([job])
        return document.id

    def found(self, question: str, filters: Filters | None = None, *, k: int = 3) -> list[str]:
        return [hit.chunk.text for hit in self.retriever.retrieve(question, k=k, filters=filters).hits]

    def names(self, question: str, filters: Filters | None = None) -> set[str]:
        hits = self.retriever.retrieve(question, k=9, filters=filters).hits
        return {hit.document.name for hit in hits}

    def close(self) -> None:
        self.lexical.close()
        self.database.close()


@pytest.fixture
def document_reader(tmp_path: Path) -> Iterator[DocumentReader]:
    opened = DocumentReader(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def bridges(document_reader: DocumentReader) -> DocumentReader:
    document_reader.put("golden.pdf", "The golden bridge opened in 1937.", "The golden bridge is red.")
    document_reader.put("harbour.docx", "The harbour bridge opened in 1932.", "The harbour bridge is grey.")
    document_reader.put("大桥.txt", "长江大桥于一九六八年建成通车。", "大桥全长六千米。", collection="zh")
    return document_reader


def test_hits_are_ranked_and_carry_both_scores(bridges: DocumentReader) -> None:
    found = bridges.retriever.retrieve("When did the harbour bridge open?", k=3)
    assert found.hits[0].chunk.text == "The harbour bridge opened in 1932."
    assert [hit.rank for hit in found.hits] == [1, 2, 3]
    assert set(found.hits[0].scores) == {"dense", "words"}
    assert set(found.timings_ms) == {"embed", "search"}


def test_one_search_can_be_tuned_and_the_next_is_as_set(bridges: DocumentReader) -> None:
    def scored(tuning: SearchTuning = AS_SET) -> dict[str, float]:
        found = bridges.retriever.retrieve("When did the harbour bridge open?", k=3, tuning=tuning)
        return {hit.chunk.text: hit.score for hit in found.hits}

    as_set = scored()
    only_words, only_meaning = scored(SearchTuning(0.0)), scored(SearchTuning(1.0))
    for text in as_set.keys() & only_words.keys() & only_meaning.keys():
        assert as_set[text] == pytest.approx((only_words[text] + only_meaning[text]) / 2)
    assert only_words != only_meaning
    assert scored() == as_set


def test_an_empty_question_is_refused(bridges: DocumentReader) -> None:
    with pytest.raises(BadInput, match="empty"):
        bridges.retriever.retrieve("  ", k=3)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), {"golden.pdf", "harbour.docx", "大桥.txt"}),
        (Filters(collections=("zh",)), {"大桥.txt"}),
        (Filters(collections=("c", "zh"), types=("txt", "pdf")), {"golden.pdf", "大桥.txt"}),
        (Filters(types=("docx",)), {"harbour.docx"}),
        (Filters(types=("do_x",)), set()),
        (Filters(languages=("zh",)), {"大桥.txt"}),
        (Filters(languages=("en",), types=("txt",)), set()),
        (Filters(since="2000-01-01"), {"golden.pdf", "harbour.docx", "大桥.txt"}),
        (Filters(before="2000-01-01"), set()),
    ],
)
def test_filters_leave_what_they_say(bridges: DocumentReader, filters: Filters, names: set[str]) -> None:
    assert bridges.names("which bridge opened 大桥", filters) == names


def test_a_document_can_be_named_and_tagged(bridges: DocumentReader) -> None:
    golden, harbour = (hit.document for hit in bridges.retriever.retrieve("bridge opened", k=2).hits)
    assert bridges.names("bridge", Filters(documents=(golden.id,))) == {golden.name}
    bridges.labels.tag([golden.id, harbour.id], add=["Steel", "in use"])
    bridges.labels.tag([harbour.id], remove=["steel"])
    assert bridges.documents.get(golden.id).tags == ("in-use", "steel")
    assert bridges.documents.get(harbour.id).tags == ("in-use",)
    assert facets(bridges.database).tags == ("in-use", "steel")
    assert bridges.names("bridge", Filters(tags=("in-use",))) == {golden.name, harbour.name}
    assert bridges.names("bridge", Filters(tags=("in-use", "steel"))) == {golden.name}
    with pytest.raises(NotFound):
        bridges.labels.tag([golden.id, "nobody"], add=["lost"])
    assert "lost" not in facets(bridges.database).tags
    with pytest.raises(BadInput):
        bridges.labels.tag([golden.id], add=[" # "])


def test_a_document_that_is_switched_off_is_not_found_until_it_is_on_again(bridges: DocumentReader) -> None:
    golden = bridges.retriever.retrieve("golden bridge", k=1).hits[0].document
    bridges.labels.enable([golden.id], searchable=False)
    assert golden.name not in bridges.names("golden bridge")
    assert not bridges.documents.get(golden.id).searchable
    bridges.labels.enable([golden.id], searchable=True)
    assert golden.name in bridges.names("golden bridge")
    with pytest.raises(NotFound):
        bridges.labels.enable(["nobody"], searchable=True)


def test_a_quoted_phrase_has_to_be_there_and_one_that_is_nowhere_is_only_words(
    bridges: DocumentReader,
) -> None:
    assert bridges.found('"bridge is red"') == ["The golden bridge is red."]
    assert bridges.found("“桥全长”") == ["大桥全长六千米。"]
    assert bridges.found('"opened the bridge" harbour')[0].startswith("The harbour bridge")
    assert bridges.found('"bridge opened"', Filters(types=("docx",))) == [
        "The harbour bridge opened in 1932."
    ]


def test_what_looks_like_a_condition_is_text_here(bridges: DocumentReader) -> None:
    assert bridges.names("which bridge opened 大桥 type:pdf") == {"golden.pdf", "harbour.docx", "大桥.txt"}


def test_what_says_the_same_is_one_hit_that_names_the_others(bridges: DocumentReader) -> None:
    bridges.put("copy.txt", "The golden  bridge is red.", "The golden bridge opened in 1938.")
    hits = bridges.retriever.retrieve("Is the golden bridge red?", k=9).hits
    texts = [" ".join(hit.chunk.text.split()) for hit in hits]
    assert texts.count("The golden bridge is red.") == 1
    assert {also.document for also in hits[0].also} | {hits[0].document.name} == {"golden.pdf", "copy.txt"}
    assert {"The golden bridge opened in 1937.", "The golden bridge opened in 1938."} <= set(texts)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_an_identifier_beats_what_is_only_near(document_reader: DocumentReader) -> None:
    near = [
        f"Error E-10{number} of the pump: replace the pump seal and restart the pump."
        for number in range(40, 60)
    ]
    document_reader.put("manual.txt", *near)
    for code in ("E-1042", "E-1058"):
        (first,) = document_reader.found(
            f"What does the error of the pump {code} mean, restart or replace the seal?", k=1
        )
        assert code in first


def test_a_document_is_found_by_its_name_though_its_passages_do_not_say_it(
    document_reader: DocumentReader,
) -> None:
    for number, company in enumerate(("BOEING", "NIKE", "BESTBUY")):
        for year in (2018, 2021):
            cover = f"Annual report of {company.title()} for the year {year}."
            document_reader.put(
                f"{company}_{year}_10K.pdf", cover, f"Net income was {year + number} dollars."
            )
    found = document_reader.retriever.retrieve("What was the net income of Best Buy in FY2021?", k=2).hits
    assert found[0].chunk.text == "Net income was 2023 dollars."
    assert found[0].document.name == "BESTBUY_2021_10K.pdf"


def test_the_document_that_is_named_comes_before_its_namesake(document_reader: DocumentReader) -> None:
    for name in ("stone hawk", "lesser stone hawk", "stone hawk moth"):
        document_reader.put(f"{name}.txt", f"The {name} lays eggs in spring, and it lays them in grass.")
    document_reader.put("birds.txt", "Stone and hawk: the birds of the valley lay eggs in spring, in grass.")
    for name in ("stone hawk", "lesser stone hawk", "stone hawk moth"):
        hits = document_reader.retriever.retrieve(f"Where does the {name} lay its eggs in spring?", k=4).hits
        assert hits[0].document.name == f"{name}.txt"


def test_a_report_bears_the_name_that_recurs_in_it(document_reader: DocumentReader) -> None:
    for number, name in (("0001-77", "Orrin Gas Company"), ("0001-78", "Orrin Rail Company")):
        document_reader.put(
            f"{number}.txt",
            f"Annual report of {name}, a registrant, for 2020",
            f"In this report {name} is called we and us throughout.",
            "Net revenue rose to 12 million on higher volumes and prices.",
            f"Certificate of incorporation of {name}, restated.",
        )
    for number, name in (("0001-77", "Orrin Gas"), ("0001-78", "orrin rail")):
        hits = document_reader.retriever.retrieve(f"What was the net revenue of {name} in 2020?", k=2).hits
        assert [hit.document.name for hit in hits] == [f"{number}.txt"] * 2


def test_a_passage_that_says_the_name_gains_nothing_by_it(document_reader: DocumentReader) -> None:
    for name in ("Ulmen Brewery", "Tessen Brewery"):
        document_reader.put(
            f"{name} 2019.txt",
            f"{name} 2019: the annual report of {name}, {name} being a brewery.",
            f"About {name}: it brews, and {name} sells what it brews, in 2019 as before.",
            "Stock: seventy casks of ale were counted in the cellar on the last evening, and nothing else.",
        )
    (first,) = document_reader.found("What was the stock of Ulmen Brewery in 2019?", k=1)
    assert first.startswith("Stock")


def test_many_that_do_not_count_do_not_hide_the_few_that_do(document_reader: DocumentReader) -> None:
    crowd = document_reader.put(
        "crowd.txt", *(f"The bridge of number {number} opened." for number in range(120))
    )
    document_reader.put("few.txt", "A bridge somewhere.", "Ferries cross where no bridge is.")
    document_reader.labels.enable([crowd], searchable=False)
    assert set(document_reader.found("the bridge of number 7 opened")) == {
        "A bridge somewhere.",
        "Ferries cross where no bridge is.",
    }


def test_documents_of_an_earlier_version_get_their_language(bridges: DocumentReader) -> None:
    with bridges.database.write() as connection:
        connection.execute("UPDATE documents SET language = NULL")
    assert bridges.names("bridge 大桥", Filters(languages=("zh",))) == set()
    bridges.documents.fill_languages()
    assert bridges.names("bridge 大桥", Filters(languages=("zh",))) == {"大桥.txt"}


def test_of_passages_that_score_alike_the_one_whose_sentence_answers_comes_first(
    document_reader: DocumentReader,
) -> None:
    document_reader.put(
        "near.txt",
        "The harbour was built late. A bridge is long.",
        "Trains stop here. Goods wait in sheds. The harbour bridge was built by Dorman. Fish is sold in the hall.",
    )
    question = "Who built the harbour bridge?"
    looking = document_reader.retriever_of(
        dense_weight=0.9, closer_look=SentenceReranker(document_reader.embedder)
    )
    plain = document_reader.retriever_of(dense_weight=0.9).retrieve(question, k=2).hits
    closer = looking.retrieve(question, k=1)
    assert plain[0].chunk.text.startswith("The harbour was")
    assert [hit.chunk.text for hit in closer.hits] == [plain[1].chunk.text]
    assert closer.hits[0].rank == 1
    assert {"embed", "search", "rerank"} == set(closer.timings_ms)


def test_a_document_that_was_moved_is_found_where_it_is(bridges: DocumentReader) -> None:
    golden = bridges.documents.page(collection="c")[1].id
    moves = Moves(bridges.database)
    moves.move([golden], "d")
    held = bridges.store.ids()
    bridges.index.sweep()
    moved = held["c"] - bridges.store.ids()["c"]
    assert bridges.store.ids() == {"c": held["c"] - moved, "d": moved, "zh": held["zh"]}
    assert len(moved) == 2
    assert moves.to_follow() == []
    asked = "When did the golden bridge open?"
    assert bridges.names(asked, Filters(collections=("d",))) == {"golden.pdf"}
    assert bridges.names(asked, Filters(collections=("c",))) == {"harbour.docx"}
    assert {found for found, _ in bridges.lexical.search("golden", 9, collection="d")} == moved


def test_a_move_that_the_indexes_did_not_hear_of_is_made_good(bridges: DocumentReader) -> None:
    moves = Moves(bridges.database)
    moves.move([document.id for document in bridges.documents.page(collection="c")], "zh")
    assert bridges.index.reconcile().added == 0  # it follows before it compares
    assert bridges.index.differences() == ((0, 0), (0, 0))
    assert bridges.store.ids()["zh"] == bridges.lexical.ids()
