"""The write path with real parsers, real Chroma, real Tantivy and real SQLite; only the embedder is a double."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest import formats
from ingest.ahead import Ahead
from ingest.chunk import CHUNKER_VERSION
from ingest.pipeline import EACH_IN_TURN, MOST_BATCH, Batching, Pipeline, batch_size
from ingest.prepare import ParseFile, Preparer
from ingest.publish import Publisher, Unembedded
from ingest.turns import Turns
from ingest.worker import Worker
from kb.errors import BadInput, Conflict
from kb.index.lexical.tantivy_index import TantivyIndex
from kb.index.vector.chroma import ChromaStore
from kb.index.writer import IndexWriter
from kb.retrieval.retriever import Retriever
from kb.state.blobs import BlobStore
from kb.state.candidates import Passages
from kb.state.chunks import Chunks, text_hash
from kb.state.db import Database
from kb.state.deletion import delete_pending
from kb.state.dialect import row_counts
from kb.state.documents import Documents
from kb.state.job_control import Control
from kb.state.job_progress import WorkProgress
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.moves import Moves
from kb.state.vectors import Vectors
from kb.system.processes import is_dead
from kb.text.probes import generic_questions
from kb.types import (
    Chunk,
    Document,
    DocumentState,
    Job,
    JobKind,
    Origin,
    ParsedDocument,
    PreparedVectors,
)
from tests.doubles.hash_embedder import HashEmbedder


def parse_here(
    path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
) -> ParsedDocument:
    """The real parsers, in this process: what the sandbox adds is tested where it lives."""
    begun()
    return formats.parse(path, name)


class Library:
    """All parts of the write path on one folder."""

    def __init__(self, folder: Path, embedder: HashEmbedder, parse: ParseFile = parse_here) -> None:
        self.folder = folder
        self.embedder = embedder
        self.chunk_tokens = 64
        self.database = Database(folder / "footnote.db")
        self.documents = Documents(self.database)
        self.steps = Steps(self.database)
        self.control = Control(self.database)
        self.chunks = Chunks(self.database)
        self.jobs = Jobs(self.database, clock=time.time)
        self.progress = WorkProgress(self.database, clock=time.time)
        self.blobs = BlobStore(folder / "blobs")
        self.store = ChromaStore(embedder.fingerprint, folder=folder / "chroma")
        self.lexical = TantivyIndex(folder=folder / "words")
        self.index = IndexWriter(
            documents=self.documents,
            steps=self.steps,
            chunks=self.chunks,
            vectors=Vectors(self.database, embedder.fingerprint),
            store=self.store,
            lexical=self.lexical,
            width=embedder.fingerprint.width,
            moves=Moves(self.database),
        )
        self.pipeline = self.build_pipeline(parse)
        self._parse = parse

    def build_pipeline(self, parse: ParseFile, batching: Batching = EACH_IN_TURN) -> Pipeline:
        return Pipeline(
            preparer=Preparer(embedder=self.embedder, parse=parse, chunk_tokens=lambda: self.chunk_tokens),
            publisher=Publisher(
                documents=self.documents, steps=self.steps, blobs=self.blobs, index=self.index
            ),
            parsers=2,
            batching=batching,
        )

    def add(self, name: str, content: str | bytes) -> Document:
        source = self.folder / "source"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        blob = self.blobs.put(source, name=name, max_bytes=1 << 20)
        return self.documents.add(blob, Origin(name, "c")).document

    def run(self, *, stopped: Callable[[], bool] = lambda: False) -> None:
        """Imports what is queued, then buries what goes."""
        queued = iter(self.jobs.claim("test", limit=1000))
        self.pipeline.run(lambda: next(queued, None), stopped=stopped)
        delete_pending(self.jobs, self.steps, self.blobs, owner="test")
        self.index.sweep()

    def worker(self, *, poll_seconds: float = 0.2, batching: Batching = EACH_IN_TURN) -> Worker:
        """A worker with a pipeline of its own; several share the index."""
        return Worker(
            jobs=self.jobs,
            steps=self.steps,
            blobs=self.blobs,
            build_pipeline=lambda: self.build_pipeline(self._parse, batching),
            poll_seconds=poll_seconds,
        )

    def found(self, question: str) -> list[str]:
        retriever = Retriever(
            embedder=self.embedder,
            store=self.store,
            lexical=self.lexical,
            passages=Passages(self.database, self.embedder.fingerprint),
            chunks=self.chunks,
            documents=self.documents,
            dense_weight=0.5,
        )
        return [hit.document.name for hit in retriever.retrieve(question, k=3).hits]

    def embedded(self) -> list[str]:
        """The passages that the model was given; what a search wants to know of it is none."""
        asked = {question for questions in generic_questions().values() for question in questions}
        return [text for text in self.embedder.embedded if text not in asked]

    def close(self) -> None:
        self.store.close()
        self.lexical.close()
        self.database.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path, HashEmbedder())
    yield opened
    opened.close()


def test_files_become_ready_and_are_found(library: Library) -> None:
    library.add("bridge.txt", "The bridge opened in 1932. It is 1149 metres long.")
    library.add("tower.md", "# Tower\n\nThe tower is 330 metres high.")
    library.run()
    assert {document.state for document in library.documents.page()} == {DocumentState.READY}
    assert library.jobs.waiting() == 0
    assert library.found("When did the bridge open?")[0] == "bridge.txt"
    assert library.found("How high is the tower?")[0] == "tower.md"


def test_a_bad_file_fails_alone_with_a_sentence_and_leaves_nothing(library: Library) -> None:
    bad = [library.add("empty.txt", ""), library.add("noise.pdf", bytes(range(256)) * 8)]
    good = library.add("good.txt", "This one can be read.")
    library.run()
    for document in bad:
        after = library.documents.get(document.id)
        assert after.state is DocumentState.FAILED
        assert after.reason is not None
        assert document.name in after.reason
        assert library.chunks.of(document.id) == []
    assert library.documents.get(good.id).state is DocumentState.READY
    assert len(library.store.ids()["c"]) == len(library.lexical.ids()) == 1


def test_a_fault_of_ours_is_a_failed_document_not_a_dead_worker(tmp_path: Path) -> None:
    def broken(
        path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        if name == "odd.txt":
            raise ZeroDivisionError("by zero")
        return parse_here(path, name, cancelled=cancelled, begun=begun)

    library = Library(tmp_path, HashEmbedder(), broken)
    odd, good = library.add("odd.txt", "odd"), library.add("good.txt", "Good text.")
    library.run()
    reason = library.documents.get(odd.id).reason
    assert reason is not None
    assert "ZeroDivisionError" in reason
    assert library.documents.get(good.id).state is DocumentState.READY
    library.close()


def test_many_small_files_share_batches_and_all_become_ready(library: Library) -> None:
    for number in range(40):
        library.add(f"{number}.txt", f"File number{number} is about topic{number}.")
    library.run()
    assert library.documents.count(state=DocumentState.READY) == 40
    for number in range(0, 40, 7):
        assert library.found(f"topic{number}")[0] == f"{number}.txt"


def embedded_documents(library: Library, count: int) -> list[Job]:
    """Jobs of so many documents of one passage each that have all their vectors and are not published yet."""
    for number in range(count):
        library.add(f"{number}.txt", f"File number{number} is about topic{number}.")
    jobs = library.jobs.claim("test", limit=count)
    preparer = Preparer(embedder=library.embedder, parse=parse_here, chunk_tokens=lambda: 64)
    for job in jobs:
        document = library.documents.get(job.document_id)
        path = library.blobs.path(document.sha256)
        library.steps.store_chunks(
            job, preparer.read(path, document.name, cancelled=threading.Event(), begun=lambda: None)
        )
        library.index.store_vectors(preparer.embed(library.index.unembedded(document.id)))
    library.steps.set_indexing(jobs)
    return jobs


def test_documents_that_are_published_together_are_one_write_of_vectors(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[int] = []
    add = library.store.add

    def counted(ids: Sequence[int], vectors: Any, *, collection: str) -> None:
        added.append(len(ids))
        add(ids, vectors, collection=collection)

    monkeypatch.setattr(library.store, "add", counted)
    library.index.publish(embedded_documents(library, 12))
    assert added == [12]
    assert library.documents.count(state=DocumentState.READY) == 12
    assert library.found("topic7")[0] == "7.txt"
    assert library.store.ids()["c"] == library.lexical.ids() == library.chunks.published_ids()["c"]


def test_one_that_is_removed_while_several_are_published_leaves_the_others_ready(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = embedded_documents(library, 4)
    read = Vectors.get_stored

    def and_removed(self: Vectors, *arguments: Any, **more: Any) -> Any:
        library.control.remove([jobs[1].document_id])
        delete_pending(library.jobs, library.steps, library.blobs, owner="test")
        return read(self, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Vectors, "get_stored", and_removed)
        library.index.publish(jobs)
    library.index.sweep()
    assert {document.name for document in library.documents.page()} == {"0.txt", "2.txt", "3.txt"}
    assert library.documents.count(state=DocumentState.READY) == 3
    assert library.store.ids()["c"] == library.lexical.ids() == library.chunks.published_ids()["c"]


def test_a_document_of_which_a_vector_is_missing_is_not_published(library: Library) -> None:
    (job,) = embedded_documents(library, 1)
    with library.database.write() as connection:
        connection.execute("DELETE FROM vectors")
    with pytest.raises(KeyError, match=job.document_id):
        library.index.publish([job])
    assert library.documents.get(job.document_id).state is DocumentState.INDEXING


def test_an_interrupted_import_goes_on_where_it_was(library: Library) -> None:
    sentences = [
        f"Sentence number{number} says word{number} and little else today." for number in range(6000)
    ]
    document = library.add("long.txt", "\n\n".join(sentences))
    library.run(stopped=lambda: library.documents.get(document.id).chunks_done > 0)
    halfway = library.documents.get(document.id)
    embedded = len(library.embedder.embedded)
    assert halfway.state is DocumentState.EMBEDDING
    assert 0 < halfway.chunks_done < halfway.chunks
    assert library.found("word3") == []
    library.jobs.release_dead(is_dead)
    library.run()
    assert library.documents.get(document.id).state is DocumentState.READY
    assert len(library.embedded()) == halfway.chunks
    assert embedded == halfway.chunks_done
    assert library.found("word5999") != []


def test_text_that_did_not_change_is_not_embedded_again(library: Library) -> None:
    paragraphs = [" ".join(f"w{number}x{word}" for word in range(50)) + "." for number in range(6)]
    library.add("report.txt", "\n\n".join(paragraphs))
    library.run()
    before = len(library.embedder.embedded)
    library.add("report.txt", "\n\n".join([*paragraphs, "A new last paragraph that says more. " * 8]))
    library.run()
    assert 1 <= len(library.embedder.embedded) - before <= 2
    (document,) = library.documents.page()
    assert document.state is DocumentState.READY


def test_the_old_version_answers_until_the_new_one_is_ready(library: Library) -> None:
    library.add("report.txt", "The price is five dollars.")
    library.run()
    library.add("report.txt", "The price is seven dollars.")
    assert library.found("price five") == ["report.txt"]
    library.run()
    (document,) = library.documents.page()
    texts = [chunk.text for chunk in library.chunks.of(document.id)]
    assert texts == ["The price is seven dollars."]
    assert len(library.store.ids()["c"]) == len(library.lexical.ids()) == 1
    assert len(library.blobs.hashes()) == 1


def test_a_document_removed_during_its_import_stays_gone(tmp_path: Path) -> None:
    parsing, go_on = threading.Event(), threading.Event()

    def slow(
        path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        parsed = parse_here(path, name, cancelled=cancelled, begun=begun)
        parsing.set()
        go_on.wait(10)
        return parsed

    library = Library(tmp_path, HashEmbedder(), slow)
    document = library.add("x.txt", "Some text.")
    running = threading.Thread(target=library.run)
    running.start()
    assert parsing.wait(10)
    library.control.remove([document.id])
    go_on.set()
    running.join(20)
    assert library.documents.page() == []
    assert library.lexical.ids() == set()
    assert not any(library.store.ids().values())
    library.close()


def test_a_file_that_took_the_process_with_it_again_and_again_is_failed(library: Library) -> None:
    document = library.add("x.txt", "Some text.")
    for number in range(5):
        (job,) = library.jobs.claim("crashed", limit=1)
        assert job.parses == number
        library.steps.begin_parsing(job)
        library.jobs.release_dead(is_dead)  # what the next start does
    library.run()
    after = library.documents.get(document.id)
    assert after.state is DocumentState.FAILED
    assert after.reason is not None
    assert after.reason.startswith("The parser crashed on x.txt")


def test_a_process_that_ends_in_order_or_between_files_is_no_crash(library: Library) -> None:
    document = library.add("x.txt", "Some text.")
    for number in range(6):
        (job,) = library.jobs.claim(f"owner {number}", limit=1)
        if number % 2:
            library.steps.begin_parsing(job)
            library.jobs.release(f"owner {number}")
        else:
            library.jobs.release_dead(is_dead)
    library.run()
    assert library.documents.get(document.id).state is DocumentState.READY


@pytest.mark.parametrize("harm", ["store", "words", "both", "strangers"])
def test_whatever_happens_to_the_indexes_is_mended_without_the_model(library: Library, harm: str) -> None:
    for number in range(5):
        library.add(f"{number}.txt", f"File number{number} is about topic{number}.")
    library.run()
    embedded = len(library.embedder.embedded)
    if harm in ("store", "both"):
        for collection, ids in library.store.ids().items():
            library.store.delete(sorted(ids), collection=collection)
    if harm in ("words", "both"):
        library.lexical.delete(sorted(library.lexical.ids()))
        library.lexical.commit()
    if harm == "strangers":
        library.store.add([777], library.embedder.embed_queries(["ghost"]), collection="c")
        library.lexical.add([778], ["ghost"], collection="c")
        library.lexical.commit()
    library.index.reconcile()
    live = library.chunks.published_ids()["c"]
    assert library.store.ids()["c"] == library.lexical.ids() == live
    assert len(library.embedder.embedded) == embedded
    assert library.found("topic3")[0] == "3.txt"
    assert library.index.reconcile().added == 0


def test_what_is_removed_while_the_indexes_are_mended_is_left_out(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = (
        library.add(f"{number}.txt", f"File number{number} is about topic{number}.") for number in (1, 2)
    )
    library.run()
    for collection, ids in library.store.ids().items():
        library.store.delete(sorted(ids), collection=collection)
    looked = IndexWriter._without_vectors

    def and_removed(self: IndexWriter, chunks: Sequence[Chunk]) -> list[Chunk]:
        found = looked(self, chunks)
        library.control.remove([gone.id])
        delete_pending(library.jobs, library.steps, library.blobs, owner="test")
        return found

    monkeypatch.setattr(IndexWriter, "_without_vectors", and_removed)
    library.index.reconcile()
    assert library.store.ids()["c"] == {chunk.id for chunk in library.chunks.of(stays.id)}


def test_another_embedder_embeds_everything_anew_and_words_answer_meanwhile(tmp_path: Path) -> None:
    first = Library(tmp_path, HashEmbedder())
    first.add("x.txt", "The heron stands still.")
    first.run()
    first.close()
    second = Library(tmp_path, HashEmbedder(width=96, model="other"))
    assert second.index.reconcile().unembedded
    assert second.documents.page()[0].state is DocumentState.EMBEDDING
    assert second.found("heron") == ["x.txt"]
    second.run()
    assert second.documents.page()[0].state is DocumentState.READY
    assert len(second.store.ids()["c"]) == 1
    assert len(second.embedded()) == 1
    second.close()


class Cut:
    """Parses a file as this version of the app does, or cannot."""

    def __init__(self) -> None:
        self.refusal: str | None = None
        self.seen_meanwhile: list[list[str]] = []
        self.library: Library | None = None

    def __call__(
        self, path: Path, name: str, *, cancelled: threading.Event, begun: Callable[[], None]
    ) -> ParsedDocument:
        parsed = parse_here(path, name, cancelled=cancelled, begun=begun)
        if self.library is not None:
            self.seen_meanwhile.append(self.library.found("heron"))
        if self.refusal is not None:
            raise BadInput(self.refusal)
        return parsed


def imported_by_an_earlier_version(folder: Path, parse: Cut) -> Library:
    """One file in chunks of 64 tokens, made by a chunker of version 1."""
    earlier = Library(folder, HashEmbedder(), parse)
    earlier.add(
        "x.txt", "\n\n".join(f"Heron number{number} stands still in the river." for number in range(30))
    )
    earlier.run()
    with earlier.database.write() as connection:
        connection.execute("UPDATE documents SET cut = '1'")
    earlier.close()
    return Library(folder, HashEmbedder(), parse)


def test_what_an_earlier_version_cut_is_cut_anew_and_found_meanwhile(tmp_path: Path) -> None:
    parse = Cut()
    library = imported_by_an_earlier_version(tmp_path, parse)
    before = library.chunks.published_ids()["c"]
    assert library.steps.queue_rechunk(CHUNKER_VERSION) == 1
    assert library.documents.page()[0].state is DocumentState.READY
    parse.library = library
    library.run()
    (document,) = library.documents.page()
    assert document.state is DocumentState.READY
    assert parse.seen_meanwhile == [["x.txt"] * 3]
    after = library.chunks.published_ids()["c"]
    assert not after & before
    assert library.store.ids()["c"] == library.lexical.ids() == after
    assert library.embedded() == []  # the same text keeps its vectors
    assert library.steps.queue_rechunk(CHUNKER_VERSION) == 0
    library.close()


def test_what_cannot_be_cut_anew_stays_as_it_was_and_says_so(tmp_path: Path) -> None:
    parse = Cut()
    library = imported_by_an_earlier_version(tmp_path, parse)
    before = library.chunks.published_ids()
    library.steps.queue_rechunk(CHUNKER_VERSION)
    parse.refusal = "x.txt cannot be read."
    library.run()
    (document,) = library.documents.page()
    assert (document.state, document.chunks) == (DocumentState.READY, len(before["c"]))
    assert document.reason == "Its passages are those of an earlier version: x.txt cannot be read."
    assert library.chunks.published_ids() == before
    assert library.found("heron") == ["x.txt"] * 3
    library.close()


def test_what_is_cut_anew_is_found_by_its_old_passages_until_all_new_ones_are_embedded(
    tmp_path: Path,
) -> None:
    embedder = HashEmbedder()
    library = Library(tmp_path, embedder)
    library.add("x.txt", "\n\n".join(f"Heron number{number} stands in the river." for number in range(30)))
    library.run()
    (document,) = library.documents.page()
    before = library.chunks.of(document.id)
    embed, seen = embedder.embed_documents, []

    def watched(texts: list[str], *, urgent: bool = False) -> object:
        if texts[0].startswith("Heron"):
            seen.append((library.found("number29"), len(library.chunks.of(document.id))))
        return embed(texts, urgent=urgent)

    library.chunk_tokens = 16
    library.control.read_again([document.id])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedder, "embed_documents", watched)
        library.run()
    assert seen
    assert all(each == (["x.txt"] * 3, len(before)) for each in seen)
    after = library.chunks.of(document.id)
    assert len(after) > len(before)
    assert library.chunks.published_ids()["c"] == library.store.ids()["c"] == library.lexical.ids()
    kept = library.database.read().execute("SELECT id, is_next, cut_tokens FROM chunks_aside ORDER BY id")
    assert [(row["id"], row["is_next"], row["cut_tokens"]) for row in kept] == [
        (chunk.id, 0, 64) for chunk in before
    ]  # for the way back
    assert (
        Vectors(library.database, embedder.fingerprint).missing(
            text_hash(chunk.embedded_text) for chunk in before
        )
        == []
    )
    library.control.remove([document.id])
    library.run()
    rows = row_counts(library.database.read())
    assert rows["chunks"] == rows["chunks_aside"] == rows["vectors"] == 0
    library.close()


def test_what_was_embedded_of_new_passages_goes_on_after_a_stop(tmp_path: Path) -> None:
    library = Library(tmp_path, HashEmbedder())
    library.add("x.txt", "\n\n".join(f"Heron number{number} stands in the river." for number in range(2400)))
    library.run()
    (document,) = library.documents.page()
    before = library.chunks.of(document.id)
    library.chunk_tokens = 16
    library.control.read_again([document.id])

    def is_half_done() -> bool:
        now = library.documents.get(document.id)
        return 0 < now.chunks_done < now.chunks

    library.run(stopped=is_half_done)
    assert is_half_done()
    assert library.chunks.of(document.id) == before
    assert library.found("number29") == ["x.txt"] * 3
    embedded = len(library.embedded())
    library.jobs.release("test")
    library.run()
    assert library.documents.get(document.id).chunks == len(library.chunks.of(document.id))
    assert len(set(library.embedded())) == len(library.embedded()) > embedded
    library.close()


def test_a_document_that_is_cut_anew_can_be_paused_and_removed_but_not_cancelled(tmp_path: Path) -> None:
    library = imported_by_an_earlier_version(tmp_path, Cut())
    library.steps.queue_rechunk(CHUNKER_VERSION)
    (document,) = library.documents.page()
    with pytest.raises(Conflict, match="Pause that instead"):
        library.control.cancel(document.id)
    library.control.pause(document.id)
    library.run()
    assert library.steps.queue_rechunk(CHUNKER_VERSION) == 0  # it is queued already
    library.control.resume_all()
    library.control.remove([document.id])
    library.run()
    assert library.documents.page() == []
    library.close()


def test_the_next_window_is_embedded_while_the_last_is_stored(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    library = Library(tmp_path, embedder)
    second = threading.Event()
    embed, store = embedder.embed_documents, Publisher.store_vectors
    seen: list[bool] = []

    def watched(texts: list[str], *, urgent: bool = False) -> object:
        if embedder.embedded:
            second.set()
        return embed(texts, urgent=urgent)

    def slow(publisher: Publisher, prepared: PreparedVectors) -> None:
        seen.append(second.wait(10))
        store(publisher, prepared)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedder, "embed_documents", watched)
        patch.setattr(Publisher, "store_vectors", slow)
        document = library.add(
            "long.txt", "\n\n".join(f"Paragraph {n} " + f"word{n} " * 50 for n in range(300))
        )
        library.run()
    assert seen[0]
    assert library.documents.get(document.id).state is DocumentState.READY
    assert len(embedder.embedded) == library.documents.get(document.id).chunks > 256


@pytest.mark.parametrize(
    ("speed", "least", "size"),
    [(None, 64, 64), (10.0, 64, 64), (50.0, 64, 100), (1000.0, 64, 256), (1.0, MOST_BATCH, MOST_BATCH)],
)
def test_a_batch_is_what_is_embedded_in_two_seconds(speed: float | None, least: int, size: int) -> None:
    assert batch_size(speed, least=least) == size


def test_batches_begin_small_where_that_is_as_quick(tmp_path: Path) -> None:
    sizes: list[int] = []

    class Counting(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Any:
            sizes.append(len(texts))
            return super().embed_documents(texts, urgent=urgent)

    library = Library(tmp_path, Counting())
    library.pipeline = library.build_pipeline(parse_here, Batching(at_once=2, least=8))
    document = library.add("long.txt", "\n\n".join(f"Paragraph {n} " + f"word{n} " * 50 for n in range(60)))
    library.run()
    assert sizes[:2] == [8, 8]
    assert sum(sizes) == library.documents.get(document.id).chunks == 60
    assert library.documents.get(document.id).state is DocumentState.READY
    library.close()


def test_the_first_is_not_kept_waiting_by_all_that_are_read_after_it(tmp_path: Path) -> None:
    read: list[str] = []
    before: list[int] = []

    class Watched(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Any:
            before.append(len(read))
            return super().embed_documents(texts, urgent=urgent)

    def slowly(path: Path, name: str, **_: object) -> ParsedDocument:
        time.sleep(0.02)
        read.append(name)
        return formats.parse(path, name)

    library = Library(tmp_path, Watched(), slowly)
    library.pipeline = library.build_pipeline(slowly, Batching(patience_seconds=0.3))
    for number in range(60):
        library.add(f"{number}.txt", f"Note {number} says what it says.")
    library.run()
    assert before[0] < 60
    library.close()


def test_words_are_committed_while_vectors_are_added(library: Library) -> None:
    committed = threading.Event()
    commit, add = TantivyIndex.commit, ChromaStore.add
    seen: list[bool] = []

    def noted(index: TantivyIndex) -> None:
        commit(index)
        committed.set()

    def waiting(store: ChromaStore, *args: Any, **options: Any) -> None:
        seen.append(committed.wait(10))
        add(store, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TantivyIndex, "commit", noted)
        patch.setattr(ChromaStore, "add", waiting)
        document = library.add("a.txt", "A ferry crosses the sound.")
        library.run()
    assert seen == [True]
    assert library.documents.get(document.id).state is DocumentState.READY
    assert library.lexical.search("ferry", 5)


@pytest.mark.parametrize("at_once", [1, 3])
def test_batches_end_in_order_and_no_more_than_a_few_are_held(at_once: int) -> None:
    gates = [threading.Event() for _ in range(at_once + 1)]

    def embed(chunks: Sequence[Any]) -> Any:
        assert gates[chunks[0]].wait(10)
        return chunks[0]

    with Ahead(embed, at_once=at_once) as ahead:
        for number in range(at_once):
            assert ahead.is_idle
            ahead.begin([(None, number)])  # type: ignore[list-item]
        assert list(ahead.ended()) == []
        gates[at_once - 1].set()
        ahead.wait()
        assert len(ahead.computing()) == at_once - 1
        ahead.begin([(None, at_once)])  # type: ignore[list-item]
        gates[0].set()
        oldest = next(ahead.ended())  # it is waited for: as many are under way as may be
        for gate in gates:
            gate.set()
        results: list[Any] = [part.future.result() for part in [oldest, *ahead.rest()]]
        assert results == list(range(at_once + 1))


def stored(number: int, count: int) -> Unembedded:
    """A document of so many chunks, none of which has a vector."""
    job = Job(id=number, kind=JobKind.IMPORT, document_id=str(number), attempts=1, owner="test")
    chunks = tuple(Chunk(f"Passage {place} of {number}.") for place in range(count))
    return Unembedded(job, count, chunks)


def owners(part: Sequence[tuple[Job, Chunk]]) -> dict[int, int]:
    """How many chunks of a batch are of which document."""
    return dict(Counter(job.id for job, _ in part))


def test_short_documents_go_first_and_the_first_of_all_is_never_left_out() -> None:
    turns = Turns(16)
    for number, count in ((1, 40), (2, 30), (3, 3), (4, 0)):
        turns.add(stored(number, count))
    assert [job.id for job in turns.whole()] == [4]
    first = turns.take()
    assert owners(first) == {1: 4, 3: 3, 2: 9}
    assert turns.whole() == []
    assert {job.id: done.chunks for job, done in turns.keep(first).items()} == {1: 4, 2: 9, 3: 3}
    assert [job.id for job in turns.whole()] == [3]
    parts = []
    while part := turns.take():
        turns.keep(part)
        parts.append(owners(part))
        turns.whole()
    assert parts == [{1: 4, 2: 12}, {1: 4 + 3, 2: 9}, {1: 16}, {1: 9}]
    assert not turns


def test_the_last_batches_of_an_import_are_small() -> None:
    turns = Turns(256)
    turns.add(stored(1, 300))
    turns.is_last = True
    sizes = []
    while part := turns.take():
        sizes.append(len(part))
    assert sizes == [150, 75, 64, 11]


def test_long_documents_fill_a_batch_together_only_and_leave_room_for_short_ones() -> None:
    turns, is_full = Turns(16), list[bool]()
    for number in range(8):
        turns.add(stored(number, 100))
        is_full.append(turns.is_full)
    assert is_full == [False] * 7 + [True]
    turns.take()
    turns.drop(turns.jobs()[:1])
    assert [job.id for job in turns.jobs()] == list(range(1, 8))
    assert sum(len(turns.take()) for _ in range(60)) == 700
