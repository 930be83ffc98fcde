"""Rows of tables, asked for by their values: is the row first, is it among ten?

    python -m benchmarks.tables [--rows 240] [--language en] [--half 0] [--seed 1]

Tables of four kinds in English or Chinese are written by script, as CSV, TSV, Markdown and HTML, and put into one
library. A row is asked for by what names it (a person, a part, a town) alone, by one value that only it has (a
number, a date, an id), and by two values. Half 0 is for choosing, half 1 for reporting: they have other tables and
other words in the questions.
"""

from __future__ import annotations

import argparse
import html
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cached import bundled_embedder
from benchmarks.retrieval import Library, Settings, library
from benchmarks.table_words import SCHEMAS, Schema

_ASKED = 20
"""Rows of each table that are asked for, each in three ways."""
_MOST = 10


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was written by script, and the words to ask for its rows."""

    schema: Schema
    name: str
    rows: Sequence[Sequence[str]]


def _csv(table: Table, delimiter: str) -> str:
    lines = [table.schema.columns, *table.rows]
    return "\n".join(
        delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in line) for line in lines
    )


def _markdown(table: Table) -> str:
    lines = [table.schema.columns, ["---"] * len(table.schema.columns), *table.rows]
    return f"# {table.schema.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _html(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row(cells, "td") for cells in table.rows)
    head = row(table.schema.columns, "th")
    return f"<!doctype html><title>{table.schema.title}</title><h1>{table.schema.title}</h1><table>{head}{body}</table>"


WRITERS: dict[str, Callable[[Table], str]] = {
    "csv": lambda table: _csv(table, ","),
    "tsv": lambda table: _csv(table, "\t"),
    "md": _markdown,
    "html": _html,
}


def tables(rng: random.Random, rows: int, language: str, half: int) -> Iterator[Table]:
    """Yields a table of each kind that belongs to ``half``, each in one of the formats, in turn."""
    formats = sorted(WRITERS)
    for place, schema in enumerate(schema for schema in SCHEMAS if schema.language == language):
        suffix = formats[(place + half) % len(formats)]
        yield Table(schema, f"{language}{place}.{suffix}", schema.rows(rng, rows, half))


def _find(opened: Library, question: str, values: Sequence[str]) -> int:
    """Returns the rank of the first passage with a line that holds all ``values``; 0 where none of ten does."""
    for rank, hit in enumerate(opened.search(question, _MOST), start=1):
        if any(all(value in line for value in values) for line in hit.chunk.text.splitlines()):
            return rank
    return 0


def measure(opened: Library, made: Sequence[Table], rng: random.Random, half: int) -> None:
    """Prints hit@1 and recall@10 by the way of asking."""
    found: dict[str, list[int]] = {}
    for table in made:
        for row in rng.sample(list(table.rows), min(_ASKED, len(table.rows))):
            for way, question, values in table.schema.questions(row, half):
                found.setdefault(way, []).append(_find(opened, question, values))
    for way, ranks in sorted(found.items()):
        first = sum(rank == 1 for rank in ranks) / len(ranks)
        within = sum(map(bool, ranks)) / len(ranks)
        print(f"    {way:12} hit@1 {first:.3f}  recall@10 {within:.3f}  ({len(ranks)} questions)")


def main() -> None:
    """Prints the figures of one language."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--rows", type=int, default=240)
    options.add_argument("--language", choices=("en", "zh"), default="en")
    options.add_argument("--half", type=int, choices=(0, 1), default=0)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    rng = random.Random(f"{given.seed} {given.half}")
    made = list(tables(rng, given.rows, given.language, given.half))
    with (
        bundled_embedder() as embedder,
        library(embedder, Settings(Path(), 208, 0.5)) as opened,
    ):
        begun = time.perf_counter()
        for table in made:
            opened.add_text(WRITERS[table.name.rpartition(".")[2]](table), table.name)
        seconds = time.perf_counter() - begun
        said = f"{len(made)} tables of {given.rows} rows, {opened.chunks()} passages, {seconds:.0f} s"
        print(f"{given.language}, half {given.half}: {said}", flush=True)
        measure(opened, made, rng, given.half)


if __name__ == "__main__":
    main()
