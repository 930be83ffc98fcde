"""Makes a data folder as version 7 of the schema left it, by plain SQL and the bytes that were stored then.

``python -m tests.data.make_old_home FOLDER`` writes one to look at. Nothing of today's code decides what is in
it, except the embedder's double, whose vectors a test can ask for again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.doubles.hash_embedder import HashEmbedder

SCHEMA = Path(__file__).with_name("schema_7.sql")
ADDED = "2026-03-01T08:00:00+00:00"


@dataclass(frozen=True, slots=True)
class OldPassage:
    text: str
    spans: list[list[float | None]]
    """[start, end, line, paragraph], and of a PDF [page, x0, y0, x1, y1] after them."""
    heading_path: tuple[str, ...] = ()

    @property
    def embedded_text(self) -> str:
        return " > ".join(self.heading_path) + "\n" + self.text if self.heading_path else self.text


@dataclass(frozen=True, slots=True)
class OldDocument:
    id: str
    name: str
    language: str
    passages: tuple[OldPassage, ...]
    title: str | None = None
    pages: int | None = None

    @property
    def content(self) -> bytes:
        """Of its file: nobody reads it again, but it has to be what its hash says."""
        return "\n".join(passage.text for passage in self.passages).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


READY = (
    OldDocument(
        "0a1b2c3d4e5f",
        "bridges.txt",
        "en",
        (
            OldPassage("The harbour bridge opened in 1932 and is 1149 metres long.", [[0, 58, 3, None]]),
            OldPassage(
                "The old ferry was sold to a museum. Its bell still rings.",
                [[0, 35, 5, None], [36, 57, 6, None]],
                ("Ferries",),
            ),
        ),
    ),
    OldDocument(
        "1b2c3d4e5f60",
        "lantern report.pdf",
        "en",
        (
            OldPassage(
                "The copper lantern weighs eleven kilograms.",
                [[0, 43, None, None, 2, 72.0, 100.5, 300.2, 112.0]],
                ("Report", "Weights"),
            ),
        ),
        title="On lanterns",
        pages=2,
    ),
    OldDocument(
        "2c3d4e5f6071",
        "潮汐.docx",
        "zh",
        (OldPassage("潮汐由月球的引力引起。", [[0, 11, None, 4]]),),
    ),
)
QUEUED = OldDocument("3d4e5f607182", "orchard.txt", "en", (OldPassage("An orchard in winter.", []),))
QUESTION, ANSWER = "How long is the harbour bridge?", "It is 1149 metres long [1]."


def make_old_home(home: Path) -> None:
    """Three documents that are ready, one whose import a process that died had begun, and what people had left."""
    home.mkdir(parents=True)
    (home / "footnote.toml").write_text('embedder = "bundled"\nchunk_tokens = 96\n', encoding="utf-8")
    for document in (*READY, QUEUED):
        path = home / "blobs" / document.sha256[:2] / document.sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.content)
    with closing(sqlite3.connect(home / "footnote.db")) as database:
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
        database.execute("INSERT INTO queue (id, chunks_per_second) VALUES (1, 12.5)")
        for sequence, document in enumerate(READY, start=1):
            _insert_ready(database, document, sequence)
        _insert_queued(database)
        _insert_conversation(database)
        _insert_the_rest(database)
        database.commit()


def _insert_ready(database: sqlite3.Connection, document: OldDocument, sequence: int) -> None:
    count = len(document.passages)
    _insert(
        database,
        "documents",
        id=document.id,
        name=document.name,
        collection="default",
        sha256=document.sha256,
        bytes=len(document.content),
        added=ADDED,
        state="ready",
        title=document.title,
        pages=document.pages,
        chunks=count,
        chunks_done=count,
        live=1,
        pages_done=document.pages or 0,
        sequence=sequence,
        language=document.language,
        cut="5",
    )
    embedder = HashEmbedder()
    database.execute(
        "INSERT OR IGNORE INTO embedders (id, stored_key) VALUES (1, ?)", (embedder.fingerprint.stored_key,)
    )
    vectors = embedder.embed_documents([passage.embedded_text for passage in document.passages])
    for position, passage in enumerate(document.passages):
        key = hashlib.sha256(passage.embedded_text.encode()).digest()[:16]
        _insert(
            database,
            "chunks",
            document_id=document.id,
            position=position,
            text=passage.text,
            heading_path=json.dumps(passage.heading_path, ensure_ascii=False),
            spans=json.dumps(passage.spans, separators=(",", ":")),
            tokens=12,
            text_hash=key,
        )
        vector = vectors[position].astype(np.float16).tobytes()
        _insert(database, "vectors", embedder_id=1, text_hash=key, vector=vector)


def _insert_queued(database: sqlite3.Connection) -> None:
    _insert(
        database,
        "documents",
        id=QUEUED.id,
        name=QUEUED.name,
        collection="garden",
        sha256=QUEUED.sha256,
        bytes=len(QUEUED.content),
        added=ADDED,
        state="parsing",
        sequence=len(READY) + 1,
    )
    _insert(
        database,
        "jobs",
        kind="import",
        document_id=QUEUED.id,
        state="running",
        turn=1,
        attempts=1,
        parses=1,
        lease_owner="4711-0a1b2c3d",
        lease_until=4e9,  # a clock that was wrong must not hold it for ever
    )


def _insert_conversation(database: sqlite3.Connection) -> None:
    cited = READY[0]
    citation = {
        "n": 1,
        "chunk_id": 1,
        "document_id": cited.id,
        "document": cited.name,
        "anchor": {"rects": [], "heading_path": [], "lines": [3, 3], "paragraphs": None},
        "quote": cited.passages[0].text,
    }
    searched = {
        "question": QUESTION,
        "sources": [
            {"chunk": 1, "document": cited.id, "name": cited.name, "score": 0.9, "scores": {"dense": 0.8}}
        ],
        "dropped": 0,
        "timings_ms": {"search": 3.5},
        "context": "",
    }
    answer = {
        "text": None,
        "model": "extractive",
        "searched": QUESTION,
        "citations": [citation],
        "unsupported": [],
        "refused": False,
        "incomplete": None,
        "timings_ms": {"total": 12.0},
        "checks": [],
        "closest": [],
    }
    _insert(database, "conversations", id="conv", title=QUESTION, added=ADDED, updated=ADDED)
    _insert(
        database,
        "requests",
        id="run",
        conversation_id="conv",
        position=1,
        state="done",
        question=QUESTION,
        added=ADDED,
        searched=json.dumps(searched),
        text=ANSWER,
        answer=json.dumps(answer),
    )


def _insert_the_rest(database: sqlite3.Connection) -> None:
    _insert(database, "tags", document_id=READY[1].id, tag="steel")
    _insert(database, "notices", made=ADDED, text="Something was mended.")
    _insert(
        database,
        "kept_questions",
        question="How heavy is the lantern?",
        sha256=READY[1].sha256,
        document=READY[1].name,
        page=2,
        quote="eleven kilograms",
        added=ADDED,
    )
    result = {
        "embedder": "hash@1",
        "config": {},
        "documents": 3,
        "questions": 1,
        "asked": 1,
        "cancelled": False,
        "figures": {"ndcg@10": {"value": 0.5, "low": 0.4, "high": 0.6, "questions": 1, "p_value": None}},
        "latencies_ms": {},
        "unread": [],
        "missed": [],
        "differences": {},
    }
    _insert(
        database, "evaluations", finished=ADDED, set_key="key", set_name="mine", result=json.dumps(result)
    )


def _insert(database: sqlite3.Connection, table: str, **values: Any) -> None:
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    database.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))  # noqa: S608


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    make_old_home(parser.parse_args().folder)
