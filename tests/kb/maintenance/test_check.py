"""What ``check`` finds, and what ``--repair`` mends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.config import Settings
from kb.errors import Conflict
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.integrity import Integrity
from kb.types import OWNER
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, NoPictures


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    home = tmp_path / "home"
    with closing(Library(home)) as library:
        library.fill(8)
    settings = Settings(home=home)
    with closing(
        open_knowledge_base(
            settings, renderer=NoPictures(), suffixes=frozenset({".txt"}), embedder=HashEmbedder()
        )
    ) as opened:
        opened.maintenance.lock()
        yield opened


def database_of(kb: KnowledgeBase) -> closing[Database]:
    """The tables themselves, for faults that no service makes."""
    return closing(Database(kb.settings.home / "footnote.db"))


def wrong(kb: KnowledgeBase, *, repair: bool = False) -> dict[str, str]:
    return {
        checked.name: checked.text
        for checked in kb.maintenance.check(repair=repair, caller=OWNER)
        if not checked.ok
    }


def test_a_sound_library_passes(kb: KnowledgeBase) -> None:
    said: list[str] = []
    assert all(checked.ok for checked in kb.maintenance.check(report=said.append, caller=OWNER))
    assert said[-1] == "self-search: 24 of 24 passages"


def overwrite(kb: KnowledgeBase) -> None:
    """Other bytes in a file whose copy in the backup is no link to it."""
    sha256 = kb.library.documents(caller=OWNER)[0].sha256
    kb.maintenance.back_up(caller=OWNER)
    path = kb.ingest_parts().blobs.path(sha256)
    path.unlink()
    path.write_bytes(b"other bytes")


def remove_file(kb: KnowledgeBase) -> None:
    kb.maintenance.back_up(caller=OWNER)
    kb.ingest_parts().blobs.path(kb.library.documents(caller=OWNER)[0].sha256).unlink()


def leave_stray(kb: KnowledgeBase) -> None:
    hours_ago = time.time() - 7200
    for stray in (kb.ingest_parts().blobs.path("ab" * 32), kb.settings.home / "uploads" / "tmp1" / "tmp2"):
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"nobody's")
        for path in (stray, stray.parent):
            os.utime(path, (hours_ago, hours_ago))


def lose_rows(kb: KnowledgeBase) -> None:
    indexes = kb.ingest_parts().open_engine().indexes
    with database_of(kb) as database:
        ids = sorted(Chunks(database).published_ids()["default"])[:4]
    indexes.store.delete(ids, collection="default")
    indexes.lexical.delete(ids)
    indexes.lexical.commit()


def gain_rows(kb: KnowledgeBase) -> None:
    indexes = kb.ingest_parts().open_engine().indexes
    with database_of(kb) as database, database.write() as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = 900 WHERE name = 'chunks'")
    indexes.store.add([800], HashEmbedder().embed_documents(["ghost"]), collection="default")
    indexes.lexical.add([800], ["ghost"], collection="default")
    indexes.lexical.commit()


def shorten_vector(kb: KnowledgeBase) -> None:
    with database_of(kb) as database, database.write() as connection:
        connection.execute("UPDATE vectors SET vector = x'00' WHERE rowid = (SELECT min(rowid) FROM vectors)")


def drop_job(kb: KnowledgeBase) -> None:
    source = kb.settings.home / "new.txt"
    source.write_text("words", encoding="utf-8")
    kb.library.add(source, "new.txt", caller=OWNER)
    with database_of(kb) as database, database.write() as connection:
        connection.execute("DELETE FROM jobs")


def change_letter(kb: KnowledgeBase) -> None:
    with database_of(kb) as database, database.write() as connection:
        connection.execute("UPDATE chunks SET text = replace(text, 'Passage 3:', 'Passage 8:')")


def change_place(kb: KnowledgeBase) -> None:
    with database_of(kb) as database, database.write() as connection:
        connection.execute("UPDATE chunks SET spans = replace(spans, '1', '2') WHERE id = 1")


FAULTS: dict[str, tuple[Callable[[KnowledgeBase], None], set[str]]] = {
    "a damaged file": (overwrite, {"files"}),
    "a missing file": (remove_file, {"files"}),
    "a file of nobody": (leave_stray, {"files"}),
    "rows that the indexes lost": (lose_rows, {"index of vectors", "index of words", "self-search"}),
    "rows that should not be there": (gain_rows, {"index of vectors", "index of words"}),
    "a stuck document": (drop_job, {"documents"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_found_named_and_mended(kb: KnowledgeBase, fault: str) -> None:
    assert wrong(kb) == {}
    cause, due = FAULTS[fault]
    cause(kb)
    assert set(wrong(kb)) == due
    assert wrong(kb, repair=True) == {}


@pytest.mark.parametrize("change", [change_letter, change_place])
def test_one_changed_letter_is_found_and_the_document_read_anew(
    kb: KnowledgeBase, change: Callable[[KnowledgeBase], None]
) -> None:
    assert wrong(kb) == {}
    change(kb)
    assert "1 have passages that are not what was stored: document" in wrong(kb)["documents"]
    kb.maintenance.check(repair=True, caller=OWNER)
    assert [job.kind.value for job in kb.ingest_parts().jobs.claim("worker", limit=5)] == ["import"]


def test_one_changed_bit_of_a_vector_is_found_and_embedded_anew(kb: KnowledgeBase) -> None:
    with database_of(kb) as database, database.write() as connection:
        (row,) = connection.execute("SELECT text_hash, vector FROM vectors LIMIT 1").fetchall()
        flipped = bytes([row["vector"][0] ^ 1]) + row["vector"][1:]
        connection.execute("UPDATE vectors SET vector = ? WHERE text_hash = ?", (flipped, row["text_hash"]))
    assert wrong(kb) == {"vectors": "1 are damaged."}
    assert wrong(kb, repair=True) == {}
    assert [job.kind.value for job in kb.ingest_parts().jobs.claim("worker", limit=5)] == ["embed"]


def test_a_vector_of_the_wrong_width_is_embedded_anew(kb: KnowledgeBase) -> None:
    assert wrong(kb) == {}
    shorten_vector(kb)
    with database_of(kb) as database:
        assert Integrity(database).damaged_vectors() == 1
    assert wrong(kb, repair=True) == {}
    assert [job.kind.value for job in kb.ingest_parts().jobs.claim("worker", limit=5)] == ["embed"]


def test_a_file_that_is_gone_for_good_stays_wrong_and_says_what_helps(kb: KnowledgeBase) -> None:
    lost = kb.library.documents(caller=OWNER)[0]
    kb.ingest_parts().blobs.path(lost.sha256).unlink()
    found = next(checked for checked in kb.maintenance.check(repair=True, caller=OWNER) if not checked.ok)
    assert lost.name in found.text
    assert "Adding the same file again" in str(found.remedy)


def test_one_at_a_time(kb: KnowledgeBase) -> None:
    def again(_what: str) -> None:
        with pytest.raises(Conflict, match="already"):
            kb.maintenance.check(caller=OWNER)

    kb.maintenance.check(report=again, caller=OWNER)
    with database_of(kb) as database:
        assert Chunks(database).count_live() == 24
