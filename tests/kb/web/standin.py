"""A library in memory, with the services of ``kb.knowledge_base.KnowledgeBase`` that the page calls."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kb.config import ParsingSettings, Settings
from kb.errors import BadInput, NotFound
from kb.knowledge_base.conversations import ConversationsService
from kb.state.conversations import AnswerRuns
from kb.state.db import Database
from kb.system.access_token import make_token
from kb.text.query_syntax import KnownValue
from kb.types import (
    AS_SET,
    OWNER,
    Added,
    Answer,
    AnswerEvent,
    Caller,
    Chunk,
    Citation,
    Document,
    DocumentState,
    Hit,
    JobStatus,
    LinePlace,
    ListFilter,
    ListOrder,
    ListPlace,
    ModelStatus,
    Question,
    QueueStatus,
    Rect,
    SameName,
    Searched,
    SearchTuning,
    Span,
    StoredNotice,
    TextDelta,
)  # fmt: skip

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c63f8cfc0f01f00050001ff56c72f0d0000000049454e44ae426082"
)
Script = Callable[[str], AsyncIterator[AnswerEvent]]


class NoWork:
    """Nothing is imported: what is added is ready."""

    def of(self, document_ids: Sequence[str], *, caller: Caller) -> dict[str, JobStatus]:
        return {}

    def queue(self, *, caller: Caller) -> QueueStatus:
        return QueueStatus(paused=False, reason=None)


class NoCare:
    """Nothing is ever wrong."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def new_token(self) -> str:
        return make_token(self._home)

    def serves(self, end: Callable[[], None]) -> None:
        del end

    def warnings(self) -> list[str]:
        return []

    def notices(self, *, caller: Caller) -> list[StoredNotice]:
        return []


class NoKeys:
    """No key opens anything."""

    def caller_with(self, key: str) -> None:
        del key


class NoAccounts:
    """Nobody signs in, and what a caller may see stays as it is."""

    def refreshed(self, *, caller: Caller) -> Caller:
        return caller


class KeptList:
    """The documents that are kept, newest first, whatever is asked for."""

    def __init__(self, library: InMemoryLibrary) -> None:
        self._library = library

    def searched(self, wanted: ListFilter) -> ListFilter:
        return wanted

    def window(
        self,
        wanted: ListFilter,
        order: ListOrder,
        *,
        caller: Caller,
        limit: int,
        offset: int = 0,
        after: ListPlace | None = None,
    ) -> list[Document]:
        return self._library.documents(collection=wanted.collection, limit=limit, offset=offset)

    def count(self, wanted: ListFilter, *, caller: Caller) -> int:
        return self._library.count(collection=wanted.collection)


class InMemoryLibrary:
    """Everything added is ready at once; answers come from a script."""

    def __init__(self, home: Path, *, script: Script | None = None) -> None:
        self.settings = Settings(home=home, parsing=ParsingSettings(max_file_megabytes=1))
        self.kept: dict[str, Document] = {}
        self.chunks: dict[int, Chunk] = {}
        self.closed_early = False
        self.asked: list[Question] = []
        self.script = script
        self.conversations = ConversationsService(AnswerRuns(Database(home / "standin.db")), ask=self.ask)
        self.jobs = NoWork()
        self.keys = NoKeys()
        self.accounts = NoAccounts()
        self.maintenance = NoCare(home)
        self.library = self
        self.listing = KeptList(self)
        self._changes = 0
        self._changed = threading.Condition()

    def add(
        self,
        source: Path,
        name: str,
        collection: str = "default",
        *,
        caller: Caller = OWNER,
        path: str = "",
        same_name: SameName | None = None,
    ) -> Added:
        data = source.read_bytes()
        if not data:
            raise BadInput(f"{name} is empty.")
        sha256 = hashlib.sha256(data).hexdigest()
        for document in self.kept.values():
            if (document.sha256, document.collection) == (sha256, collection):
                return Added(document, already_present=True)
        (self.settings.home / "blobs").mkdir(exist_ok=True)
        (self.settings.home / "blobs" / sha256).write_bytes(data)
        document = Document(
            id=f"d{len(self.kept) + 1}", name=name, collection=collection, state=DocumentState.READY,
            sha256=sha256, bytes=len(data), added="2026-03-04T05:06:07+00:00", pages=1, chunks=1, chunks_done=1,
        )  # fmt: skip
        self.put(document, data.decode("utf-8", "replace"))
        return Added(document, already_present=False)

    def put(self, document: Document, text: str = "") -> None:
        self.kept = {document.id: document, **self.kept}
        chunk = Chunk(text=text, spans=(Span(0, len(text), LinePlace.at(1)),), id=len(self.chunks) + 1)
        self.chunks[chunk.id] = replace(chunk, document_id=document.id)
        self.touch()

    def touch(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def documents(
        self, *, caller: Caller = OWNER, collection: str | None = None, limit: int = 200, offset: int = 0
    ) -> list[Document]:
        found = [kept for kept in self.kept.values() if collection in (None, kept.collection)]
        return found[offset : offset + limit]

    def count(self, *, caller: Caller = OWNER, collection: str | None = None) -> int:
        return len(self.documents(collection=collection, limit=10**6))

    def document(self, document_id: str, *, caller: Caller = OWNER) -> Document:
        try:
            return self.kept[document_id]
        except KeyError:
            raise NotFound(f"There is no document {document_id!r}.") from None

    def remove(self, document_ids: Sequence[str], *, caller: Caller = OWNER) -> None:
        for document_id in document_ids:
            del self.kept[self.document(document_id).id]
        self.touch()

    def collections(self, *, caller: Caller = OWNER) -> list[str]:
        return sorted({document.collection for document in self.kept.values()})

    def original(self, document_id: str, *, caller: Caller = OWNER) -> Path:
        return self.settings.home / "blobs" / self.document(document_id).sha256

    def passage(self, chunk_id: int, *, caller: Caller = OWNER) -> Chunk:
        return self.chunks[chunk_id]

    def known_value(self, caller: Caller) -> KnownValue:
        def known(field: str, value: str) -> str | None:
            return value if field == "types" or value in {each.name for each in self.kept.values()} else None

        return known

    @property
    def query_engine(self) -> InMemoryLibrary:
        return self

    async def search(self, question: Question, *, k: int = 10, tuning: SearchTuning = AS_SET) -> Searched:
        self.asked.append(question)
        filters = question.effective_filters
        there = (
            (chunk, self.kept[chunk.document_id])
            for chunk in self.chunks.values()
            if chunk.document_id in self.kept
        )
        found = [
            (chunk, document)
            for chunk, document in there
            if (not filters.collections or document.collection in filters.collections)
            and (not filters.documents or document.name in filters.documents)
        ]
        hits = (Hit(*each, score=1.0, rank=n) for n, each in enumerate(found[:k], 1))
        return Searched(question.text, tuple(hits))

    async def ask(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        if self.script is not None:
            try:
                async for event in self.script(question.text):
                    yield event
            except BaseException:
                self.closed_early = True
                raise
            return
        searched = await self.search(question)
        yield searched
        text = f"You asked {question.text!r}, after {len(question.history)} others. [1]"
        for word in text.split(" "):
            yield TextDelta(word + " ")
        cited = searched.hits[0]
        citation = Citation(
            1,
            cited.chunk.id,
            cited.document.id,
            cited.document.name,
            cited.chunk.anchor,
            cited.chunk.text[:20],
        )
        yield Answer(text, question.model or "extractive", question.text, (citation,))

    async def model_status(self, wanted: str | None = None) -> ModelStatus:
        return ModelStatus(wanted or "extractive", "No model was found.", "Start Ollama for whole answers.")

    async def models(self) -> Mapping[str, str]:
        return {"extractive": "quotes the best sentences"}

    async def close_models(self) -> None:
        """There are none."""

    def page_picture(
        self,
        document_id: str,
        page: int,
        *,
        caller: Caller = OWNER,
        rects: Sequence[Rect] = (),
        width: int = 900,
    ) -> bytes:
        if page != 1:
            raise NotFound(f"{self.document(document_id).name} has no page {page}.")
        return PNG

    def embedder_status(self) -> str:
        return "Words are hashed; this is a test."

    def wait_for_change(self, seen: int, timeout: float) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._changes != seen, timeout)
            return self._changes
