"""Scores every parser on the shared documents: ``python -m benchmarks.parse [--eval FOLDER] [--json]``.

F1 and order are scored on the running text, since the labels hold no headers, footers and notes;
``must_include`` and ``clean`` on everything that was read.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest import formats
from kb.errors import BadInput
from kb.types import Block, BlockKind, ParsedDocument

DEFAULT_EVAL = Path(__file__).parents[1].parent / "shared" / "eval"
FORMATS_READ = ("pdf", "docx", "txt", "md", "html", "csv")
WEAK = {"f1": 0.97, "order": 0.95, "must_include": 1.0, "clean": 1.0}
_ASIDE = (BlockKind.MARGIN, BlockKind.FOOTNOTE)
_ADDRESS = re.compile(
    r" \((?:(?:https?|ftp|file)://[^\s()]*+|[^\s()@]++@[^\s()@]++|[\w./-]+\.[a-z]{3,4})\)",
)
"""What looks like an address that was read from behind a link."""


@dataclass(frozen=True, slots=True)
class Run:
    """How one file ended."""

    id: str
    file: str
    format: str
    seconds: float
    pages: int | None
    outcome: str
    """``ok``, or the sentence of the refusal."""
    unexpected: bool
    """Refused, though the manifest wants its text; or the reverse."""


def dump(block: Block, label: str) -> str:
    """Returns the words of a block as printed: bars between cells, and addresses that ``label`` lacks, are ours."""
    text = _ADDRESS.sub(lambda found: found[0] if found[0].strip() in label else "", block.text)
    return text.replace(" | ", "\t") if block.kind is BlockKind.TABLE else text


def parse_file(record: dict[str, Any], root: Path) -> tuple[Run, ParsedDocument | None]:
    """Parses one file of the manifest, in this process."""
    path = root / record["path"]
    start = time.perf_counter()
    document = None
    outcome = "ok"
    try:
        document = formats.parse(path, path.name)
    except BadInput as error:
        outcome = str(error)
    seconds = time.perf_counter() - start
    wanted = record["expect"] == "text" and record["format"] in FORMATS_READ
    run = Run(
        id=record["id"],
        file=path.name,
        format=record["format"],
        seconds=seconds,
        pages=document.pages if document else None,
        outcome=outcome,
        unexpected=wanted != (document is not None),
    )
    return run, document


def write_texts(
    documents: dict[str, ParsedDocument], labels: dict[str, str], everything: Path, running: Path
) -> None:
    """Writes one text file a document: all that was read, and the running text alone."""
    for identity, document in documents.items():
        label = labels[identity]
        whole = "\n".join(dump(block, label) for block in document.blocks)
        body = "\n".join(dump(block, label) for block in document.blocks if block.kind not in _ASIDE)
        (everything / f"{identity}.txt").write_text(whole, encoding="utf-8")
        (running / f"{identity}.txt").write_text(body, encoding="utf-8")


def load_scorer(path: Path) -> ModuleType:
    """Returns the shared scorer as a module, for its figures file by file."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Runs the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--eval", type=Path, default=DEFAULT_EVAL, help="the shared evaluation folder")
    options.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options.add_argument("--format", help="only files of this format, such as docx")
    given = options.parse_args()
    if not (given.eval / "docs" / "manifest.jsonl").exists():
        options.error(f"{given.eval} holds no docs/manifest.jsonl")
    report(given.eval, as_json=given.json, only=given.format)


def score(scorer: ModuleType, docs: Path, texts: Path) -> dict[str, dict[str, float | None]]:
    """Returns the shared scorer's figures of every file in the manifest, by id."""
    with contextlib.redirect_stdout(io.StringIO()):
        rows = scorer.docs(str(docs), str(texts))
    return {record["id"]: row for record, row in zip(read_manifest(docs), rows, strict=True)}


def read_manifest(docs: Path) -> list[dict[str, Any]]:
    """Returns the records of ``manifest.jsonl``, in file order."""
    with (docs / "manifest.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_labels(records: list[dict[str, Any]], root: Path) -> dict[str, str]:
    """Returns the text that each file should give, by id; "" where only single strings are asked for."""
    return {
        one["id"]: (root / one["gold"]).read_text(encoding="utf-8") if one.get("gold") else ""
        for one in records
    }


def report(root: Path, *, as_json: bool, only: str | None) -> None:
    """Parses, scores and prints."""
    scorer = load_scorer(root / "score.py")
    records = [one for one in read_manifest(root / "docs") if only in (None, one["format"])]
    pairs = [parse_file(record, root) for record in records]
    documents = {run.id: document for run, document in pairs if document is not None}
    with tempfile.TemporaryDirectory() as folder:
        everything, running = Path(folder, "everything"), Path(folder, "running")
        everything.mkdir()
        running.mkdir()
        write_texts(documents, read_labels(records, root), everything, running)
        figures = score(scorer, root / "docs", everything)
        body = score(scorer, root / "docs", running)
    for identity, row in figures.items():
        row.update({key: body[identity][key] for key in ("recall", "precision", "f1", "order")})
    runs = [run for run, _ in pairs]
    if as_json:
        print(
            json.dumps(
                {run.file: asdict(run) | figures[run.id] for run in runs}, ensure_ascii=False, indent=1
            )
        )
    else:
        print_tables(scorer, runs, figures)


def print_tables(scorer: ModuleType, runs: list[Run], figures: dict[str, dict[str, float | None]]) -> None:
    """Prints the scorer's own lines by format, then the weak files, then what ended otherwise than expected."""
    groups: dict[str, list[dict[str, float | None]]] = {}
    for run in runs:
        groups.setdefault(run.format, []).append(figures[run.id])
    scorer.show({name: rows for name, rows in sorted(groups.items()) if name in FORMATS_READ})
    for run in runs:
        row = figures[run.id]
        if run.outcome == "ok" and any(
            (row[key] or 0) < floor for key, floor in WEAK.items() if row[key] is not None
        ):
            shown = "  ".join(f"{key}={row[key]:.3f}" for key in WEAK if row[key] is not None)
            print(f"  weak: {run.file}  {shown}  ({run.seconds:.2f} s)")
    for run in runs:
        if run.unexpected:
            print(f"  unexpected: {run.file}: {run.outcome}")
    seconds = sum(run.seconds for run in runs)
    paged = [run for run in runs if run.pages]
    pages, paged_seconds = sum(run.pages or 0 for run in paged), sum(run.seconds for run in paged)
    print(
        f"{len(runs)} files in {seconds:.1f} s; {pages} PDF pages, {pages / max(paged_seconds, 1e-9):.1f} a second"
    )


if __name__ == "__main__":
    main()
