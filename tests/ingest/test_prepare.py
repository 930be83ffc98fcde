"""Preparing is a function of the file, the settings and the embedder: another process can do it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.prepare import Preparer
from ingest.publish import Publisher
from kb.errors import BadInput, Misconfigured
from kb.types import DocumentState, PreparedDocument, PreparedVectors
from tests.doubles.hash_embedder import HashEmbedder
from tests.ingest.test_pipeline import Library, parse_here

TEXT = "# Birds\n\n" + "\n\n".join(f"Heron number{number} stands still in the river." for number in range(40))
ELSEWHERE = """
import pickle, sys
from pathlib import Path
from tests.ingest.test_prepare import prepare
pickle.dump(prepare(Path(sys.argv[1])), sys.stdout.buffer)
"""


def preparer() -> Preparer:
    return Preparer(embedder=HashEmbedder(), parse=parse_here, chunk_tokens=lambda: 64)


def prepare(path: Path) -> tuple[PreparedDocument, list[PreparedVectors]]:
    """All that is to be known of a file, its vectors in parts of four."""
    here = preparer()
    document = here.read(path, "birds.md", cancelled=threading.Event(), begun=lambda: None)
    parts = [document.chunks[start : start + 4] for start in range(0, len(document.chunks), 4)]
    return document, [here.embed(part) for part in parts]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path, HashEmbedder())
    yield opened
    opened.close()


def test_the_same_file_is_prepared_alike(tmp_path: Path) -> None:
    path = tmp_path / "birds.md"
    path.write_text(TEXT, encoding="utf-8")
    (first, its_vectors), (second, other_vectors) = prepare(path), prepare(path)
    assert first == second
    assert first.language == "en"
    assert len(first.chunks) > 4
    for mine, other in zip(its_vectors, other_vectors, strict=True):
        assert (mine.embedder, mine.hashes) == (other.embedder, other.hashes)
        np.testing.assert_array_equal(mine.vectors, other.vectors)


def test_what_another_process_prepared_is_published_here(library: Library) -> None:
    document = library.add("birds.md", TEXT)
    path = library.blobs.path(document.sha256)
    done = subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], capture_output=True, check=True)
    prepared, parts = pickle.loads(done.stdout)  # noqa: S301
    (job,) = library.jobs.claim("test", limit=1)
    publisher = Publisher(
        documents=library.documents, steps=library.steps, blobs=library.blobs, index=library.index
    )
    publisher.begin_reading(job)
    publisher.store_document(job, prepared)
    for part in parts[:-1]:
        publisher.store_vectors(part)
    lacking = publisher.unembedded(job).lacking
    assert [chunk.text for chunk in lacking] == [
        chunk.text for chunk in prepared.chunks[4 * (len(parts) - 1) :]
    ]
    publisher.store_vectors(parts[-1])
    publisher.publish([job])
    assert library.documents.get(document.id).state is DocumentState.READY
    assert library.found("number17")[0] == "birds.md"
    assert library.embedded() == [], "no passage was embedded here"


def test_vectors_of_another_model_are_refused_by_name(library: Library) -> None:
    document = library.add("birds.md", TEXT)
    prepared, parts = prepare(library.blobs.path(document.sha256))
    (job,) = library.jobs.claim("test", limit=1)
    library.steps.store_chunks(job, prepared)
    with pytest.raises(Misconfigured, match="other@2"):
        library.index.store_vectors(replace(parts[0], embedder="other@2/64/"))
    assert len(library.index.unembedded(document.id)) == len(prepared.chunks)


def test_a_file_without_text_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"notes\.txt"):
        preparer().read(tmp_path / "x.txt", "notes.txt", cancelled=threading.Event(), begun=lambda: None)


def test_preparing_loads_no_database() -> None:
    script = (
        "import sys, ingest.prepare; print(sorted({'sqlite3', 'chromadb', 'tantivy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
