"""How long the page waits for rows of a large library: ``python -m benchmarks.listing [DOCUMENTS]``.

Fills a database with documents that have names, folders, tags and states but no text, and asks for windows of it as
the page does: every sort from the top, from the middle and from the end, and every filter.
"""

from __future__ import annotations

import random
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.render import PdfiumRenderer
from kb.config import load_settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.state.db import Database
from kb.system.home_layout import DATABASE
from kb.types import OWNER, ListedState, SortKey
from kb.web.page.library.fragments import LibraryIn, library_now, say_of

_DOCUMENTS = 100_000
_ROWS = 120
"""What the page asks for at once: two pages of rows."""
_TRIES = 5
_WORDS = ["report", "invoice", "contract", "turbine", "minutes", "budget", "notes", "合同", "会议", "年报"]
_COLUMNS = (
    "id, name, collection, sha256, bytes, added, state, pages, words, chunks, chunks_done, live, sequence, language, "
    "source, path, path_key, folder"
)


def main(documents: int) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        _fill(home, documents)
        settings = load_settings(home=home)
        with closing(
            open_knowledge_base(settings, renderer=PdfiumRenderer(), suffixes=frozenset({".txt"}))
        ) as kb:
            _measure(kb, documents)


def _fill(home: Path, documents: int) -> None:
    chance = random.Random(1)
    rows, tags = [], []
    for number in range(documents):
        name = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {number}.{chance.choice(['pdf', 'txt', 'docx'])}"
        folder = f"department {chance.randrange(40)}/{2000 + chance.randrange(25)}"
        paged = chance.random() < 0.5
        state = "failed" if chance.random() < 0.01 else "ready"
        rows.append(
            (
                *(f"{number:012x}", name, chance.choice(["default", "Contracts", "人事"]), f"{number:064x}"),
                *(chance.randrange(10**7), f"2026-01-{1 + number % 28:02}T10:00:00+00:00", state),
                *(chance.randrange(1, 90) if paged else None, chance.randrange(90_000), 9, 9, 1, number),
                *(chance.choice(["en", "zh"]), "upload", f"{folder}/{name}", f"{folder}/{name}", folder),
            )
        )
        if number % 5 == 0:
            tags.append((rows[-1][0], chance.choice(_WORDS)))
    with closing(Database(home / DATABASE)) as database, database.write() as connection:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO documents ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608 - constants
        connection.executemany("INSERT INTO tags (document_id, tag) VALUES (?, ?)", tags)


def _measure(kb: KnowledgeBase, documents: int) -> None:
    _say(
        f"{documents} documents, {_ROWS} rows a window, ms of processor, the slowest of {_TRIES} after one to warm up"
    )
    for key in SortKey:
        places = (0, documents // 2, max(0, documents - _ROWS))
        times = [_window(kb, LibraryIn(sort=key, offset=place, limit=_ROWS)) for place in places]
        _say(f"sorted by {key.value:<10} top {times[0]:6.1f}  middle {times[1]:6.1f}  end {times[2]:6.1f}")
    for name, asked in {
        "text in the name": LibraryIn(text="turbine 99", limit=_ROWS),
        "collection": LibraryIn(collection="Contracts", limit=_ROWS),
        "folder": LibraryIn(folder="department 7", limit=_ROWS),
        "type": LibraryIn(type="pdf", limit=_ROWS),
        "state": LibraryIn(state=ListedState.FAILED, limit=_ROWS),
        "tag": LibraryIn(tag="turbine", limit=_ROWS),
    }.items():
        _say(f"narrowed to {name:<17} {_window(kb, asked):6.1f}")
    begun = time.process_time()
    kb.listing.options(caller=OWNER)
    _say(f"what it can be narrowed to   {1000 * (time.process_time() - begun):6.1f}")


def _window(kb: KnowledgeBase, asked: LibraryIn) -> float:
    """Returns the milliseconds of processor from the request to its answer: rows as markup, counts, the imports."""
    times = []
    for _ in range(_TRIES + 1):
        begun = time.process_time()
        library_now(kb, OWNER, asked, say_of({}), seen=0)
        times.append(1000 * (time.process_time() - begun))
    return max(times[1:])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _DOCUMENTS)
