"""The command line: for people, and with ``--json`` for scripts."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kb.config import DEFAULT_COLLECTION, Settings, load_settings
from kb.errors import BadInput, Conflict, FootnoteError
from kb.types import Document, DocumentState

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_POLL_SECONDS = 0.2


class Worker(Protocol):
    """What imports files while a command runs."""

    def start(self) -> None:
        """Begins to work in the background."""
        ...

    def stop(self, *, timeout: float = 30.0) -> None:
        """Ends after the batch at hand."""
        ...


class Wiring(Protocol):
    """What the entry point brings together for the commands."""

    def open(self, settings: Settings) -> KnowledgeBase:
        """The knowledge base of the settings' data folder."""
        ...

    def worker(self, kb: KnowledgeBase) -> Worker:
        """What imports the files queued in ``kb``; not started."""
        ...


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Runs one command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        code: int = options.run(options, wiring)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `app.py list | head` closes the pipe early
        sys.stderr.close()
        return 0
    return code


# --- The options ------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py", description="Footnote: ask your own documents, and see where every answer stands."
    )
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace, Wiring], int], text: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--home", type=Path, metavar="FOLDER", help="the data folder")
        added.add_argument("--verbose", action="store_true", help="show the log")
        added.set_defaults(run=run)
        return added

    serve = command("serve", _serve, "start the page (what app.py does without a command)")
    serve.add_argument("--host", help="the address to listen on; loopback only")
    serve.add_argument("--port", type=int, help="the port to listen on (7860)")
    add = command("add", _add, "add files, or all readable files of folders, and wait until they are ready")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    _collection(add, default=DEFAULT_COLLECTION, text="where to put them")
    _json(command("list", _list, "list the documents"))
    remove = command("remove", _remove, "remove documents, with their passages and files")
    remove.add_argument("ids", nargs="+", metavar="ID")
    search = command("search", _search, "find passages")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("-k", type=int, default=10, metavar="N", help="how many (10)")
    _collection(search, default=None, text="where to search (everywhere)")
    ask = command("ask", _ask, "ask, and get an answer with footnotes")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", help="the model that answers, as in ollama/qwen3:8b")
    _collection(ask, default=None, text="where to look (everywhere)")
    doctor = command("doctor", _doctor, "say what is installed and in use, what is wrong, and how to mend it")
    for with_json in (add, remove, search, ask, doctor):
        _json(with_json)
    parser.set_defaults(run=_serve, home=None, host=None, port=None, verbose=False)
    parser.add_argument("--home", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--host", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    return parser


def _collection(parser: argparse.ArgumentParser, *, default: str | None, text: str) -> None:
    parser.add_argument("--collection", default=default, metavar="NAME", help=text)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print data for scripts")


@contextmanager
def _opened(options: argparse.Namespace, wiring: Wiring, **settings: Any) -> Iterator[KnowledgeBase]:
    kb = wiring.open(load_settings(home=options.home, **settings))
    try:
        yield kb
    finally:
        kb.close()


def _print_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


# --- serve ------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.web.server import serve

    with _opened(options, wiring, host=options.host, port=options.port) as kb:
        kb.hold()
        worker = wiring.worker(kb)

        def ready(address: str) -> None:
            kb.instance.announce(address)
            print(f"Footnote is ready at {address}  (Ctrl+C ends it)", flush=True)
            worker.start()
            threading.Thread(target=kb.warm_up, name="warm-up", daemon=True).start()

        try:
            serve(kb, kb.settings.host, kb.settings.port, ready)
        finally:
            worker.stop(timeout=5)
    return 0


# --- add --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one path; ``document`` is None where the file could not even be read."""

    path: Path
    document: Document | None
    already_present: bool = False
    reason: str | None = None


def _add(options: argparse.Namespace, wiring: Wiring) -> int:
    with _opened(options, wiring) as kb:
        worker = None
        if not kb.instance.is_held():
            kb.hold()
            worker = wiring.worker(kb)
            worker.start()
        try:
            taken = [_take(kb, path, options.collection) for path in _files(options.paths, kb.suffixes)]
            _wait(kb, [outcome.document.id for outcome in taken if outcome.document], quiet=options.json)
        finally:
            if worker is not None:
                worker.stop()
        outcomes = [_settled(kb, outcome) for outcome in taken]
    if options.json:
        _print_json([_outcome_json(outcome) for outcome in outcomes])
    else:
        _print_outcomes(outcomes)
    return 0 if outcomes and all(_is_ready(outcome) for outcome in outcomes) else 1


def _files(paths: Iterable[Path], suffixes: frozenset[str]) -> list[Path]:
    """The files named, and the readable ones of the folders named, in order of name; hidden ones are left out."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found.extend(
                file
                for file in sorted(path.rglob("*"))
                if file.suffix.lower() in suffixes
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
                and file.is_file()
            )
        else:
            found.append(path)
    if not found:
        raise BadInput(f"There is no file to add. Footnote reads {', '.join(sorted(suffixes))}.")
    return found


def _take(kb: KnowledgeBase, path: Path, collection: str) -> _Outcome:
    try:
        added = kb.add_file(path, path.name, collection)
    except BadInput as error:
        return _Outcome(path, None, reason=str(error))
    return _Outcome(path, added.document, added.already_present)


def _wait(kb: KnowledgeBase, document_ids: Sequence[str], *, quiet: bool) -> None:
    """Waits until all documents are in a final state, with a bar that counts passages."""
    from tqdm import tqdm

    waiting = dict.fromkeys(document_ids)
    with tqdm(total=len(waiting), unit="file", disable=quiet or not sys.stderr.isatty()) as bar:
        while waiting:
            documents = kb.state.existing(waiting)
            left = {document.id: None for document in documents if not document.state.is_final}
            bar.update(len(waiting) - len(left))
            done, total = (
                sum(part) for part in zip(*((d.chunks_done, d.chunks) for d in documents), strict=True)
            )
            bar.set_postfix_str(f"{done} of {total} passages")
            waiting = left
            if waiting:
                time.sleep(_POLL_SECONDS)


def _settled(kb: KnowledgeBase, outcome: _Outcome) -> _Outcome:
    if outcome.document is None:
        return outcome
    now = kb.state.existing([outcome.document.id])
    if not now:
        return _Outcome(outcome.path, None, reason=f"{outcome.path.name} was removed while it was imported.")
    return _Outcome(outcome.path, now[0], outcome.already_present, now[0].reason)


def _is_ready(outcome: _Outcome) -> bool:
    return outcome.document is not None and outcome.document.state is DocumentState.READY


def _outcome_json(outcome: _Outcome) -> dict[str, Any]:
    document = _document_json(outcome.document) if outcome.document else {"state": DocumentState.FAILED}
    return {
        "path": str(outcome.path),
        **document,
        "reason": outcome.reason,
        "already_present": outcome.already_present,
    }


def _print_outcomes(outcomes: Sequence[_Outcome]) -> None:
    for outcome in outcomes:
        state = outcome.document.state if outcome.document else DocumentState.FAILED
        note = outcome.reason or ("already present" if outcome.already_present else "")
        print(f"{state:<8}  {outcome.path.name}{'  ' + note if note else ''}")
    ready = sum(map(_is_ready, outcomes))
    print(f"{ready} ready, {len(outcomes) - ready} failed")


# --- list, remove -----------------------------------------------------------------------------


def _list(options: argparse.Namespace, wiring: Wiring) -> int:
    with _opened(options, wiring) as kb:
        documents = kb.documents(limit=-1)
    if options.json:
        _print_json([_document_json(document) for document in documents])
        return 0
    for document in documents:
        extent = f"{document.pages} p." if document.pages else ""
        print(
            f"{document.id}  {document.state:<9}  {document.collection:<12}  {extent:>7}  {document.chunks:>6}  "
            f"{document.name}"
        )
        if document.reason:
            print(f"{'':14}{document.reason}")
    print(f"{len(documents)} documents" if documents else "No documents yet. Add some: app.py add PATH")
    return 0


def _document_json(document: Document) -> dict[str, Any]:
    names = (
        "id",
        "name",
        "collection",
        "state",
        "reason",
        "pages",
        "chunks",
        "chunks_done",
        "bytes",
        "sha256",
    )
    return {name: getattr(document, name) for name in (*names, "added", "title")}


def _remove(options: argparse.Namespace, wiring: Wiring) -> int:
    with _opened(options, wiring) as kb:
        kb.remove(options.ids)
    if options.json:
        _print_json({"removed": list(dict.fromkeys(options.ids))})
    else:
        print(f"Removed {len(dict.fromkeys(options.ids))}.")
    return 0


# --- search, ask ------------------------------------------------------------------------------


def _search(options: argparse.Namespace, wiring: Wiring) -> int:
    with _opened(options, wiring) as kb:
        if address := _served_elsewhere(kb):
            from kb.web.client import search

            hits = search(address, options.question, k=options.k, collection=options.collection)
        else:
            from kb.web.schemas import HitOut

            found = kb.search(options.question, k=options.k, collection=options.collection)
            hits = [HitOut.of(hit).model_dump(mode="json") for hit in found]
    if options.json:
        _print_json(hits)
        return 0
    for hit in hits:
        print(
            f"{hit['rank']:>2}  {hit['score']:.3f}  {_where(hit)}\n    {' '.join(hit['text'].split())[:300]}\n"
        )
    if not hits:
        print("Nothing was found.")
    return 0


def _ask(options: argparse.Namespace, wiring: Wiring) -> int:
    with _opened(options, wiring) as kb:
        return asyncio.run(_answer(kb, options))


async def _answer(kb: KnowledgeBase, options: argparse.Namespace) -> int:
    """Prints the answer as it comes, then its footnotes; with ``--json`` one object at the end."""
    final: dict[str, Any] = {}
    try:
        async with aclosing(_events(kb, options)) as events:
            async for event in events:
                if event["event"] == "answer":
                    final = event
                elif event["event"] == "error":
                    raise BadInput(event["error"])
                elif event["event"] == "text" and not options.json:
                    print(event["text"], end="", flush=True)
                elif event["event"] == "notice" and not options.json:
                    print(f"({event['text']})", file=sys.stderr)
    finally:
        await kb.close_models()
    if options.json:
        _print_json(_answer_json(final))
    else:
        _print_footnotes(final)
    return 1 if final["incomplete"] and not final["text"] else 0


async def _events(kb: KnowledgeBase, options: argparse.Namespace) -> AsyncGenerator[dict[str, Any], None]:
    """The events of an answer as the API sends them, whoever gives it."""
    if address := _served_elsewhere(kb):
        from kb.web.client import ask

        async with aclosing(
            ask(address, options.question, collection=options.collection, model=options.model)
        ) as events:
            async for line in events:
                yield line
        return
    from kb.web.schemas import event_out

    async with aclosing(
        kb.ask(options.question, collection=options.collection, model=options.model)
    ) as answer:
        async for event in answer:
            yield event_out(event).model_dump(mode="json")


def _answer_json(final: dict[str, Any]) -> dict[str, Any]:
    return {"answer": final["text"], **{name: final[name] for name in final if name not in ("event", "text")}}


def _print_footnotes(final: dict[str, Any]) -> None:
    if final["refused"]:
        print(final["text"])
        return
    print()
    for citation in final["citations"]:
        print(f"[{citation['n']}] {_where(citation)}: {' '.join(citation['quote'].split())}")
    for sentence in final["unsupported"]:
        print(f"(No passage supports: {sentence})", file=sys.stderr)
    if final["incomplete"]:
        print(f"(Incomplete: {final['incomplete']})", file=sys.stderr)
    print(f"(answered by {final['model']})", file=sys.stderr)


def _where(found: dict[str, Any]) -> str:
    """A document and the place in it, in words."""
    anchor = found["anchor"]
    place = f", page {anchor['page']}" if anchor["page"] else ""
    if not place and anchor["lines"]:
        place = f", line {anchor['lines'][0]}"
    if not place and anchor["heading_path"]:
        place = f", {' > '.join(anchor['heading_path'])}"
    return f"{found['document']}{place}"


def _served_elsewhere(kb: KnowledgeBase) -> str | None:
    """The address of the running app that holds the data folder; None when nobody holds it.

    Raises:
        Conflict: a process that does not serve holds it.
    """
    address = kb.instance.address()
    if address is None and kb.instance.is_held():
        raise Conflict(f"The data folder is in use by {kb.instance.holder()}. Wait until it has ended.")
    return address


# --- doctor -----------------------------------------------------------------------------------


def _doctor(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.doctor import examine

    with _opened(options, wiring) as kb:
        findings = asyncio.run(examine(kb))
    if options.json:
        _print_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'BAD'}  {finding.name:<14} {finding.text}")
            if finding.remedy:
                print(f"     {'':<14} {finding.remedy}")
    return 0 if all(finding.ok for finding in findings) else 1
